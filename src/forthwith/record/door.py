"""The one door: the only code that writes a ticket's state.

    with door.opened(number, by=actor, now=now) as case:
        case.log(Replied(...))

Inside one transaction it locks the row, folds the facts, checks lifecycle and permission for each new
fact, appends it to the chain, and at the end projects the case to the row with its next alarm. What must
leave is queued by the caller inside the same block. All of it is committed, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.people.prepared import insert, update
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, advance, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.levels import level_of
from forthwith.procedure.lifecycle import UNRESOLVED, NotAllowed, permit
from forthwith.procedure.matrix import next_alarm
from forthwith.procedure.model import Procedure
from forthwith.record import chain, described, messages, procedures, queries, wake
from forthwith.record.messages import Draft, storable
from forthwith.record.models import LAST, NEVER, Entry, Message, Revision, Ticket
from forthwith.record.search import writing
from forthwith.record.search.parts import Said, said

__all__ = [
    "AlarmCrashed",
    "Conflict",
    "NoSuchTicket",
    "NotAllowed",
    "OpenCase",
    "as_it_is",
    "claimed",
    "facts_of",
    "new",
    "opened",
    "project",
]


class NoSuchTicket(LookupError):
    """There is no ticket of that number."""


class Conflict(RuntimeError):
    """Somebody else acted on the ticket since the caller looked at it."""


class AlarmCrashed(RuntimeError):
    """Acting on a ticket's alarm failed; the ticket's number is in `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The alarm of ticket #{number} crashed.")
        self.number = number


class OpenCase:
    """A ticket held open for writing. `case` is its state with every fact logged so far."""

    def __init__(self, ticket: Ticket, entries: list[Entry], *, by: Actor, now: datetime) -> None:
        self.ticket = ticket
        self.by = by
        self.now = now
        self.facts = queries.facts_of(entries)
        self.case: Case = fold(self.facts)
        self.revision: int = ticket.revision_id
        self.procedure: Procedure = procedures.under(self.revision, self.case)
        self._followers = self.case.participants
        self._chain = entries[-1].hash if entries else ""
        self._is_new = not entries
        self._new: list[Entry] = []
        self._said: list[Said] = []
        self._with: list[Model] = []

    @property
    def number(self) -> int:
        """The ticket's number."""
        return self.ticket.number

    def clocks(self) -> tuple[Clock, ...]:
        """Every clock of the case as it stands."""
        return clocks(self.case, self.procedure)

    def log(self, fact: f.Fact, *, by: Actor | None = None) -> None:
        """Append a fact. Raises NotAllowed when the lifecycle or the actor's role does not let it happen."""
        actor = by or self.by
        permit(type(fact), self.case.status or None, actor.role)
        if fact.by != actor.person:
            raise ValueError(f"{type(fact).__name__} says it is by {fact.by}, but {actor} acts.")
        fact = _storable(fact)
        if isinstance(fact, f.MovedToRevision):
            self.revision = fact.revision
        entry = Entry(
            ticket_id=self.ticket.pk,
            seq=len(self.facts) + 1,
            kind=type(fact).__name__,
            at=fact.at,
            noted_at=self.now,
            by_id=fact.by,
            revision_id=self.revision,
            data=f.to_data(fact),
        )
        self._chain = entry.hash = chain.link(self._chain, entry)
        self.case = advance(self.case, fact)
        if isinstance(fact, f.MovedToRevision):
            self.procedure = procedures.under(self.revision, self.case)
        self.facts.append(fact)
        self._new.append(entry)

    def write(self, draft: Draft) -> Message:
        """Keep a message with its files, for a fact to vouch for; it can be searched once the case is settled."""
        message = messages.write(self.number, draft)
        self._said.append(said(message, map(messages.name_of, draft.files)))
        return message

    def take_over(self, message: Message) -> Message:
        """Keep a copy of another ticket's message, files and all, on this one."""
        copy = messages.copied(message, self.number)
        self._said.append(said(copy, message.attachments.values_list("name", flat=True)))
        return copy

    def keep_with(self, rows: Iterable[Model]) -> None:
        """Rows of another room that are written with the facts: what leaves because of them."""
        self._with.extend(rows)

    def settle(self) -> None:
        """Write what was logged: what goes with the facts, the facts, then the row they add up to."""
        for _kind, rows in groupby(self._with, type):
            insert(list(rows))
        self._with = []
        if not self._new:
            return
        insert(self._new)
        row = project(self.case, self.procedure)
        row.update(
            revision_id=self.revision, chain=self._chain, alarm_error="", alarm_failed_at=None, judge_at=self.now
        )
        changed = {name: value for name, value in row.items() if getattr(self.ticket, name) != value}
        was = self.ticket.tags, self.ticket.fields, self.ticket.unresolved
        for name, value in changed.items():
            setattr(self.ticket, name, value)
        update(self.ticket, changed)
        if not changed.keys().isdisjoint(("tags", "fields", "unresolved")):
            described.follow(self.ticket, was, self.procedure)
        if "revision_id" in changed:
            described.file_anew(self.ticket, self.procedure)
        self._be_found(changed)
        wake.facts_appended(self.ticket.pk, self._new[-1].pk)
        self._is_new, self._new, self._said, self._followers = False, [], [], self.case.participants

    def _be_found(self, changed: Iterable[str]) -> None:
        """Let the search know what was logged."""
        if self._is_new:
            writing.begin(self.ticket, self._said, self.case.participants)
            return
        joined = [address for address in self.case.participants if address not in self._followers]
        writing.follow(self.ticket, changed, self._said, joined)


def _storable(fact: f.Fact) -> f.Fact:
    """The fact with its texts as every database can keep them, so that it refolds from there to the same case."""
    texts = {name: value for name, value in f.to_data(fact).items() if isinstance(value, str)}
    unfit: dict[str, Any] = {name: kept for name, text in texts.items() if (kept := storable(text)) != text}
    return replace(fact, **unfit) if unfit else fact


def project(case: Case, procedure: Procedure) -> dict[str, Any]:
    """The columns of the row that a case adds up to."""
    due = _next_due(clocks(case, procedure)) if case.status in UNRESOLVED else None
    return {
        "status": case.status,
        "unresolved": case.status in UNRESOLVED,
        "channel": case.channel,
        "subject": case.subject,
        "requester_id": case.requester,
        "follows_id": case.follows,
        "merged_into_id": case.merged_into,
        "category": case.category or "",
        "priority": case.priority or "",
        "rank": procedure.ranks.get(case.priority or "", LAST),
        "level": level_of(case, procedure),
        "impact": case.impact or "",
        "urgency": case.urgency or "",
        "team": case.team or "",
        "assignee_id": case.assignee,
        "missing": list(case.missing),
        "undelivered": bool(case.undelivered),
        "tags": list(case.tags),
        "fields": case.fields,
        "opened_at": case.opened_at,
        "first_response_at": case.first_response_at,
        "resolved_at": case.resolved_at,
        "closed_at": case.closed_at,
        "changed_at": case.last_at,
        "due_at": (due.due_at if due else None) or NEVER,
        "due_since": due.started_at if due else None,
        "due_clock": due.name if due else "",
        "alarm_at": next_alarm(case, procedure),
        "fact_count": case.count,
    }


def _next_due(of: tuple[Clock, ...]) -> Clock | None:
    waiting = [clock for clock in of if clock.ended_at is None and clock.due_at is not None]
    return min(waiting, key=lambda clock: clock.due_at or NEVER, default=None)


@contextmanager
def new(revision: Revision, received: dict[str, Any], *, by: Actor, now: datetime) -> Iterator[OpenCase]:
    """A new ticket, held open. `received` gives the first row: channel, subject, requester_id, opened_at."""
    # Whoever opens it inside a transaction of their own wants all of that or nothing: no savepoint.
    with transaction.atomic(savepoint=False):
        revision = procedures.held(revision, now)
        row = {"status": "new", "changed_at": now, "fact_count": 0, "chain": "", **received}
        ticket = Ticket(revision_id=revision.pk, **row)
        insert([ticket])
        case = OpenCase(ticket, [], by=by, now=now)
        yield case
        case.settle()


@contextmanager
def opened(number: int, *, by: Actor, now: datetime, seen: int | None = None) -> Iterator[OpenCase]:
    """An existing ticket, locked and held open.

    `seen` is the number of facts the caller had seen; when more have come since, Conflict is raised.
    Raises NoSuchTicket, NotAllowed (from `log`) and Conflict.
    """
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().filter(pk=number).first()
        if ticket is None:
            raise NoSuchTicket(_("There is no ticket #%(number)s.") % {"number": number})
        if seen is not None and seen != ticket.fact_count:
            raise Conflict(_("Somebody else acted on this ticket since you opened it. Look at it again, then repeat."))
        case = _hold(ticket, by, now)
        yield case
        case.settle()


def as_it_is(number: int, *, now: datetime) -> OpenCase:
    """A ticket to be read, as its steps read it: it is not locked, and nothing that is logged on it is ever written."""
    return _hold(Ticket.objects.select_related("requester").get(pk=number), THE_SYSTEM, now)


@contextmanager
def claimed(now: datetime) -> Iterator[OpenCase | None]:
    """The ticket whose alarm has been due longest, locked for this worker; None when no alarm is due.

    Raises AlarmCrashed for whatever goes wrong once a ticket is claimed, also where its facts cannot be read.
    """
    with transaction.atomic():
        due = Ticket.objects.filter(alarm_at__lte=now, alarm_failed_at__isnull=True).order_by("alarm_at")
        ticket = due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
        if ticket is None:
            yield None
            return
        try:
            case = _hold(ticket, THE_SYSTEM, now)
            yield case
            case.settle()
            _leave(ticket, case, now)
        except Exception as error:
            raise AlarmCrashed(ticket.pk) from error


def _leave(ticket: Ticket, case: OpenCase, now: datetime) -> None:
    """Put the alarm where it belongs now, also when nothing was logged: a stale instant would come up for ever."""
    alarm_at = next_alarm(case.case, case.procedure)
    if alarm_at is not None and alarm_at <= now:
        raise RuntimeError(f"Ticket #{ticket.pk} still asks for something at {alarm_at}, which has come.")
    if alarm_at != ticket.alarm_at:
        Ticket.objects.filter(pk=ticket.pk).update(alarm_at=alarm_at)


def set_aside(number: int, error: str, now: datetime) -> None:
    """Keep an alarm that crashed from being retried hot; its error is shown on the ticket."""
    Ticket.objects.filter(pk=number).update(alarm_error=error[:2000] or "unknown", alarm_failed_at=now)


def judged(number: int, facts: int, until: datetime | None) -> None:
    """Its verdicts were written as of so many facts, and stand until then; if more have come, it wants it again."""
    Ticket.objects.filter(pk=number, fact_count=facts).update(judge_at=until)


def give_another_try(failed_before: datetime) -> int:
    """Let alarms that were set aside before an instant be tried again; how many."""
    aside = Ticket.objects.filter(alarm_failed_at__lt=failed_before)
    return aside.update(alarm_error="", alarm_failed_at=None)


def facts_of(number: int) -> list[f.Fact]:
    """The facts of a ticket in the order they were recorded."""
    return queries.facts_of(queries.entries(number))


def _hold(ticket: Ticket, by: Actor, now: datetime) -> OpenCase:
    return OpenCase(ticket, queries.entries(ticket.pk), by=by, now=now)
