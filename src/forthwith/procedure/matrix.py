"""The escalation matrix (D1, SOP 5.1): which rungs are due at an instant, and when anything happens next.

A rung is due when its moment has come while its clock was running: a clock that ended after the moment
but before anybody looked still owes the rung, so the outcome does not depend on when a worker ran.
So does one that a priority, a team, a category or an assignee kept away only after it had come.
A move that comes too late to matter is not made: rungs that ask for a team, or whether somebody has the ticket,
then judge it where it really was, not where a worker in time would have put it.
A moment that falls exactly on the instant a clock was met is not due: met in time is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from forthwith.procedure.basis import Basis
from forthwith.procedure.calendars import Unreachable
from forthwith.procedure.case_state import Case, Standing
from forthwith.procedure.clocks import Clock, age, clocks
from forthwith.procedure.escalation import AGE
from forthwith.procedure.lifecycle import CLOSED, MERGED, ON_HOLD, RESOLVED, WAITING
from forthwith.procedure.model import Procedure, Rung, Target
from forthwith.procedure.part import below
from forthwith.procedure.targets import exempt


@dataclass(frozen=True, slots=True)
class Due:
    """A rung whose moment has come on a clock: when, and whether that still matters.

    `outdated` says that the ticket has come to stand otherwise since: lowered, no longer of the rung's kind, or
    given to somebody whom the rung would take it from.
    """

    rung: Rung
    clock: Clock
    at: datetime
    outdated: bool = False
    overtaken: bool = False
    """A reminder of which the next has come as well: it is recorded, and told to nobody."""

    @property
    def moot(self) -> bool:
        """The clock ended, or the ticket came to stand otherwise, after the moment and before it was acted on."""
        return self.outdated or self.clock.ended_at is not None


def due(case: Case, procedure: Procedure, now: datetime, counted: Sequence[Clock] | None = None) -> list[Due]:
    """Rungs to act on at `now`, each once, oldest first. `counted` are the case's clocks, where they are known.

    Acting on one may move the ticket, and with it what else is due: act on the first, then ask again.
    """
    found = [_overtaken(step, now) for step in _untaken(case, procedure, counted) if step.at <= now]
    return sorted(found, key=lambda step: step.at)


def _overtaken(step: Due, now: datetime) -> Due:
    if not step.rung.every:
        return step
    again = step.clock.again(step.at, step.rung.every, step.clock.basis)
    return replace(step, overtaken=again is not None and again <= now)


def next_alarm(case: Case, procedure: Procedure) -> datetime | None:
    """The next instant at which anything must happen on the ticket by itself; None when nothing will (when merged)."""
    if case.status == MERGED or case.from_log:
        return None
    instants = [step.at for step in _untaken(case, procedure)]
    if wake := wakes_at(case):
        instants.append(wake)
    if close := closes_at(case, procedure):
        instants.append(close)
    if unanswered := unanswered_at(case, procedure):
        instants.append(unanswered)
    return min(instants, default=None)


def wakes_at(case: Case) -> datetime | None:
    """When a hold with a known end is over."""
    return case.wait_until if case.status == ON_HOLD else None


def closes_at(case: Case, procedure: Procedure) -> datetime | None:
    """When silence closes a resolved ticket (SOP 7.1); None when it is not resolved, or never."""
    return silence_ends(case, procedure) if case.status == RESOLVED else None


def unanswered_at(case: Case, procedure: Procedure) -> datetime | None:
    """When a ticket has waited for its requester for too long (SOP 7.2); None where the procedure lets it wait."""
    unanswered = procedure.closing.unanswered
    if unanswered is None or case.status != WAITING or not case.waits:
        return None
    return _after(unanswered.after, case.waits[-1].start, case, procedure)


def silence_ends(case: Case, procedure: Procedure) -> datetime | None:
    """Until when the requester may answer that it is not solved (SOP 7.1).

    None when it is not resolved, or when the calendar has not so much open time left.
    """
    if case.resolved_at is None:
        return None
    since = max(case.resolved_at, case.confirmation_asked_at or case.resolved_at)
    return _after(procedure.closing.silence, since, case, procedure)


def reopens_until(case: Case, procedure: Procedure) -> datetime | None:
    """Until when a reply reopens a closed ticket (SOP 7.2); None as for `silence_ends`."""
    if case.status != CLOSED or case.closed_at is None:
        return None
    return _after(procedure.closing.reopen_within, case.closed_at, case, procedure)


def _after(target: Target, since: datetime, case: Case, procedure: Procedure) -> datetime | None:
    """The target counted from an instant, without the time in which the ticket was merged into another."""
    apart = [(span.start, span.end) for span in case.apart if span.end is not None]
    try:
        counting = target.counting(since, procedure.calendar(target.calendar))
        return counting.calendar.add(counting.start, counting.seconds, apart)
    except Unreachable:
        return None


def applies(rung: Rung, case: Case | Standing, procedure: Procedure) -> bool:
    """Whether a rung is for this ticket as it stands."""
    if rung.priorities and case.priority not in rung.priorities:
        return False
    if rung.teams and case.team not in rung.teams:
        return False
    if rung.categories and not below(case.category, rung.categories):
        return False
    if rung.only_if == "unassigned" and case.assignee is not None:
        return False
    return rung.move_to is None or destination(rung, case, procedure) is not None


def destination(rung: Rung, case: Case | Standing, procedure: Procedure) -> str | None:
    """The team a rung moves the ticket to, or None when it moves nothing or it is already there."""
    team = rung.move_to
    if team == "specialists":
        category = procedure.category_paths.get(case.category or "")
        team = category.specialists if category else None
    return team if team != case.team else None


class _Stood(NamedTuple):
    """How the ticket stood in `[since, until)`; `until` None is now."""

    since: datetime
    until: datetime | None
    standing: Standing


def _stood(case: Case) -> list[_Stood]:
    """How the ticket stood from when to when, latest first; nothing for a standing that was overtaken."""
    found = []
    until: datetime | None = None
    for standing in reversed(case.standings):
        if until is None or standing.at < until:
            found.append(_Stood(standing.at, until, standing))
            until = standing.at
    return found


def _since(instant: datetime | None, stood: list[_Stood]) -> list[_Stood]:
    """What of it lies after an instant: a procedure asks nothing for the time in which the ticket was under another."""
    if instant is None:
        return stood
    left = [one for one in stood if one.until is None or one.until > instant]
    return [one._replace(since=max(one.since, instant)) for one in left]


def _untaken(case: Case, procedure: Procedure, counted: Sequence[Clock] | None = None) -> Iterator[Due]:
    if case.silent:
        return
    by_clock: dict[str, list[Clock]] = {}
    for clock in clocks(case, procedure) if counted is None else counted:
        by_clock.setdefault(clock.name, []).append(clock)
    stood = _since(procedure.since, _stood(case)[::-1])
    for rung in procedure.escalation:
        spans = [
            span
            for span in stood
            if applies(rung, span.standing, procedure)
            and not (procedure.exemptions and exempt(case, span.standing.category, rung.clock, procedure))
        ]
        for clock in _clocks_of(rung, by_clock, case, procedure) if spans else ():
            last = case.fell_at.get((rung.key, clock.cycle))
            if (last is None or rung.every) and (at := _falls(rung, clock, spans, last)):
                over = spans[-1].until is not None or _placed_since(rung, at, case)
                yield Due(rung, clock, at, over or _lowered(clock, at))


def _clocks_of(rung: Rung, by_clock: Mapping[str, list[Clock]], case: Case, procedure: Procedure) -> Sequence[Clock]:
    if rung.clock != AGE or rung.calendar is None:
        return by_clock.get(rung.clock, ())
    since_receipt = age(case, procedure, rung.calendar, rung.at.amount)
    return [since_receipt] if since_receipt else []


def _falls(rung: Rung, clock: Clock, spans: list[_Stood], last: datetime | None) -> datetime | None:
    """When the rung falls on the clock: at the first instant at which somebody looking would have seen it due.

    `last` is when it fell, where it has already: then when it falls again.
    """
    bases = (*clock.before, clock.basis)
    if last is None and clock.ended_at is not None and all(_ends_before(clock.ended_at, rung, one) for one in bases):
        return None
    moments = {
        basis.since: clock.again(last, rung.every, basis) if last and rung.every else clock.moment(rung.at, basis)
        for basis in bases
    }
    for since, until, _ in spans:
        ends = [end for end in (until, clock.ended_at) if end is not None]
        for i, basis in enumerate(bases):
            moment = moments[basis.since]
            if moment is None:
                continue
            at = max(moment, since)
            before = [*ends, bases[i + 1].since] if i + 1 < len(bases) else ends
            if all(at < end for end in before):
                return at
    return None


def _ends_before(end: datetime, rung: Rung, basis: Basis) -> bool:
    """Whether less time than the rung asks for has passed at all by then, open or not: no calendar need be asked."""
    return end - basis.start < timedelta(seconds=rung.at.after_start(basis.target))


def _placed_since(rung: Rung, at: datetime, case: Case) -> bool:
    """Whether somebody gave the ticket to a team or an agent after the rung should have moved it."""
    return rung.move_to is not None and case.placed_at is not None and case.placed_at > at


def _lowered(clock: Clock, at: datetime) -> bool:
    """Whether the clock falls due later than it did at an instant, because the ticket was lowered since."""
    counted = clock.basis_at(at)
    if counted is None or counted == clock.basis:
        return False
    was, is_now = counted.due(clock.pauses), clock.due_at
    return was is not None and (is_now is None or is_now > was)
