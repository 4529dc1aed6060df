"""Sending what was written at the desk: after a hold in which its author can take it back (SOP 4.3).

Until the hold is over nothing has happened: no fact says so, no clock is met. The reply waits as a row, so that it
leaves also when the browser is closed or the desk restarts, and `Replied` is dated when it really left.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from forthwith.people import timers
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import facts as f
from forthwith.procedure.said import say
from forthwith.record import procedures, unsent
from forthwith.record.begun import Held, Unsent
from forthwith.record.messages import File
from forthwith.record.models import Ticket
from forthwith.steps import acts, respond, since, telling, triage
from forthwith.steps.mentions import Mentioned
from forthwith.steps.opening import acting, opened

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the composer says. `seen` is how many facts the page showed; None asks nothing about what came since.

    `started` names the timer whose minutes it carries (`timers.written`).
    `also` is the `macro` that it was begun with, the `category`, and the `impact` and `urgency` that are set with it.
    """

    text: str
    next_step: str = ""
    minutes: int = 0
    started: datetime | None = None
    then: str = ""
    until: datetime | None = None
    files: tuple[File, ...] = ()
    seen: int | None = None
    also: Mapping[str, str] = field(default_factory=dict)

    def texts(self) -> dict[str, str]:
        """Its texts, by the kinds under which they are kept while they are not sent."""
        return {Unsent.REPLY: self.text, Unsent.NEXT: self.next_step}


class _OnlyTried(Exception):
    """Ends a transaction that was to show whether something can be done."""


def send(number: int, reply: Reply, *, by: Actor, now: datetime) -> Held | None:
    """Let a reply leave when its hold is over; None when the procedure wants none, and it has left.

    What would be refused is refused at once, by the same exceptions as `acts.reply`.
    """
    with transaction.atomic():
        hold = _hold_of(number)
        if hold:
            held = _held(number, reply, by, now, timedelta(seconds=hold))
        else:
            _reply(number, reply, by, now)
            held = None
        timers.written(_author(by), number, reply.started)
        unsent.clear(_author(by), number, reply.texts(), now)
    return held


def note(
    number: int, *, by: Actor, now: datetime, text: str, minutes: int = 0, started: datetime | None = None
) -> Mentioned:
    """Write an internal note, and clear what was kept of it; whom it calls in, and whom it does not reach."""
    with transaction.atomic():
        mentioned = acts.note(number, by=by, now=now, text=text, minutes=minutes)
        timers.written(_author(by), number, started)
        unsent.clear(_author(by), number, (Unsent.NOTE,), now)
    return mentioned


def follow(number: int, *, by: Actor, now: datetime) -> None:
    """Follow a ticket: be told what happens on it."""
    with opened(number, by, now) as case:
        respond.follow(case, acting(by))


def unfollow(number: int, *, by: Actor, now: datetime) -> None:
    """Follow a ticket no more."""
    with opened(number, by, now) as case:
        respond.unfollow(case, acting(by))


def resolve(
    number: int, *, by: Actor, now: datetime, solution: str, started: datetime | None = None, **said: Any
) -> None:
    """Resolve, as `acts.resolve` does; a reply that was begun and has become the solution is sent with it."""
    with transaction.atomic():
        acts.resolve(number, by=by, now=now, solution=solution, **said)
        timers.written(_author(by), number, started)
        begun = unsent.on(_author(by), number).now.get(Unsent.REPLY)
        if begun and begun.text.split() == solution.split() and not begun.files:
            unsent.clear(_author(by), number, (Unsent.REPLY, Unsent.NEXT), now)


def add_in_copy(number: int, *, by: Actor, now: datetime, address: str) -> None:
    """Let somebody beside the requester read along."""
    with opened(number, by, now) as case:
        respond.add_in_copy(case, address.strip())


def take_off_copy(number: int, *, by: Actor, now: datetime, address: str) -> None:
    """Let somebody read along no more."""
    with opened(number, by, now) as case:
        respond.take_off_copy(case, address)


def take_back(number: int, held: int, *, by: Actor, now: datetime) -> bool:
    """Take a reply back before it leaves: its words stand in the composer again. False when it has left."""
    with transaction.atomic():
        row = Held.objects.select_for_update().filter(pk=held, ticket=number, person=by.person).first()
        if row is None:
            return False
        _return(row, "", now)
    return True


def waiting(number: int, person: int) -> list[Held]:
    """The replies of a person on a ticket whose hold goes on: nobody else sees what has not been sent."""
    return list(Held.objects.filter(ticket=number, person=person).order_by("leaves_at", "pk")[:20])


