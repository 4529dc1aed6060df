"""A mail comes in: kept raw, understood, and handed to the steps; every one is answered for (SOP 1.2)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from forthwith.channels.email import agents, ours, thread, verified
from forthwith.channels.email.headers import languages_of
from forthwith.channels.email.loops import Loop, loop_of
from forthwith.channels.email.mail import Attachment, Mail, NotMail
from forthwith.channels.email.parse import own_mail, parse
from forthwith.channels.email.protection import remarks
from forthwith.channels.email.writer import Writer, writer_of
from forthwith.outbox import post
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.procedure.said import say
from forthwith.record import files, links, procedures, traffic
from forthwith.record import raw as raws
from forthwith.record.content import Content
from forthwith.record.files import Spool
from forthwith.record.messages import File, storable
from forthwith.record.models import RawItem, Ticket
from forthwith.steps import receive, watch, workflow
from forthwith.steps.request import Request

CHANNEL = "email"
LONGEST_ADDRESS = 254
NULL_SENDER = "<>"
GIVEN_UP_AFTER = timedelta(days=1)
MOST_ATTEMPTS = 3
MOST_REMARKS = 20
_MOST_READ = 50
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a mail: `ticket`, `reply`, `unprocessed` or `ignored`, its ticket, and why."""

    outcome: str
    ticket: int | None = None
    reason: str = ""


def receive_mail(
    raw: bytes | Spool, *, sender: str, recipients: Sequence[str], now: datetime, hop: receive.Hop | None = None
) -> Receipt:
    """Keep a mail and understand it. Once this returns it is stored, whatever it turned out to be.

    `sender` is that of the envelope: NULL_SENDER when it was empty, "" when nobody knows it.
    Who handed it over (`hop`) is given where the sender is to be checked by that. Raises only when it could not be
    stored, so that the sender tries again.
    """
    item, fresh = receive.keep(CHANNEL, raw, sender=sender, recipients=recipients, now=now)
    if not fresh and item.outcome != RawItem.KEPT:
        return Receipt(
            RawItem.IGNORED, item.ticket_id, say("the same mail came before, as item %(number)s", number=item.pk)
        )
    if hop is not None and fresh:
        receive.came_over(item, hop)
    return process(item, now)


def keep_unread(body: bytes, *, reason: str, sender: str, recipients: Sequence[str], now: datetime) -> Receipt:
    """Keep what came in a mail's place and holds none, for people to look at (SOP 1.2)."""
    item, _ = receive.keep(CHANNEL, body, sender=sender, recipients=recipients, now=now)
    return _set_aside(item, reason) if item.outcome == RawItem.KEPT else _settled(item)


def process(item: RawItem, now: datetime) -> Receipt:
    """Understand a kept mail, once; what cannot be understood is unprocessed, with the reason."""
    try:
        return _processed(item, now)
    except (OperationalError, InterfaceError) as error:
        if now - item.received_at > GIVEN_UP_AFTER:
            return _set_aside(item, say("the database did not answer for a day: %(error)s", error=error))
        _log.warning("Mail item %s is kept and will be understood later: the database did not answer.", item.pk)
        return Receipt(RawItem.KEPT, None, "stored; it will be understood in a moment")
    except Exception as error:
        _log.exception("Mail item %s could not be understood.", item.pk)
        return _set_aside(item, f"{type(error).__name__}: {error}")


def _processed(item: RawItem, now: datetime) -> Receipt:
    """Understood and settled in one transaction. Another mail may make the same person, or be the same message,
    at the same time: then the database refuses one of the two, which sees on its next try what there is."""
    try:
        # Before the transaction: to read a large mail takes time, in which others want to write.
        mail = _read(item)
    except NotMail as error:
        return _set_aside(item, str(error))
    receive.identify(item, mail.sender.address.lower(), mail.message_id)
    item.remarks = [storable(said) for said in remarks(mail)[:MOST_REMARKS]]
    for tries_left in (2, 1, 0):
        try:
            with transaction.atomic():
                receipt = _understood(mail, item, now)
                receive.settle(item, receipt.outcome, reason=receipt.reason, ticket=receipt.ticket)
                return receipt
        except receive.Settled:
            return _settled(item)
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError


