"""The one place that writes the index: the door calls it, in the transaction of the facts.

What a ticket has in the index follows from its row, its messages and who takes part; `rebuild` makes it anew from
these, after a redaction for example, and `amiss` compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import ModuleType

from django.db import connection

from forthwith.procedure.case import fold
from forthwith.record import queries
from forthwith.record.models import Attachment, Message, Ticket
from forthwith.record.search import postgresql, sqlite
from forthwith.record.search.parts import MOST_WORDS, Part, Said, copied, marked_anew, marks, parts, said

MOST_MESSAGES = 2000
"""Messages of one ticket that are read at a time."""


def index() -> ModuleType:
    """The module of this database."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def begin(ticket: Ticket, everything: Sequence[Said], participants: Iterable[str]) -> None:
    """Put a new ticket in."""
    for part in parts(ticket, everything, participants):
        index().put(part)


def follow(ticket: Ticket, changed: Iterable[str], everything: Sequence[Said], joined_now: Sequence[str]) -> None:
    """Bring a ticket that is there already up to what was just logged: its row's changes, messages, who joined."""
    columns = set(changed)
    anew = marked_anew(columns)
    if not (anew or everything or joined_now):
        return
    last = index().last(ticket.pk)
    if last is None or not columns.isdisjoint(("subject", "requester_id", "opened_at")):
        rebuild(ticket)
        return
    if anew:
        index().mark(ticket.pk, marks(ticket))
    if everything or joined_now:
        _add(ticket, last, everything, [word for address in joined_now for word in copied(address)])


def _add(ticket: Ticket, last: tuple[int, int], everything: Sequence[Said], copies: list[str]) -> None:
    row, size = last
    length = sum(map(len, everything))
    if size + length <= MOST_WORDS:
        together = Said([w for one in everything for w in one.public], [w for one in everything for w in one.internal])
        index().add(row, copies, together)
        return
    if copies:
        index().add(row, copies, Said())
    for place, part in enumerate(parts(ticket, everything, _participants(ticket.pk)), start=row + 1):
        index().put(Part(place, part.at, part.head, part.marks, part.said))


def rebuild(ticket: Ticket) -> None:
    """Make a ticket's part of the index anew from what is kept of it."""
    index().remove(ticket.pk)
    begin(ticket, _everything(ticket.pk), _participants(ticket.pk))


def amiss(ticket: Ticket) -> str:
    """What the index does not say as the record does, in a sentence; empty when it agrees.

    Names are left out: they are kept as they were when the ticket came.
    """
    held = index().held(ticket.pk)
    wanted = parts(ticket, _everything(ticket.pk), ())
    texts = {
        "public": {word for part in wanted for word in part.said.public},
        "internal": {word for part in wanted for word in part.said.internal},
        "marks": set(marks(ticket)),
    }
    missing = sum(len(words - held[name]) for name, words in texts.items())
    beyond = sum(len(held[name] - words) for name, words in texts.items())
    if not (missing or beyond):
        return ""
    return f"The search lacks {missing} of its words, and has {beyond} that are not on it."


def _everything(ticket: int) -> list[Said]:
    names: dict[int, list[str]] = {}
    for message, name in (
        Attachment.objects.filter(message__ticket=ticket).order_by("pk").values_list("message", "name")
    ):
        names.setdefault(message, []).append(name)
    found = Message.objects.filter(ticket=ticket).only("kind", "text", "new_text").order_by("pk")
    return [said(message, names.get(message.pk, ())) for message in found.iterator(MOST_MESSAGES)]


def _participants(ticket: int) -> tuple[str, ...]:
    return fold(queries.facts_of(queries.entries(ticket))).participants
