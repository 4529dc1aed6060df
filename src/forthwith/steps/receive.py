"""Step 1, receive: what arrives is stored raw, logged once, and answered for (SOP 1.1, 1.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import F, Q

from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.people.prepared import Place, Prepared, insert_new, update
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.said import say
from forthwith.record import door, messages, procedures
from forthwith.record.door import OpenCase
from forthwith.record.files import Spool
from forthwith.record.messages import Draft
from forthwith.record.models import CoverageGap, Message, RawItem, Ticket, Watch
from forthwith.steps.mentions import NOBODY, Mentioned
from forthwith.steps.request import Request

ATTEMPT_LASTS = timedelta(minutes=5)
"""How long one process has to understand an item before another tries."""


def keep(
    channel: str, raw: bytes | Spool, *, sender: str, recipients: Sequence[str], now: datetime, silent: bool = False
) -> tuple[RawItem, bool]:
    """Store what arrived, raw, and commit; the second value says whether it is new. Of what is `silent` nobody hears.

    The same bytes on the same channel are one item, however often they are delivered; it counts its repeats (SOP 1.2).
    """
    if isinstance(raw, bytes):
        with Spool() as spool:
            spool.write(raw)
            return keep(channel, spool, sender=sender, recipients=recipients, now=now, silent=silent)
    held = raw.held()
    item = RawItem(
        channel=channel,
        received_at=now,
        digest=raw.digest if held is not None else raw.keep(),
        size=raw.size,
        body=held or b"",
        filed=held is None,
        sender=messages.storable(sender)[:320],
        recipients=[messages.storable(recipient)[:320] for recipient in recipients[:100]],
        silent=silent,
    )
    if insert_new(item):
        return item, True
    known = RawItem.objects.filter(channel=channel, digest=item.digest)
    known.update(repeats=F("repeats") + 1)
    return known.get(), False


@dataclass(frozen=True, slots=True)
class Hop:
    """Who handed a mail over by SMTP: the address, and the name that it greeted with."""

    peer: str
    helo: str


def came_over(item: RawItem, hop: Hop) -> None:
    """Keep with a stored item who handed it over, and that its sender is to be checked."""
    item.peer, item.helo, item.unchecked = messages.storable(hop.peer)[:45], messages.storable(hop.helo)[:255], True
    update(item, ("peer", "helo", "unchecked"))


def hop_of(item: RawItem) -> Hop:
    """Who handed over a stored item."""
    return Hop(item.peer, item.helo)


def checked(item: RawItem, found: dict[str, str]) -> None:
    """Keep what was found out about an item's sender, unless somebody else did meanwhile.

    Whoever became known by a forged mail is taken out of the organisation that its domain had put them into.
    """
    RawItem.objects.filter(pk=item.pk, unchecked=True).update(verified=found, unchecked=False)
    if found.get("dmarc") == "fail":
        asks = RawItem.objects.filter(pk=item.pk, ticket__isnull=False).values_list("ticket__requester", flat=True)
        for number in asks:
            directory.put_out_again(number, known_since=item.received_at)


def vouched(item: RawItem, found: dict[str, str]) -> None:
    """Keep what a trusted server says of an item's sender: it need not be checked here."""
    RawItem.objects.filter(pk=item.pk).update(verified=found, unchecked=False)


def unsettled(channel: str, now: datetime, older_than: timedelta, most: int = 20) -> list[RawItem]:
    """A channel's items that were stored and, after a crash, not yet understood; the oldest first."""
    kept = RawItem.objects.filter(channel=channel, outcome=RawItem.KEPT, received_at__lte=now - older_than)
    kept = kept.filter(Q(attempted_at__isnull=True) | Q(attempted_at__lte=now - ATTEMPT_LASTS))
    return list(kept.order_by("received_at", "pk")[:most])


def attempt(item: RawItem, now: datetime) -> bool:
    """Count, and commit, that this process tries an unsettled item; False when another has begun just now."""
    free = RawItem.objects.filter(pk=item.pk, outcome=RawItem.KEPT, attempts=item.attempts)
    return bool(free.update(attempts=F("attempts") + 1, attempted_at=now))


