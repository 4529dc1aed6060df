"""The clocks of a case: what started each, what paused it, when it falls due, how it ended.

Their meaning is the table 'Clocks' of the design (SOP 2.2, 4.3, 5.1). Pure arithmetic over a `Case` and
a `Procedure`: asked twice it answers the same, and it never looks at a wall clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from forthwith.procedure.basis import Basis, Pauses
from forthwith.procedure.calendars import ALWAYS, Span
from forthwith.procedure.case_state import Case, Wait
from forthwith.procedure.escalation import AGE
from forthwith.procedure.levels import Asked, asked_of
from forthwith.procedure.lifecycle import CLOSED, MERGED, RESOLVED
from forthwith.procedure.model import Procedure, Target
from forthwith.procedure.moments import Moment
from forthwith.procedure.said import say
from forthwith.procedure.targets import Places, exempt_since

NAMES = {
    "acknowledgement": say("acknowledgement"),
    "first_response": say("first response"),
    "next_reply": say("next reply"),
    "next_update": say("next update"),
    "resolution": say("resolution"),
    "promise": say("promise"),
    "work": say("start of work"),
    AGE: say("time since receipt"),
}
"""The clocks as people read them."""
_NEVER = datetime.max.replace(tzinfo=UTC)
_WAITS = {
    "waiting_on_requester": say("waiting for the requester"),
    "on_hold": say("on hold"),
}
_ASLEEP, _APART = say("resolved or closed"), say("merged into another ticket")


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock in one cycle. `ended_at` None runs on; `ending` says what ended it.

    `met` means ended by what the clock waits for; `superseded` by something that makes it pointless; `merged` that
    another ticket goes on for this one.
    `before` keeps how it was counted under earlier priorities, oldest first, and with it the old due times.
    """

    name: str
    cycle: int
    basis: Basis
    pauses: Pauses
    ended_at: datetime | None = None
    ending: str = ""
    detail: str = ""
    before: tuple[Basis, ...] = ()

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
        """`running`, `paused`, `met`, `late`, `superseded` or `merged`, as of an instant."""
        if self.late_at(now):
            return "late"
        if self.ended_at is not None:
            return self.ending if self.ending in ("met", MERGED) else "superseded"
        return "paused" if self.paused_at(now) else "running"

    def paused_at(self, at: datetime) -> bool:
        """Whether a pause stands at that instant."""
        return any(start <= at and (end is None or at < end) for start, end, _why in self.pauses)

    def spent(self, now: datetime) -> int:
        """Seconds of the target used up by its end, or by `now`."""
        until = self.ended_at or now
        return self.basis.calendar.between(self.basis.start, max(until, self.basis.start), self.pauses)

    def remaining(self, now: datetime) -> int:
        """Seconds of the target that are left; negative when late."""
        return self.basis.target - self.spent(now)

    def basis_at(self, at: datetime) -> Basis | None:
        """How the clock was counted at an instant; None before it was counted at all."""
        counted = [basis for basis in (*self.before, self.basis) if basis.since <= at]
        return counted[-1] if counted else None

    def moment(self, at: Moment, basis: Basis | None = None) -> datetime | None:
        """When a moment of the matrix falls on this clock; never before the clock counted that way.

        `basis` asks for the moment as the clock was counted earlier. None while a pause keeps it away.
        """
        basis = basis or self.basis
        falls = basis.after(at.after_start(basis.target), self.pauses)
        return None if falls is None else max(falls, basis.since)

    def again(self, last: datetime, every: int, basis: Basis) -> datetime | None:
        """When a moment that fell on this clock falls again, so many seconds of its own time later."""
        falls = replace(basis, start=last).after(every, self.pauses)
        return None if falls is None else max(falls, basis.since)

    def explain(self, now: datetime) -> list[Span]:
        """Every stretch from the start to the end (the due instant, or `now` if later), counted or not."""
        until = self.ended_at or max(self.due_at or now, now)
        return self.basis.calendar.explain(self.basis.start, max(until, self.basis.start), self.pauses)


def clocks(case: Case, procedure: Procedure) -> tuple[Clock, ...]:
    """Every clock that the case has had under this procedure, in the order of `model.CLOCKS`."""
    found = _all(case, procedure)
    return tuple(_until(case.apart[-1].start, clock) for clock in found) if case.status == MERGED else tuple(found)


def _until(merged_at: datetime, clock: Clock) -> Clock:
    """The clock as it ended when the ticket was merged, unless something had ended it before."""
    if clock.ended_at is not None and clock.ended_at <= merged_at:
        return clock
    pauses = _up_to(merged_at, clock.pauses)
    return replace(clock, pauses=pauses, ended_at=merged_at, ending=MERGED)


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
    if case.from_person:
        yield from _next_updates(case, procedure)
    yield from _resolution(case, procedure, case.opened_at)
    yield from _promises(case, procedure)
    if any(one.work for own in _all_of(procedure) for one in own.priorities.values()):
        yield from _work(case, procedure, case.opened_at)


