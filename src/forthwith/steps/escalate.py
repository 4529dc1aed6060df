"""Step 5, escalate: the matrix applied, the right people told, the requester told with an estimate (SOP 5.1, 5.2)."""

from __future__ import annotations

from datetime import datetime

from forthwith.outbox import post
from forthwith.outbox.post import Letter
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.clocks import Clock
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.procedure.matrix import Due, destination
from forthwith.procedure.model import Rung
from forthwith.record import queries
from forthwith.record.door import OpenCase
from forthwith.steps import words

_ENOUGH = 5
_SURE = 0.8


def act(case: OpenCase, due: Due) -> bool:
    """Act on a rung of the matrix that fell due; True when the ticket moved to another team (SOP 5.1)."""
    rung, clock = due.rung, due.clock
    to_team = None if due.moot else destination(rung, case.case, case.procedure)
    people = _told(case, rung, to_team)
    why = _why(due)
    letters = words.to_staff(case, "staff_escalation", people, _staff_values(case, rung, clock, why))
    escalated = f.Escalated(
        at=due.at,
        kind=rung.kind,
        why=why,
        rung=rung.key,
        clock=clock.name,
        cycle=clock.cycle,
        to_team=to_team,
        told=tuple(person.pk for person in people),
        moot=due.moot,
    )
    case.log(escalated, by=THE_SYSTEM)
    post.queue_all(letters, case.procedure, case.now)
    if rung.tell_requester and not due.moot:
        tell_requester(case)
    return to_team is not None


def by_hand(case: OpenCase, kind: str, why: str, to_team: str | None) -> bool:
    """A person escalates for complexity, with a reason; True when the ticket moved (SOP 5.1).

    ValueError without a reason, or for a team that the procedure does not have.
    """
    if not why.strip():
        raise ValueError("Say why you escalate: what is needed that you cannot do.")
    if kind == "functional":
        to_team = to_team or _specialists(case)
        if to_team is None or to_team not in case.procedure.teams:
            raise ValueError("Choose the team that takes the ticket.")
    team = to_team or case.case.team or case.procedure.assignment.team
    people = list(directory.members(team)[:50]) if kind == "functional" else directory.leaders(team)
    moved = to_team if kind == "functional" and to_team != case.case.team else None
    letters = words.to_staff(
        case, "staff_escalation", people, {**words.for_staff(case, words.next_clock(case), why), "rung": "by hand"}
    )
    told = tuple(person.pk for person in people)
    case.log(f.Escalated(at=case.now, by=case.by.person, kind=kind, why=why, to_team=moved, told=told))
    post.queue_all(letters, case.procedure, case.now)
    tell_requester(case)
    return moved is not None


def _specialists(case: OpenCase) -> str | None:
    category = case.procedure.category_paths.get(case.case.category or "")
    return category.specialists if category else None


def _why(due: Due) -> str:
    name = due.clock.name.replace("_", " ")
    return f"{name} reached {due.rung.at} of its target" if due.rung.at.kind == "share" else f"{name}: {due.rung.at}"


def _staff_values(case: OpenCase, rung: Rung, clock: Clock, why: str) -> dict[str, str]:
    return {**words.for_staff(case, clock, why), "rung": rung.key.replace("_", " ")}


def _told(case: OpenCase, rung: Rung, to_team: str | None) -> list[Person]:
    """Whom a rung tells, each once; the team and leaders are those of where the ticket goes."""
    team = to_team or case.case.team or case.procedure.assignment.team
    found: dict[int, Person] = {}
    for whom in rung.tell:
        for person in _people(case, whom, team):
            found[person.pk] = person
    return list(found.values())


def _people(case: OpenCase, whom: str, team: str) -> list[Person]:
    if whom == "assignee":
        return list(Person.objects.filter(pk=case.case.assignee, is_active=True)) if case.case.assignee else []
    if whom == "team":
        return list(directory.members(team)[: directory.MOST_TOLD])
    return directory.leaders(team) if whom == "team_leader" else directory.administrators()


def tell_requester(case: OpenCase) -> None:
    """Tell the requester of the escalation in plain words, with estimates (SOP 5.2)."""
    if not case.case.from_person or case.case.status not in UNRESOLVED:
        return
    update = words.clock_named(case, "next_update")
    next_update = _not_past(update.due_at if update else None, case.now)
    estimate = estimated_resolution(case)
    thread, address = words.thread_of(case)
    values = words.of_ticket(case, case.case.requester)
    values["next_update"] = words.when(next_update, case.procedure)
    values["resolution_estimate"] = words.when(estimate, case.procedure)
    letter = Letter(
        purpose="escalation_notice",
        ticket=case.number,
        to=words.to_requester(case, address),
        values=values,
        thread=thread,
    )
    post.queue(letter, case.procedure, case.now)
    case.log(f.RequesterTold(at=case.now, next_update=next_update, resolution_estimate=estimate), by=THE_SYSTEM)


def _not_past(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at > now else None


def estimated_resolution(case: OpenCase) -> datetime | None:
    """By when it is likely solved: how long four in five alike tickets took, else the target; None when past.

    Counted in the resolution clock's own business time from its start.
    """
    clock = words.clock_named(case, "resolution")
    if clock is None or clock.ended_at is not None:
        return None
    calendar = clock.basis.calendar
    took = sorted(calendar.between(a, b) for a, b in queries.alike(case.case.category or "", case.case.priority or ""))
    if len(took) < _ENOUGH:
        return _not_past(clock.due_at, case.now)
    likely = max(took[int(len(took) * _SURE)], 60)
    return _not_past(clock.basis.after(likely, clock.pauses), case.now)
