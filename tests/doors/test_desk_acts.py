"""What agents do from the ticket page: each form does what it says, and what was typed is never lost (SOP 3 to 7)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from forthwith.desk.deeds import DEEDS
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import ACTS
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

TYPED = "Typed with care: <b>&amp; kept</b>"
SHOWN = "Typed with care: &lt;b&gt;&amp;amp; kept&lt;/b&gt;"


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(timezone.now() - timedelta(hours=1))


def do(person: Person, number: int, key: str, **data: Any) -> Any:
    return as_person(person).post(f"/tickets/{number}/do/{key}/", data)


def write(person: Person, number: int, **data: Any) -> Any:
    return as_person(person).post(f"/tickets/{number}/write/", {"mode": "reply", **data})


def done(answer: HttpResponse) -> bool:
    return answer.status_code == 302


@pytest.mark.sop("4.3")
def test_a_reply_goes_out_with_its_next_step(desk: Desk, number: int) -> None:
    assert done(write(desk.ana, number, text="We look.", next_step="I call at noon.", then="wait", minutes="5"))
    (replied,) = d.facts(number, f.Replied)
    assert (replied.next_step, replied.minutes, replied.by) == ("I call at noon.", 5, desk.ana.pk)
    assert d.row(number).status == "waiting_on_requester"
    assert "We look." in d.posted("reply")[0].text


@pytest.mark.sop("6.1")
def test_a_note_stays_inside(desk: Desk, number: int) -> None:
    before = len(d.posted())
    assert done(write(desk.ana, number, mode="note", text="Careful.", next_step="never sent"))
    assert len(d.facts(number, f.Noted)) == 1
    assert not d.facts(number, f.Replied)
    assert len(d.posted()) == before


def test_an_unknown_mode_sends_nothing(desk: Desk, number: int) -> None:
    assert write(desk.ana, number, mode="shout", text="x").status_code == 422
    assert not d.facts(number, f.Replied, f.Noted)


@pytest.mark.sop("4.3")
def test_who_would_answer_twice_is_asked_first_and_loses_nothing(desk: Desk, number: int) -> None:
    seen = d.row(number).fact_count
    acts.reply(number, by=Actor.of(desk.ben), now=timezone.now(), text="Ben was here.", next_step="Soon.")
    answer = write(desk.ana, number, text=TYPED, next_step="Noon.", minutes="7", seen=seen)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Ben has replied since you looked." in text
    assert "Send all the same" in text
    assert SHOWN in text
    assert 'value="Noon."' in text
    assert "Ben was here." in text
    assert done(write(desk.ana, number, text=TYPED, next_step="Noon.", seen=seen, anyway="1"))
    assert len(d.facts(number, f.Replied)) == 2


def test_who_answers_is_told_what_the_requester_wrote_meanwhile(desk: Desk, number: int) -> None:
    seen = d.row(number).fact_count
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=timezone.now(), text="It works again!")
    answer = write(desk.ana, number, text=TYPED, next_step="Noon.", seen=seen)
    assert answer.status_code == 409
    assert "Rui Silva has written again since you looked." in answer.content.decode()
    assert done(write(desk.ana, number, text=TYPED, next_step="Noon.", seen=d.row(number).fact_count))


def test_a_note_or_an_own_act_meanwhile_stops_no_reply(desk: Desk, number: int) -> None:
    seen = d.row(number).fact_count
    acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text="For us.")
    acts.reply(number, by=Actor.of(desk.ana), now=timezone.now(), text="First.", next_step="Soon.")
    assert done(write(desk.ana, number, text="Second.", seen=seen))


@pytest.mark.parametrize(
    ("data", "status"), [({"text": TYPED, "minutes": "many"}, 422), ({"text": TYPED, "then": "dance"}, 422)]
)
def test_what_was_typed_survives_a_mistake(desk: Desk, number: int, data: dict[str, str], status: int) -> None:
    answer = write(desk.ana, number, **data)
    assert answer.status_code == status
    assert SHOWN in answer.content.decode()


def test_what_was_typed_survives_a_refusal(desk: Desk, number: int) -> None:
    desk.resolve(number, timezone.now())
    acts.confirm(number, by=Actor.of(desk.ana), now=timezone.now())
    answer = write(desk.ana, number, text=TYPED)
    assert answer.status_code == 403
    assert "not possible while the ticket is &#x27;Closed&#x27;" in answer.content.decode()
    assert SHOWN in answer.content.decode()


@pytest.mark.sop("3.1")
def test_category(desk: Desk, number: int) -> None:
    assert done(do(desk.ana, number, "category", category="network.vpn", why="it is the tunnel"))
    assert d.row(number).category == "network.vpn"
    assert do(desk.ana, number, "category", category="network.nonsense").status_code == 422


@pytest.mark.sop("3.2")
def test_a_priority_that_changes_asks_why(desk: Desk, number: int) -> None:
    answer = do(desk.ana, number, "priority", impact="widespread", urgency="stopped", why="")
    assert answer.status_code == 422
    assert "Say why the priority changes" in answer.content.decode()
    assert done(do(desk.ana, number, "priority", impact="widespread", urgency="stopped", why="the whole site"))
    assert d.row(number).priority == "critical"


@pytest.mark.sop("4.1")
def test_assign_to_a_team_or_to_somebody(desk: Desk, number: int) -> None:
    assert done(do(desk.ana, number, "assign", to=f"hardware_team:{desk.sam.pk}", why=""))
    assert (d.row(number).team, d.row(number).assignee_id) == ("hardware_team", desk.sam.pk)
    assert done(do(desk.ana, number, "assign", to="network_team", why=""))
    assert (d.row(number).team, d.row(number).assignee_id) == ("network_team", None)
    assert do(desk.ana, number, "assign", to=f"hardware_team:{desk.rui.pk}").status_code == 422


@pytest.mark.sop("4.1")
def test_who_takes_or_assigns_second_is_told_who_was_first(desk: Desk, number: int) -> None:
    seen = d.row(number).fact_count
    assert done(do(desk.ben, number, "take", seen=seen))
    late = do(desk.lea, number, "take", seen=seen)
    assert late.status_code == 409
    assert "Ben assigned it or took it since you looked" in late.content.decode()
    sheet = do(desk.lea, number, "assign", to=f"service_desk:{desk.ana.pk}", seen=seen)
    assert sheet.status_code == 409
    assert d.row(number).assignee_id == desk.ben.pk
    assert done(do(desk.lea, number, "assign", to=f"service_desk:{desk.ana.pk}", seen=d.row(number).fact_count))
    told, facts = len(d.told(desk.ana, "assigned")), d.row(number).fact_count
    assert done(do(desk.lea, number, "assign", to=f"service_desk:{desk.ana.pk}", seen=facts))
    assert (len(d.told(desk.ana, "assigned")), d.row(number).fact_count) == (told, facts), "it was there already"


def test_take_wait_resume_hold(desk: Desk, number: int) -> None:
    assert done(do(desk.ben, number, "take"))
    assert d.row(number).assignee_id == desk.ben.pk
    assert done(do(desk.ben, number, "wait", why=""))
    assert done(do(desk.ben, number, "resume", why=""))
    until = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert done(do(desk.ben, number, "hold", why="a spare part", until=until))
    assert d.facts(number, f.PutOnHold)[0].until.strftime("%Y-%m-%dT%H:%M") == until


def test_an_instant_is_read_in_the_persons_own_zone(desk: Desk, number: int) -> None:
    desk.ana.zone = "Asia/Kathmandu"
    desk.ana.save(update_fields=["zone"])
    assert done(do(desk.ana, number, "promise", what="we call you", due="2030-01-01T12:00"))
    assert d.facts(number, f.Promised)[0].due.isoformat() == "2030-01-01T06:15:00+00:00"


@pytest.mark.sop("5.1")
def test_escalate_for_complexity(desk: Desk, number: int) -> None:
    assert do(desk.ana, number, "escalate", kind="functional", why="").status_code == 422
    assert done(do(desk.ana, number, "escalate", kind="functional", to_team="hardware_team", why="needs the maker"))
    assert d.row(number).team == "hardware_team"


@pytest.mark.sop("4.2")
def test_runbook_steps_are_ticked(desk: Desk, number: int) -> None:
    do(desk.ana, number, "category", category="hardware.printer")
    text = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    step = "Check paper, toner, doors and cables; clear any jam."
    assert step in text
    assert done(do(desk.ana, number, "tick", step=step))
    assert d.facts(number, f.Ticked)[0].step == step
    assert do(desk.ana, number, "tick", step="dance").status_code == 422


@pytest.mark.sop("2.2")
def test_an_acknowledgement_by_hand_is_offered_only_while_none_was_given(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    assert "/do/acknowledge/" in client.get(f"/tickets/{number}/").content.decode()
    assert done(do(desk.ana, number, "acknowledge"))
    assert "/do/acknowledge/" not in client.get(f"/tickets/{number}/").content.decode()


@pytest.mark.sop("6.2")
def test_the_knowledge_base_is_decided_on_and_not_preselected(desk: Desk, number: int) -> None:
    form = as_person(desk.ana).get(f"/tickets/{number}/do/resolve/").content.decode()
    chosen = re.findall(r'<input type="radio" name="knowledge"[^>]*>', form)
    assert chosen
    assert not any("checked" in one for one in chosen)
    answer = do(desk.ana, number, "resolve", cause="Worn", solution="New", category="hardware.printer")
    assert answer.status_code == 422
    assert "it is decided with each resolution" in answer.content.decode()
    assert not d.facts(number, f.Resolved)


def test_a_note_that_is_refused_is_not_shown_as_a_reply(desk: Desk, number: int) -> None:
    text = write(desk.ana, number, mode="note", text=TYPED, minutes="many").content.decode()
    reply, note = re.findall(r"<textarea[^>]*data-draft=[^>]*>([^<]*)</textarea>", text)
    assert (reply, note) == ("", SHOWN)


def test_all_drafts_of_what_was_sent_are_cleared(desk: Desk, number: int) -> None:
    for mode, cleared in (("reply", f"reply-{number} next-{number}"), ("note", f"note-{number}")):
        client = as_person(desk.ana)
        sent = {"mode": mode, "text": "We look.", "next_step": "Noon."}
        answer = client.post(f"/tickets/{number}/write/", sent, follow=True)
        assert f'data-clears="{cleared}"' in answer.content.decode()


def test_a_refusal_in_the_sheet_stays_in_the_sheet(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    asked = {"headers": {"HX-Request": "true"}}
    answer = client.post(f"/tickets/{number}/do/escalate/", {"kind": "functional", "why": ""}, **asked)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#act-sheet")
    assert "<html" not in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()


@pytest.mark.sop("7.1")
@pytest.mark.sop("7.2")
def test_resolve_reopen_resolve_confirm(desk: Desk, number: int) -> None:
    said = {"cause": "Worn drum", "solution": "New drum", "category": "hardware.printer", "knowledge": "not needed"}
    short = do(desk.ana, number, "resolve", **{**said, "cause": "", "solution": TYPED})
    assert short.status_code == 422
    assert SHOWN in short.content.decode()
    assert done(do(desk.ana, number, "resolve", **said))
    assert d.row(number).status == "resolved"
    assert done(do(desk.ana, number, "reopen", why="it prints blank again"))
    assert done(do(desk.ana, number, "resolve", **said, seen=d.row(number).fact_count))
    assert done(do(desk.ana, number, "confirm"))
    assert d.row(number).status == "closed"


def test_promises_are_made_kept_and_withdrawn(desk: Desk, number: int) -> None:
    for what in ("we call", "we come"):
        assert done(do(desk.ana, number, "promise", what=what, due="2030-01-01T12:00"))
    kept, withdrawn = (fact.promise for fact in d.facts(number, f.Promised))
    assert done(do(desk.ana, number, "keep-promise", promise=kept))
    assert do(desk.ana, number, "withdraw-promise", promise=withdrawn, why="").status_code == 422
    assert done(do(desk.ana, number, "withdraw-promise", promise=withdrawn, why="not needed any more"))
    assert "/do/keep-promise/" not in as_person(desk.ana).get(f"/tickets/{number}/").content.decode()


def test_an_auditor_and_a_requester_change_nothing(desk: Desk, number: int) -> None:
    before = d.row(number).fact_count
    for key in DEEDS:
        said = {"why": "x", "category": "network.vpn", "to": "network_team", "step": "x", "what": "x"}
        assert do(desk.olga, number, key, **said).status_code in (403, 422), key
        assert do(desk.rui, number, key).headers["Location"] == "/my/"
    assert write(desk.olga, number, text="x").status_code == 403
    assert write(desk.olga, number, mode="note", text="x").status_code == 403
    assert d.row(number).fact_count == before


def test_every_act_with_a_button_has_its_place_on_the_page() -> None:
    offered = {deed.fact for deed in DEEDS.values()} | {f.Replied, f.Noted}
    # Decided with the resolution; worked by and written in the panel of articles.
    elsewhere = {f.KnowledgeReviewed, f.ArticleUsed, f.ArticleWritten}
    assert {act.fact for act in ACTS if act.button} - offered <= elsewhere


def test_an_acts_address_shows_its_form_or_leads_to_the_ticket(desk: Desk, number: int) -> None:
    for address in (f"/tickets/{number}/do/take/", f"/tickets/{number}/write/", f"/tickets/{number}/do/reopen/"):
        assert as_person(desk.ana).get(address).headers["Location"] == f"/tickets/{number}/"
    assert as_person(desk.olga).get(f"/tickets/{number}/do/assign/").status_code == 302
    whole = as_person(desk.ana).get(f"/tickets/{number}/do/assign/").content.decode()
    alone = as_person(desk.ana).get(f"/tickets/{number}/do/assign/", headers={"HX-Request": "true"}).content.decode()
    for text in (whole, alone):
        assert "Sam (available, 0 open)" in text or "Sam (away, 0 open)" in text
    assert "<html" in whole
    assert "<html" not in alone


def test_a_form_without_its_token_is_refused(desk: Desk, number: int) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.ana)
    assert client.post(f"/tickets/{number}/do/take/").status_code == 403