def _read(item: RawItem) -> Mail:
    """The mail in an item, its large files put among the kept ones."""
    with raws.opened(item) as content:
        mail = own_mail(parse(content), lambda mail_id: links.read_mail_id(mail_id) is not None)
        _vouched(mail, item, content)
        return replace(mail, attachments=tuple(_put_aside(one) for one in mail.attachments))


def _put_aside(file: Attachment) -> Attachment:
    large = not isinstance(file.content, bytes)
    return replace(file, content=files.Stored(files.keep(file.content))) if large else file


def _vouched(mail: Mail, item: RawItem, content: Content) -> None:
    """Keep what the trusted server in front says of the sender, if there is one and it says anything."""
    if host := settings.RECEIVING.trusted:
        found = verified.by_trusted(content, mail.sender.address, host)
        if found:
            item.verified = found
            receive.vouched(item, found)


def _settled(item: RawItem) -> Receipt:
    item.refresh_from_db(fields=["outcome", "reason", "ticket"])
    return Receipt(item.outcome, item.ticket_id, item.reason)


def process_kept(now: datetime, older_than_s: int = 10) -> int:
    """Understand mails that a crash left between keeping and understanding; how many."""
    items = receive.unsettled(CHANNEL, now, timedelta(seconds=older_than_s))
    for item in items:
        if not receive.attempt(item, now):
            continue
        if item.attempts >= MOST_ATTEMPTS:
            _set_aside(item, say("the program that read it ended in the middle, %(times)s times", times=MOST_ATTEMPTS))
        elif process(item, now).outcome == RawItem.KEPT:
            receive.came_back(item)
    return len(items)


def _set_aside(item: RawItem, reason: str) -> Receipt:
    try:
        receive.settle(item, RawItem.UNPROCESSED, reason=reason[:1000])
    except receive.Settled:
        return _settled(item)
    return Receipt(RawItem.UNPROCESSED, None, reason)


def _understood(mail: Mail, item: RawItem, now: datetime) -> Receipt:
    if twin := receive.twin(item):
        return Receipt(
            RawItem.IGNORED, twin.ticket_id, say("the same message came before, as item %(number)s", number=twin.pk)
        )
    teams = _teams(mail, item)
    if refusal := _refusal(mail, teams, now):
        return refusal
    if mail.bounce or (mail.automatic and mail.automatic.kind == "bounce"):
        return _bounced(mail, item, now)
    return _delivered(mail, item, teams, now)


def _refusal(mail: Mail, teams: ours.Teams, now: datetime) -> Receipt | None:
    """Why a mail goes no further, if it does not."""
    address = mail.sender.address.lower()
    own = mail.automatic and mail.automatic.kind == "own"
    # A form on a website may write in the desk's own name; then Reply-To says who it is.
    if own or (ours.is_own(address, teams) and not writer_of(mail, address).stood_in):
        canary = watch.canary_home(mail.message_id, mail.subject, now)
        return Receipt(RawItem.IGNORED, None, canary or say("our own mail came back"))
    if mail.automatic and mail.automatic.kind == "feedback":
        return Receipt(RawItem.UNPROCESSED, None, say("a complaint report: %(why)s", why=mail.automatic.why))
    if mail.bounce is None and ("@" not in address or len(address) > LONGEST_ADDRESS):
        return Receipt(RawItem.UNPROCESSED, None, say("it has no sender address that could be answered"))
    return None


def _bounced(mail: Mail, item: RawItem, now: datetime) -> Receipt:
    """A delivery report: it never opens a ticket and is never answered (SOP 2.2)."""
    report = mail.bounce
    ids = (report.original_message_id if report else "", *mail.in_reply_to, *mail.references)
    # The envelope of what we send is the signed reply address, and a bounce comes back to it.
    ticket = thread.addressed(mail, item.recipients)
    outgoing = post.that_bounced(ids, ticket, report.recipients if report else ())
    if outgoing is None:
        return Receipt(RawItem.IGNORED, None, say("a bounce of a mail that is not ours"))
    if report is None or not report.permanent:
        return Receipt(RawItem.IGNORED, outgoing.ticket_id, say("a report of a delay: nothing is lost yet"))
    workflow.on_bounce(outgoing, why=report.diagnostic or report.status, now=now)
    return Receipt(RawItem.IGNORED, outgoing.ticket_id, say("a bounce, recorded on the mail that came back"))


