"""What a replay comes to over many tickets: sums of what was and what would have been, and which tickets turn (SOP H1).

Both sides are replayed, each under its own procedure, so that a worker that came late once changes neither.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, get_args

from forthwith.procedure.case import Case
from forthwith.procedure.case_state import Standing
from forthwith.procedure.clocks import Clock
from forthwith.procedure.escalation import Told
from forthwith.procedure.matrix import Due
from forthwith.procedure.model import CLOCKS, Procedure
from forthwith.procedure.replay import Replay

SIDES = ("before", "after")
LATE, SAVED = "late", "saved"
WAYS = (LATE, SAVED)
"""How a ticket turns on a clock: it was not late and would be, or it was and would not be."""
HOURS = 168
WORST = 50
"""So many tickets are kept of each clock and way, the worst; all are in the file."""
_LETTERS = {"met": "met", "late": "late", "running": "open", "paused": "open"}


class Turned(NamedTuple):
    """A ticket that turns on a cycle of a clock; `seconds` is how late it would be, or was."""

    ticket: int
    clock: str
    cycle: int
    way: str
    priority: str
    due_before: datetime | None
    due_after: datetime | None
    ended_at: datetime | None
    seconds: int


@dataclass(frozen=True, slots=True)
class Crew:
    """Who would be told today: the active members and the leaders of each team, and the administrators."""

    members: Mapping[str, frozenset[int]] = field(default_factory=dict)
    leaders: Mapping[str, frozenset[int]] = field(default_factory=dict)
    administrators: frozenset[int] = frozenset()

    def told(self, whom: str, team: str, assignee: int | None) -> frozenset[int]:
        """The people whom one word of a rung's `tell` names."""
        if whom == "assignee":
            return frozenset() if assignee is None else frozenset((assignee,))
        if whom == "administrators":
            return self.administrators
        return (self.members if whom == "team" else self.leaders).get(team, frozenset())


