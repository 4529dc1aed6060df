"""The alarm loop: what is due is acted on, what crashes is set aside, an absent database is waited for."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event

import pytest
from django.db import OperationalError

from forthwith.procedure import facts as f
from forthwith.record.models import Ticket
from forthwith.steps import escalate, workflow
from forthwith.worker import loop
from forthwith.worker.alarms import POLL_S, Alarms, act, next_instant
from tests.desk_fixtures import MONDAY, Desk, after, deliver_all, facts, new_ticket, row


def turn(now: datetime) -> float:
    return Alarms(lambda: now, Event()).turn()


def test_with_nothing_due_the_loop_sleeps_to_the_next_instant_but_no_longer_than_its_poll(desk: Desk) -> None:
    assert turn(MONDAY) == POLL_S
    new_ticket()
    due = next_instant()
    assert due is not None
    assert turn(due - timedelta(hours=1)) == POLL_S
    assert turn(due - timedelta(seconds=0.1)) == pytest.approx(0.1)
    assert facts(row(Ticket.objects.get().pk).pk, f.Escalated) == []


@pytest.mark.sop("5.1")
def test_all_that_is_due_is_acted_on_in_one_turn(desk: Desk) -> None:
    numbers = [new_ticket(sender=f"p{n}@customer.example") for n in range(5)]
    deliver_all(MONDAY)
    turn(after(days=3))
    assert all(facts(number, f.Escalated) for number in numbers)
    due = next_instant()
    assert due is None or due > after(days=3)


@pytest.mark.sop("5.1")
def test_an_alarm_that_crashes_is_set_aside_shown_and_tried_again_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = new_ticket(), new_ticket(sender="eva@customer.example")
    real = escalate.act

    def crash(case: object, step: object) -> bool:
        if case.number == broken:  # type: ignore[attr-defined]
            raise RuntimeError("no way")
        return real(case, step)  # type: ignore[arg-type]

    monkeypatch.setattr(escalate, "act", crash)
    now = after(days=1)
    turn(now)
    assert (row(broken).alarm_error, row(broken).alarm_failed_at) == ("RuntimeError: no way", now)
    assert facts(sound, f.Escalated)
    assert facts(broken, f.Escalated) == []

    monkeypatch.undo()
    turn(now + timedelta(minutes=9))
    assert row(broken).alarm_error
    turn(now + timedelta(minutes=11))
    assert row(broken).alarm_error == ""
    assert facts(broken, f.Escalated)


def test_a_database_that_is_away_is_no_fault_of_the_ticket(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = new_ticket()

    def away(*_: object) -> bool:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(workflow, "settle", away)
    with pytest.raises(OperationalError):
        act(after(days=1))
    assert row(number).alarm_error == ""


def test_the_loop_goes_on_after_failures_and_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    class Told(Event):
        """Keeps the pauses instead of waiting, and is set after seven of them."""

        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0.0)
            return len(pauses) > 7

    turns = iter([1.0, OperationalError("away"), ValueError("odd"), OperationalError("away"), 0.5, 0.25, 0.0])

    def turn() -> float:
        result = next(turns)
        if isinstance(result, Exception):
            raise result
        return result

    closed: list[bool] = []
    monkeypatch.setattr(loop, "close_old_connections", lambda: None)
    monkeypatch.setattr(loop.connections, "close_all", lambda: closed.append(True))
    loop.run("test", turn, Told())
    assert pauses == [0.0, 1.0, 0.25, 0.5, 1.0, 0.5, 0.25, 0.0]
    assert len(closed) == 4, "after each failure, and at the end"
    assert loop.pause_after(50) == loop.LONGEST_PAUSE_S
