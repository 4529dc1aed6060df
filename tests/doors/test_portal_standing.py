"""What the requester is told about how it stands, and by when something happens (SOP 5.2, 7.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from forthwith.portal.standing import Standing, standing
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.record.states import requester_states

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
STANDARD = document.standard()
RECEIVED = f.Received(at=MONDAY, by=1, channel="email", requester=1, subject="Help", message=1, digest="d")
RANKED = f.Prioritised(at=MONDAY, priority="medium", impact="one", urgency="slows")
REPLIED = f.Replied(at=MONDAY + timedelta(hours=1), by=2, message=2, digest="d", next_step="We look")


def seen(*facts: f.Fact, at: datetime) -> Standing:
    case = fold(facts)
    return standing(case, list(facts), STANDARD, at, requester_states(STANDARD)[case.status])


def hours(count: float) -> datetime:
    return MONDAY + timedelta(hours=count)


def test_a_new_request_says_by_when_an_answer_comes() -> None:
    stands = seen(RECEIVED, RANKED, at=hours(0.5))
    assert stands.title == "We have your request"
    assert [(line.at, line.late) for line in stands.lines] == [(hours(4), False)]


@pytest.mark.sop("4.3")
def test_lateness_is_admitted() -> None:
    line = seen(RECEIVED, RANKED, at=hours(4.5)).lines[0]
    assert line.late
    assert line.at == hours(4)
    assert "sorry" in line.says


def test_the_next_news_have_an_instant() -> None:
    stands = seen(RECEIVED, RANKED, REPLIED, at=hours(2))
    assert stands.title == "We are working on it"
    assert "news" in stands.lines[0].says
    assert stands.lines[0].at is not None
    assert stands.lines[0].at > hours(2)


@pytest.mark.sop("5.2")
def test_an_escalation_is_told_with_its_estimate_while_that_lies_ahead() -> None:
    told = f.RequesterTold(at=hours(3), next_update=hours(4), resolution_estimate=hours(6))
    facts = (RECEIVED, RANKED, REPLIED, told)
    assert [line.at for line in seen(*facts, at=hours(3.5)).lines] == [hours(4), None, hours(6)]
    assert hours(6) not in [line.at for line in seen(*facts, at=hours(7)).lines]


def test_an_escalation_of_work_that_had_ended_is_not_told_again() -> None:
    told = f.RequesterTold(at=hours(3), next_update=hours(4), resolution_estimate=hours(60))
    resolved = f.Resolved(at=hours(4), by=2, cause="c", solution="s", category="hardware")
    asked = f.ConfirmationAsked(at=hours(4), by=2)
    reopened = f.Reopened(at=hours(5), by=1, why="the requester wrote again")
    stands = seen(RECEIVED, RANKED, REPLIED, told, resolved, asked, reopened, at=hours(5))
    assert stands.title == "We are working on it"
    assert hours(60) not in [line.at for line in stands.lines]
    assert not any("more of us" in line.says for line in stands.lines)


def test_no_estimate_is_held_out_while_work_waits() -> None:
    told = f.RequesterTold(at=hours(3), next_update=hours(4), resolution_estimate=hours(60))
    waiting = f.WaitingOnRequester(at=hours(3.5), by=2, why="a photo")
    assert seen(RECEIVED, RANKED, REPLIED, told, waiting, at=hours(3.6)).lines == ()


def test_whose_turn_it_is() -> None:
    waiting = f.WaitingOnRequester(at=hours(2), by=2, why="internal reason")
    on_hold = f.PutOnHold(at=hours(2), by=2, why="internal reason", until=hours(30))
    resolved = f.Resolved(at=hours(2), by=2, cause="internal cause", solution="s", category="hardware")
    asked = f.ConfirmationAsked(at=hours(2), by=2)
    closed = f.Closed(at=hours(3), why="internal reason")
    held = seen(RECEIVED, RANKED, REPLIED, on_hold, at=hours(2.5))
    done = seen(RECEIVED, RANKED, REPLIED, resolved, asked, at=hours(2.5))
    over = seen(RECEIVED, RANKED, REPLIED, resolved, asked, closed, at=hours(4))
    long_over = seen(RECEIVED, RANKED, REPLIED, resolved, asked, closed, at=hours(24 * 60))
    assert seen(RECEIVED, RANKED, REPLIED, waiting, at=hours(2.5)).turn == "yours"
    assert (held.turn, [line.at for line in held.lines]) == ("ours", [hours(30)])
    assert done.turn == "yours"
    assert done.lines[0].at is not None
    assert over.turn == "over"
    assert over.lines[0].at == hours(3) + timedelta(days=14)
    assert "new request" in long_over.lines[0].says
    for stands in (held, done, over, long_over):
        assert "internal" not in f"{stands}"