@dataclass(slots=True)
class Sums:
    """Counts over tickets, by side where they are of one: `clocks` by (side, priority, clock, state), `turned` by
    (priority, clock, way), `rungs` by rung, `told` by whom, `mails` by kind, `hours` by the hour from Monday 0:00.
    """

    tickets: int = 0
    turning: int = 0
    unreadable: int = 0
    clocks: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    turned: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rungs: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    hours: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, other: Sums) -> None:
        """Take in those of other tickets."""
        for name in ("tickets", "turning", "unreadable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("clocks", "turned", "rungs", "told", "mails", "hours"):
            getattr(self, name).update(getattr(other, name))


@dataclass(frozen=True, slots=True)
class Counting:
    """What tickets are counted with: as of when, in which time zone, and who is there to be told."""

    now: datetime
    zone: tzinfo
    crew: Crew

    def count(self, ticket: int, sides: Sequence[tuple[Replay, Procedure]], sums: Sums) -> list[Turned]:
        """Count one ticket, replayed under the procedure before and the one after; on which clocks it turns."""
        states: list[dict[tuple[str, int], tuple[Clock, str]]] = []
        for side, (replay, procedure) in zip(SIDES, sides, strict=True):
            priority = replay.case.priority or ""
            states.append({(one.name, one.cycle): (one, one.state(self.now)) for one in replay.clocks})
            for clock, state in states[-1].values():
                if letter := _LETTERS.get(state):
                    sums.clocks[side, priority, clock.name, letter] += 1
            self._escalations(side, replay, procedure, sums)
        found = list(_turned(ticket, sides[1][0].case.priority or "", states[0], states[1], self.now))
        sums.tickets += 1
        sums.turning += bool(found)
        sums.turned.update((one.priority, one.clock, one.way) for one in found)
        return found

    def _escalations(self, side: str, replay: Replay, procedure: Procedure, sums: Sums) -> None:
        case = replay.case
        channel = procedure.channels.get(case.channel)
        if channel and channel.acknowledgement != "manual" and not case.acknowledgement_withheld:
            sums.mails[side, "acknowledgement"] += 1
        for step in replay.rungs:
            rung, at = step.rung, step.at.astimezone(self.zone)
            sums.rungs[side, rung.key] += 1
            sums.hours[side, at.weekday() * 24 + at.hour] += 1
            there = _standing(case, step.at, moved=True)
            teams = _named_teams(step, there, procedure)
            sums.told.update((side, whom) for whom in (*rung.tell, *(f"team {team}" for team in teams)))
            people = self._people(step, case, procedure.assignment.team).union(
                *(self.crew.told("team", team, None) for team in teams)
            )
            sums.mails[side, f"rung {rung.key}"] += len(people)
            if rung.tell_requester and case.from_person:
                sums.mails[side, "requester"] += 1

    def _people(self, step: Due, case: Case, otherwise: str) -> set[int]:
        """Each once. The team is the one to which the rung moves the ticket, the assignee who had it before."""
        before = _standing(case, step.at, moved=False) if step.rung.move_to else None
        there = _standing(case, step.at, moved=True)
        team = there.team or otherwise
        assignee = (before or there).assignee
        return {one for whom in step.rung.tell for one in self.crew.told(whom, team, assignee)}


def _named_teams(step: Due, there: Standing, procedure: Procedure) -> list[str]:
    """The teams that the rung tells by name; `specialists` are those of the ticket's category."""
    category = procedure.category_paths.get(there.category or "")
    specialists = category.specialists if category else None
    named = (specialists if team == "specialists" else team for team in step.rung.tell_teams)
    return [team for team in named if team]


def _standing(case: Case, at: datetime, *, moved: bool) -> Standing:
    """How the ticket stood at an instant, or just before something moved it then."""
    found = (one for one in reversed(case.standings) if one.at < at or (moved and one.at == at))
    return next(found, case.standings[0] if case.standings else Standing(at))


_States = Mapping[tuple[str, int], tuple[Clock, str]]


def _turned(ticket: int, priority: str, before: _States, after: _States, now: datetime) -> Iterator[Turned]:
    for key in {**before, **after}:
        was, becomes = before.get(key), after.get(key)
        late = (was is not None and was[1] == "late", becomes is not None and becomes[1] == "late")
        if late[0] == late[1]:
            continue
        clock = becomes[0] if becomes and late[1] else was[0] if was else None
        if clock is None or clock.due_at is None:
            continue
        due_before, due_after = (one[0].due_at if one else None for one in (was, becomes))
        seconds = int(((clock.ended_at or now) - clock.due_at).total_seconds())
        way = LATE if late[1] else SAVED
        yield Turned(ticket, *key, way, priority, due_before, due_after, clock.ended_at, seconds)


class Worst:
    """The WORST tickets of each clock and way, however many there are."""

    def __init__(self) -> None:
        self._heaps: dict[tuple[str, str], list[tuple[int, int, Turned]]] = {}

    def take(self, turned: Iterable[Turned]) -> None:
        """Take these in, and let those go that are better than WORST others."""
        for one in turned:
            heap = self._heaps.setdefault((one.clock, one.way), [])
            entry = (one.seconds, -one.ticket, one)
            (heapq.heappush if len(heap) < WORST else heapq.heappushpop)(heap, entry)

    def listed(self) -> list[Turned]:
        """Clock by clock, first what would be late; the worst first."""
        keys = ((clock, way) for way in WAYS for clock in CLOCKS)
        return [entry[2] for key in keys for entry in sorted(self._heaps.get(key, []), reverse=True)]


def as_data(sums: Sums, worst: Worst, procedures: Iterable[Procedure]) -> dict[str, Any]:
    """The whole result as JSON can hold it; each list in the order of the procedures."""
    several = list(procedures)
    priorities = list(dict.fromkeys(key for one in several for key in one.priorities))
    priorities += sorted({key[1] for key in sums.clocks} - set(priorities))
    rungs = list(dict.fromkeys(rung.key for one in several for rung in one.escalation))
    roles = get_args(Told)
    mails = ("acknowledgement", "requester", *(f"rung {key}" for key in rungs))
    return {
        "tickets": sums.tickets,
        "turning": sums.turning,
        "unreadable": sums.unreadable,
        "clocks": [one for clock in CLOCKS for one in _lines(sums, clock, priorities)],
        "escalations": _pairs(sums.rungs, rungs, "rung"),
        "told": _pairs(sums.told, [*roles, *sorted({key for _, key in sums.told} - set(roles))], "whom"),
        "mails": _pairs(sums.mails, mails, "kind"),
        "hours": {side: [sums.hours[side, hour] for hour in range(HOURS)] for side in SIDES},
        "worst": [_plain(one) for one in worst.listed()],
    }


def _lines(sums: Sums, clock: str, priorities: Iterable[str]) -> Iterator[dict[str, Any]]:
    for priority in priorities:
        sides = {
            side: {state: sums.clocks[side, priority, clock, state] for state in ("met", "late", "open")}
            for side in SIDES
        }
        turned = {way: sums.turned[priority, clock, way] for way in WAYS}
        if any(any(side.values()) for side in sides.values()):
            yield {"clock": clock, "priority": priority, **sides, "turned": turned}


def _pairs(counts: Mapping[tuple[str, str], int], keys: Iterable[str], name: str) -> list[dict[str, Any]]:
    found = ({name: key, **{side: counts.get((side, key), 0) for side in SIDES}} for key in keys)
    return [one for one in found if one["before"] or one["after"]]


def _plain(one: Turned) -> dict[str, Any]:
    data = one._asdict()
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in data.items()}
