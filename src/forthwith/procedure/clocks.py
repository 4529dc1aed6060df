"""The clocks of a case: what started each, what paused it, when it falls due, how it ended.

Their meaning is the table 'Clocks' of the design (SOP 2.2, 4.3, 5.1). Pure arithmetic over a `Case` and
a `Procedure`: asked twice it answers the same, and it never looks at a wall clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from forthwith.procedure.calendars import ALWAYS, Calendar, Span, Unreachable
from forthwith.procedure.case import Case
from forthwith.procedure.case import Span as Wait
from forthwith.procedure.lifecycle import CLOSED, RESOLVED
from forthwith.procedure.model import Procedure, Target
from forthwith.procedure.moments import Moment

NAMES = {
    "acknowledgement": "acknowledgement",
    "first_response": "first response",
    "next_reply": "next reply",
    "next_update": "next update",
    "resolution": "resolution",
    "promise": "promise",
}
Pauses = tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """From where a target is counted, since when the clock is counted from there, and in which calendar."""

    start: datetime
    since: datetime
    target: int
    calendar: Calendar

    def due(self, pauses: Pauses) -> datetime | None:
        """When the target is used up, or None while an unended pause stands before that."""
        return self.after(self.target, pauses)

    def after(self, seconds: int, pauses: Pauses) -> datetime | None:
        """The instant `seconds` of counted time after the start, or None while a pause keeps it away."""
        try:
            return self.calendar.add(self.start, seconds, pauses)
        except Unreachable:
            return None


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock in one cycle. `ended_at` None runs on; `ending` says what ended it.

    `met` means ended by what the clock waits for; `superseded` by something that makes it pointless.
    """

    name: str
    cycle: int
    basis: Basis
    pauses: Pauses
    ended_at: datetime | None = None
    ending: str = ""
    detail: str = ""

    @property
    def due_at(self) -> datetime | None:
        """The instant the clock falls due; None while a pause that has not ended stands before it."""
        return self.basis.due(self.pauses)

    @property
    def started_at(self) -> datetime:
        """When the clock began to count (for a raised priority: when it was raised)."""
        return self.basis.start

    def late_at(self, now: datetime) -> bool:
        """Whether it ended after it fell due, or has not ended and has fallen due before `now`."""
        due = self.due_at
        return due is not None and (self.ended_at or now) > due

    def state(self, now: datetime) -> str:
        """`running`, `paused`, `met`, `late` or `superseded`, as of an instant."""
        if self.late_at(now):
            return "late"
        if self.ended_at is not None:
            return "met" if self.ending == "met" else "superseded"
        return "paused" if self.paused_at(now) else "running"

    def paused_at(self, at: datetime) -> bool:
        """Whether a pause stands at that instant."""
        return any(start <= at and (end is None or at < end) for start, end in self.pauses)

    def spent(self, now: datetime) -> int:
        """Seconds of the target used up by its end, or by `now`."""
        until = self.ended_at or now
        return self.basis.calendar.between(self.basis.start, max(until, self.basis.start), self.pauses)

    def remaining(self, now: datetime) -> int:
        """Seconds of the target that are left; negative when late."""
        return self.basis.target - self.spent(now)

    def moment(self, at: Moment) -> datetime | None:
        """When a moment of the matrix falls on this clock; never before the clock counted that way."""
        falls = self.basis.after(at.after_start(self.basis.target), self.pauses)
        return None if falls is None else max(falls, self.basis.since)

    def explain(self, now: datetime) -> list[Span]:
        """Every stretch from the start to the end (the due instant, or `now` if later), counted or not."""
        until = self.ended_at or max(self.due_at or now, now)
        return self.basis.calendar.explain(self.basis.start, max(until, self.basis.start), self.pauses)


def clocks(case: Case, procedure: Procedure) -> tuple[Clock, ...]:
    """Every clock that the case has had under this procedure, in the order of `model.CLOCKS`."""
    return tuple(_all(case, procedure))


def running(case: Case, procedure: Procedure) -> tuple[Clock, ...]:
    """The clocks that have not ended."""
    return tuple(clock for clock in clocks(case, procedure) if clock.ended_at is None)


def _all(case: Case, procedure: Procedure) -> Iterator[Clock]:
    if case.opened_at is None:
        return
    yield from _acknowledgement(case, procedure, case.opened_at)
    if case.from_person:
        yield from _first_response(case, procedure, case.opened_at)
        yield from _next_replies(case, procedure)
        yield from _next_updates(case, procedure)
    yield from _resolution(case, procedure, case.opened_at)
    yield from _promises(case)


