"""The rail: lists, saved views and teams, each with how many open tickets it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forthwith.desk.asked import Asked
from forthwith.desk.lists import LISTS, list_name
from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.record import lists, views
from forthwith.record.lists import Count, Filters
from forthwith.record.views import View


@dataclass(frozen=True, slots=True)
class Stop:
    """A line of the rail: `at` is its address' query; count None is not counted. `shared`: others see this view too."""

    name: str
    at: str
    count: str | None
    current: bool
    alarming: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Rail:
    """What stands beside every page of the desk."""

    lists: list[Stop]
    views: list[Stop]
    teams: list[Stop]

    @property
    def count(self) -> str | None:
        """How many the list holds that is shown."""
        return next((stop.count for stop in (*self.lists, *self.views, *self.teams) if stop.current), None)


def rail(
    person: Person, procedure: Procedure, now: datetime, asked: Asked | None = None, view: View | None = None
) -> Rail:
    """The lists, the views that the person sees, and the teams: two queries, however many there are."""
    kept = [(one, Asked.read(one.says, procedure)) for one in views.shown_to(person)]
    counts = _counts(person, procedure, now, kept)
    here = asked.kind if asked and not view and not asked.team else None
    team_here = asked.team if asked and not view and asked.kind == "all" else None
    return Rail(
        lists=[
            Stop(
                list_name(key, procedure),
                f"?list={key}",
                counts.get(key),
                key == here,
                key == "late" and counts[key] != "0",
            )
            for key in LISTS
            if key != "mine" or person.works_here
        ],
        views=[
            Stop(
                one.name,
                f"?view={one.pk}",
                counts.get(f"view:{one.pk}"),
                view is not None and one.pk == view.pk,
                shared=bool(one.shared),
            )
            for one, _ in kept
        ],
        teams=[
            Stop(team.name, f"?team={key}", counts[f"team:{key}"], key == team_here)
            for key, team in procedure.teams.items()
        ],
    )


def _counts(person: Person, procedure: Procedure, now: datetime, kept: list[tuple[View, Asked]]) -> dict[str, str]:
    wanted = {key: kind.narrow(Filters(), person, now) for key, kind in LISTS.items() if key != "settled"}
    wanted |= {f"team:{key}": Filters(team=key) for key in procedure.teams}
    wanted |= {f"view:{one.pk}": said.filters(person, now) for one, said in kept if said.kind != "settled"}
    return {key: _said(count) for key, count in lists.counted(person, wanted).items()}


def _said(count: Count) -> str:
    """A count as the rail says it; one that was not counted to its end says so."""
    return f"{count.found}+" if count.more else str(count.found)