def _all_of(procedure: Procedure) -> Iterator[Procedure]:
    yield from (one.procedure for one in procedure.earlier)
    yield procedure


def _acknowledgement(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    """Where none is owed, what a person writes later is no late acknowledgement."""
    start = _begins(case, "acknowledgement", start)
    end, ending, how = case.acknowledged_at, "met" if case.acknowledged_at else "", case.acknowledged_how
    withheld = case.acknowledgement_withheld_at
    if withheld and (end is None or withheld < end):
        end, ending, how = withheld, "superseded", ""
    pauses = _pauses(case, procedure, "acknowledgement", start, end)
    *before, basis = _bases(case, procedure, "acknowledgement", Stretch(start, end, ending, case.split_at), pauses)
    yield Clock("acknowledgement", 0, basis, pauses, end, ending, how, before=tuple(before))


def _first_response(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    end = case.first_response_at or _gone_at(case)
    ending = "met" if case.first_response_at else "superseded"
    start = _begins(case, "first_response", start)
    yield from _clock(case, procedure, "first_response", 0, Stretch(start, end, ending, case.split_at))


def _work(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    end = case.work_began_at or _gone_at(case)
    ending = "met" if case.work_began_at else "superseded"
    start = _begins(case, "work", start)
    yield from _clock(case, procedure, "work", 0, Stretch(start, end, ending, case.split_at))


def _next_replies(case: Case, procedure: Procedure) -> Iterator[Clock]:
    """A message of a merged ticket counts from its own time, on a ticket that a machine opened too."""
    for cycle, awaited in enumerate(case.replies_awaited):
        if case.from_person or awaited.ticket is not None:
            ending = "met" if awaited.cause == "requester" else "superseded"
            detail = say("a message of #%(ticket)d", ticket=awaited.ticket) if awaited.ticket else ""
            stretch = Stretch(awaited.start, awaited.end, ending, awaited.came_at, detail)
            yield from _clock(case, procedure, "next_reply", cycle, stretch)


def _next_updates(case: Case, procedure: Procedure) -> Iterator[Clock]:
    for cycle, update in enumerate(case.updates):
        ending = "met" if update.answered else "superseded"
        start = update.start if cycle else _begins(case, "next_update", update.start)
        yield from _clock(case, procedure, "next_update", cycle, Stretch(start, update.end, ending, case.split_at))


def _resolution(case: Case, procedure: Procedure, start: datetime) -> Iterator[Clock]:
    start = _begins(case, "resolution", start)
    yield from _clock(case, procedure, "resolution", 0, Stretch(start, case.resolved_at, "met", case.split_at))


def age(case: Case, procedure: Procedure, calendar: str, seconds: int) -> Clock | None:
    """The time since receipt until the ticket is resolved, in a calendar, as a clock that falls due after some seconds.

    It has no target of its own, stands still only while the ticket is resolved or merged, and is none of `clocks`.
    """
    if case.opened_at is None:
        return None
    end = case.resolved_at or _gone_at(case)
    basis = Basis(
        case.opened_at, max(case.opened_at, case.split_at or case.opened_at), seconds, procedure.calendar(calendar)
    )
    ended = Clock(AGE, 0, basis, _pauses(case, procedure, AGE, case.opened_at, end), end, "met" if end else "")
    return _until(case.apart[-1].start, ended) if case.status == MERGED else ended


def _promises(case: Case, procedure: Procedure) -> Iterator[Clock]:
    for cycle, promise in enumerate(case.promises.values()):
        target = max(0, (promise.due - promise.made_at) // timedelta(seconds=1))
        # Counted back from the promised instant, which may lie on part of a second.
        basis = Basis(promise.due - timedelta(seconds=target), promise.made_at, target, ALWAYS)
        settled = promise.kept_at or promise.withdrawn_at
        end = settled or _gone_at(case)
        pauses = _pauses(case, procedure, "promise", promise.made_at, end)
        ending = "met" if settled else "superseded" if end else ""
        yield Clock("promise", cycle, basis, pauses, end, ending, promise.what)


def _begins(case: Case, clock: str, start: datetime) -> datetime:
    """From when a clock counts: from the split, where it would have been late when the ticket was split off."""
    return case.split_at if case.split_at and clock in case.counted_anew else start


def _gone_at(case: Case) -> datetime | None:
    """When an unmet clock stopped mattering because the ticket was resolved or closed without it."""
    if case.own_status in (RESOLVED, CLOSED) and case.asleep:
        return case.asleep[-1].start
    return None


class Stretch(NamedTuple):
    """From when to when a clock ran, half-open, and what its end means; `end` None runs on.

    `since` is when this ticket came to it, where that is later: nothing is due before.
    """

    start: datetime
    end: datetime | None
    ending: str
    since: datetime | None = None
    detail: str = ""


def _clock(case: Case, procedure: Procedure, name: str, cycle: int, stretch: Stretch) -> Iterator[Clock]:
    own = procedure.at(stretch.end)
    since = exempt_since(case, name, own) if own.exemptions else None
    if since is not None:
        if since <= stretch.start:
            return
        if stretch.end is None or since < stretch.end:
            # It became one that the target does not apply to: what had fallen due by then had.
            stretch = stretch._replace(end=since, ending="superseded")
    end = stretch.end
    pauses = _pauses(case, procedure, name, stretch.start, end)
    bases = _bases(case, procedure, name, stretch, pauses)
    if bases:
        before = tuple(bases[:-1])
        ending = stretch.ending if end else ""
        yield Clock(name, cycle, bases[-1], pauses, end, ending, stretch.detail, before=before)


def _pauses(case: Case, procedure: Procedure, clock: str, start: datetime, end: datetime | None) -> Pauses:
    """When a clock stood still: the waits that the procedure names, and while the ticket was resolved or merged.

    Nothing after the clock's end, so that what it was due by does not move any more.
    """
    own = procedure.at(end)
    waits = (wait for wait in case.waits if clock in _paused_by(own, wait))
    found = [(wait, _WAITS.get(wait.cause, "")) for wait in waits]
    if clock != "acknowledgement":
        found += [(sleep, _ASLEEP) for sleep in case.asleep]
    found += [(apart, _APART) for apart in case.apart]
    pauses = tuple((span.start, span.end, why) for span, why in found if _reaches(span, start))
    return pauses if end is None else _up_to(end, pauses)


def _up_to(end: datetime, pauses: Pauses) -> Pauses:
    return tuple((first, min(last or end, end), why) for first, last, why in pauses if first < end)


def _reaches(span: Wait, start: datetime) -> bool:
    return span.end is None or span.end > start


def _paused_by(procedure: Procedure, wait: Wait) -> Sequence[str]:
    found: Sequence[str] = getattr(procedure.pauses, wait.cause, ())
    return found


def _bases(case: Case, procedure: Procedure, clock: str, stretch: Stretch, pauses: Pauses) -> list[Basis]:
    """How a clock was counted under each priority, oldest first; nothing when the last sets no target.

    Lowered: the new target counts from the clock's start, as if the ticket had never been higher. Raised:
    the earlier of the old due instant and the raise plus the new target, so that nobody is late the moment
    somebody else raises a ticket. The same goes for a service level that another category brings, and for another
    revision of the procedure that the ticket is moved to.
    """
    start, end = stretch.start, stretch.end
    begins = max(start, stretch.since or start)
    found: list[Basis] = []
    stages: list[Asked] = []
    for asked in asked_of(clock, case, procedure):
        if end is not None and asked.at > end:
            break
        at = asked.at
        while stages and _overtaken(stages[-1], asked, start):
            at = stages.pop().at
        if at <= start:
            stages.clear()
        stages.append(asked._replace(at=at))
        basis = _earliest(stages, start, max(begins, asked.at), pauses)
        if basis is None or asked.at <= begins:
            found.clear()
        if basis and found and _counts_alike(found[-1], basis):
            found[-1] = replace(found[-1], places=basis.places, under=basis.under)
        elif basis:
            found.append(basis)
    return found


def _overtaken(stage: Asked, asked: Asked, start: datetime) -> bool:
    """Whether what is asked now takes the place of what was asked before, as if that had never been: it was lowered, or
    leaves more time. A service level, or another procedure, that leaves less is as a raise.
    """
    if stage.under is asked.under and stage.rank != asked.rank:
        return stage.rank < asked.rank
    if asked.target is None or (stage.under is asked.under and stage.target == asked.target):
        return True
    if stage.target is None:
        return False
    was = _counted(stage.target, stage.under, start, start).due(())
    is_now = _counted(asked.target, asked.under, start, start).due(())
    return was is not None and (is_now is None or is_now >= was)


def _counts_alike(one: Basis, other: Basis) -> bool:
    return replace(one, since=other.since) == other


def _counted(target: Target, under: Procedure, start: datetime, since: datetime, places: Places = ()) -> Basis:
    counting = target.counting(start, under.calendar(target.calendar))
    return Basis(counting.start, since, counting.seconds, counting.calendar, places, under)


def _earliest(stages: Sequence[Asked], start: datetime, since: datetime, pauses: Pauses) -> Basis | None:
    """Of all that the stages allow, what falls due first, whenever a pause that has no end yet may end."""
    if stages[-1].target is None:
        return None
    bases = []
    for i, stage in enumerate(stages):
        if stage.target is not None:
            counted_from = max(start, stage.at) if i else start
            bases.append(_counted(stage.target, stage.under, counted_from, since, stage.places))
    if len(bases) == 1:
        return bases[0]
    # Every stage had begun by `since`, so what is left of each then decides, and a later end changes nothing.
    ended = tuple((first, last or max(first, since), why) for first, last, why in pauses)
    return min(bases, key=lambda basis: basis.due(ended) or _NEVER)
