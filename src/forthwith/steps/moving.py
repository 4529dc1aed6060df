"""Open tickets go on under another revision of the procedure: one by one by a fact, all of them by a run (SOP H1).

What had ended by then stays as it was judged; a clock that runs is counted as a raise or a lowering would have it, so
that nobody is late because of the move.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, advance, fold
from forthwith.procedure.clocks import clocks
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER, UNRESOLVED
from forthwith.procedure.matrix import due
from forthwith.procedure.model import Earlier, Procedure
from forthwith.procedure.said import Said, say
from forthwith.record import door, procedures, queries, runs
from forthwith.record.models import Entry, Revision, Ticket
from forthwith.record.runs import Run
from forthwith.steps import workflow

KIND = "move"
MOVERS = (LEADER, ADMINISTRATOR)
PAGE = 25
_AT_ONCE = 200
_TOLD_OF = 200
LONGEST_WHY = 500


class Stays(ValueError):
    """A ticket cannot go on under that revision; the text says why."""


@dataclass(frozen=True, slots=True)
class Shift:
    """When a clock falls due before and after a move; None where it does not run, or cannot fall due while it waits."""

    clock: str
    was: datetime | None
    becomes: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What moving a ticket would do: its new priority, the clocks that shift, the rungs that would be acted on at once.

    `stays` says why it cannot be moved; it is empty where it can.
    """

    ticket: Ticket
    stays: Said | str = ""
    priority: str = ""
    shifts: tuple[Shift, ...] = ()
    rungs: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything of it would be otherwise."""
        return bool(self.priority or self.shifts or self.rungs)


def how_many(revision: int | None) -> int:
    """How many open tickets are under another revision; all of them for None."""
    return _elsewhere(revision).count()


def _elsewhere(revision: int | None) -> QuerySet[Ticket]:
    """In the order of their numbers."""
    return Ticket.objects.filter(unresolved=True).exclude(revision=revision or 0).order_by("pk")


def foresee(to: Procedure, revision: int | None, now: datetime, after: int = 0) -> list[Outlook]:
    """A page, and one more, of what moving the open tickets to a procedure would do, those after a number.

    `revision` is its number, where it has one already. Three queries, however long the records are.
    """
    found = _elsewhere(revision).filter(pk__gt=after).select_related("requester")
    tickets = list(found[: PAGE + 1])
    facts: dict[int, list[Entry]] = defaultdict(list)
    for entry in Entry.objects.filter(ticket__in=[one.pk for one in tickets]).order_by("ticket", "seq"):
        facts[entry.ticket_id].append(entry)
    return [_outlook(ticket, facts[ticket.pk], to, now) for ticket in tickets]


def _outlook(ticket: Ticket, entries: list[Entry], to: Procedure, now: datetime) -> Outlook:
    try:
        facts = queries.facts_of(entries)
        case = fold(facts)
        own = procedures.under(ticket.revision_id, case)
        if stays := _in_the_way(case, to):
            return Outlook(ticket, stays=stays)
        return _foreseen(ticket, facts, own, to, now)
    except (queries.Unreadable, KeyError, TypeError, ValueError) as error:
        return Outlook(ticket, stays=say("Its record cannot be read: %(error)s", error=str(error)))


def _foreseen(ticket: Ticket, facts: list[f.Fact], own: Procedure, to: Procedure, now: datetime) -> Outlook:
    case = fold(facts)
    before = {(one.name, one.cycle): one.due_at for one in clocks(case, own) if one.ended_at is None}
    moved = advance(case, f.MovedToRevision(at=now, revision=0, was=ticket.revision_id, why=""))
    ranked = _ranked(facts, case, to, now)
    if ranked is not None:
        moved = advance(moved, ranked)
    under = to.after(*own.earlier, Earlier(now, own))
    counted = clocks(moved, under)
    after = {(one.name, one.cycle): one.due_at for one in counted if one.ended_at is None}
    shifts = tuple(
        Shift(key[0], before.get(key), after.get(key))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    )
    rungs = tuple(dict.fromkeys(step.rung.key for step in due(moved, under, now, counted)))
    return Outlook(ticket, priority=ranked.priority if ranked else "", shifts=shifts, rungs=rungs)


def _in_the_way(case: Case, to: Procedure) -> Said | str:
    """Why a ticket cannot go on under a procedure; empty where it can."""
    if case.from_log:
        return say("It was made from another desk's log, and keeps its revision.")
    named = (
        (say("category"), case.category, to.category_paths),
        (say("team"), case.team, to.teams),
        (say("impact"), case.impact, to.impacts),
        (say("urgency"), case.urgency, to.urgencies),
    )
    for kind, name, known in named:
        if name and name not in known:
            return say("Its %(kind)s '%(name)s' is not in that revision: change it first.", kind=kind, name=name)
    return ""


def _ranked(facts: Sequence[f.Fact], case: Case, to: Procedure, now: datetime) -> f.Prioritised | None:
    """The priority that the procedure's matrix gives it, where that is another and the system chose the one it has."""
    last = next((fact for fact in reversed(facts) if isinstance(fact, f.Prioritised)), None)
    if last is None or (last.by is not None and last.priority in to.priorities):
        return None
    priority = to.priority_for(last.impact, last.urgency)
    if priority == case.priority:
        return None
    why = say("by the matrix of the revision that it was moved to")
    return f.Prioritised(at=now, priority=priority, impact=last.impact, urgency=last.urgency, why=why)


