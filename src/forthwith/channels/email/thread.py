"""Which ticket a mail belongs to: by what was signed here, by a mail that it answers, or by its subject.

What was signed here proves itself. Anything else counts only from those on the ticket already: a stranger who quotes
a number or a Message-ID gets a new ticket of their own (design: Security).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from forthwith.channels.email.mail import Mail
from forthwith.channels.email.writer import Writer
from forthwith.people.models import Person
from forthwith.record import links, queries
from forthwith.record.models import Ticket
from forthwith.steps import receive

How = Literal["", "address", "reference", "known", "subject"]

_TAG = re.compile(r"[\[(][^\[\]()#]{0,40}#0{0,9}(\d{1,15})[\])]", re.ASCII)
_PREFIX = re.compile(r"(?:[^\W\d_]{1,12}(?:\[\d{1,3}\]|\(\d{1,3}\))? ?[:：] ?){1,20}")
_MOST = 50
_MOST_KNOWN = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail belongs. `ticket` None: to none yet; `quoted` is one it names without having a part in it.

    `answers` is the ticket that it answers, where that was merged into this one; `staff` is the person of the desk
    to whom the address that it was sent to was signed.
    """

    ticket: Ticket | None = None
    how: How = ""
    staff: int | None = None
    quoted: int | None = None
    answers: Ticket | None = None

    @property
    def number(self) -> int:
        """The ticket's number; 0 when there is none."""
        return self.ticket.number if self.ticket else 0

    @property
    def signed(self) -> bool:
        """Whether the mail proves that its sender had a mail of this ticket."""
        return self.how in ("address", "reference")


def place_of(mail: Mail, recipients: Iterable[str], author: Person | None, writer: Writer) -> Place:
    """The ticket that this mail answers, and how that is known."""
    place = _proven(mail, recipients) or _named(mail, author, writer)
    if place.ticket is None or place.ticket.merged_into_id is None:
        return place
    return replace(place, ticket=_surviving(place.ticket), answers=place.ticket)


def _proven(mail: Mail, recipients: Iterable[str]) -> Place | None:
    """By what was signed here."""
    to = [*recipients, *(a.address for a in (*mail.to, *mail.cc))][:_MOST]
    for number, staff in _by_address(to):
        if ticket := _ticket(number):
            return Place(ticket, "address", staff)
    for mail_id in _answered(mail):
        if ticket := _ticket(links.read_mail_id(mail_id)):
            return Place(ticket, "reference")
    return None


def addressed(mail: Mail, recipients: Iterable[str]) -> int | None:
    """The ticket whose signed address the mail was sent to, or None."""
    to = [*recipients, *(a.address for a in (*mail.to, *mail.cc))][:_MOST]
    return next((ticket.number for number, _ in _by_address(to) if (ticket := _ticket(number))), None)


def other_subject(mail: Mail, ticket: Ticket) -> str:
    """The mail's subject if it is about something else than the ticket's, though it answers one of its mails.

    `ticket` is the one that it answers, merged since or not.
    """
    said, known = _bare(mail.subject), _bare(ticket.subject)
    if not said or not known or said in known or known in said or _TAG.search(mail.subject[:1000]):
        return ""
    return mail.subject.strip()


def _bare(subject: str) -> str:
    words = " ".join(_TAG.sub(" ", subject[:1000]).casefold().split())
    prefix = _PREFIX.match(words)
    return words[prefix.end() :] if prefix else words


def _by_address(to: Iterable[str]) -> Iterator[tuple[int, int | None]]:
    """Signed addresses: of the desk's people first, as they say more."""
    addresses = list(to)
    for address in addresses:
        if staff := links.read_staff_address(address):
            yield staff
    for address in addresses:
        if number := links.read_reply_address(address):
            yield number, None


def _answered(mail: Mail) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))[:_MOST]


def _ticket(number: int | None) -> Ticket | None:
    return Ticket.objects.filter(pk=number).first() if number else None


def _surviving(ticket: Ticket) -> Ticket:
    """The ticket that goes on for this one."""
    return ticket if ticket.merged_into_id is None else Ticket.objects.get(pk=queries.survivor(ticket.number))


def _named(mail: Mail, author: Person | None, writer: Writer) -> Place:
    """By a mail of the ticket that came from outside, or by a number: both are known to strangers too."""
    quoted = None
    for how, number in _mentioned(mail):
        ticket = _ticket(number)
        if ticket is None:
            continue
        if receive.is_participant(_surviving(ticket), author, writer.person.address.lower()):
            return Place(ticket, how)
        quoted = quoted or ticket.number
    return Place(quoted=quoted)


def _mentioned(mail: Mail) -> Iterator[tuple[How, int]]:
    if ids := _answered(mail)[:_MOST_KNOWN]:
        # Who answers all has the writer of the mail that they answer among those they write to, or is that writer.
        others = (a.address.lower() for a in (mail.sender, *mail.to, *mail.cc))
        for number in receive.known_mails("email", list(dict.fromkeys(others))[:_MOST_KNOWN], ids):
            yield "known", number
    for found in _TAG.findall(mail.subject[:1000])[:5]:
        yield "subject", int(found)
