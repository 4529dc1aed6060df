"""Verdicts and clocks as letters, and until when they stand (SOP H1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.procedure import facts as f
from forthwith.procedure.conformance import STEPS, judge
from forthwith.procedure.marks import OUTCOMES, marks
from forthwith.procedure.model import CLOCKS
from tests.procedure.tickets import AGENT, STANDARD, Ticket, t

pytestmark = pytest.mark.sop("H1")
KINDS: list[type[f.Fact]] = [
    *(f.Acknowledged, f.Assigned, f.Prioritised, f.Replied, f.RequesterWrote, f.WaitingOnRequester, f.PutOnHold),
    *(f.Resumed, f.Ticked, f.Resolved, f.Reopened, f.Closed, f.KnowledgeReviewed),
]


def test_each_letter_says_the_verdict_of_its_step() -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.Assigned, "mon 09:02")
    now = t("mon 12:00")
    found = marks(ticket.facts, STANDARD, now)
    said = judge(ticket.facts, STANDARD, now)
    assert [OUTCOMES[letter] for letter in found.steps] == [said[step].outcome for step in STEPS]
    assert {"m", "x"} <= set(found.steps)


@pytest.mark.parametrize(
    ("clock", "letter"),
    [("acknowledgement", "m"), ("first_response", "l"), ("next_reply", "m"), ("resolution", "r"), ("promise", "-")],
)
def test_a_clock_of_several_cycles_is_late_where_one_was(clock: str, letter: str) -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 11:00")
    ticket.add(f.RequesterWrote, "mon 11:30").add(f.Replied, "mon 11:45")
    assert marks(ticket.facts, STANDARD, t("mon 12:00")).clocks[CLOCKS.index(clock)] == letter


@given(
    drawn=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from([0, 61, 1811, 25_261, 93_701])), max_size=8),
    share=st.floats(0, 1),
)
def test_they_stand_until_something_is_overdue(drawn: list[tuple[type[f.Fact], int]], share: float) -> None:
    at = t("mon 09:00")
    ticket = Ticket(at)
    for kind, seconds in drawn:
        at += timedelta(seconds=seconds)
        ticket.add(kind, at, by=AGENT)
    found = marks(ticket.facts, STANDARD, at)
    until = found.until or at + timedelta(days=60)
    assert until > at
    between = marks(ticket.facts, STANDARD, at + (until - at) * min(share, 0.999))
    assert (between.steps, between.clocks) == (found.steps, found.clocks)


def test_by_time_alone_one_that_nobody_works_on_comes_to_an_end() -> None:
    ticket, now, seen = Ticket("mon 09:00"), t("mon 09:00"), 0
    while until := marks(ticket.facts, STANDARD, now).until:
        now, seen = until, seen + 1
        assert seen < 20
    assert marks(ticket.facts, STANDARD, now).clocks == "ll-ll--"