def came_back(item: RawItem) -> None:
    """An attempt ended without an answer, but it did end."""
    RawItem.objects.filter(pk=item.pk).update(attempts=0, attempted_at=None)


class Settled(RuntimeError):
    """Another process has answered for this stored item; what this one did for it must be undone."""


def settle(item: RawItem, outcome: str, *, reason: str = "", ticket: int | None = None) -> None:
    """Answer for a stored item: what became of it, and why. Raises Settled when that is done already."""
    answered = copy(item)
    answered.outcome, answered.reason, answered.ticket_id = outcome, messages.storable(reason), ticket
    answered.once = item.once if outcome in (RawItem.TICKET, RawItem.REPLY) else None
    if not update(answered, ("outcome", "reason", "ticket_id", "author", "once", "remarks"), outcome=RawItem.KEPT):
        raise Settled(f"Item {item.pk} is answered for.")


def decide(number: int, outcome: str, *, by: int, now: datetime, why: str, ticket: int | None = None) -> bool:
    """Answer, as a person, for an item that could not be understood; False when that is done already."""
    undecided = RawItem.objects.filter(pk=number, outcome=RawItem.UNPROCESSED)
    said = {"decided_by_id": by, "decided_at": now, "decision": messages.storable(why)}
    return bool(undecided.update(outcome=outcome, ticket_id=ticket, **said))


def identify(item: RawItem, author: str, message_id: str) -> None:
    """Say who sent an item and which message it is, so that the same one by another road is known (SOP 1.2)."""
    item.author = author[:320]
    item.once = _once(item.channel, author, message_id) if message_id else None


def _once(channel: str, author: str, message_id: str) -> str:
    return hashlib.sha256("\0".join((channel, author, message_id)).encode(errors="surrogatepass")).hexdigest()


def known_mails(channel: str, authors: Sequence[str], message_ids: Sequence[str]) -> list[int]:
    """The tickets of messages that came from one of these authors under one of these ids, the latest first."""
    digests = [_once(channel, author, message_id) for author in authors for message_id in message_ids]
    found = RawItem.objects.filter(once__in=digests, ticket__isnull=False).order_by("-pk")
    return list(dict.fromkeys(found.values_list("ticket_id", flat=True)[:20]))


def known_among(channel: str, author: str, message_ids: Sequence[str]) -> set[str]:
    """Which of these messages of one author became a ticket or a reply already."""
    digests = {_once(channel, author, message_id): message_id for message_id in message_ids}
    found = RawItem.objects.filter(once__in=digests).values_list("once", flat=True)
    return {digests[once] for once in found if once}


_TWIN = Prepared(lambda: RawItem.objects.filter(once=Place(0)).exclude(pk=Place(1)).only("ticket_id"))


def twin(item: RawItem) -> RawItem | None:
    """An earlier item with the same Message-ID from the same sender: the same mail by another road."""
    return next(iter(_TWIN(item.once, item.pk)), None) if item.once else None


@contextmanager
def new_ticket(request: Request, *, by: Actor, now: datetime) -> Iterator[OpenCase]:
    """Log a request as a new ticket (SOP 1.2); the case stays open for the next steps."""
    revision = procedures.in_force(now)
    subject = messages.storable(request.subject).strip()[:300] or _first_line(messages.storable(request.new_text))
    row = {
        "channel": request.channel,
        "subject": subject,
        "requester_id": request.author,
        "opened_at": request.received_at,
        "follows_id": request.follows,
    }
    with door.new(revision, row, by=by, now=now) as case:
        if request.person is not None:
            case.ticket.requester = request.person
        message = _written(case, request)
        received = f.Received(
            at=request.received_at,
            by=by.person,
            channel=request.channel,
            requester=request.author,
            subject=subject,
            message=message.pk,
            digest=message.digest,
            from_person=not request.robot,
            silent=request.silent,
            follows=request.follows,
            passed_on_by=request.passed_on_by.pk if request.passed_on_by else None,
            quotes=request.quotes,
            team=request.team,
            log=request.log,
            **directory.known_of(case.ticket.requester)._asdict(),
        )
        case.log(received)
        _join(case, request)
        if request.passed_on_by is not None and request.comment:
            _passed_on(case, request.passed_on_by, request)
        yield case