def move(number: int, revision: int, why: str, *, by: Actor, now: datetime) -> bool:
    """Let an open ticket go on under a revision; False when it is under it, or is open no more.

    Raises Stays when it cannot, NoSuchTicket, and NotAllowed for who may not.
    """
    with door.opened(number, by=THE_SYSTEM, now=now) as case:
        # What fell due under the old one happened under it.
        workflow.settle(case)
        if case.revision == revision or case.case.status not in UNRESOLVED:
            return False
        if procedures.called_off(revision):
            raise Stays(say("Revision %(number)s was called off.", number=revision))
        if stays := _in_the_way(case.case, procedures.load(revision)):
            raise Stays(stays)
        ranked = _ranked(case.facts, case.case, procedures.load(revision), now)
        case.log(f.MovedToRevision(at=now, by=by.person, revision=revision, was=case.revision, why=why), by=by)
        if ranked is not None:
            case.log(ranked)
        workflow.settle(case)
    return True


def ask(revision: int, why: str, *, by: Person | None, now: datetime) -> Run | None:
    """Queue the move of all open tickets to a revision; None when another one waits or goes on."""
    return runs.ask(KIND, {"revision": revision, "why": why[:LONGEST_WHY]}, by=by, now=now)


def do(run: Run, clock: Callable[[], datetime]) -> None:
    """Move every open ticket that is under another revision; those that stay are told of. Raises runs.Stopped."""
    revision, why = run.asked["revision"], run.asked["why"]
    telling, moved, stayed, left = runs.Telling(run, clock), 0, 0, list[dict[str, Any]]()
    by, total = _actor(run), how_many(revision)
    telling(0, total)
    for count, number in enumerate(_numbers(revision), 1):
        try:
            moved += move(number, revision, why, by=by, now=clock())
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            stayed += 1
            if stayed <= _TOLD_OF:
                left.append({"ticket": number, "why": str(error)})
        telling(count, max(total, count))
    summary = {"revision": revision, "moved": moved, "stayed": stayed, "left": left}
    runs.end(run, clock(), summary=summary)


def _numbers(revision: int) -> Iterator[int]:
    """In batches by key: those that were moved are found no more, and those that stay are passed."""
    last, found = 0, _elsewhere(revision)
    while numbers := list(found.filter(pk__gt=last).values_list("pk", flat=True)[:_AT_ONCE]):
        yield from numbers
        last = numbers[-1]


def _actor(run: Run) -> Actor:
    """Who asked for it; the system where they may do so no more."""
    who = run.asked_by
    return Actor.of(who) if who is not None and who.role in MOVERS else THE_SYSTEM


def begin(now: datetime) -> None:
    """Ask for the move to the revision in force, where it was approved with that and nobody has asked for it yet."""
    try:
        number = procedures.in_force(now).pk
    except procedures.NoProcedure:
        return
    revision = Revision.objects.filter(pk=number, moves_open=True).select_related("reviewed_by").defer("text").first()
    if revision is not None and not Run.objects.filter(kind=KIND, asked__revision=number).exists():
        ask(number, revision.note, by=revision.reviewed_by, now=now)
