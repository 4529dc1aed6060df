"""The escalation matrix: which rungs are due, when, once each, and when anything happens next (SOP 5.1, 7.1, 7.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure.matrix import (
    applies,
    closes_at,
    destination,
    next_alarm,
    reopens_until,
    silence_ends,
    wakes_at,
)
from forthwith.procedure.model import Procedure
from tests.procedure.tickets import AGENT, LEADER, STANDARD, Ticket, t, variant

SECOND = timedelta(seconds=1)


def ladder(*rungs: dict[str, Any], **sections: Any) -> Procedure:
    """The standard procedure with these rungs alone."""
    common = {"clock": "first_response", "kind": "functional", "tell": ["team_leader"]}
    whole = [{"key": f"r{i}", **common, **rung} for i, rung in enumerate(rungs)]
    return variant(escalation=whole, **sections)


@pytest.mark.sop("5.1")
@pytest.mark.parametrize(
    ("at", "falls"),
    [
        ("50%", "mon 11:00"),
        ("75%", "mon 12:00"),
        ("due", "mon 13:00"),
        ("due - 15 min", "mon 12:45"),
        ("due + 5 h", "tue 10:00"),
        ("start + 30 min", "mon 09:30"),
        ("150%", "mon 15:00"),
    ],
)
def test_a_rung_is_due_from_its_moment_on_in_the_clocks_own_time(at: str, falls: str) -> None:
    ticket = Ticket("mon 08:00", "medium", ladder({"at": at}))
    assert ticket.rungs(t(falls) - SECOND) == []
    assert ticket.rungs(t(falls)) == [("r0", t(falls))]
    assert next_alarm(ticket.case, ticket.procedure) == t(falls)


@pytest.mark.sop("5.1")
def test_each_rung_is_acted_on_once_for_a_clocks_cycle() -> None:
    ticket = Ticket("mon 09:00", procedure=ladder({"at": "due", "clock": "next_reply"}))
    ticket.add(f.Replied, "mon 09:10").add(f.RequesterWrote, "mon 09:20").work("mon 12:00")
    assert ticket.due("mon 12:00") == []
    ticket.add(f.Replied, "mon 12:00").add(f.RequesterWrote, "mon 13:00").work("mon 16:00")
    assert ticket.case.taken == {("r0", 0), ("r0", 1)}
    assert [fact.at for fact in ticket.facts if isinstance(fact, f.Escalated)] == [t("mon 11:20"), t("mon 15:00")]


@pytest.mark.sop("5.1")
def test_what_is_due_comes_oldest_first() -> None:
    ticket = Ticket("mon 09:00", "high", ladder({"at": "due"}, {"at": "50%"}, {"at": "75%"}))
    assert [key for key, _ in ticket.rungs("tue 09:00")] == ["r1", "r2", "r0"]


@pytest.mark.sop("5.1")
def test_answered_a_second_before_the_alarm_ran_is_no_breach_and_a_second_after_due_is_one() -> None:
    rungs = ladder({"at": "due", "move_to": "hardware_team"})
    assert Ticket("mon 09:00", procedure=rungs).add(f.Replied, "mon 10:00").due("fri 09:00") == []
    ticket = Ticket("mon 09:00", procedure=rungs).add(f.Assigned, "mon 09:00").add(f.Replied, "mon 10:00:01")
    [step] = ticket.due("mon 10:05")
    assert (step.at, step.moot) == (t("mon 10:00"), True)
    assert ticket.work("mon 10:05").case.team == "service_desk"


@pytest.mark.sop("5.1")
@pytest.mark.parametrize(
    ("only", "yes", "no"),
    [
        ({"priorities": ["high"]}, {"priority": "high"}, {"priority": "low"}),
        ({"categories": ["hardware"]}, {"category": "hardware"}, {"category": "software"}),
        ({"categories": ["hardware"]}, {"category": "hardware.printing"}, {"category": None}),
        ({"teams": ["hardware_team"]}, {"team": "hardware_team"}, {"team": "service_desk"}),
        ({"only_if": "unassigned"}, {"assignee": None}, {"assignee": AGENT}),
        ({"move_to": "hardware_team"}, {"team": "service_desk"}, {"team": "hardware_team"}),
        ({"move_to": "specialists"}, {"category": "hardware"}, {"category": None}),
    ],
)
def test_a_rung_is_for_the_tickets_that_it_names(only: dict[str, Any], yes: dict[str, Any], no: dict[str, Any]) -> None:
    procedure = ladder({"at": "due", **only})
    for standing, answer in ((yes, True), (no, False)):
        case = Ticket("mon 09:00").case
        for name, value in standing.items():
            setattr(case, name, value)
        assert applies(procedure.escalation[0], case, procedure) is answer


def test_specialists_are_those_of_the_tickets_category() -> None:
    rung = ladder({"at": "due", "move_to": "specialists"}).escalation[0]
    case = Ticket("mon 09:00").add(f.Categorised, "mon 09:00").case
    assert destination(rung, case, STANDARD) == STANDARD.category_paths["hardware"].specialists
    case.team = STANDARD.category_paths["hardware"].specialists
    assert destination(rung, case, STANDARD) is None


@pytest.mark.sop("4.1")
def test_that_nobody_had_it_is_told_though_the_worker_came_after_the_assignment() -> None:
    ticket = Ticket("mon 09:00", "medium", ladder({"at": "25%", "only_if": "unassigned"}))
    ticket.add(f.Assigned, "mon 10:10")
    [step] = ticket.due("mon 10:20")
    assert (step.at, step.moot) == (t("mon 10:00"), True)
    early = Ticket("mon 09:00", "medium", ticket.procedure).add(f.Assigned, "mon 09:50")
    assert early.due("fri 09:00") == []
    early.add(f.Assigned, "mon 11:00", assignee=None)
    assert early.rungs("fri 09:00") == [("r0", t("mon 11:00"))]


@pytest.mark.sop("3.2")
def test_what_fell_due_before_a_ticket_was_lowered_is_still_told_but_moves_nothing() -> None:
    procedure = ladder({"at": "due", "priorities": ["high"], "move_to": "hardware_team"})
    ticket = Ticket("mon 09:00", "high", procedure).add(f.Prioritised, "mon 10:30", priority="low")
    [step] = ticket.due("mon 10:31")
    assert (step.at, step.moot) == (t("mon 10:00"), True)
    everybody = Ticket("mon 09:00", "high", ladder({"at": "due"})).add(f.Prioritised, "mon 10:30", priority="low")
    [step] = everybody.due("mon 10:31")
    assert (step.at, step.moot) == (t("mon 10:00"), True)
    in_time = Ticket("mon 09:00", "high", ladder({"at": "due"})).add(f.Prioritised, "mon 09:59", priority="low")
    assert in_time.due("mon 16:59") == []


@pytest.mark.sop("3.2")
def test_what_fell_due_before_a_raise_keeps_its_instant_and_matters() -> None:
    ticket = Ticket("mon 09:00", "medium", ladder({"at": "50%"})).add(f.Prioritised, "mon 11:05", priority="high")
    [step] = ticket.due("mon 11:06")
    assert (step.at, step.moot) == (t("mon 11:00"), False)
    before = Ticket("mon 09:00", "medium", ticket.procedure).add(f.Prioritised, "mon 10:00", priority="high")
    assert before.rungs("mon 12:00") == [("r0", t("mon 10:30"))]


@pytest.mark.sop("3.2", "5.1")
def test_a_raise_while_the_clock_stands_still_makes_nothing_due_by_the_time_that_does_not_count() -> None:
    hours = {
        key: {"resolution": {"target": f"{n} h", "calendar": "always"}} for key, n in (("high", 8), ("medium", 24))
    }
    procedure = ladder({"at": "30%", "clock": "resolution", "priorities": ["high"]}, priorities=hours)
    ticket = Ticket("mon 00:00", "medium", procedure).add(f.WaitingOnRequester, "mon 12:00")
    ticket.add(f.Prioritised, "wed 09:00", priority="high")
    assert ticket.due("thu 09:00") == []
    assert ticket.clock("resolution").started_at == t("wed 09:00")
    ticket.add(f.Resumed, "thu 10:00")
    assert ticket.rungs("thu 13:00") == [("r0", t("thu 12:24"))]


@pytest.mark.sop("5.1")
def test_a_rung_falls_no_earlier_than_the_ticket_came_to_be_of_its_kind() -> None:
    ticket = Ticket("mon 09:00", "high", ladder({"at": "50%", "categories": ["hardware"]}))
    ticket.add(f.Categorised, "mon 09:45")
    assert ticket.rungs("mon 10:00") == [("r0", t("mon 09:45"))]


@pytest.mark.sop("5.1")
def test_while_a_pause_keeps_the_moment_away_nothing_is_due() -> None:
    ticket = Ticket("mon 09:00", procedure=ladder({"at": "50%", "clock": "resolution"}))
    ticket.add(f.PutOnHold, "mon 12:00")
    assert (ticket.due("fri 09:00"), next_alarm(ticket.case, ticket.procedure)) == ([], None)
    ticket.add(f.Resumed, "tue 09:00")
    assert next_alarm(ticket.case, ticket.procedure) == t("tue 10:00")


@pytest.mark.sop("5.1")
def test_a_late_worker_does_not_move_a_ticket_twice() -> None:
    procedure = ladder({"at": "50%", "move_to": "hardware_team"}, {"at": "75%", "move_to": "hardware_team"})
    eager = Ticket("mon 09:00", procedure=procedure).work("mon 09:30").work("mon 10:00")
    lazy = Ticket("mon 09:00", procedure=procedure).work("mon 10:00")
    assert eager.case.taken == lazy.case.taken == {("r0", 0)}


@pytest.mark.sop("5.1")
def test_a_late_move_forgets_nothing_that_the_ticket_was_in_between() -> None:
    moving = {"at": "50%", "move_to": "hardware_team"}
    procedure = ladder(moving, {"at": "75%", "categories": ["network"]}, {"at": "due", "teams": ["hardware_team"]})
    ticket = Ticket("mon 09:00", "high", procedure).add(f.Categorised, "mon 09:40", category="network")
    ticket.add(f.Categorised, "mon 09:50").work("mon 10:05")
    escalated = [fact for fact in ticket.facts if isinstance(fact, f.Escalated)]
    assert [(fact.rung, fact.at, fact.moot) for fact in escalated] == [
        ("r0", t("mon 09:30"), False),
        ("r1", t("mon 09:45"), True),
        ("r2", t("mon 10:00"), False),
    ]
    assert {standing.team for standing in ticket.case.standings if standing.at > t("mon 09:30")} == {"hardware_team"}


@pytest.mark.sop("5.1")
def test_a_move_that_came_too_late_makes_nobody_look_for_an_agent() -> None:
    """Only a worker in time takes the ticket from its agent; a late one finds it resolved, in the agent's hands."""
    moving = {"at": "50%", "move_to": "hardware_team"}
    procedure = ladder({"at": "25%", "only_if": "unassigned"}, moving)
    eager, lazy = (Ticket("mon 09:00", "high", procedure).add(f.Assigned, "mon 09:01") for _ in range(2))
    eager.work("mon 09:30").add(f.Resolved, "mon 09:40").work("mon 09:40")
    lazy.add(f.Resolved, "mon 09:40").work("mon 09:40")
    assert eager.case.taken == {("r0", 0), ("r1", 0)}
    assert (lazy.case.taken, lazy.case.assignee) == ({("r1", 0)}, AGENT)
    lazy.add(f.Reopened, "mon 09:50").work("mon 12:00")
    assert (lazy.case.taken, lazy.case.assignee) == ({("r1", 0)}, AGENT)


