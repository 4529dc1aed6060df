"""How an act comes to a ticket: the door opened for who acts, and what is wrong told as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure.lifecycle import REQUESTER
from forthwith.record import door
from forthwith.record.door import NoSuchTicket, NotAllowed, OpenCase


class Refused(ValueError):
    """Input that cannot be accepted; the text says what to put right."""


MOST_MINUTES = 10_000


def spent(minutes: int) -> int:
    """Minutes that somebody says they worked. Refused for what cannot be."""
    if not 0 <= minutes <= MOST_MINUTES:
        raise Refused(
            _("Minutes spent are a number from 0 to %(most)s; %(minutes)s is not.")
            % {"most": MOST_MINUTES, "minutes": minutes}
        )
    return minutes


@contextmanager
def opened(number: int, by: Actor, now: datetime, seen: int | None = None) -> Iterator[OpenCase]:
    """A ticket, held open for who acts; a requester reaches none but their own. What a step refuses is Refused."""
    try:
        with door.opened(number, by=by, now=now, seen=seen) as case:
            if by.role == REQUESTER and by.person != case.case.requester:
                # As if it were not there: a stranger learns nothing about numbers.
                raise NoSuchTicket(_("There is no ticket #%(number)s.") % {"number": number})
            yield case
    except NotAllowed:
        raise
    except ValueError as error:
        raise Refused(*error.args) from error


def acting(by: Actor) -> Person:
    """The person who acts. NotAllowed for the system."""
    if by.person is None:
        raise NotAllowed(_("Only a person can do this."))
    return Person.objects.get(pk=by.person)
