"""The escalation matrix under the lint: rungs without effect or against one another, hours nobody is reached.

All rungs that apply fall due, each at its own moment; none hides another. What is looked for here is a rung
that can never fall due or adds nothing, two that pull a ticket apart, one that comes too late to warn, and
tickets for which nobody on duty would be told (SOP 5.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

from forthwith.procedure.clocks import NAMES
from forthwith.procedure.escalation import AGE
from forthwith.procedure.findings import Finding
from forthwith.procedure.model import TARGETS, Category, Procedure, Rung
from forthwith.procedure.moments import format_duration
from forthwith.procedure.part import below
from forthwith.procedure.said import Said, say

_GUARDED = ("first_response", "resolution")
_YEAR = timedelta(days=366)
_SOME = 3
_DAYS = (say("mon"), say("tue"), say("wed"), say("thu"), say("fri"), say("sat"), say("sun"))

Span = tuple[datetime, datetime]


def lint_escalation(procedure: Procedure) -> Iterator[Finding]:
    """What is doubtful in the escalation matrix of a procedure."""
    for i, rung in enumerate(procedure.escalation):
        never = _never(procedure, rung)
        if never:
            yield Finding(("escalation", i), never)
            continue
        idle = _idle(rung)
        if idle:
            yield Finding(("escalation", i), idle)
            continue
        late = _too_late(procedure, rung)
        if late:
            yield Finding(("escalation", i, "at"), late)
            continue
        yield from _against_earlier(procedure, i)
    yield from _holes(procedure)


def applies_to(rung: Rung, path: str, priority: str) -> bool:
    """Whether a rung's filters let a category and a priority through."""
    in_category = not rung.categories or below(path, rung.categories)
    return in_category and (not rung.priorities or priority in rung.priorities)


def _priorities(p: Procedure, rung: Rung) -> tuple[str, ...]:
    """Priorities with which the rung can fall due: let through, given by the matrix, and with a target."""
    given = {priority for row in p.matrix.values() for priority in row.values()}
    return tuple(
        key
        for key in p.priorities
        if key in given
        and (not rung.priorities or key in rung.priorities)
        and (rung.clock not in TARGETS or p.target(rung.clock, key))
    )


def _never(p: Procedure, rung: Rung) -> Said | None:
    """Why a rung can never fall due, or nothing."""
    if not _priorities(p, rung):
        return say(
            "never falls due: no priority that it is for can be given and has a target for the %(clock)s",
            clock=NAMES[rung.clock],
        )
    categories = [(path, c) for path, c in p.category_paths.items() if applies_to(rung, path, _any(rung))]
    if rung.teams and not set(rung.teams) & _teams(p, [c for _, c in categories]):
        return say("never falls due: no category that it is for belongs to, or is moved to, one of its `teams`")
    if rung.move_to == "specialists" and not any(c.specialists for _, c in categories):
        return say("never falls due: no category that it is for has `specialists` to move to")
    elsewhere = any(team not in (None, rung.move_to) for team in _starts(p, rung))
    if rung.move_to and not elsewhere and all(destination_of(p, rung, c) is None for _, c in categories):
        return say("never falls due: every ticket that it is for is with '%(team)s' already", team=rung.move_to)
    return None


def _starts(p: Procedure, rung: Rung) -> list[str | None]:
    """The teams in which tickets start because of a priority that the rung is for."""
    return [p.priorities[key].team for key in _priorities(p, rung)]


def _idle(rung: Rung) -> Said | None:
    """Why a rung that falls due does nothing, or nothing."""
    if rung.move_to or rung.tell_requester or rung.tell_teams:
        return None
    if not rung.tell:
        return say("tells nobody and moves nothing; give it `tell`, `move_to` or both")
    if rung.only_if == "unassigned" and set(rung.tell) == {"assignee"}:
        return say("tells nobody: a ticket that is unassigned has no assignee; tell the `team` or the `team_leader`")
    return None


def _any(rung: Rung) -> str:
    return rung.priorities[0] if rung.priorities else ""


def _teams(p: Procedure, categories: list[Category]) -> set[str]:
    """Teams in which a ticket of these categories can be, as far as the procedure moves it."""
    moved = {rung.move_to for rung in p.escalation if rung.move_to and rung.move_to != "specialists"}
    owners = {category.team or p.assignment.team for category in categories}
    owners |= {priority.team for priority in p.priorities.values() if priority.team}
    return owners | moved | {p.assignment.team} | {c.specialists for c in categories if c.specialists}


def owner_of(p: Procedure, category: Category, priority: str = "") -> str:
    """Where a ticket of a category starts: where its priority says, else with the category's own team."""
    starts = p.priorities[priority].team if priority else None
    return starts or category.team or p.assignment.team