def send_due(now: datetime) -> bool:
    """Send the reply whose hold has been over longest; False when there is none.

    One that cannot be sent, as somebody else has replied or the ticket has been closed, returns to its author.
    """
    due = Held.objects.filter(leaves_at__lte=now).order_by("leaves_at", "pk")
    skips = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        row = due.select_for_update(skip_locked=skips).first()
        if row is None:
            return False
        try:
            with transaction.atomic():
                _leave(row, now)
        except (acts.Refused, acts.NotAllowed, acts.Conflict, acts.NoSuchTicket) as refusal:
            _return(row, say("Not sent: %(why)s", why=refusal), now)
            _tell(row, str(refusal), now)
        except Exception as error:  # one reply must not stop the others
            _log.exception("A reply on #%s could not be sent and returned to its author", row.ticket_id)
            _return(row, say("Not sent, the desk failed: %(error)s. Send it again.", error=type(error).__name__), now)
    return True


def _hold_of(number: int) -> int:
    ticket = Ticket.objects.filter(pk=number).only("revision_id").first()
    if ticket is None:
        raise acts.NoSuchTicket(_("There is no ticket #%(number)s.") % {"number": number})
    return procedures.load(ticket.revision_id).replies.undo


def _author(by: Actor) -> int:
    if by.person is None:
        raise acts.NotAllowed(_("Only a person can do this."))
    return by.person


def _reply(number: int, reply: Reply, by: Actor, now: datetime, **more: Any) -> None:
    """The reply and what goes with it: the callers' transaction makes one of them."""
    if reply.also:
        with opened(number, by, now) as case:
            new = triage.differing(case, reply.also)
            if "category" in new:
                since.first(case, reply.seen, f.Categorised, since.CATEGORISED)
            if "impact" in new:
                since.first(case, reply.seen, f.Prioritised, since.PRIORITISED)
            triage.along(case, reply.also)
    acts.reply(
        number,
        by=by,
        now=now,
        text=reply.text,
        next_step=reply.next_step,
        minutes=reply.minutes,
        then=reply.then,
        until=reply.until,
        files=reply.files,
        seen=reply.seen,
        macro=reply.also.get("macro", ""),
        **more,
    )


def _held(number: int, reply: Reply, by: Actor, now: datetime, hold: timedelta) -> Held:
    try:
        with transaction.atomic():
            _reply(number, reply, by, now)
            raise _OnlyTried
    except _OnlyTried:
        pass
    kept = [unsent.described(one) for one in reply.files]
    return Held.objects.create(
        person_id=_author(by),
        ticket_id=number,
        said_at=now,
        leaves_at=now + hold,
        seen=Ticket.objects.values_list("fact_count", flat=True).get(pk=number),
        text=reply.text,
        next_step=reply.next_step,
        minutes=reply.minutes,
        then=reply.then,
        until=reply.until,
        files=kept,
        also={**reply.also, **({"then": reply.then} if reply.then and reply.also else {})},
    )


def _leave(row: Held, now: datetime) -> None:
    kept = tuple(unsent.ready(one) for one in row.files)
    reply = Reply(
        text=row.text,
        next_step=row.next_step,
        minutes=row.minutes,
        then=row.then,
        until=row.until,
        files=kept,
        seen=row.seen,
        also=row.also,
    )
    author = Person.objects.get(pk=row.person_id)
    if not author.is_active:
        raise acts.NotAllowed(_("Its author does not work here any more."))
    _reply(row.ticket_id, reply, Actor.of(author), now, unread=(f.Replied,))
    Held.objects.filter(pk=row.pk).delete()


def _return(row: Held, why: str, now: datetime) -> None:
    texts = {Unsent.REPLY: row.text, Unsent.NEXT: row.next_step}
    unsent.give_back(row.person_id, row.ticket_id, texts, also=row.also, why=why, now=now)
    kept = [unsent.stored(one) for one in row.files]
    unsent.add_files(row.person_id, row.ticket_id, kept, now)
    unsent.add_minutes(row.person_id, row.ticket_id, row.minutes, now)
    Held.objects.filter(pk=row.pk).delete()


def _tell(row: Held, why: str, now: datetime) -> None:
    """Write to the author, who may have closed the page."""
    with opened(row.ticket_id, THE_SYSTEM, now) as case:
        telling.not_sent(case, Person.objects.get(pk=row.person_id), why, letter="staff_returned")
