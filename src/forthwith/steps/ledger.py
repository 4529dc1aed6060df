"""What people do with an item that could not be understood: make a ticket of it by hand, or dismiss it (SOP 1.2).

Each act is one transaction. They raise NotAllowed, Conflict when somebody else was first, and Refused with a
sentence that says what to put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.permits import Actor
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER
from forthwith.procedure.said import say
from forthwith.record.door import Conflict, NotAllowed
from forthwith.record.models import RawItem
from forthwith.steps import acts, receive, workflow
from forthwith.steps.acts import Refused
from forthwith.steps.request import Request

__all__ = ["DECIDERS", "Conflict", "Mended", "NotAllowed", "Refused", "dismiss", "mend"]

DECIDERS = (LEADER, ADMINISTRATOR)
LONGEST_REASON = 1_000
LONGEST_SUBJECT = 300
LONGEST_TEXT = 100_000
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Mended:
    """What a person read out of an item: who asks, and for what."""

    address: str
    subject: str
    text: str
    name: str = ""


def mend(number: int, mended: Mended, *, by: Actor, now: datetime) -> int:
    """Make a ticket of an item, received when the item was; the new ticket's number.

    The ticket has a note that says of which item it was made.
    """
    person = _decider(by)
    address = _address(mended.address)
    empty = _("The text is empty: write at least a few words.")
    too_long = _("The text has %(count)s characters; at most %(longest)s can be kept.")
    text = _said(mended.text, empty, too_long, LONGEST_TEXT)
    with transaction.atomic():
        item = RawItem.objects.only("channel", "received_at", "reason").filter(pk=number).first()
        author = directory.person_or_new(address, mended.name.strip())
        if item is None:
            raise _was_decided(number)
        request = Request(
            channel=item.channel,
            received_at=item.received_at,
            author=author.pk,
            person=author,
            address=address,
            subject=mended.subject.strip()[:LONGEST_SUBJECT],
            text=text,
            new_text=text,
            raw_item=item.pk,
        )
        ticket = workflow.on_request(request, now=now)
        why = say("made into a ticket by hand")
        if not receive.decide(number, RawItem.TICKET, by=person, now=now, why=why, ticket=ticket):
            raise _was_decided(number)
        made = f"Made by hand of item {number} of the ledger, which could not be understood"
        acts.note(ticket, by=by, now=now, text=f"{made}: {item.reason[:LONGEST_REASON]}" if item.reason else f"{made}.")
    return ticket


def dismiss(number: int, *, by: Actor, now: datetime, reason: str) -> None:
    """Say that nothing has to be done about an item, and why."""
    person = _decider(by)
    empty = _("The reason is empty: write at least a few words.")
    too_long = _("The reason has %(count)s characters; at most %(longest)s can be kept.")
    reason = _said(reason, empty, too_long, LONGEST_REASON)
    with transaction.atomic():
        if not receive.decide(number, RawItem.DISMISSED, by=person, now=now, why=reason):
            raise _was_decided(number)


def _decider(by: Actor) -> int:
    if by.role not in DECIDERS or by.person is None:
        raise NotAllowed(_("Only a team leader or an administrator decides on what could not be understood."))
    return by.person


def _address(said: str) -> str:
    address = said.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            _("%(address)s is no mail address: write one such as name@example.org.")
            % {"address": repr(said.strip()[:100])}
        ) from None
    if len(address) > _LONGEST_ADDRESS:
        raise Refused(_("A mail address has at most %(most)s characters.") % {"most": _LONGEST_ADDRESS})
    if address == settings.DESK_ADDRESS.lower():
        raise Refused(_("That is the desk's own address: write that of whoever asks."))
    return address


def _said(text: str, empty: str, too_long: str, longest: int) -> str:
    text = text.strip()
    if not text:
        raise Refused(empty)
    if len(text) > longest:
        raise Refused(too_long % {"count": len(text), "longest": longest})
    return text


def _was_decided(number: int) -> Conflict:
    return Conflict(
        _("Item %(number)s has been answered for since you looked. See how it is now.") % {"number": number}
    )