@pytest.mark.sop("5.1")
def test_a_late_worker_leaves_a_ticket_with_the_team_that_a_person_named_since() -> None:
    procedure = ladder({"at": "50%", "move_to": "hardware_team"})
    ticket = Ticket("mon 09:00", "high", procedure).add(f.Assigned, "mon 09:01", team="identity", assignee=None)
    ticket.add(f.Escalated, "mon 09:40", to_team="identity", by=LEADER).work("mon 09:45")
    assert (ticket.case.taken, ticket.case.team) == ({("r0", 0)}, "identity")


@pytest.mark.sop("4.1", "5.1")
def test_an_agent_whom_the_system_finds_late_keeps_no_later_move_away() -> None:
    procedure = ladder({"at": "50%", "move_to": "hardware_team"}, {"at": "75%", "move_to": "identity"})
    ticket = Ticket("mon 09:00", "high", procedure).work("mon 09:30")
    late = ticket.add(f.Assigned, "mon 11:00", team="hardware_team", assignee=AGENT)
    [step] = late.due("mon 11:00")
    assert (step.rung.key, step.at, step.moot) == ("r1", t("mon 09:45"), False)
    assert (late.work("mon 11:00").case.team, late.case.assignee) == ("identity", None)
    by_hand = Ticket("mon 09:00", "high", procedure).work("mon 09:30")
    by_hand.add(f.Assigned, "mon 11:00", team="hardware_team", assignee=AGENT, by=LEADER)
    assert [step.moot for step in by_hand.due("mon 11:00")] == [True]


