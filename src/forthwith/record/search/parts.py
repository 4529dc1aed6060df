"""Which words a ticket is found by: its head, its marks, and what was said on it, apart in public and in notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from forthwith.people.words import joined, words
from forthwith.record.models import Message, Ticket
from forthwith.record.search.blocks import rows_of

MOST_WORDS = 3000
"""Words in one part of a ticket. A ticket with more is searched part by part, each with its head and marks."""
EVERY, FILES, REQUESTER = "=all", "=has:attachment", "=requester"
ASKED_BY, COPIED_TO = "<", ">"
"""What stands before a word of the requester, and before one of who is in copy."""
_UNFIT = re.compile(r"[^\w=:.<>-]")
_PER_ROW = ("status", "priority", "team", "assignee_id", "category", "channel", "requester_id", "tags", "fields")


@dataclass(frozen=True, slots=True)
class Said:
    """Words to be found: in public, and for the desk alone."""

    public: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.public) + len(self.internal)


@dataclass(frozen=True, slots=True)
class Part:
    """A row of the index as it is to be. `at` is when the ticket was opened, in seconds of the epoch."""

    row: int
    at: int
    head: list[str]
    marks: list[str]
    said: Said


def head(ticket: Ticket, participants: Iterable[str]) -> list[str]:
    """Number, subject, requester, and who is in copy."""
    person = ticket.requester
    asks = words(f"{person.name} {person.email}")
    if person.organisation_id is not None:
        asks += words(str(person.organisation))
    subject = words(ticket.subject)
    return [str(ticket.pk), *subject, *joined(ticket.subject), *asks, *(ASKED_BY + one for one in asks)] + [
        one for address in participants for one in copied(address)
    ]


def copied(address: str) -> list[str]:
    """The words of an address in copy, plain and marked as such."""
    plain = words(address)
    return [*plain, *(COPIED_TO + one for one in plain)]


def mark(name: str, value: object) -> str:
    """What a filter looks for: `=status:open`."""
    return _UNFIT.sub("-", f"={name}:{value}".lower())


def days(at: datetime) -> tuple[str, str, str]:
    """The marks of the year, the month and the day (UTC) of an instant."""
    day = at.date().isoformat()
    return mark("year", day[:4]), mark("month", day[:7]), mark("day", day)


def marks(ticket: Ticket) -> list[str]:
    """What a ticket is filtered by."""
    path = ticket.category.split(".") if ticket.category else []
    return [
        EVERY,
        mark("status", ticket.status),
        mark("priority", ticket.priority),
        mark("team", ticket.team),
        mark("assignee", ticket.assignee_id or 0),
        mark("channel", ticket.channel),
        f"{REQUESTER}:{ticket.requester_id}",
        *(mark("category", ".".join(path[: depth + 1])) for depth in range(len(path))),
        *(mark("tag", tag) for tag in ticket.tags),
        *(mark(f"field.{name}", value) for name, value in ticket.fields.items()),
        *days(ticket.opened_at),
    ]


def marked_anew(changed: Iterable[str]) -> bool:
    """Whether these changed columns are among those that marks are made of."""
    return not set(_PER_ROW).isdisjoint(changed)


def said(message: Message, files: Iterable[str]) -> Said:
    """The words of a message and of its files' names.

    What it quotes is mostly said above already: of that only words that are not in the message itself, each once.
    """
    new = message.new_text or message.text
    found = [*words(new), *joined(new)]
    if message.text != new:
        rest = [*words(message.text), *joined(message.text)]
        found += dict.fromkeys(rest).keys() - set(found)
    names = list(files)
    for name in names:
        found += [*words(name), *joined(name)]
    if names:
        found.append(FILES)
    return Said(internal=found) if message.kind == Message.INTERNAL else Said(public=found)


def parts(ticket: Ticket, everything: Sequence[Said], participants: Iterable[str]) -> list[Part]:
    """The ticket as the index is to hold it, from everything said on it."""
    public = [one for each in everything for one in each.public]
    internal = [one for each in everything for one in each.internal]
    first, at = rows_of(ticket.pk)[0], int(ticket.opened_at.timestamp())
    shared = (at, head(ticket, participants), marks(ticket))
    held = zip_longest(pieces(public), pieces(internal)) if public or internal else [([], [])]
    return [Part(first + place, *shared, Said(one or [], two or [])) for place, (one, two) in enumerate(held)]


def pieces(found: list[str]) -> list[list[str]]:
    """The words in rows of at most MOST_WORDS."""
    return [found[place : place + MOST_WORDS] for place in range(0, len(found), MOST_WORDS)]
