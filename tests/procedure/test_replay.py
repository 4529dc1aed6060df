"""The same facts under another procedure (SOP H1)."""

from __future__ import annotations

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure.clocks import clocks
from forthwith.procedure.model import Earlier
from forthwith.procedure.replay import Replay, both, replay
from tests.procedure.tickets import AGENT, LEADER, STANDARD, Ticket, keys, t, variant


def clock_due(replayed: Replay, name: str) -> object:
    return next(clock.due_at for clock in replayed.clocks if clock.name == name)


@pytest.mark.sop("H1")
def test_under_its_own_procedure_a_ticket_that_was_worked_in_time_comes_out_the_same() -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.Assigned, "mon 09:02")
    ticket.add(f.Categorised, "mon 09:02").work("mon 13:00", finds=LEADER).work("mon 14:00")
    ticket.add(f.Replied, "mon 14:00").work("wed 12:00")
    replayed = replay(ticket.facts, STANDARD, t("wed 12:00"))
    assert replayed.clocks == clocks(ticket.case, STANDARD)
    taken = [(step.rung.key, step.clock.cycle, step.at) for step in replayed.rungs]
    done = [(fact.rung, fact.cycle, fact.at) for fact in ticket.facts if isinstance(fact, f.Escalated)]
    assert sorted(taken) == sorted(done)
    for case in (replayed.case, ticket.case):
        assert (case.team, case.assignee, case.taken) == ("hardware_team", LEADER, ticket.case.taken)


@pytest.mark.sop("H1", "4.3")
def test_another_target_breaches_and_escalates_what_was_met() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 09:10")
    strict = variant(priorities={"high": {"first_response": {"target": "5 min"}}})
    replayed = replay(ticket.facts, strict, t("mon 09:30"))
    assert clock_due(replayed, "first_response") == t("mon 09:05")
    assert keys(replayed.rungs) == [
        "nobody_assigned",
        "first_response_half",
        "first_response_soon",
        "first_response_late",
    ]
    assert replay(ticket.facts, STANDARD, t("mon 09:10")).rungs == ()


@pytest.mark.sop("H1", "3.2")
def test_the_systems_priority_is_the_new_matrixs_and_a_persons_stays() -> None:
    other = variant(matrix={"several": {"hindered": "critical"}})
    by_system = Ticket("mon 09:00", "high")
    by_person = Ticket("mon 09:00", None).add(f.Prioritised, "mon 09:00", priority="high", by=AGENT)
    assert replay(by_system.facts, other, t("mon 09:00")).case.priority == "critical"
    assert replay(by_person.facts, other, t("mon 09:00")).case.priority == "high"


@pytest.mark.sop("H1", "3.2")
def test_a_persons_priority_that_the_procedure_does_not_have_is_read_from_its_matrix() -> None:
    ticket = Ticket("mon 09:00", None).add(f.Prioritised, "mon 09:00", priority="p0", by=AGENT)
    assert replay(ticket.facts, STANDARD, t("mon 09:00")).case.priority == "high"


@pytest.mark.sop("H1", "5.1")
def test_where_the_old_matrix_moved_it_is_forgotten_and_what_a_person_did_is_kept() -> None:
    ticket = Ticket("mon 09:00").add(f.Assigned, "mon 09:00")
    ticket.add(f.Escalated, "mon 10:00", rung="gone", clock="resolution", to_team="hardware_team")
    ticket.add(f.RequesterTold, "mon 10:00", next_update=t("mon 12:00")).add(
        f.Escalated, "mon 11:00", by=AGENT, to_team="identity"
    )
    case = replay(ticket.facts, variant(escalation=[]), t("mon 12:00")).case
    assert (case.team, case.taken, case.promised_update) == ("identity", frozenset(), None)


@pytest.mark.sop("H1", "4.1", "5.1")
def test_an_agent_found_where_the_old_matrix_moved_it_is_forgotten_with_the_move() -> None:
    ticket = Ticket("mon 09:00").add(f.Assigned, "mon 09:00").add(f.Categorised, "mon 09:00")
    ticket.add(f.Escalated, "mon 10:00", rung="gone", clock="resolution", to_team="hardware_team")
    ticket.add(f.Assigned, "mon 10:01", team="hardware_team", assignee=LEADER)
    still = replay(ticket.facts, variant(escalation=[]), t("mon 12:00")).case
    assert (still.team, still.assignee) == ("service_desk", AGENT)
    rung = {"clock": "resolution", "kind": "functional", "move_to": "hardware_team"}
    moved = replay(ticket.facts, variant(escalation=[{"key": "a", "at": "start + 1 h", **rung}]), t("mon 12:00")).case
    assert (moved.team, moved.assignee) == ("hardware_team", LEADER)


@pytest.mark.sop("H1", "5.1")
def test_the_new_matrix_moves_the_ticket_when_its_rungs_fall_due_and_each_once() -> None:
    ticket = Ticket("mon 09:00").add(f.Assigned, "mon 09:00").add(f.Noted, "mon 15:00")
    rung = {"clock": "resolution", "kind": "functional", "move_to": "hardware_team"}
    climbing = variant(escalation=[{"key": "a", "at": "50%", **rung}, {"key": "b", "at": "75%", **rung}])
    replayed = replay(ticket.facts, climbing, t("tue 12:00"))
    assert [(step.rung.key, step.at) for step in replayed.rungs] == [("a", t("mon 13:00"))]
    assert (replayed.case.team, replayed.case.placed_at) == ("hardware_team", t("mon 13:00"))
    assert replayed.case.last_at == t("mon 15:00")


def test_what_was_recorded_after_the_instant_asked_for_does_not_count() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 10:00")
    assert replay(ticket.facts, STANDARD, t("mon 09:30")).case.first_response_at is None


@pytest.mark.sop("H1", "3.2")
def test_a_priority_is_read_from_the_matrix_under_which_it_was_set() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.MovedToRevision, "mon 10:00", revision=2, was=1, why="", by=LEADER)
    moved = variant(matrix={"several": {"hindered": "critical"}}).after(Earlier(t("mon 10:00"), STANDARD))
    assert replay(ticket.facts, moved, t("mon 11:00")).case.priority == "high"


@pytest.mark.sop("H1", "5.1")
def test_what_was_done_under_an_earlier_procedure_of_the_ticket_stays_as_it_was() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Acknowledged, "mon 09:01").work("mon 09:40")
    ticket.add(f.MovedToRevision, "mon 09:45", revision=2, was=1, why="for all", by=LEADER)
    recorded = [(fact.rung, fact.at) for fact in ticket.facts if isinstance(fact, f.Escalated)]
    assert recorded, "something fell due before it was moved"
    strict = variant(priorities={"high": {"first_response": {"target": "5 min"}}})
    moved = strict.after(Earlier(t("mon 09:45"), STANDARD))
    replayed = replay(ticket.facts, moved, t("mon 09:46"))
    assert replayed.clocks == clocks(ticket.case, moved)
    assert [(step.rung.key, step.at) for step in replayed.rungs][: len(recorded)] == recorded
    assert all(step.at >= t("mon 09:45") for step in replayed.rungs[len(recorded) :])
    as_if_always, before = (
        replay(ticket.facts, strict, t("mon 09:46")),
        both(ticket.facts, moved, strict, t("mon 09:46")),
    )
    assert before == (replayed, as_if_always)
    assert as_if_always.rungs[0].at < t("mon 09:10")
