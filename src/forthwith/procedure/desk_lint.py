"""A procedure held against the desk that is to run it: hours without anybody, rungs that reach nobody, targets unkept.

What is found is no fault of the text: another desk could keep it. So it is told apart, and never stands in the way of
anything (SOP 4.1, 4.3, 5.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from forthwith.procedure.desk import LATELY, Desk, Worker
from forthwith.procedure.findings import Finding
from forthwith.procedure.model import TARGETS, Procedure, Target
from forthwith.procedure.moments import format_duration
from forthwith.procedure.reaching import Staff, silent_rungs, ways_to
from forthwith.procedure.rungs import Span, some
from forthwith.procedure.said import Said, say

AHEAD = timedelta(days=28)
"""So far ahead it is looked at who has a shift: four weeks show each weekday four times, and the next holidays."""
FEWEST = 30
"""Tickets that show whether a target can be kept: of fewer, one bad day is a large share."""
LEAST = 0.5
"""A target that less than half of them met is missed more often than kept: no bad luck makes it that."""


def lint_desk(procedure: Procedure, desk: Desk) -> list[Finding]:
    """What this desk can hardly keep of a procedure, each with its path; nothing where it can keep all of it."""
    found = [*_unkept(procedure, desk)]
    if desk.workers is None:
        return found
    if not any(worker.teams for worker in desk.workers):
        said = say("have nobody in them yet: tickets wait until people are put into teams, on the page of people")
        return [Finding(("teams",), said), *found]
    staff = Staff(procedure, desk.workers, desk.now)
    return [*_lost_shifts(procedure, desk.workers), *_teams(staff, desk.now), *silent_rungs(staff), *found]


def _lost_shifts(p: Procedure, workers: tuple[Worker, ...]) -> Iterator[Finding]:
    for shift in sorted({worker.shift for worker in workers} - {"", "always", *p.calendars}):
        said = say(
            "lack '%(calendar)s', which is somebody's shift: they count as on shift round the clock", calendar=shift
        )
        yield Finding(("calendars",), said)


def _teams(staff: Staff, now: datetime) -> Iterator[Finding]:
    """Teams that tickets come to: those with nobody, and those with open hours in which nobody has a shift."""
    p = staff.procedure
    for key, team in p.teams.items():
        starts, rungs = ways_to(p, key)
        if not starts and not rungs:
            continue
        if not staff.members(key):
            yield Finding(("teams", key), _nobody(starts, rungs))
        elif gaps := uncovered(
            p.calendar(team.hours).segments(now, now + AHEAD),
            [span for shift in staff.shifts(key) for span in p.calendar(shift).segments(now, now + AHEAD)],
        ):
            yield Finding(("teams", key, "hours"), _gaps(p, key, gaps, now))


def _nobody(starts: list[str], rungs: list[str]) -> Said:
    if not rungs:
        return say("has nobody in it, and tickets of %(categories)s start there", categories=some(starts))
    if not starts:
        return say("has nobody in it, and escalations lead there: %(rungs)s", rungs=some(rungs))
    return say(
        "has nobody in it, and tickets of %(categories)s start there, and escalations lead there: %(rungs)s",
        categories=some(starts),
        rungs=some(rungs),
    )


def uncovered(wanted: list[Span], covered: list[Span]) -> list[Span]:
    """The stretches of the wanted spans that none of the covered ones holds, in order.

    The wanted ones are in order and apart from each other; the covered ones come in any order, and may overlap.
    """
    found: list[Span] = []
    spans, i = _joined(covered), 0
    for start, end in wanted:
        at = start
        while i < len(spans) and spans[i][0] < end:
            opens, closes = spans[i]
            if opens > at:
                found.append((at, opens))
            at = max(at, closes)
            if closes > end:
                break
            i += 1
        if at < end:
            found.append((at, end))
    return found


def _joined(spans: list[Span]) -> list[Span]:
    """The same stretches of time as spans that are in order and apart from each other."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _gaps(p: Procedure, team: str, gaps: list[Span], now: datetime) -> Said:
    calendar = p.calendar(p.teams[team].hours)
    zone = ZoneInfo(calendar.timezone)
    start, end = (at.astimezone(zone) for at in gaps[0])
    return say(
        "has nobody on shift in %(gaps)s of the %(open)s that it is open in the next %(days)d days, "
        "for the first time from %(start)s to %(end)s (%(zone)s)",
        gaps=_length(gaps),
        open=_length(calendar.segments(now, now + AHEAD)),
        days=AHEAD.days,
        start=f"{start:%Y-%m-%d %H:%M}",
        end=f"{end:%Y-%m-%d %H:%M}",
        zone=calendar.timezone,
    )


def _length(spans: list[Span]) -> str:
    """How long the spans are together, in hours and minutes."""
    seconds = sum(((end - start) for start, end in spans), timedelta()) // timedelta(seconds=1)
    return format_duration(max(60, seconds // 60 * 60))


def _unkept(p: Procedure, desk: Desk) -> Iterator[Finding]:
    acknowledged = [share for (_, clock), share in desk.kept.items() if clock == "acknowledgement"]
    first = next(iter(p.priorities), "")
    if _says_as_much(p, desk.in_force, "acknowledgement", first):
        met, due = sum(share.met for share in acknowledged), sum(share.due for share in acknowledged)
        yield from _judged(("acknowledgement",), met, due)
    for key, priority in p.priorities.items():
        for clock in TARGETS:
            share = desk.kept.get((key, clock))
            if share and priority.target(clock) and _says_as_much(p, desk.in_force, clock, key):
                yield from _judged(("priorities", key, clock), share.met, share.due)


def _judged(path: tuple[str, ...], met: int, due: int) -> Iterator[Finding]:
    if due >= FEWEST and met < due * LEAST:
        said = say(
            "was met on %(met)d of %(due)d tickets in the last %(days)d days: it promises what this desk does not keep",
            met=met,
            due=due,
            days=LATELY.days,
        )
        yield Finding(path, said)


def _says_as_much(p: Procedure, in_force: Procedure, clock: str, priority: str) -> bool:
    """Whether a target asks at least what the one does under which it was counted; what asks less might be kept.

    Where service levels ask something else, tickets of theirs were counted too, and nothing can be said.
    """
    if priority not in in_force.priorities:
        return False
    new, old = p.target(clock, priority), in_force.target(clock, priority)
    if any(one.target(clock, priority, old) != old for one in in_force.service_levels.values()):
        return False
    if new is None or old is None or p.calendar(new.calendar).spec != in_force.calendar(old.calendar).spec:
        return False
    return _length_of(new) <= _length_of(old) if new.target and old.target else new.by == old.by


def _length_of(target: Target) -> int:
    return target.target or 0
