"""Which ticket a mail belongs to: by what was signed here, or by its subject for those already on it.

A stranger who quotes a number gets a new ticket of their own (design: Security).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from forthwith.channels.email.mail import Mail
from forthwith.people.models import Person
from forthwith.record import links
from forthwith.record.models import Ticket
from forthwith.steps import receive

_TAG = re.compile(r"[\[(][^\[\]()#]{0,40}#0{0,9}(\d{1,15})[\])]", re.ASCII)
_MOST = 50


def ticket_of(mail: Mail, recipients: Iterable[str], author: Person | None) -> int | None:
    """The number of the ticket that this mail answers, or None when it starts a new one."""
    return _existing(_signed(mail, recipients)) or _by_subject(mail, author)


def addressed(mail: Mail, recipients: Iterable[str]) -> int | None:
    """The ticket whose signed reply address the mail was sent to, or None."""
    return _existing(_by_address(mail, recipients))


def _signed(mail: Mail, recipients: Iterable[str]) -> Iterable[int | None]:
    """Candidates in order of trust: a signed reply address, then Message-IDs that this desk issued."""
    yield from _by_address(mail, recipients)
    for mail_id in (*mail.in_reply_to, *reversed(mail.references))[:_MOST]:
        yield links.read_mail_id(mail_id)


def _by_address(mail: Mail, recipients: Iterable[str]) -> Iterable[int | None]:
    addresses = [*recipients, *(a.address for a in (*mail.to, *mail.cc))]
    return (links.read_reply_address(address) for address in addresses[:_MOST])


def _existing(candidates: Iterable[int | None]) -> int | None:
    for number in candidates:
        if number and Ticket.objects.filter(pk=number).exists():
            return number
    return None


def _by_subject(mail: Mail, author: Person | None) -> int | None:
    address = mail.sender.address.lower()
    numbers = [int(found) for found in _TAG.findall(mail.subject[:1000])][:5]
    for number in numbers:
        ticket = Ticket.objects.filter(pk=number).first()
        if ticket and receive.is_participant(ticket, author, address):
            return number
    return None
