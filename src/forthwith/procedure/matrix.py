"""The escalation matrix (D1, SOP 5.1): which rungs are due at an instant, and when anything happens next.

A rung is due when its moment has come while its clock was running: a clock that ended after the moment
but before anybody looked still owes the rung, so the outcome does not depend on when a worker ran.
A moment that falls exactly on the instant a clock was met is not due: met in time is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from forthwith.procedure.case import Case
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.lifecycle import CLOSED, ON_HOLD, RESOLVED
from forthwith.procedure.model import Procedure, Rung


@dataclass(frozen=True, slots=True)
class Due:
    """A rung whose moment has come on a clock: when, and whether the clock has ended since."""

    rung: Rung
    clock: Clock
    at: datetime

    @property
    def moot(self) -> bool:
        """The clock ended after the moment and before it was acted on."""
        return self.clock.ended_at is not None


def due(case: Case, procedure: Procedure, now: datetime) -> list[Due]:
    """Rungs to act on at `now`, each once, oldest first."""
    found = [step for step in _untaken(case, procedure) if step.at <= now]
    return sorted(found, key=lambda step: step.at)


def next_alarm(case: Case, procedure: Procedure) -> datetime | None:
    """The next instant at which anything must happen on the ticket by itself; None when nothing will."""
    instants = [step.at for step in _untaken(case, procedure)]
    if wake := wakes_at(case):
        instants.append(wake)
    if close := closes_at(case, procedure):
        instants.append(close)
    return min(instants, default=None)


def wakes_at(case: Case) -> datetime | None:
    """When a hold with a known end is over."""
    return case.wait_until if case.status == ON_HOLD else None


def closes_at(case: Case, procedure: Procedure) -> datetime | None:
    """When silence closes a resolved ticket (SOP 7.1); None when it is not resolved."""
    if case.status != RESOLVED or case.resolved_at is None:
        return None
    silence = procedure.closing.silence
    since = max(case.resolved_at, case.confirmation_asked_at or case.resolved_at)
    return procedure.calendar(silence.calendar).add(since, silence.target)


def reopens_until(case: Case, procedure: Procedure) -> datetime | None:
    """Until when a reply reopens a closed ticket (SOP 7.2); None when it is not closed."""
    if case.status != CLOSED or case.closed_at is None:
        return None
    window = procedure.closing.reopen_within
    return procedure.calendar(window.calendar).add(case.closed_at, window.target)


def applies(rung: Rung, case: Case, procedure: Procedure) -> bool:
    """Whether a rung is for this ticket as it stands."""
    if rung.priorities and case.priority not in rung.priorities:
        return False
    if rung.teams and case.team not in rung.teams:
        return False
    if rung.categories and not any(_within(case.category, path) for path in rung.categories):
        return False
    if rung.only_if == "unassigned" and case.assignee is not None:
        return False
    return rung.move_to is None or destination(rung, case, procedure) is not None


def destination(rung: Rung, case: Case, procedure: Procedure) -> str | None:
    """The team a rung moves the ticket to, or None when it moves nothing or it is already there."""
    team = rung.move_to
    if team == "specialists":
        category = procedure.category_paths.get(case.category or "")
        team = category.specialists if category else None
    return team if team != case.team else None


def _within(category: str | None, path: str) -> bool:
    return category is not None and (category == path or category.startswith(f"{path}."))


def _untaken(case: Case, procedure: Procedure) -> Iterator[Due]:
    by_clock: dict[str, list[Clock]] = {}
    for clock in clocks(case, procedure):
        by_clock.setdefault(clock.name, []).append(clock)
    for rung in procedure.escalation:
        if not applies(rung, case, procedure):
            continue
        for clock in by_clock.get(rung.clock, ()):
            if (rung.key, clock.cycle) in case.taken:
                continue
            at = _falls(rung, clock, case)
            if at is not None and (clock.ended_at is None or at < clock.ended_at):
                yield Due(rung, clock, at)


def _falls(rung: Rung, clock: Clock, case: Case) -> datetime | None:
    """When the rung falls on the clock; not before the ticket came to be of the rung's kind."""
    at = clock.moment(rung.at)
    if at is None:
        return None
    since = (
        case.category_at if rung.categories or rung.move_to else None,
        case.team_at if rung.teams else None,
        case.assignee_at if rung.only_if else None,
    )
    return max([at, *(instant for instant in since if instant is not None)])