def _passed_on(case: OpenCase, agent: Person, request: Request) -> None:
    """What somebody of the desk wrote above a mail that they forwarded: for the desk alone (SOP 6.1)."""
    draft = Draft(
        kind=Message.INTERNAL,
        incoming=True,
        text=request.comment,
        new_text=request.comment,
        written_at=request.received_at,
        author=agent.pk,
        address=agent.email,
        raw_item=request.raw_item,
    )
    message = case.write(draft)
    noted = f.Noted(at=request.received_at, by=agent.pk, message=message.pk, digest=message.digest)
    case.log(noted, by=Actor.of(agent))


def add(case: OpenCase, request: Request) -> Message:
    """Log what a person added to their ticket (SOP 6.1)."""
    message = _written(case, request)
    wrote = f.RequesterWrote(
        at=request.received_at,
        by=case.by.person,
        message=message.pk,
        digest=message.digest,
        newcomer=request.newcomer,
        other_subject=request.other_subject[:300],
    )
    case.log(wrote)
    _join(case, request)
    return message


def add_automatic(case: OpenCase, request: Request) -> Message:
    """Log what a robot added to a ticket; it answers nothing and wakes nobody."""
    message = _written(case, request)
    wrote = f.MachineWrote(at=request.received_at, message=message.pk, digest=message.digest, why=request.robot)
    case.log(wrote, by=THE_SYSTEM)
    return message


def add_note(case: OpenCase, request: Request, mentioned: Mentioned = NOBODY) -> Message:
    """Log what somebody of the desk wrote by mail, files and all, as an internal note (SOP 6.1)."""
    message = _written(case, request, Message.INTERNAL)
    noted = f.Noted(at=request.received_at, by=case.by.person, message=message.pk, digest=message.digest)
    case.log(replace(noted, mentioned=tuple(person.pk for person in mentioned.people)))
    return message


def _written(case: OpenCase, request: Request, kind: str = "") -> Message:
    draft = Draft(
        kind=kind or (Message.SYSTEM if request.robot and case.facts else Message.PUBLIC),
        incoming=True,
        author=request.author,
        address=request.address,
        subject=request.subject,
        text=request.text,
        new_text=request.new_text,
        html=request.html,
        mail_id=request.mail_id,
        written_at=request.received_at,
        raw_item=request.raw_item,
        files=request.files,
    )
    return case.write(draft)


def _join(case: OpenCase, request: Request) -> None:
    for address in request.participants:
        there, left = case.case.participants, case.case.left
        # Who reads along because of a merged ticket alone has a reason of this one's from now on.
        if address not in (*case.case.own_participants, *left) and len({*there, address}) <= 50:
            case.log(f.ParticipantAdded(at=request.received_at, by=case.by.person, address=address))


def leave(case: OpenCase, address: str) -> None:
    """Somebody in copy wants no more of it: they are told nothing, and no later mail brings them back."""
    case.log(f.ParticipantRemoved(at=case.now, address=address, why=say("they asked for it by the link in their mail")))


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line[:80] or "(no subject)"


def asked_by(number: int, person: Person) -> bool:
    """Whether a ticket is this person's own request, whatever else they are at the desk."""
    return Ticket.objects.filter(pk=number, requester=person).exists()


def is_participant(ticket: Ticket, person: Person | None, address: str = "") -> bool:
    """Whether somebody is already on a ticket: its requester, a person of the desk, or one added to it.

    Who was only ever put in copy is no person of the directory yet, and is known by the `address` alone.
    """
    if person is not None and (person.pk == ticket.requester_id or (person.works_here and person.is_active)):
        return True
    known = set(person.addresses.values_list("address", flat=True)) if person else {address}
    return not known.isdisjoint(fold(door.facts_of(ticket.pk)).participants)


def heartbeat(channel: str, now: datetime) -> None:
    """A channel's machine shows that it listens (SOP 1.1)."""
    Watch.objects.update_or_create(channel=channel, defaults={"last_contact": now, "heard": True})
    CoverageGap.objects.filter(channel=channel, end__isnull=True).update(end=now)