def destination_of(p: Procedure, rung: Rung, category: Category, priority: str = "") -> str | None:
    """Where the rung moves a ticket that is where it starts; None when it moves nothing."""
    team = category.specialists if rung.move_to == "specialists" else rung.move_to
    return None if team == owner_of(p, category, priority) else team


def _too_late(p: Procedure, rung: Rung) -> Said | None:
    """Why a rung's moment cannot be meant, for some priority that it is for."""
    if rung.clock == "promise" or rung.at.kind == "share":
        return None
    for key in _priorities(p, rung):
        length = _length(p, rung.clock, key)
        if length is None:
            continue
        which = say(
            "%(clock)s of '%(priority)s' (%(length)s)",
            clock=NAMES[rung.clock],
            priority=key,
            length=format_duration(length),
        )
        if rung.at.kind == "start" and rung.at.amount >= length:
            return say(
                "fires after the target: %(at)s is not before the %(which)s; write 'due + …' if meant",
                at=str(rung.at),
                which=which,
            )
        if rung.at.kind == "due" and rung.at.amount < 0 and -rung.at.amount >= length:
            return say(
                "fires at once: %(at)s is not after the start of the %(which)s; write a percentage",
                at=str(rung.at),
                which=which,
            )
    return None


def _length(p: Procedure, clock: str, priority: str) -> int | None:
    """How long the target of a clock is; None where it has none, or is due at a time of day."""
    target = p.target(clock, priority)
    return target.target if target else None


def _against_earlier(p: Procedure, i: int) -> Iterator[Finding]:
    """What the rung does to an earlier one of its clock: repeats it, contradicts it, comes before it."""
    later = p.escalation[i]
    for j, earlier in enumerate(p.escalation[:i]):
        if earlier.clock != later.clock:
            continue
        shared = _shared(p, earlier, later)
        if not shared:
            continue
        together, before = _order(p, earlier, later, {priority for _, priority in shared})
        if together and _adds_nothing(earlier, later):
            said = say("adds nothing to '%(other)s', which does the same at that moment", other=earlier.key)
            yield Finding(("escalation", i), said)
        elif together and (apart := _pulled_apart(p, earlier, later, shared)):
            said = say(
                "moves to '%(team)s' at the same moment at which '%(other)s' moves to '%(first)s'",
                team=apart[1],
                other=earlier.key,
                first=apart[0],
            )
            yield Finding(("escalation", i, "move_to"), said)
        elif before:
            said = say(
                "falls due after '%(other)s' for %(priorities)s, but before it for others; write both as percentages",
                other=later.key,
                priorities=tuple(before),
            )
            yield Finding(("escalation", j, "at"), said)


def _shared(p: Procedure, a: Rung, b: Rung) -> list[tuple[str, str]]:
    """Categories and priorities for which both rungs fall due."""
    both = [key for key in _priorities(p, a) if key in _priorities(p, b)]
    if a.teams and b.teams and not set(a.teams) & set(b.teams):
        return []
    return [
        (path, key)
        for path in p.category_paths
        for key in both
        if applies_to(a, path, key) and applies_to(b, path, key)
    ]


def _order(p: Procedure, a: Rung, b: Rung, priorities: set[str]) -> tuple[bool, list[str]]:
    """Whether both fall due at one moment, and the priorities (not all) for which the first comes second.

    A list that is merely written in another order is nobody's mistake; one whose order turns round with the
    length of the target is.
    """
    if a.clock in ("promise", AGE):
        return a.at == b.at and a.calendar == b.calendar, []
    together = False
    after: list[str] = []
    upright: list[str] = []
    for key in p.priorities:
        length = _length(p, a.clock, key) if key in priorities else None
        if length:
            first, second = a.at.after_start(length), b.at.after_start(length)
            together = together or first == second
            (after if first > second else upright).append(key)
    return together, after if upright else []


def _adds_nothing(earlier: Rung, later: Rung) -> bool:
    wider = all(
        not getattr(earlier, name)
        or (getattr(later, name) and set(getattr(later, name)) <= set(getattr(earlier, name)))
        for name in ("priorities", "categories", "teams")
    )
    return (
        wider
        and earlier.at == later.at
        and earlier.only_if in (None, later.only_if)
        and set(later.tell) <= set(earlier.tell)
        and set(later.tell_teams) <= set(earlier.tell_teams)
        and later.every in (None, earlier.every)
        and later.move_to in (None, earlier.move_to)
        and later.tell_requester <= earlier.tell_requester
    )


