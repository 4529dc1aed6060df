"""Tickets that go on under another revision: their clocks are counted as a raise or a lowering would (SOP H1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.procedure import facts as f
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import judge
from forthwith.procedure.matrix import due
from forthwith.procedure.model import Earlier, Procedure
from tests.procedure.tickets import STANDARD, Ticket, t, variant

pytestmark = pytest.mark.sop("H1")


def asking(first_response: str, **sections: Any) -> Procedure:
    target = {"first_response": {"target": first_response, "calendar": "business"}}
    return variant(priorities={"high": target}, **sections)


def moved(ticket: Ticket, at: str, to: Procedure) -> Ticket:
    """The ticket, which goes on under another procedure."""
    ticket.add(f.MovedToRevision, at, revision=2, was=1, why="targets changed")
    ticket.procedure = to.after(*ticket.procedure.earlier, Earlier(t(at), ticket.procedure))
    return ticket


def first(ticket: Ticket) -> Clock:
    return ticket.clock("first_response")


def test_more_time_counts_from_the_start_and_less_makes_nobody_late_at_once() -> None:
    slow, fast = asking("4 h"), asking("15 min")
    assert first(Ticket("mon 09:00")).due_at == t("mon 10:00")
    assert first(moved(Ticket("mon 09:00"), "mon 09:30", slow)).due_at == t("mon 13:00")
    assert first(moved(Ticket("mon 09:00"), "mon 09:30", fast)).due_at == t("mon 09:45")
    assert first(moved(Ticket("mon 09:00"), "mon 09:50", fast)).due_at == t("mon 10:00"), "no later than it was"
    back = moved(moved(Ticket("mon 09:00"), "mon 09:10", fast), "mon 09:20", STANDARD)
    assert first(back).due_at == t("mon 10:00")


def test_what_had_ended_stays_as_it_was_judged() -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 09:50")
    before = judge(ticket.facts, ticket.procedure, t("mon 10:30"))
    fast = asking("15 min", acknowledgement={"target": "30 s"})
    after = judge(moved(ticket, "mon 10:00", fast).facts, ticket.procedure, t("mon 10:30"))
    assert [after[step] for step in ("2.2", "4.3")] == [before[step] for step in ("2.2", "4.3")]
    assert judge(ticket.facts, fast, t("mon 10:30"))["4.3"].outcome == "late", "the procedure alone would say so"


def test_what_was_late_is_late_no_more_where_there_is_more_time_and_the_record_says_why() -> None:
    ticket = moved(Ticket("mon 09:00"), "mon 10:30", asking("4 h"))
    assert not first(ticket).late_at(t("mon 11:00"))
    assert [basis.target for basis in first(ticket).before] == [3600], "how it was counted stays known"
    assert [(move.was, move.revision) for move in ticket.case.moves] == [(1, 2)]


def test_a_target_that_was_not_there_counts_from_the_move_and_one_that_is_gone_ends() -> None:
    none = variant(priorities={"high": {"first_response": None}})
    ticket = Ticket("mon 09:00", procedure=none)
    assert "first_response" not in ticket.names()
    assert first(moved(ticket, "mon 12:00", STANDARD)).due_at == t("mon 13:00")
    assert "first_response" not in moved(Ticket("mon 09:00"), "mon 09:30", none).names()


def test_pauses_are_those_of_the_procedure_that_the_clock_ended_under() -> None:
    through = variant(pauses={"on_hold": []})
    held = Ticket("mon 09:00").add(f.PutOnHold, "mon 09:10").add(f.Resumed, "mon 09:40")
    assert held.clock("resolution").pauses
    assert not moved(held, "mon 09:50", through).clock("resolution").pauses
    done = Ticket("mon 09:00").add(f.PutOnHold, "mon 09:10").add(f.Resumed, "mon 09:40").add(f.Resolved, "mon 09:45")
    assert moved(done, "mon 09:50", through).clock("resolution").pauses


def test_the_rungs_of_the_new_procedure_are_due_from_the_move_on_and_none_twice() -> None:
    ladder = [*STANDARD.model_dump(mode="json")["escalation"]]
    rung = {"key": "early", "clock": "first_response", "at": "25 %", "kind": "hierarchical", "tell": ["team_leader"]}
    ticket = Ticket("mon 09:00").work("mon 09:50")
    taken = set(ticket.case.taken)
    moved(ticket, "mon 09:50", variant(escalation=[rung, *ladder]))
    assert ticket.rungs("mon 09:50") == [("early", t("mon 09:50"))], "what it asks has passed: it falls at the move"
    ticket.work("mon 09:50")
    assert {key for key, _ in ticket.case.taken - taken} == {"early"}
    answered = Ticket("mon 09:00").add(f.Replied, "mon 09:40").work("mon 09:50")
    moved(answered, "mon 09:50", variant(escalation=[rung, *ladder]))
    assert "early" not in dict(answered.rungs("mon 09:50")), "its clock had ended before the move"


def test_the_same_targets_change_nothing() -> None:
    ticket = Ticket("mon 09:00").add(f.Prioritised, "mon 09:20", priority="critical").add(f.Replied, "mon 09:30")
    before = clocks(ticket.case, ticket.procedure)
    assert clocks(moved(ticket, "mon 09:40", variant(title="Another")).case, ticket.procedure) == before


PRIORITIES = st.sampled_from(list(STANDARD.priorities))
LENGTHS = st.sampled_from(["15 min", "1 h", "3 h", "2 d"])
MINUTES = st.integers(min_value=0, max_value=900)


@given(PRIORITIES, LENGTHS, MINUTES, st.none() | MINUTES)
def test_nobody_is_late_because_of_a_move(priority: str, length: str, at: int, answered: int | None) -> None:
    targets = {clock: {"target": length, "calendar": "business"} for clock in ("first_response", "resolution")}
    to = variant(priorities=dict.fromkeys(STANDARD.priorities, targets))
    ticket = Ticket("mon 09:00", priority)
    minute = t("mon 09:00") - t("mon 08:59")
    now: datetime = t("mon 09:00") + at * minute
    if answered is not None and answered <= at:
        ticket.add(f.Replied, t("mon 09:00") + answered * minute)
    late = {(one.name, one.cycle) for one in clocks(ticket.case, STANDARD) if one.late_at(now)}
    ended = [one for one in clocks(ticket.case, STANDARD) if one.ended_at is not None and one.ended_at < now]
    ticket.add(f.MovedToRevision, now, revision=2, was=1, why="")
    both = to.after(Earlier(now, STANDARD))
    after = clocks(ticket.case, both)
    assert {(one.name, one.cycle) for one in after if one.late_at(now)} <= late
    assert [one for one in after if one.ended_at is not None and one.ended_at < now] == ended
    assert all(step.at >= now for step in due(ticket.case, both, now))
