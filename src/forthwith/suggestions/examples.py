"""What is learnt from: the desk's own closed tickets, each by its first message and by how it ended (SOP 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr

from forthwith.procedure.lifecycle import CLOSED
from forthwith.record.models import Message, Ticket
from forthwith.suggestions.vectors import TEXT_READ, Bag, bag_of, words_of

BATCH = 500
TARGETS = ("category", "priority", "team")


@dataclass(frozen=True, slots=True)
class Example:
    """A closed ticket: its number, what its request says, and what it turned out to be, by target."""

    number: int
    bag: Bag
    choices: dict[str, str]


def level(impact: str, urgency: str) -> str:
    """Impact and urgency as one choice."""
    return f"{impact}/{urgency}"


def first_messages(tickets: list[int]) -> dict[int, tuple[str, str]]:
    """Subject and new text of the message that opened each of these tickets, cut to what is read."""
    opening = Message.objects.filter(ticket=OuterRef("pk"), incoming=True).order_by("written_at", "pk").values("pk")[:1]
    pairs = Ticket.objects.filter(pk__in=tickets).values_list("pk", Subquery(opening))
    opened = {message: number for number, message in pairs if message is not None}
    found = Message.objects.filter(pk__in=list(opened)).values_list(
        "pk", "subject", Substr("new_text", 1, TEXT_READ), Substr("text", 1, TEXT_READ)
    )
    return {opened[pk]: (subject, new_text or text) for pk, subject, new_text, text in found}


def closed(most: int, told: Callable[[int], None]) -> Iterator[Example]:
    """The newest closed tickets, newest first; `told` hears how many were read, after each batch."""
    read, after = 0, None
    while read < most and (batch := _batch(min(BATCH, most - read), after)):
        messages = first_messages([ticket.pk for ticket in batch])
        for ticket in batch:
            if ticket.pk in messages:
                yield _example(ticket, *messages[ticket.pk])
        read += len(batch)
        after = (batch[-1].changed_at, batch[-1].pk)
        told(read)


def closed_since(instant: datetime | None, most: int) -> int:
    """How many tickets were closed after an instant (None: ever), counted up to `most`."""
    # What was closed since has changed since, and for that there is an index.
    found = _closed().filter(changed_at__gt=instant, closed_at__gt=instant) if instant else _closed()
    return found.order_by("-changed_at", "-pk")[:most].count()


def _closed() -> QuerySet[Ticket]:
    return Ticket.objects.filter(unresolved=False, status=CLOSED)


def _batch(size: int, after: tuple[datetime, int] | None) -> list[Ticket]:
    found = _closed()
    if after:
        found = found.filter(
            Q(changed_at__lt=after[0]) | Q(changed_at=after[0], pk__lt=after[1]), changed_at__lte=after[0]
        )
    columns = ("subject", "category", "impact", "urgency", "team", "changed_at")
    return list(found.order_by("-changed_at", "-pk").only(*columns)[:size])


def _example(ticket: Ticket, subject: str, text: str) -> Example:
    words = words_of(subject or ticket.subject, text)
    priority = level(ticket.impact, ticket.urgency) if ticket.impact and ticket.urgency else ""
    return Example(ticket.pk, bag_of(words), {"category": ticket.category, "priority": priority, "team": ticket.team})