@pytest.mark.sop("4.1", "5.1")
@pytest.mark.parametrize("came", ["mon 09:30:01", "mon 11:00"])
def test_an_agent_found_for_a_move_has_the_ticket_from_the_move_on(came: str) -> None:
    moving = {"at": "50%", "move_to": "hardware_team"}
    procedure = ladder({"at": "25%", "only_if": "unassigned"}, moving)
    ticket = Ticket("mon 09:00", "high", procedure).add(f.Assigned, "mon 09:01").add(f.Categorised, "mon 09:31")
    assert ticket.work(came, finds=LEADER).case.taken == {("r1", 0)}
    assert ticket.due("tue 09:00") == []
    assert ticket.case.assignee == LEADER


def test_a_hold_with_a_known_end_wakes() -> None:
    ticket = Ticket("mon 09:00", procedure=ladder()).add(f.PutOnHold, "mon 10:00", until=t("tue 10:00"))
    assert wakes_at(ticket.case) == next_alarm(ticket.case, ticket.procedure) == t("tue 10:00")
    assert wakes_at(ticket.add(f.Resumed, "tue 10:00").case) is None


@pytest.mark.sop("7.1")
def test_silence_closes_after_the_procedures_time_from_when_the_requester_was_asked() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 10:00")
    assert closes_at(ticket.case, STANDARD) == t("thu 10:00")
    ticket.add(f.ConfirmationAsked, "mon 11:00")
    assert closes_at(ticket.case, STANDARD) == t("thu 11:00")
    ticket.add(f.Closed, "thu 11:00")
    assert closes_at(ticket.case, STANDARD) is None
    assert silence_ends(ticket.case, STANDARD) == t("thu 11:00")
    assert silence_ends(ticket.add(f.Reopened, "thu 12:00").case, STANDARD) is None


