"""The lint: each rule sees the one place in which the standard procedure was spoilt, and nothing else."""

from __future__ import annotations

import re

import pytest

from forthwith.procedure.document import read, standard_text
from forthwith.procedure.lint import Report, check, lint
from forthwith.procedure.said import Said

TEXT = standard_text()


LOW = TEXT[TEXT.index("    description: Informational") : TEXT.index("# The SOP's (2.2).")].rstrip() + "\n"


def spoilt(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def rung(**fields: str) -> tuple[str, str]:
    """A change that puts one more rung at the end of the matrix."""
    given = {"key": "extra", "kind": "hierarchical", "tell": "[team_leader]", **fields}
    lines = "\n".join(f"    {name}: {value}" for name, value in given.items())
    end = "# Ours: 24 h of business time"
    return end, f"  -{lines[3:]}\n{end}"


def only_warning(*changes: tuple[str, str]) -> tuple[str, str, str]:
    """Path, message and suggestion of the one warning that the changes lead to."""
    report = check(spoilt(*changes))
    assert report.errors == ()
    (warning,) = report.warnings
    return warning.path, warning.message, warning.suggestion


RULES = [
    pytest.param(
        [("    resolution: {target: 24 h, calendar: business}\n", "")],
        "priorities.medium",
        "has no target for the resolution",
        id="priority without a target",
    ),
    pytest.param(
        [("    name: Hardware\n    team: service_desk\n", "    name: Hardware\n")],
        "categories.hardware",
        "has no team",
        id="category without a team",
    ),
    pytest.param(
        [("calendars:\n", 'calendars:\n  nights: {timezone: UTC, hours: {mon: [["18:00", "06:00+1"]]}}\n')],
        "calendars.nights",
        "is used by no target, channel or team",
        id="calendar that nobody uses",
    ),
    pytest.param(
        [("acknowledgement: automatic", "acknowledgement: manual")],
        "channels.email.acknowledgement",
        "nobody is there to do it",
        id="manual acknowledgement by a machine",
    ),
    pytest.param(
        [("next_update: {target: 4 h", "next_update: {target: 30 min")],
        "priorities.high.first_response",
        "longer than the 30 min for the next update",
        id="first response after the next update",
    ),
    pytest.param(
        [("next_reply: {target: 2 h", "next_reply: {target: 5 h")],
        "priorities.high.next_reply",
        "longer than the 4 h of 'medium', which ranks lower",
        id="higher rank with a longer target",
    ),
    pytest.param(
        [(TEXT[TEXT.index("    staff_answered:") : TEXT.index("    staff_news:")], "")],
        "wording.en",
        "has no 'staff_answered'",
        id="message without words",
    ),
    pytest.param(
        [("  low:\n    name: Low\n", f"  never:\n    name: Never\n{LOW}  low:\n    name: Low\n")],
        "priorities.never",
        "is given by no cell of the matrix",
        id="priority that no cell gives",
    ),
    pytest.param(
        [rung(clock="next_update", at="due", tell="[assignee]")],
        "escalation.15",
        "adds nothing to 'next_update_late'",
        id="shadowed rung",
    ),
    pytest.param(
        [("    move_to: specialists", "    priorities: [low]\n    move_to: service_desk")],
        "escalation.10",
        "is with 'service_desk' already",
        id="rung that moves nothing",
    ),
    pytest.param(
        [
            rung(
                clock="resolution",
                at="90%",
                kind="functional",
                move_to="specialists",
                categories="[other.lost]",
            ),
            (
                "    children:\n      question:",
                "    children:\n      lost: {name: Lost property, team: identity, "
                "specialists: identity}\n      question:",
            ),
        ],
        "escalation.15",
        "is with 'specialists' already",
        id="rung whose specialists are the owners",
    ),
    pytest.param(
        [rung(clock="resolution", at="50%", kind="functional", move_to="identity")],
        "escalation.15.move_to",
        "moves to 'identity' at the same moment at which 'to_specialists' moves to 'hardware_team'",
        id="contradicting rungs",
    ),
    pytest.param(
        [rung(clock="first_response", at="start + 2 h")],
        "escalation.15.at",
        "fires after the target: start + 2 h is not before the first response of 'critical' (15 min)",
        id="warning after its target",
    ),
    pytest.param(
        [rung(clock="first_response", at="due - 20 min")],
        "escalation.15.at",
        "fires at once: due - 20 min is not after the start of the first response of 'critical' (15 min)",
        id="warning before the start",
    ),
    pytest.param(
        [rung(clock="resolution", at="due - 100 min")],
        "escalation.11.at",
        "falls due after 'extra' for critical, but before it for others",
        id="rungs whose order turns round",
    ),
    pytest.param(
        [rung(clock="resolution", at="90%", tell="[]")],
        "escalation.15",
        "tells nobody and moves nothing",
        id="rung that does nothing",
    ),
    pytest.param(
        [rung(clock="resolution", at="90%", only_if="unassigned", tell="[assignee]")],
        "escalation.15",
        "tells nobody: a ticket that is unassigned has no assignee",
        id="rung that tells the assignee of an unassigned ticket",
    ),
    pytest.param(
        [("most_tickets: 50000", "most_tickets: 100")],
        "suggestions.most_tickets",
        "reads 100 tickets, fewer than the 200 that have to be there: so nothing is ever learnt",
        id="fewer tickets read than have to be there",
    ),
    pytest.param(
        [
            ("minimum_each: 5", "minimum_each: 51"),
            ("minimum_tickets: 200", "minimum_tickets: 100"),
            ("most_tickets: 50000", "most_tickets: 100"),
        ],
        "suggestions.minimum_each",
        "asks for more than half of the 100 tickets that are read",
        id="no two choices with enough tickets",
    ),
    pytest.param(
        [("decide_from: 80%", "decide_from: 40%")],
        "suggestions.decide_from",
        "has no effect below the 50% from which anything is suggested",
        id="what is not suggested decides",
    ),
    pytest.param(
        [("learn_outside: business", "learn_outside: always")],
        "suggestions.learn_outside",
        "never closes: by time nothing is ever learnt",
        id="learning outside of all hours",
    ),
]


@pytest.mark.parametrize(("changes", "path", "message"), RULES)
def test_each_rule_sees_its_fault_and_nothing_else_is_seen(
    changes: list[tuple[str, str]], path: str, message: str
) -> None:
    found_path, found_message, _ = only_warning(*changes)
    assert found_path == path
    assert message in found_message


def test_a_sound_procedure_has_no_warnings() -> None:
    assert lint(read(TEXT)) == []


def test_a_clock_that_the_desk_does_not_use_needs_no_target() -> None:
    text = re.sub(r"    next_reply: .*\n", "", TEXT)
    text = re.sub(r"  - key: next_reply_\w+\n(    .*\n)+", "", text)
    assert check(text) == Report()


def test_a_move_to_specialists_whom_no_category_has_never_falls_due() -> None:
    text = re.sub(r"(?m)^ +specialists: .*\n", "", TEXT)
    (warning,) = check(text).warnings
    assert warning.message == "never falls due: no category that it is for has `specialists` to move to"


def test_a_rung_for_a_priority_without_that_target_never_falls_due() -> None:
    text = spoilt(("    next_update: {target: 16 h, calendar: business}\n", ""))
    text = text.replace(
        "    clock: next_update\n", "    clock: next_update\n    priorities: [critical, high, medium]\n"
    )
    changes = rung(clock="next_update", at="due", priorities="[low]")
    found = {warning.path: warning.message for warning in check(text.replace(*changes)).warnings}
    assert "has no target for the next update" in found["priorities.low"]
    assert found["escalation.15"].startswith("never falls due: no priority")
    assert len(found) == 2


def test_a_rung_for_a_team_that_never_has_such_tickets_never_falls_due() -> None:
    text = spoilt(rung(clock="resolution", at="90%", categories="[network]", teams="[hardware_team]"))
    (warning,) = check(text).warnings
    assert warning.message.startswith("never falls due: no category that it is for belongs to")


@pytest.mark.sop("5.1")
def test_an_hour_in_which_nobody_on_duty_would_be_told_is_found() -> None:
    text = spoilt(
        ("tell: [team_leader, administrators]", "tell: [team_leader]"),
        ("    leader_hours: always\n  hardware_team", "    leader_hours: business\n  hardware_team"),
    )
    (warning,) = check(text).warnings
    assert warning.path == "escalation"
    assert warning.message == (
        "reaches nobody on duty when the first response is at risk, for critical in hardware, "
        "hardware.laptop, hardware.printer and 20 more, for example from mon 00:00 to mon 09:00 UTC; "
        "tell a leader with longer hours, or administrators"
    )


@pytest.mark.sop("5.1")
def test_a_priority_for_which_the_matrix_asks_nothing_is_found() -> None:
    text = re.sub(r"(    clock: first_response\n)", r"\1    priorities: [critical, high, medium]\n", TEXT)
    (warning,) = check(text).warnings
    assert "for low in hardware" in warning.message
    text = re.sub(r"(    clock: resolution\n)", r"\1    categories: [hardware, software, network, other]\n", TEXT)
    (warning,) = check(text).warnings
    assert "in account_access, account_access.password, account_access.second_factor and 2 more" in warning.message


@pytest.mark.sop("5.1")
def test_a_rung_for_unassigned_tickets_alone_reaches_nobody_on_an_assigned_one() -> None:
    text = re.sub(r"  - key: first_response_\w+\n(    .*\n)+", "", TEXT)
    (warning,) = check(text).warnings
    assert "when the first response is at risk" in warning.message


@pytest.mark.sop("4.1", "5.1")
def test_rungs_that_tell_the_assignee_alone_reach_nobody_while_nobody_has_the_ticket() -> None:
    text = re.sub(r"(    clock: resolution\n(?:    .*\n)*?    tell: ).*", r"\1[assignee]", TEXT)
    (warning,) = check(text.replace("    hours: business", "    hours: always")).warnings
    assert "when the resolution is at risk and nobody has the ticket, for critical" in warning.message


def test_the_report_has_a_line_for_each_problem() -> None:
    text = spoilt(("next_reply: {target: 2 h", "next_reply: {target: 5 h"))
    line = text[: text.index("next_reply: {target: 5 h")].count("\n") + 1
    report = check(text)
    assert report.ok
    said = "takes 5 h, longer than the 4 h of 'medium', which ranks lower"
    assert report.lines() == [f"line {line}: warning: priorities.high.next_reply: {said}"]


def test_the_report_of_a_text_that_is_no_procedure_has_its_errors() -> None:
    report = check(spoilt(("team: service_desk", "team: service_dsk")))
    assert not report.ok
    assert report.warnings == ()
    (line,) = report.lines()
    assert re.match(
        r"line \d+: categories\.hardware\.team: 'service_dsk' is no team; did you mean 'service_desk'\?", line
    )


DE = TEXT[TEXT.index("\n  de:\n", TEXT.index("\nwording:")) : TEXT.index("\nlanguages:")]
EN_ACK = TEXT[TEXT.index("    acknowledgement:\n      subject") :]
EN_ACK = EN_ACK[EN_ACK.index("      text:") : EN_ACK.index("    acknowledgement_also:")]
DE_ACK = DE[DE.index("    acknowledgement:\n") :]
DE_ACK = DE_ACK[DE_ACK.index("      text:") : DE_ACK.index("    acknowledgement_also:")]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        pytest.param(
            [(DE_ACK, EN_ACK)], "wording.de.acknowledgement.text", "is word for word that of 'en'", id="copied"
        ),
        pytest.param(
            [(DE_ACK, '      text: ""\n')], "wording.de.acknowledgement.text", "is empty: the mail goes out", id="empty"
        ),
        pytest.param(
            [("timekeeping: {", "fields:\n  site: {name: Site, shown_to_requester: true}\ntimekeeping: {")],
            "languages.de.fields",
            "have no name for site: requesters of this language",
            id="field without a name",
        ),
    ],
)
def test_a_text_that_is_not_translated(changes: list[tuple[str, str]], path: str, message: str) -> None:
    found_path, found_message, _ = only_warning(*changes)
    assert found_path == path
    assert message in found_message