def _is_doubtful(writer: Writer, item: RawItem) -> bool:
    """Whether nobody vouches for who writes: an address typed into a form, or one that the server in front doubts."""
    return writer.stood_in or item.verified.get("verdict") == verified.NOT_VERIFIED


def _delivered(mail: Mail, item: RawItem, teams: ours.Teams, now: datetime) -> Receipt:
    writer = writer_of(mail, settings.DESK_ADDRESS)
    known = directory.writer(writer.person.address)
    place = thread.place_of(mail, item.recipients, known, writer)
    robot = _robot(mail, item)
    if place.ticket is None and robot and _answers_only(mail):
        return Receipt(RawItem.IGNORED, None, say("an automatic answer to nothing of ours (%(why)s)", why=robot))
    author = directory.met_again(known, writer.person.address, writer.person.name, doubtful=_is_doubtful(writer, item))
    request = _request(mail, item, author, robot)
    participants = tuple(one for one in request.participants if one not in teams)
    request = replace(
        request,
        address=_answers_to(writer, place),
        quotes=place.quoted,
        participants=participants,
        team=_team(mail, item, teams),
    )
    from_desk = author.works_here and author.is_active and not robot and not writer.stood_in
    ticket, told = place.ticket, frozenset() if robot else agents.told_by(mail)
    if (
        told
        and ticket
        and not author.works_here
        and receive.is_participant(ticket, known, writer.person.address.lower())
    ):
        # Where somebody of the desk answers ours with them in copy, their answer to all names ours too.
        told = frozenset()
    if ticket is None:
        # Behind a form on a website are many people: its rate says nothing of any.
        loop = None if writer.stood_in else loop_of(item, procedures.current().loops, now)
        if loop and (loop.ignored or not from_desk):
            return _in_circles(loop, item, request, now)
        theirs = _passed_on(mail, item, author, request) if from_desk else None
        if told and theirs is None:
            return Receipt(RawItem.UNPROCESSED, None, agents.ON_NO_TICKET)
        return Receipt(RawItem.TICKET, workflow.on_request(theirs or request, now=now))
    works_on_it = from_desk and ticket.requester_id != author.pk
    if told or works_on_it:
        proven = from_desk and author.pk in (*told, place.staff)
        answers = works_on_it and author.pk == place.staff
        return _for_the_desk(request, author, place.number, now, proven=proven, answers=answers)
    newcomer = place.signed and not receive.is_participant(ticket, known, writer.person.address.lower())
    return _answered(mail, replace(request, newcomer=newcomer), place, ticket, now)


def _answered(mail: Mail, request: Request, place: thread.Place, ticket: Ticket, now: datetime) -> Receipt:
    """What somebody from outside writes on a ticket; where that comes too late, a ticket of its own."""
    if request.newcomer or not place.signed:
        # Who is no part of it, or does not prove to be, brings nobody else in: they would be sent every answer.
        request = replace(request, participants=())
    other_subject = thread.other_subject(mail, place.answers or ticket) if place.how != "subject" else ""
    landed = workflow.on_reply(ticket.number, replace(request, other_subject=other_subject), now=now)
    return Receipt(RawItem.REPLY if landed == ticket.number else RawItem.TICKET, landed)


def _told(mail: Mail, ticket: Ticket | None, author: Person) -> frozenset[int | None]:
    """Whom of the desk the mails went to that it answers; nobody where a requester, or who is in copy, answers all:
    where somebody of the desk answered ours with them in copy, theirs names it too.
    """
    told = agents.told_by(mail)
    if told and ticket and not author.works_here and receive.is_participant(ticket, author):
        return frozenset()
    return told


def _passed_on(mail: Mail, item: RawItem, author: Person, request: Request) -> Request | None:
    """The request of the user whose mail somebody of the desk forwards. Where nothing vouches for who forwards it, it
    says so; where it was looked into and is not from their domain, it is taken for a request like any other."""
    verdict = item.verified.get("verdict")
    theirs = agents.passed_on(mail, author, request) if verdict != verified.NOT_VERIFIED else None
    if theirs and verdict is None:
        item.remarks = list(dict.fromkeys([*item.remarks, agents.unvouched(author)]))
    return theirs