@pytest.mark.sop("7.1", "7.2")
def test_a_time_that_its_calendar_never_reaches_never_comes() -> None:
    for_good = variant(
        closing={
            "silence": {"target": "99999 d"},
            "reopen_within": {"target": "99999 d", "calendar": "business"},
        }
    )
    ticket = Ticket("mon 09:00", procedure=for_good).add(f.Acknowledged, "mon 09:00").add(f.Resolved, "mon 09:10")
    assert (closes_at(ticket.case, for_good), next_alarm(ticket.case, for_good)) == (None, None)
    assert reopens_until(ticket.add(f.Closed, "mon 11:00").case, for_good) is None


@pytest.mark.sop("7.2")
def test_an_answer_reopens_for_as_long_as_the_procedure_says() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 10:00")
    assert reopens_until(ticket.case, STANDARD) is None
    ticket.add(f.Closed, "mon 11:00")
    assert reopens_until(ticket.case, STANDARD) == t("mon 11:00") + timedelta(days=14)


def test_a_closed_and_acknowledged_ticket_waits_for_nothing() -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 09:02")
    ticket.add(f.Resolved, "mon 09:03").add(f.Closed, "mon 09:04")
    assert next_alarm(ticket.case, STANDARD) is None


@pytest.mark.sop("2.2")
def test_a_missing_acknowledgement_is_an_alarm_a_quarter_of_an_hour_after_receipt() -> None:
    ticket = Ticket("sat 03:00")
    assert next_alarm(ticket.case, STANDARD) == t("sat 03:15")
    assert ticket.rungs("sat 03:15") == [("acknowledgement_late", t("sat 03:15"))]
