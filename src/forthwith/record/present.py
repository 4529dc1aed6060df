"""Who looks at which ticket, and who writes there: for the desk's own people alone.

A web process says for all its open pages together who is there; what it stops saying runs out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from forthwith.record.begun import Present, Unsent
from forthwith.record.models import Ticket

LASTS = timedelta(seconds=9)
"""How long somebody counts as present whose process says nothing more, as it died."""

TYPES_FOR = timedelta(seconds=6)
"""How long somebody counts as writing after their text was last kept: it is kept at each pause, and every 4 s."""

MOST = 2000
Place = tuple[int, int]
"""A person, and the ticket that they look at."""

Here = dict[int, dict[int, tuple[str, bool]]]
"""By ticket and person: their name, and whether they write."""


def say(process: str, here: Collection[Place], now: datetime) -> None:
    """These look at tickets through this process now: one statement for all of them."""
    rows = [Present(process=process, person_id=person, ticket_id=ticket, seen_at=now) for person, ticket in here]
    Present.objects.bulk_create(
        rows[:MOST],
        update_conflicts=True,
        unique_fields=["process", "person", "ticket"],
        update_fields=["seen_at"],
    )


def drop(process: str, gone: Collection[Place], now: datetime) -> None:
    """These do not look any more; and whoever's process has died is gone too."""
    for person, ticket in gone:
        Present.objects.filter(process=process, person=person, ticket=ticket).delete()
    Present.objects.filter(seen_at__lt=now - LASTS).delete()


def everybody(now: datetime) -> Here:
    """Who looks at which ticket, and who of them writes."""
    there = Present.objects.filter(seen_at__gte=now - LASTS).select_related("person")
    writing = Unsent.objects.filter(changed_at__gte=now - TYPES_FOR, aside=False).exclude(text="")
    at_work = set(writing.values_list("ticket", "person")[:MOST])
    found: Here = {}
    for one in there[:MOST]:
        place = (one.ticket_id, one.person_id)
        found.setdefault(one.ticket_id, {})[one.person_id] = (str(one.person), place in at_work)
    return found


def existing(tickets: Collection[int]) -> set[int]:
    """Those of the numbers that are tickets: a page may ask for any."""
    return set(Ticket.objects.filter(pk__in=tickets).values_list("pk", flat=True)) if tickets else set()