def _in_circles(loop: Loop, item: RawItem, request: Request, now: datetime) -> Receipt:
    """A mail of a machine that answers ours: no automatic mail goes to it, and from a higher rate on it opens nothing.

    Whoever leads is told, once for all of them (SOP 2.2).
    """
    if loop.new:
        workflow.on_loop(item.author, loop.why.removeprefix(traffic.LOOP), now)
    if loop.ignored:
        return Receipt(RawItem.IGNORED, None, loop.why)
    machine = replace(request, robot=request.robot or loop.why)
    return Receipt(RawItem.TICKET, workflow.on_request(machine, now=now), loop.why)


def _answers_to(writer: Writer, place: thread.Place) -> str:
    """Reply-To may lead an answer elsewhere only where the mail proves that its sender has had one before: else
    whoever forges a requester's From, and knows the number, would be sent the next one."""
    return writer.answers_to if place.ticket is None or place.signed else writer.person.address.lower()


def _for_the_desk(
    request: Request, author: Person, number: int, now: datetime, *, proven: bool, answers: bool
) -> Receipt:
    """What may quote a note, or says that it is from the desk: public only where an agent `answers` by their own
    address, else a note or kept in doubt; also from an address that nobody knows, or of the ticket's requester."""
    if answers:
        return Receipt(RawItem.REPLY, number, agents.answer(number, author, request, now))
    if proven:
        return Receipt(RawItem.REPLY, workflow.on_staff_mail(number, author, request, now=now))
    doubt = replace(request, robot=agents.unproven(author) if author.works_here else agents.FOR_THE_DESK)
    return Receipt(RawItem.REPLY, workflow.on_doubtful(number, doubt, now=now), doubt.robot)


def _teams(mail: Mail, item: RawItem) -> ours.Teams:
    """The teams' addresses where this mail may have to do with one: most go to the desk alone, and nothing is asked."""
    named = [*item.recipients, *(a.address for a in (*mail.to, *mail.cc)[:_MOST_READ])]
    if ours.at_home(mail.sender.address):
        named.append(mail.sender.address)
    return ours.teams() if any(not ours.is_desk(one, settings.DESK_ADDRESS) for one in named) else {}


def _team(mail: Mail, item: RawItem, teams: ours.Teams) -> str | None:
    """The team whose own address it was sent to: by the envelope, else by what it says itself."""
    return ours.team_of([*item.recipients, *(a.address for a in (*mail.to, *mail.cc)[:_MOST_READ])], teams)


def _robot(mail: Mail, item: RawItem) -> str:
    """Why a mail is no person's, or nothing (SOP 2.2)."""
    if mail.automatic:
        # What is of another kind goes no further than here.
        why = mail.automatic.why
        return say("list: %(why)s", why=why) if mail.automatic.kind == "list" else say("auto-reply: %(why)s", why=why)
    if item.sender == NULL_SENDER:
        why = say("it has an empty envelope sender, which must not be answered (RFC 3834 2, RFC 5321 4.5.5)")
        return say("auto-reply: %(why)s", why=why)
    return ""


def _answers_only(mail: Mail) -> bool:
    """An automatic answer, as opposed to a machine's own message such as an alert (RFC 3834 5)."""
    generated = mail.headers.get("auto-submitted", "").lower().startswith("auto-generated")
    return bool(mail.automatic and mail.automatic.kind == "auto-reply" and not generated)


def _request(mail: Mail, item: RawItem, author: Person, robot: str) -> Request:
    desk = settings.DESK_ADDRESS.lower()
    others = {a.address.lower() for a in mail.cc if "@" in a.address} - {desk, mail.sender.address.lower()}
    return Request(
        channel=CHANNEL,
        received_at=item.received_at,
        author=author.pk,
        person=author,
        address=mail.sender.address.lower(),
        subject=mail.subject,
        text=mail.text,
        new_text=mail.reply_text or mail.text,
        html=mail.html,
        mail_id=mail.message_id,
        raw_item=item.pk,
        files=[File(a.name, a.type, a.content, a.inline, a.content_id) for a in mail.attachments],
        participants=tuple(sorted(a for a in others if not _signed(a)))[:20],
        references=mail.references,
        speaks=languages_of(mail.headers),
        robot=robot,
        silent=item.silent,
    )


def _signed(address: str) -> bool:
    return links.read_reply_address(address) is not None or links.read_staff_address(address) is not None