def test_a_macro_that_is_empty_in_a_language() -> None:
    procedure = read(TEXT)
    key, macro = next(iter(procedure.macros.items()))
    emptied = macro.model_copy(update={"text": {**macro.text, "de": ""}})
    changed = procedure.model_copy(update={"macros": {**procedure.macros, key: emptied}})
    assert [(one.path, one.message) for one in lint(changed)] == [
        (("macros", key, "text", "de"), "is empty: the macro fills in nothing")
    ]


def test_a_desk_whose_own_language_lacks_its_phrases_writes_english_ones() -> None:
    text = TEXT.replace("language: en\n", "language: de\n", 1)
    found = {warning.path: warning.message for warning in check(text.replace("      today: heute\n", "", 1)).warnings}
    assert found["languages.de.phrases"] == "lack today: mails say the English words instead"
    plain = read(text).model_copy(update={"languages": {}})
    said = {one.path: one.message for one in lint(plain)}
    assert said[("languages",)].startswith("lack 'de', the procedure's language")


def test_every_finding_can_be_said_in_another_language() -> None:
    """A sentence that was not made of `say` would stay English on every page."""
    for parameters in RULES:
        changes = parameters.values[0]
        (warning,) = check(spoilt(*changes)).warnings
        assert isinstance(warning.message, Said), parameters.id
