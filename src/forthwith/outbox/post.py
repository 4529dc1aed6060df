"""Queueing what leaves: one row a mail, in the caller's transaction (SOP 2.2: commit, then send)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from forthwith.outbox.composed import mailbox
from forthwith.outbox.models import Outgoing
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import TO_STAFF, fill
from forthwith.record import links
from forthwith.record.messages import storable

ALARMS = frozenset({"staff_coverage", "staff_loop", "staff_sign_in", "staff_undelivered"})
_MOST_REFERENCES = 12
_MOST_ANSWERED = 50
_LONGEST_ID = 400
_RE = re.compile(r"(?:(?:re|aw|sv|vs|antw|rif|res|odp|ynt)(?:\[\d{1,3}\])?\s?:\s?){1,50}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail goes to: a person, at one of their addresses."""

    person: int | None
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """The mails that a mail answers: the one it replies to, and those before it (RFC 5322 3.6.4)."""

    in_reply_to: str = ""
    references: tuple[str, ...] = ()

    def header(self) -> str:
        """The References field: the first id, the latest ones, last the one that is answered; bounded."""
        before = dict.fromkeys(i for i in self.references if _fit(i) and i != self.in_reply_to)
        ids = (*before, self.in_reply_to) if _fit(self.in_reply_to) else tuple(before)
        kept = ids if len(ids) <= _MOST_REFERENCES else (ids[0], *ids[-_MOST_REFERENCES + 1 :])
        return " ".join(f"<{mail_id}>" for mail_id in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to be queued: what for, to whom, the values of its wording, what it answers.

    `language` is that of the values; the procedure's own where it is empty. `stop_link` ends it for who is in copy.
    `inside`: an answer of somebody of the desk is a note, and never goes to the requester. `closed`: whoever gets it
    may write nothing on the ticket, and is given no address of it.
    """

    purpose: str
    to: Recipient
    values: Mapping[str, str]
    ticket: int | None = None
    message: int | None = None
    mail_id: str = ""
    thread: Thread = Thread()
    automatic: bool = True
    language: str = ""
    stop_link: str = ""
    inside: bool = False
    closed: bool = False


def _fit(mail_id: str) -> bool:
    """Whether a sender's id can stand in a header of ours: some are of any length, or have spaces in them."""
    return 0 < len(mail_id) <= _LONGEST_ID and mail_id.isascii() and mail_id.isprintable() and " " not in mail_id


def queue(letters: Iterable[Letter], procedure: Procedure, now: datetime, *, team: str = "") -> list[Outgoing]:
    """Write mails down to be sent, in one statement, where no case is open that they could be written with."""
    return Outgoing.objects.bulk_create(rows(letters, procedure, now, team=team))


def rows(letters: Iterable[Letter], procedure: Procedure, now: datetime, *, team: str = "") -> list[Outgoing]:
    """The mails as they are to be written down; none for a recipient without an address that a mail can go to.

    They come from the team's own address where the procedure names one, else from the desk's.
    """
    sender = procedure.teams[team].mail_from if team in procedure.teams else ""
    return [_row(letter, procedure, now, sender) for letter in letters if "@" in letter.to.address]


def that_bounced(mail_ids: Sequence[str], ticket: int | None, addresses: Sequence[str]) -> Outgoing | None:
    """The mail that a bounce is about: by its Message-ID, else the latest on that ticket to one of the addresses."""
    found = Outgoing.objects.filter(mail_id__in=[mail_id for mail_id in mail_ids[:20] if mail_id])
    if outgoing := found.order_by("pk").first():
        return outgoing
    lower = [address.lower() for address in addresses[:20]]
    sent = Outgoing.objects.filter(ticket=ticket, address__in=lower, state=Outgoing.SENT) if ticket else None
    return sent.order_by("-pk").first() if sent is not None else None


def told_by(mail_ids: Iterable[str]) -> frozenset[int | None]:
    """Whom of the desk our mails of these Message-IDs went to; nobody where none of them was for the desk."""
    ours = [mail_id for mail_id in mail_ids if links.read_mail_id(mail_id) is not None][:_MOST_ANSWERED]
    if not ours:
        return frozenset()
    told = Outgoing.objects.filter(mail_id__in=ours, purpose__startswith=TO_STAFF)
    return frozenset(told.values_list("person", flat=True))


def add_words(outgoing: Outgoing, words: str) -> bool:
    """Add a paragraph to a mail that nobody has begun to send; False when somebody has."""
    unsent = Outgoing.objects.filter(pk=outgoing.pk, state=Outgoing.QUEUED, attempts=0, leased_until__isnull=True)
    return bool(unsent.update(text=Concat(F("text"), Value(f"\n{tidy(storable(words))}"))))


def hurry(ticket: int, now: datetime) -> None:
    """Let the mails of a ticket that wait for their moment leave now: a later one must not overtake them."""
    Outgoing.objects.filter(ticket=ticket, state=Outgoing.QUEUED, attempts=0, next_at__gt=now).update(next_at=now)


def mark_bounced(outgoing: Outgoing, why: str, now: datetime) -> None:
    """Show on a sent mail that it came back, with the words of the server that gave it back."""
    outgoing.bounced_at, outgoing.error = now, why[:2000]
    outgoing.save(update_fields=["bounced_at", "error"])


def send_again(outgoing: Outgoing, address: str, now: datetime) -> None:
    """Queue a mail anew that failed or came back, perhaps to another address; under the same Message-ID.

    ValueError for one that was neither, or for what is no address.
    """
    try:
        mailbox(address)
    except ValueError as wrong:
        raise ValueError(
            _("%(address)s is no address that mail can be sent to: %(wrong)s.")
            % {"address": repr(address), "wrong": wrong}
        ) from None
    lost = Outgoing.objects.filter(Q(state=Outgoing.FAILED) | Q(bounced_at__isnull=False, state=Outgoing.SENT))
    again = lost.filter(pk=outgoing.pk).update(
        address=address,
        state=Outgoing.QUEUED,
        attempts=0,
        queued_at=now,
        next_at=now,
        leased_until=None,
        sent_at=None,
        bounced_at=None,
        error="",
    )
    if not again:
        raise ValueError(_("That mail has not failed, or somebody has sent it again already."))


def _row(letter: Letter, procedure: Procedure, now: datetime, sender: str) -> Outgoing:
    words = procedure.words(letter.purpose, letter.language)
    answers = letter.thread.in_reply_to if _fit(letter.thread.in_reply_to) else ""
    return Outgoing(
        purpose=letter.purpose,
        alarm=letter.purpose in ALARMS,
        ticket_id=letter.ticket,
        message_id=letter.message,
        person_id=letter.to.person,
        address=letter.to.address,
        name=storable(letter.to.name)[:200],
        language=letter.language or procedure.language,
        stop_link=letter.stop_link,
        subject=storable(_subject(fill(words.subject, letter.values), answers=bool(answers)))[:300],
        text=storable(tidy(fill(words.text, letter.values))),
        mail_id=letter.mail_id or links.new_mail_id(letter.ticket or 0),
        mail_from=sender,
        reply_to=_answers_to(letter),
        in_reply_to=answers,
        references=letter.thread.header(),
        automatic=letter.automatic,
        queued_at=now,
        next_at=now,
    )


def _answers_to(letter: Letter) -> str:
    """Where an answer goes. To somebody of the desk it is an address of their own, which proves who answers."""
    if not letter.ticket or letter.closed:
        return settings.DESK_ADDRESS
    if letter.purpose.startswith(TO_STAFF) and letter.to.person is not None and not letter.inside:
        return links.staff_address(letter.ticket, letter.to.person)
    return links.reply_address(letter.ticket)


def _subject(text: str, *, answers: bool) -> str:
    """One line with one 'Re:' at most, and with none where nothing is answered: filters take that for spam."""
    line = " ".join(text.split())
    bare = _RE.sub("", line)
    return bare if bare == line else f"Re: {bare}" if answers else bare


def tidy(text: str) -> str:
    """The text without the blank lines that an empty variable leaves behind."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"
