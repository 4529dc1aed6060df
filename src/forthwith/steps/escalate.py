"""Step 5, escalate: the matrix applied, the right people told, the requester told with an estimate (SOP 5.1, 5.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.outbox.post import Letter
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.clocks import NAMES, Clock
from forthwith.procedure.escalation import AGE
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.procedure.matrix import Due, destination
from forthwith.procedure.model import Rung
from forthwith.procedure.noticing import Event
from forthwith.procedure.said import say
from forthwith.record import queries
from forthwith.record.door import OpenCase
from forthwith.steps import telling, words

KINDS = ("functional", "hierarchical")
_ENOUGH = 5
_SURE = 0.8


def act(case: OpenCase, due: Due) -> bool:
    """Act on a rung of the matrix that fell due; True when the ticket moved to another team (SOP 5.1)."""
    rung, clock = due.rung, due.clock
    to_team = None if due.moot else destination(rung, case.case, case.procedure)
    people = [] if due.overtaken else _told(case, rung, to_team)
    assignee = case.case.assignee
    why = _why(due)
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
    # Written after the fact, so that they name the team that has it now.
    purpose = "staff_unassigned" if rung.only_if == "unassigned" else "staff_escalation"
    letters = words.to_staff(case, purpose, people, _staff_values(case, rung, clock, why))
    words.queue(case, letters)
    event: Event = "late" if _is_late(due) else "at_risk"
    telling.escalated(case, people, assignee, event, why, unnamed=_is_first(case, due))
    if rung.tell_requester and not due.moot and not due.overtaken:
        tell_requester(case)
    return to_team is not None


def by_hand(case: OpenCase, kind: str, why: str, to_team: str | None) -> bool:
    """A person escalates for complexity, with a reason; True when the ticket moved (SOP 5.1).

    ValueError without a reason, or for a team that the procedure does not have.
    """
    if not why.strip():
        raise ValueError(_("Say why you escalate: what is needed that you cannot do."))
    if kind not in KINDS:
        raise ValueError(_("Escalate to a specialised team (functional) or to a leader (hierarchical)."))
    if kind == "functional":
        to_team = to_team or _specialists(case)
        if to_team is None or to_team not in case.procedure.teams:
            raise ValueError(_("Choose the team that takes the ticket."))
    team = to_team or case.case.team or case.procedure.assignment.team
    people = directory.members(team) if kind == "functional" else directory.leaders(team)
    # Named also when it is there already: a person placed it, and no rung that comes late may move it away.
    placed = to_team if kind == "functional" else None
    moves = placed is not None and placed != case.case.team
    told = tuple(person.pk for person in people)
    case.log(f.Escalated(at=case.now, by=case.by.person, kind=kind, why=why, to_team=placed, told=told))
    values = {**words.for_staff(case, words.next_clock(case), why), "rung": "by hand"}
    letters = words.to_staff(case, "staff_escalation", people, values)
    words.queue(case, letters)
    telling.escalated(case, people, None, "escalated", why, unnamed=False)
    tell_requester(case)
    return moves


def _specialists(case: OpenCase) -> str | None:
    category = case.procedure.category_paths.get(case.case.category or "")
    return category.specialists if category else None


def _is_late(due: Due) -> bool:
    """Whether the clock's own time was over when the rung fell due."""
    return due.clock.name != AGE and due.clock.due_at is not None and due.at >= due.clock.due_at


def _is_first(case: OpenCase, due: Due) -> bool:
    """Whether no rung before, on this cycle of the clock, said that its time runs out, or that it is over."""
    cycle, since = (due.clock.name, due.clock.cycle), due.clock.due_at if _is_late(due) else None
    before = (fact for fact in case.facts[:-1] if isinstance(fact, f.Escalated) and fact.rung)
    return not any((one.clock, one.cycle) == cycle and (since is None or one.at >= since) for one in before)


def _why(due: Due) -> str:
    name = NAMES[due.clock.name]
    if due.rung.at.kind == "share":
        return say("%(why)s reached %(share)s of its target", why=name, share=due.rung.at)
    if str(due.rung.at) == "due":
        return say("%(why)s: due", why=name)
    if str(due.rung.at).startswith("due + "):
        return say("%(why)s: due + %(length)s", why=name, length=str(due.rung.at).removeprefix("due + "))
    return f"{name}: {due.rung.at}"


def _staff_values(case: OpenCase, rung: Rung, clock: Clock, why: str) -> dict[str, str]:
    return {**words.for_staff(case, clock, why), "rung": rung.key.replace("_", " ")}


def _told(case: OpenCase, rung: Rung, to_team: str | None) -> list[Person]:
    """Whom a rung tells, each once; the team and leaders are those of where the ticket goes."""
    team = to_team or case.case.team or case.procedure.assignment.team
    found: dict[int, Person] = {}
    for whom in rung.tell:
        for person in _people(case, whom, team):
            found[person.pk] = person
    for named in rung.tell_teams:
        other = _specialists(case) if named == "specialists" else named
        for person in directory.members(other) if other else ():
            found[person.pk] = person
    return list(found.values())


def _people(case: OpenCase, whom: str, team: str) -> list[Person]:
    if whom == "assignee":
        assignee = directory.person(case.case.assignee)
        return [assignee] if assignee and assignee.is_active else []
    if whom == "team":
        return directory.members(team)
    return directory.leaders(team) if whom == "team_leader" else directory.administrators()


def tell_requester(case: OpenCase) -> None:
    """Tell the requester of the escalation in plain words, with estimates (SOP 5.2)."""
    if not case.case.from_person or case.case.status not in UNRESOLVED:
        return
    update = words.clock_named(case, "next_update")
    next_update = _by(update, update.due_at if update else None, case.now)
    estimate = estimated_resolution(case)
    thread, address = words.thread_of(case)
    language = words.language_of(case, "escalation_notice")
    values = words.of_ticket(case, case.case.requester, language)
    values["next_update"] = words.when(next_update, case.procedure, case.now, language)
    values["resolution_estimate"] = words.when(estimate, case.procedure, case.now, language)
    letter = Letter(
        purpose="escalation_notice",
        ticket=case.number,
        to=words.to_requester(case, address),
        values=values,
        thread=thread,
        language=language,
    )
    if words.goes_round(case, letter):
        return
    words.queue(case, [letter])
    case.log(f.RequesterTold(at=case.now, next_update=next_update, resolution_estimate=estimate), by=THE_SYSTEM)


def _by(clock: Clock | None, at: datetime | None, now: datetime) -> datetime | None:
    """An instant that is still to come: the given one, or what the clock's target comes to from now."""
    if clock is None or clock.ended_at is not None:
        return None
    return at if at is not None and at > now else replace(clock.basis, start=now).due(())


def estimated_resolution(case: OpenCase) -> datetime | None:
    """By when it is likely solved: how long four in five alike tickets took, else the target (SOP 5.2).

    Counted in the resolution clock's own business time from its start. Of alike tickets, only those count that
    took longer than this one has already; when none did and the target is past too, the target from now.
    """
    clock = words.clock_named(case, "resolution")
    if clock is None or clock.ended_at is not None:
        return None
    calendar = clock.basis.calendar
    alike = queries.alike(case.case.category or "", case.case.priority or "")
    if len(alike) < _ENOUGH:
        return _by(clock, clock.due_at, case.now)
    spent = clock.spent(case.now)
    longer = sorted(took for a, b in alike if (took := calendar.between(a, b)) > spent)
    if not longer:
        return _by(clock, None, case.now)
    return _by(clock, clock.basis.after(longer[int(len(longer) * _SURE)], clock.pauses), case.now)
