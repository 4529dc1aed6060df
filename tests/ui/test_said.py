"""What the procedure says and what the record keeps, in the language of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from forthwith.desk.history import lines, sentence
from forthwith.desk.names import Names
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.conformance import STEPS, judge
from forthwith.procedure.differences import differences
from forthwith.procedure.lifecycle import NotAllowed, permit
from forthwith.procedure.said import Kept, Said, say, small
from forthwith.procedure.terms import term_at
from forthwith.record.models import Entry
from forthwith.record.stored import recorded
from forthwith.ui.said import headed, refusal, spoken

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
STANDARD = document.standard()
ME, OTHER = 1, 2
NAMES = Names(STANDARD, {ME: "Ana", OTHER: "Ben"}, me=ME)
VALUES: dict[str, Any] = {"details": ("device",), "minutes": 5, "score": 5, "person": OTHER, "confidence": 80}
DATED = ("until", "due", "next_update", "resolution_estimate", "unanswered_since")


def german(said: object) -> str:
    with translation.override("de"):
        return spoken(said)


def test_a_sentence_of_the_procedure_is_said_with_what_it_was_made_of() -> None:
    said = say("Closed: %(why)s.", why=Kept("nothing was heard from the requester"))
    assert said == "Closed: nothing was heard from the requester."
    assert german(said) == "Geschlossen: vom Melder kam nichts mehr."
    assert german(say("Closed: %(why)s.", why=Kept("Typed by hand"))) == "Geschlossen: Typed by hand."


def test_a_name_is_small_in_english_alone() -> None:
    said = say("Verified; asked for what is missing: %(names)s.", names=(small("Gerät"), small("Ort")))
    assert said == "Verified; asked for what is missing: gerät, ort."
    assert german(said) == "Geprüft; nach dem gefragt, was fehlt: Gerät, Ort."


def test_a_heading_keeps_its_nouns() -> None:
    with translation.override("de"):
        assert headed(say("first response")) == "Erste Antwort"


@pytest.mark.parametrize("step", STEPS)
def test_every_verdict_can_be_said(step: str) -> None:
    received = f.Received(at=MONDAY, channel="email", requester=OTHER, message=1, digest="x", subject="x", by=OTHER)
    verdict = judge([received], STANDARD, MONDAY + timedelta(days=30))[step]
    assert isinstance(verdict.why, Said)
    assert german(verdict.why) != str(verdict.why)


@pytest.mark.parametrize("kind", f.KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_fact_is_said_in_german(kind: type[f.Fact]) -> None:
    needed: dict[str, Any] = {name: VALUES.get(name, "x") for name in f._OWN[kind] if name not in ("told", "found")}
    needed |= {name: MONDAY for name in f._OWN[kind] if name in DATED}
    fact = kind(at=MONDAY, by=ME, **needed)
    english = sentence(fact, NAMES)
    with translation.override("de"):
        said = sentence(fact, NAMES)
    assert said != english
    assert "%(" not in said


@pytest.mark.parametrize(
    ("by", "assignee", "english", "said"),
    [
        (OTHER, ME, "assigned it to you, Network", "wies es Ihnen zu, Network"),
        (ME, ME, "assigned it to you, Network", "übernahm es, Network"),
        (OTHER, OTHER, "assigned it to Ben, Network", "übernahm es, Network"),
        (ME, OTHER, "assigned it to Ben, Network", "wies es Ben zu, Network"),
        (None, None, "put it in the queue of Network", "legte es in die Warteschlange von Network"),
    ],
)
def test_who_takes_a_ticket_is_said_as_it_was(by: int | None, assignee: int | None, english: str, said: str) -> None:
    fact = f.Assigned(at=MONDAY, by=by, team="network_team", assignee=assignee)
    assert sentence(fact, NAMES) == english
    with translation.override("de"):
        assert sentence(fact, NAMES) == said


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("first response reached 75% of its target", "erste Antwort: 75% des Ziels erreicht"),
        ("resolution: due", "Lösung: fällig"),
        ("resolution: due + 30 min", "Lösung: 30 min nach der Fälligkeit"),
        (
            'the suggestion was accepted: model 7, 84 %: "vpn", "tunnel"',
            'der Vorschlag wurde angenommen: Modell 7, 84 %: "vpn", "tunnel"',
        ),
        ("with the macro 'More'", "mit dem Makro „More“"),
        ("She took it home.", "She took it home."),
    ],
)
def test_a_reason_that_the_desk_wrote_is_known_again(kept: str, said: str) -> None:
    assert recorded(kept) == kept
    with translation.override("de"):
        assert recorded(kept) == said


def test_a_refusal_names_act_state_and_roles_in_german() -> None:
    with pytest.raises(NotAllowed) as refused:
        permit(f.Resolved, "closed", "agent")
    assert str(refused.value) == "'Resolve' is not possible while the ticket is 'Closed'."
    with translation.override("de"):
        assert refusal(refused.value) == "„Lösen“ ist nicht möglich, solange das Ticket „Geschlossen“ ist."


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (f.Rated(at=MONDAY, by=OTHER, score=1, comment="no"), "no"),
        (f.Ticked(at=MONDAY, by=ME, step="Look", outcome="taken"), "taken"),
        (f.Reopened(at=MONDAY, why="the requester wrote again"), "der Melder hat wieder geschrieben"),
    ],
)
def test_what_somebody_typed_is_never_translated(fact: f.Fact, reason: str) -> None:
    entry = Entry(seq=1, kind=type(fact).__name__, at=MONDAY, noted_at=MONDAY, revision_id=1)
    with translation.override("de"):
        assert lines([entry], [fact], NAMES)[0].reason == reason


def test_differences_of_procedures_are_said_in_the_language_of_the_page() -> None:
    data = STANDARD.model_dump(mode="json")
    data["priorities"]["high"]["first_response"] = {"target": "2 h", "calendar": "always"}
    data["escalation"][3]["tell"] = ["team", "assignee", "team_leader"]
    data["calendars"]["business"]["hours"] |= {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed")}
    data["channels"]["email"]["required"] = ["user_details"]
    new = document.read(document.write(STANDARD.model_validate(data)))
    assert [german(found.words) for found in differences(STANDARD, new)] == [
        "Kalender business: Montag bis Mittwoch 09:00–17:00 → 08:00–17:00",
        "Kanal Email: nötige Angaben nicht mehr What happens, How urgent it is",
        "High: erste Antwort 1 h im Kalender business → 2 h rund um die Uhr",
        "Stufe „First response soon“ benachrichtigt jetzt auch das Team",
    ]


def test_a_term_is_said_in_the_language_of_the_page() -> None:
    term = term_at(("assignment", "capacity"))
    assert term is not None
    with translation.override("de"):
        assert headed(term.title) == "Auslastung"
        assert spoken(term.says) == "Wie viele offene Tickets jemand höchstens hat (SOP 4.1)."