def _acknowledgement(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    target = procedure.acknowledgement
    basis = Basis(start, start, target.target, procedure.calendar(target.calendar))
    if case.acknowledged_at is not None:
        yield Clock("acknowledgement", 0, basis, (), case.acknowledged_at, "met", case.acknowledged_how)
    elif not case.acknowledgement_withheld:
        yield Clock("acknowledgement", 0, basis, ())


def _first_response(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    pauses = _pauses(case, procedure, "first_response")
    end = case.first_response_at or _gone_at(case)
    basis = _basis(case, procedure, "first_response", start, end, pauses)
    if basis:
        ending = "met" if case.first_response_at else "superseded" if end else ""
        yield Clock("first_response", 0, basis, pauses, end, ending)


def _next_replies(case: Case, procedure: Procedure) -> Iterator[Clock]:
    pauses = _pauses(case, procedure, "next_reply")
    for cycle, awaited in enumerate(case.replies_awaited):
        basis = _basis(case, procedure, "next_reply", awaited.start, awaited.end, pauses)
        if basis:
            yield Clock("next_reply", cycle, basis, pauses, awaited.end, "met" if awaited.end else "")


def _next_updates(case: Case, procedure: Procedure) -> Iterator[Clock]:
    pauses = _pauses(case, procedure, "next_update")
    for cycle, update in enumerate(case.updates):
        basis = _basis(case, procedure, "next_update", update.start, update.end, pauses)
        if basis:
            ending = "" if update.end is None else "met" if update.answered else "superseded"
            yield Clock("next_update", cycle, basis, pauses, update.end, ending)


def _resolution(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    waits = _pauses(case, procedure, "resolution")
    slept = tuple((span.start, span.end) for span in case.asleep if span.end is not None)
    end = case.resolved_at or _gone_at(case)
    basis = _basis(case, procedure, "resolution", start, end, (*waits, *slept))
    if basis:
        yield Clock("resolution", 0, basis, (*waits, *slept), end, "met" if end else "")


def _promises(case: Case) -> Iterator[Clock]:
    for cycle, promise in enumerate(case.promises.values()):
        basis = Basis(promise.made_at, promise.made_at, _seconds(promise.made_at, promise.due), ALWAYS)
        end = promise.kept_at or promise.withdrawn_at or _gone_at(case)
        ending = "met" if promise.kept_at else "superseded" if end else ""
        yield Clock("promise", cycle, basis, (), end, ending, promise.what)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))


def _gone_at(case: Case) -> datetime | None:
    """When an unmet clock stopped mattering because the ticket was resolved or closed without it."""
    if case.status in (RESOLVED, CLOSED) and case.asleep:
        return case.asleep[-1].start
    return None


def _pauses(case: Case, procedure: Procedure, clock: str) -> Pauses:
    return tuple((wait.start, wait.end) for wait in case.waits if clock in _paused_by(procedure, wait))


def _paused_by(procedure: Procedure, wait: Wait) -> Sequence[str]:
    found: Sequence[str] = getattr(procedure.pauses, wait.cause, ())
    return found


def _basis(
    case: Case, procedure: Procedure, clock: str, start: datetime, end: datetime | None, pauses: Pauses
) -> Basis | None:
    """Which priority, since when, decides on this clock.

    Lowered: the new target counts from the clock's start. Raised: the earlier of the old due instant and
    the raise plus the new target, so that nobody is late the moment somebody else raises a ticket.
    """
    chosen: Basis | None = None
    rank: int | None = None
    for ranked in case.priorities:
        if end is not None and ranked.at > end:
            break
        target = procedure.target(clock, ranked.priority) if ranked.priority in procedure.priorities else None
        new_rank = procedure.ranks.get(ranked.priority, 0)
        if target is None:
            chosen = None
        elif chosen is None or ranked.at <= start or rank is None or new_rank > rank:
            chosen = _counted(procedure, target, start, max(start, ranked.at))
        elif new_rank < rank:
            chosen = _earlier(chosen, _counted(procedure, target, ranked.at, ranked.at), pauses)
        rank = new_rank
    return chosen


def _counted(procedure: Procedure, target: Target, start: datetime, since: datetime) -> Basis:
    return Basis(start, since, target.target, procedure.calendar(target.calendar))


def _earlier(old: Basis, new: Basis, pauses: Pauses) -> Basis:
    """The basis that falls due first; a pause that keeps both away is taken out of both."""
    ended = tuple((start, end) for start, end in pauses if end is not None)
    old_due, new_due = old.due(ended), new.due(ended)
    if old_due is None or new_due is None:
        return old if new_due is None else new
    return old if old_due <= new_due else new