def _pulled_apart(p: Procedure, a: Rung, b: Rung, shared: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Two teams to which two rungs of one moment would move the same ticket."""
    if not (a.move_to and b.move_to):
        return None
    for path in dict.fromkeys(path for path, _ in shared):
        first, second = (destination_of(p, rung, p.category_paths[path]) for rung in (a, b))
        if first and second and first != second:
            return first, second
    return None


def _holes(p: Procedure) -> Iterator[Finding]:
    """Tickets for which, in some open hour of a clock, no rung of that clock reaches anybody on duty."""
    start = _sample_start(p)

    @cache
    def open_spans(key: str) -> tuple[Span, ...]:
        return tuple(p.calendar(key).segments(start, start + _YEAR))

    @cache
    def hole(clock_calendar: str, on_duty: frozenset[str]) -> Span | None:
        covered = sorted(span for key in on_duty for span in open_spans(key))
        return _first_uncovered(open_spans(clock_calendar), covered)

    found: dict[tuple[str, bool, frozenset[str]], list[tuple[str, str, Span]]] = {}
    for clock, priority, path in product(_GUARDED, p.priorities, p.category_paths):
        target = p.target(clock, priority)
        for assigned in (True, False) if target else ():
            on_duty = _on_duty(p, clock, path, priority, assigned=assigned)
            gap = hole(target.calendar, on_duty) if target else None
            if gap:
                found.setdefault((clock, assigned, on_duty), []).append((priority, path, gap))
                break
    for (clock, assigned, _), tickets in found.items():
        yield Finding(("escalation",), _hole_text(clock, tickets, assigned=assigned))


def _on_duty(p: Procedure, clock: str, path: str, priority: str, *, assigned: bool) -> frozenset[str]:
    """Calendars in which somebody whom the rungs tell is on duty, for one category and priority."""
    category = p.category_paths[path]
    own = owner_of(p, category, priority)
    calendars: set[str] = set()
    for rung in p.escalation:
        if rung.clock != clock or (rung.only_if and assigned) or not applies_to(rung, path, priority):
            continue
        moved_to = destination_of(p, rung, category, priority) if rung.move_to else own
        if moved_to is None or (rung.teams and own not in rung.teams):
            continue
        team = p.teams[moved_to]
        hours = {"assignee": team.hours, "team": team.hours, "team_leader": team.leader_hours}
        calendars.update(hours.get(told, "always") for told in rung.tell if assigned or told != "assignee")
        teams = (category.specialists if team == "specialists" else team for team in rung.tell_teams)
        calendars.update(p.teams[team].hours for team in teams if team)
    return frozenset(calendars)


def _first_uncovered(wanted: tuple[Span, ...], covered: list[Span]) -> Span | None:
    """The first stretch of the wanted spans that no covered span holds; both are in order of their start."""
    i = 0
    for start, end in wanted:
        at = start
        while at < end:
            while i < len(covered) and covered[i][1] <= at:
                i += 1
            if i == len(covered) or covered[i][0] > at:
                return at, min(end, covered[i][0]) if i < len(covered) else end
            at = covered[i][1]
    return None


def _sample_start(p: Procedure) -> datetime:
    """The Monday on which a sample year begins: that of the latest revision, as nobody asks for now."""
    year = max((revision.date.year for revision in p.revisions), default=2024)
    day = datetime(min(max(year, 1990), 2090), 1, 1, tzinfo=UTC)
    return day + timedelta(days=-day.weekday() % 7)


def _hole_text(clock: str, tickets: list[tuple[str, str, Span]], *, assigned: bool) -> Said:
    start, end = tickets[0][2]
    always = end - start >= timedelta(days=7)
    at_risk = say("the %(clock)s is at risk", clock=NAMES[clock])
    return say(
        "reaches nobody on duty when %(risk)s, for %(priorities)s in %(categories)s, %(when)s; "
        "tell a leader with longer hours, or administrators",
        risk=at_risk if assigned else say("%(risk)s and nobody has the ticket", risk=at_risk),
        priorities=tuple(dict.fromkeys(priority for priority, _, _ in tickets)),
        categories=some([path for _, path, _ in tickets]),
        when=say("at any time") if always else _for_example(start, end),
    )


def some(names: Iterable[str]) -> Said | str:
    """The first few of the names, each once, and how many more there are."""
    each = tuple(dict.fromkeys(names))
    first = ", ".join(each[:_SOME])
    return say("%(names)s and %(more)d more", names=first, more=len(each) - _SOME) if each[_SOME:] else first


def _for_example(start: datetime, end: datetime) -> Said:
    days = _DAYS[start.weekday()], _DAYS[end.weekday()]
    return say(
        "for example from %(first_day)s %(start)s to %(last_day)s %(end)s UTC",
        first_day=days[0],
        start=f"{start:%H:%M}",
        last_day=days[1],
        end=f"{end:%H:%M}",
    )
