"""Whom of a desk's people the escalation matrix reaches: who is there, and who has a shift soon (SOP 5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from forthwith.procedure.desk import Worker
from forthwith.procedure.findings import Finding
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER
from forthwith.procedure.model import Procedure, Rung
from forthwith.procedure.rungs import applies_to, destination_of, owner_of, some
from forthwith.procedure.said import Said, say

SOON = timedelta(days=14)
"""Who has no shift for so long is away for more than a week off and its weekends: nobody waits that long for them."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of a desk under a procedure, as of an instant."""

    procedure: Procedure
    workers: tuple[Worker, ...]
    now: datetime

    def members(self, team: str) -> list[Worker]:
        """Who is in a team."""
        return [one for one in self.workers if team in one.teams]

    def leaders(self, team: str) -> list[Worker]:
        """Who is told for the leader of a team: its own, else every team leader, else the administrators."""
        return (
            [one for one in self.workers if team in one.leads]
            or [one for one in self.workers if one.role == LEADER]
            or self.administrators
        )

    @property
    def administrators(self) -> list[Worker]:
        """Who administers the desk."""
        return [one for one in self.workers if one.role == ADMINISTRATOR]

    def shifts(self, team: str) -> set[str]:
        """The calendars in which somebody of a team is on shift."""
        return {self.shift(one, team) for one in self.members(team)}

    def shift(self, worker: Worker, team: str) -> str:
        """The calendar of somebody's shift for a team."""
        shift = worker.shift or self.procedure.teams[team].hours
        return shift if shift in self.procedure.calendars else "always"


def ways_to(p: Procedure, team: str) -> tuple[list[str], list[str]]:
    """By what tickets come to a team: the categories whose tickets start there, and the rungs that move or tell it."""
    starts = [path for path, category in p.category_paths.items() if owner_of(p, category) == team]
    if any(priority.team == team for priority in p.priorities.values()):
        starts = starts or [*p.categories]
    starts = [path for path in starts if path.rpartition(".")[0] not in starts]
    specialists = {path for path, category in p.category_paths.items() if category.specialists == team}
    rungs = []
    for rung in p.escalation:
        named = {rung.move_to, *rung.tell_teams}
        for_specialists = "specialists" in named and any(applies_to(rung, path, _any(rung)) for path in specialists)
        if team in named or for_specialists:
            rungs.append(rung.key)
    return starts, rungs


def _any(rung: Rung) -> str:
    return rung.priorities[0] if rung.priorities else ""


def silent_rungs(staff: Staff) -> Iterator[Finding]:
    """Rungs that tell somebody, and reach nobody of this desk, or nobody who has a shift in the days to come."""
    p = staff.procedure

    @cache
    def opens(calendar: str) -> bool:
        return bool(p.calendar(calendar).segments(staff.now, staff.now + SOON))

    for i, rung in enumerate(p.escalation):
        teams = _teams_told(p, rung)
        told = [(one, team) for team in teams for one in _told(staff, rung, team)]
        if not teams:
            continue
        if not told:
            yield Finding(("escalation", i), _nobody(teams))
        elif not any(opens(staff.shift(one, team)) for one, team in told):
            said = say("tells only people who have no shift in the next %(days)d days", days=SOON.days)
            yield Finding(("escalation", i), said)


def _nobody(teams: Iterable[str]) -> Said:
    return say("reaches nobody: nobody of this desk is in %(teams)s", teams=some(teams))


def _teams_told(p: Procedure, rung: Rung) -> list[str]:
    """The teams whose people a rung tells, each once."""
    found: dict[str, None] = {}
    for path, category in p.category_paths.items():
        for priority in p.priorities:
            if not applies_to(rung, path, priority):
                continue
            own = owner_of(p, category, priority)
            if rung.tell and (not rung.teams or own in rung.teams):
                found[(destination_of(p, rung, category, priority) if rung.move_to else None) or own] = None
            named = (category.specialists if team == "specialists" else team for team in rung.tell_teams)
            found.update(dict.fromkeys(team for team in named if team))
    return [*found]


def _told(staff: Staff, rung: Rung, team: str) -> list[Worker]:
    """Who is told for a team. Who has a ticket is one of the team's, if anybody is."""
    told = staff.members(team) if {"team", "assignee"} & {*rung.tell} or rung.tell_teams else []
    if "team_leader" in rung.tell:
        told = told + staff.leaders(team)
    return told + staff.administrators if "administrators" in rung.tell else told
