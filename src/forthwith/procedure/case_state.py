"""What a ticket's facts add up to: the `Case` and the values it is made of. `case.fold` makes one (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Wait(NamedTuple):
    """A time `[start, end)` in which somebody waited, and what caused it; `end` None is still going on."""

    start: datetime
    end: datetime | None
    cause: str


class Awaited(NamedTuple):
    """A time `[start, end)` in which the requester waits for an answer; `end` None is still going on.

    `cause` says what ended it if no answer did. `ticket` is the merged ticket whose message it is, None for one of
    this ticket's own; `came_at` is since when it counts here, where that is later than when it was written.
    """

    start: datetime
    end: datetime | None = None
    cause: str = "requester"
    ticket: int | None = None
    came_at: datetime | None = None


class Asks(NamedTuple):
    """What was known of who asks when the request came: it decides the service level."""

    organisation: str = ""
    contract: str = ""
    vip: bool = False


NOBODY_KNOWN = Asks()


class Link(NamedTuple):
    """Another ticket, and what it is to this one."""

    ticket: int
    relation: str


class Joined(NamedTuple):
    """A ticket that was merged into this one, those merged into it before, and who reads along or, of the desk, follows
    this one because of it. `tags` are those that came with it.
    """

    ticket: int
    came_along: tuple[int, ...]
    participants: tuple[str, ...]
    followers: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


class Used(NamedTuple):
    """An article that somebody worked by: which revision, what it was called, and whether it helped."""

    article: int
    revision: int
    title: str
    helped: str
    at: datetime


class Part(NamedTuple):
    """Messages that were made a ticket of their own, and which."""

    ticket: int
    messages: tuple[int, ...]


class Written(NamedTuple):
    """A message of the requester, and when it was written."""

    message: int
    at: datetime


class Update(NamedTuple):
    """The time from one public message to the next: what a requester waited for news (next update).

    `answered` says that a person at the desk ended it; otherwise the requester's own message, or the
    ticket's resolution, did.
    """

    start: datetime
    end: datetime | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise made to the requester, and how it ended."""

    what: str
    made_at: datetime
    due: datetime
    kept_at: datetime | None = None
    withdrawn_at: datetime | None = None


class Ranked(NamedTuple):
    """A priority and since when the ticket has it."""

    at: datetime
    priority: str


class Moved(NamedTuple):
    """Until when a ticket was under a revision of the procedure, which, and under which it went on."""

    at: datetime
    was: int
    revision: int


class Standing(NamedTuple):
    """What the escalation matrix asks of a ticket, and since when the ticket stands so."""

    at: datetime
    priority: str | None = None
    category: str | None = None
    team: str | None = None
    assignee: int | None = None


@dataclass(slots=True)
class Case:
    """What a ticket's facts add up to. Times are aware UTC, people are ids, messages are ids.

    `placed_at` is when somebody last said where the ticket belongs, `moved_at` when a rung moved it for which the
    system has not looked for an agent yet. `unanswered` are the requester's messages since a person last answered.
    `apart` is when it was merged into another ticket, `status_before` how it stood then.
    """

    count: int = 0
    status: str = ""
    channel: str = ""
    subject: str = ""
    requester: int = 0
    follows: int | None = None
    from_person: bool = True
    asks: Asks = NOBODY_KNOWN
    opened_at: datetime | None = None
    found: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    details_asked: frozenset[str] = frozenset()
    acknowledged_at: datetime | None = None
    acknowledged_how: str = ""
    acknowledgement_withheld: str = ""
    acknowledgement_withheld_at: datetime | None = None
    category: str | None = None
    priority: str | None = None
    impact: str | None = None
    urgency: str | None = None
    priorities: tuple[Ranked, ...] = ()
    team: str | None = None
    assignee: int | None = None
    placed_at: datetime | None = None
    moved_at: datetime | None = None
    standings: tuple[Standing, ...] = ()
    participants: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    """Who was a participant and wanted to hear no more."""
    followers: tuple[int, ...] = ()
    """Who of the desk is told what happens on it."""
    sent_to: str | None = None
    """The team whose own address the request was sent to."""
    silent: bool = False
    """Imported, and nobody has worked on it since: nothing leaves by itself, no rung is due."""
    from_log: bool = False
    """Made from another desk's event log: judged and replayed like any, but nothing leaves or happens by itself."""
    ticked: tuple[str, ...] = ()
    minutes: int = 0
    worked: dict[int | None, int] = field(default_factory=dict)
    """Minutes by person; it is replaced, never changed, as are `fields`."""
    own_tags: frozenset[str] = frozenset()
    fields: dict[str, str] = field(default_factory=dict)
    """Values of the procedure's fields, by their keys."""
    first_response_at: datetime | None = None
    work_began_at: datetime | None = None
    replies_awaited: tuple[Awaited, ...] = ()
    unanswered: tuple[Written, ...] = ()
    updates: tuple[Update, ...] = ()
    waits: tuple[Wait, ...] = ()
    wait_until: datetime | None = None
    asleep: tuple[Wait, ...] = ()
    taken: frozenset[tuple[str, int]] = frozenset()
    fell_at: Mapping[tuple[str, int], datetime] = field(default_factory=dict)
    """When each rung taken fell due last, by its key and the cycle of its clock; it is replaced, never changed."""
    promised_update: datetime | None = None
    undelivered: tuple[tuple[str, str], ...] = ()
    promises: dict[str, Promise] = field(default_factory=dict)
    resolved_at: datetime | None = None
    cause: str = ""
    solution: str = ""
    knowledge: str = ""
    articles: tuple[Used, ...] = ()
    written: tuple[int, ...] = ()
    confirmation_asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_how: str = ""
    reopened: int = 0
    closed_at: datetime | None = None
    closed_why: str = ""
    rating: int | None = None
    links: tuple[Link, ...] = ()
    joined: tuple[Joined, ...] = ()
    merged_into: int | None = None
    apart: tuple[Wait, ...] = ()
    status_before: str = ""
    parts: tuple[Part, ...] = ()
    split_from: int | None = None
    split_at: datetime | None = None
    counted_anew: frozenset[str] = frozenset()
    moves: tuple[Moved, ...] = ()
    last_at: datetime | None = None

    @property
    def own_status(self) -> str:
        """The status, or the one that a merged ticket had: what it goes back to when that is undone."""
        return self.status_before if self.merged_into is not None else self.status

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag: its own, and those of the tickets merged into it, in the order of their letters."""
        return tuple(sorted(self.own_tags.union(*(one.tags for one in self.joined))))

    @property
    def own_participants(self) -> tuple[str, ...]:
        """Who reads along whatever becomes of the tickets merged into it."""
        brought = {address for one in self.joined for address in one.participants}
        return tuple(address for address in self.participants if address not in brought)

    @property
    def own_followers(self) -> tuple[int, ...]:
        """Who follows it whatever becomes of the tickets merged into it."""
        brought = {person for one in self.joined for person in one.followers}
        return tuple(person for person in self.followers if person not in brought)

    @property
    def holds(self) -> tuple[int, ...]:
        """Every ticket that this one goes on for, the latest merged last."""
        return tuple(number for one in self.joined for number in (*one.came_along, one.ticket))
