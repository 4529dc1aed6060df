"""The lists of the rail: which tickets each holds, how many, and what an empty one says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import QueryDict

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import ON_HOLD, STATUSES, WAITING
from forthwith.procedure.model import Procedure
from forthwith.record import queries
from forthwith.record.queries import Filters, Page

AT_RISK = timedelta(hours=1)
"""How close to its due instant a ticket is shown as at risk."""

MOST_ROWS = 4 * queries.PAGE


@dataclass(frozen=True, slots=True)
class Kind:
    """One list: its name, how it narrows, and what it says when nothing is in it."""

    name: str
    narrow: Callable[[Filters, Person, datetime], Filters]
    empty: str
    what_now: str


LISTS: dict[str, Kind] = {
    "all": Kind("All open", lambda f, p, n: f, "No ticket is open.", "New requests show here by themselves."),
    "mine": Kind(
        "For me",
        lambda f, p, n: replace(f, assignee=p.pk),
        "Nothing is assigned to you.",
        "Press 'Take next' to take the unassigned ticket that falls due first.",
    ),
    "unassigned": Kind(
        "Unassigned",
        lambda f, p, n: replace(f, unassigned=True),
        "Every open ticket has somebody.",
        "New requests that find nobody available wait here.",
    ),
    "risk": Kind(
        "At risk",
        lambda f, p, n: replace(f, late_at=n + AT_RISK),
        "Nothing falls due within the hour.",
        "Tickets come here one hour before a target, and stay while they are late.",
    ),
    "late": Kind(
        "Late",
        lambda f, p, n: replace(f, late_at=n),
        "Nothing is late.",
        "A ticket comes here when a target was missed.",
    ),
    "waiting": Kind(
        "Waiting",
        lambda f, p, n: replace(f, status=WAITING),
        "Nothing waits for a requester.",
        "Choose 'then wait for requester' when you ask something.",
    ),
    "hold": Kind(
        "On hold",
        lambda f, p, n: replace(f, status=ON_HOLD),
        "Nothing is on hold.",
        "Put a ticket on hold while it waits for a third party.",
    ),
    "settled": Kind(
        "Resolved and closed",
        lambda f, p, n: f,
        "Nothing has been resolved yet.",
        "What you resolve shows here, the latest change first.",
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list was asked for, and what it was narrowed to; `unknown` names what was not understood and left out."""

    kind: str = "all"
    team: str = ""
    assignee: str = ""
    status: str = ""
    priority: str = ""
    unknown: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict, procedure: Procedure) -> Asked:
        """What the address of the page says."""

        def one_of(name: str, known: object) -> str:
            value = query.get(name, "")
            return value if value in known else ""  # type: ignore[operator]

        assignee = query.get("assignee", "")
        read = {
            "list": one_of("list", LISTS),
            "team": one_of("team", procedure.teams),
            "assignee": assignee if assignee in ("me", "nobody") or (assignee.isascii() and assignee.isdigit()) else "",
            "status": one_of("status", STATUSES),
            "priority": one_of("priority", procedure.priorities),
        }
        unknown = tuple(name for name, value in read.items() if query.get(name) and not value)
        return cls(kind=read.pop("list") or "all", **read, unknown=unknown)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the list itself was asked for."""
        return any((self.team, self.assignee, self.status, self.priority))

    def filters(self, person: Person, now: datetime) -> Filters:
        """The same for the query; what the list itself fixes goes before what was chosen beside it."""
        chosen = Filters(team=self.team, status=self.status, priority=self.priority)
        if self.assignee == "nobody":
            chosen = replace(chosen, unassigned=True)
        elif self.assignee:
            chosen = replace(chosen, assignee=person.pk if self.assignee == "me" else int(self.assignee[:18]))
        return LISTS[self.kind].narrow(chosen, person, now)

    def page(self, person: Person, now: datetime, after: str, size: int) -> Page:
        """The tickets asked for, from a key on."""
        find = queries.settled_tickets if self.kind == "settled" else queries.open_tickets
        return find(person, self.filters(person, now), after, min(size, MOST_ROWS))


@dataclass(frozen=True, slots=True)
class Stop:
    """A line of the rail: `at` is its address' query; count None is not counted."""

    name: str
    at: str
    count: str | None
    current: bool
    alarming: bool = False


def rail(person: Person, procedure: Procedure, now: datetime, asked: Asked | None) -> tuple[list[Stop], list[Stop]]:
    """The lists and the teams, each with how many open tickets it holds: one bounded query for all."""
    counts, teams = _counts(person, procedure, now)
    here = asked.kind if asked and not asked.team else None
    lists = [
        Stop(
            kind.name,
            f"?list={key}",
            _said(counts[key]) if key in counts else None,
            key == here,
            key == "late" and counts.get(key, 0) > 0,
        )
        for key, kind in LISTS.items()
        if key != "mine" or person.works_here
    ]
    team_here = asked.team if asked and asked.kind == "all" else ""
    by_team = [
        Stop(team.name, f"?team={key}", _said(teams[key]), key == team_here) for key, team in procedure.teams.items()
    ]
    return lists, by_team


def _counts(person: Person, procedure: Procedure, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    open_lists = {key: kind.narrow(Filters(), person, now) for key, kind in LISTS.items() if key != "settled"}
    teams = {f"team:{key}": Filters(team=key) for key in procedure.teams}
    counts = queries.counted(person, {**open_lists, **teams})
    return {key: counts[key] for key in open_lists}, {key: counts[f"team:{key}"] for key in procedure.teams}


def _said(count: int) -> str:
    """A count as the rail says it; one that was not counted to its end says so."""
    return f"{queries.MOST_COUNTED}+" if count > queries.MOST_COUNTED else str(count)
