"""A replay that folds once says what one says that folds anew for each rung; and what many add up to (SOP H1)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.replay import draft, history
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import clocks
from forthwith.procedure.matrix import Due, due
from forthwith.procedure.model import Procedure
from forthwith.procedure.replay import Replay, _act_on, _found_elsewhere, _kept, both, replay
from forthwith.procedure.replayed import LATE, SAVED, WORST, Counting, Crew, Sums, Turned, Worst, as_data
from tests.procedure.tickets import AGENT, LEADER, STANDARD, Ticket, t, variant

pytestmark = pytest.mark.sop("H1")
END = datetime(2026, 8, 1, tzinfo=UTC)
DRAFT = document.read(draft())
CLIMBING = variant(
    escalation=[
        {"key": "a", "at": "20%", "clock": "resolution", "kind": "functional", "move_to": "hardware_team"},
        {"key": "b", "at": "50%", "clock": "resolution", "kind": "functional", "move_to": "specialists"},
        {"key": "c", "at": "40%", "clock": "next_update", "kind": "hierarchical", "teams": ["hardware_team"]},
        {"key": "d", "at": "due", "clock": "next_reply", "kind": "hierarchical", "tell": ["team_leader"]},
        {"key": "e", "at": "due", "every": "1 h", "clock": "resolution", "kind": "hierarchical"},
    ]
)


def plainly(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> Replay:
    """Folded anew after each rung, and asked again until nothing is due."""
    kept = _kept(facts, procedure, now)
    rungs: list[Due] = []
    while steps := due(fold(kept, _found_elsewhere), procedure, now):
        for step in steps:
            rungs.append(step)
            if _act_on(step, kept, procedure).to_team:
                break
    case = fold(kept, _found_elsewhere)
    return Replay(case, clocks(case, procedure), tuple(rungs))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**9), st.integers(0, 200 * 86_400))
def test_folding_once_is_folding_anew(number: int, until: int) -> None:
    facts, now = history(number), END - timedelta(seconds=until)
    for procedure in (STANDARD, DRAFT, CLIMBING):
        assert replay(facts, procedure, now) == plainly(facts, procedure, now)
    assert both(facts, CLIMBING, DRAFT, now) == (replay(facts, CLIMBING, now), replay(facts, DRAFT, now))


def counted(ticket: Ticket, after: Procedure, now: str, crew: Crew | None = None) -> tuple[Sums, list[Turned]]:
    sums = Sums()
    sides = both(ticket.facts, STANDARD, after, t(now))
    pairs = list(zip(sides, (STANDARD, after), strict=True))
    return sums, Counting(t(now), UTC, crew or Crew()).count(1, pairs, sums)


def test_a_shorter_target_turns_what_was_met_and_a_longer_one_what_was_late() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 09:10")
    sums, turned = counted(ticket, variant(priorities={"high": {"first_response": {"target": "5 min"}}}), "mon 09:30")
    assert [(one.clock, one.way, one.seconds) for one in turned] == [("first_response", LATE, 300)]
    assert sums.clocks["before", "high", "first_response", "met"] == 1
    assert sums.clocks["after", "high", "first_response", "late"] == 1
    late = Ticket("mon 09:00", "high").add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 11:00")
    _, turned = counted(late, variant(priorities={"high": {"first_response": {"target": "3 h"}}}), "mon 11:30")
    assert [(one.clock, one.way, one.seconds) for one in turned] == [("first_response", SAVED, 3600)]


def test_the_same_procedure_turns_nothing() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Replied, "mon 11:00")
    sums, turned = counted(ticket, STANDARD, "tue 12:00")
    assert (turned, sums.turning, sums.tickets) == ([], 0, 1)


def test_whom_a_rung_tells_each_once_and_in_which_hour() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Assigned, "mon 09:00").add(f.Acknowledged, "mon 09:01")
    rung = {"key": "x", "clock": "first_response", "at": "50%", "kind": "functional", "tell_requester": True}
    after = variant(
        escalation=[{**rung, "tell": ["assignee", "team", "team_leader", "administrators"], "tell_teams": ["identity"]}]
    )
    crew = Crew(
        {"service_desk": frozenset((AGENT, 9)), "identity": frozenset((30,))},
        {"service_desk": frozenset((LEADER, 9))},
        frozenset((1,)),
    )
    sums, _ = counted(ticket, after, "mon 09:45", crew)
    assert (sums.rungs["after", "x"], sums.mails["after", "rung x"], sums.mails["after", "requester"]) == (1, 5, 1)
    assert (sums.hours["after", 9], sums.told["after", "team identity"]) == (1, 1)
    assert sums.mails["before", "acknowledgement"] == sums.mails["after", "acknowledgement"] == 1


def test_only_the_worst_are_kept_and_they_come_first() -> None:
    worst, order = Worst(), list(range(3 * WORST))
    random.Random(1).shuffle(order)
    worst.take(Turned(n, "resolution", 0, LATE, "high", None, None, None, n) for n in order)
    assert [one.seconds for one in worst.listed()] == list(range(3 * WORST - 1, 2 * WORST - 1, -1))


def test_sums_add_up_in_whatever_parts_they_come() -> None:
    counting, whole, parts = Counting(END, UTC, Crew()), Sums(), Sums()
    for number in range(1, 21):
        sides = list(zip(both(history(number), STANDARD, DRAFT, END), (STANDARD, DRAFT), strict=True))
        alone = Sums()
        counting.count(number, sides, whole)
        counting.count(number, sides, alone)
        parts.add(alone)
    assert parts == whole
    assert as_data(parts, Worst(), [DRAFT])["tickets"] == 20
