"""What happens between tickets: linked, merged into one, split in two, and each of it undone (SOP 6.1).

Each is told on both tickets, so that either record is whole by itself. `ticket` is always the other one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forthwith.procedure.fact import Fact
from forthwith.procedure.said import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Fact):
    """Another ticket belongs to this one (SOP 6.1). `relation` says what the other is to it: one of `RELATIONS`."""

    ticket: int
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked(Fact):
    """A link was taken away (SOP 6.1)."""

    ticket: int
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedInto(Fact):
    """The other ticket goes on for this one, whose clocks end here (SOP 6.1)."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedFrom(Fact):
    """This ticket goes on for the other one too (SOP 6.1).

    `came_along` are tickets merged into that one before, `participants` who reads along here because of it, `followers`
    who of the desk follows this one because of it, `tags` its own, and `unanswered_since` when the oldest message of
    its requester was written that no person has answered.
    """

    ticket: int
    came_along: tuple[int, ...] = ()
    participants: tuple[str, ...] = ()
    unanswered_since: datetime | None = None
    followers: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged(Fact):
    """This ticket goes on by itself again, as it stood when it was merged into the other (SOP 6.1)."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeUndone(Fact):
    """The other ticket, which had been merged into this one, goes on by itself again (SOP 6.1)."""

    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff(Fact):
    """Messages of this ticket were made a ticket of their own (SOP 6.1)."""

    ticket: int
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFrom(Fact):
    """This ticket was made of messages of the other one (SOP 1.2, 6.1).

    `copies` are those messages here, vouched for by `digests`, in the order of `messages`. `counted_anew` are the
    clocks that would have been late at birth: they count from the split, the others from the first message.
    """

    ticket: int
    messages: tuple[int, ...]
    copies: tuple[int, ...]
    digests: tuple[str, ...]
    counted_anew: tuple[str, ...] = ()


RELATIONS: dict[str, tuple[str, str]] = {
    "related": (say("Related"), "related"),
    "parent": (say("Parent"), "child"),
    "child": (say("Child"), "parent"),
    "duplicate_of": (say("Original"), "duplicated_by"),
    "duplicated_by": (say("Duplicate"), "duplicate_of"),
}
"""What the other ticket of a link is to this one: how it is said, and what this one is to the other."""


def relation_name(relation: str) -> str:
    """How a relation is said; one that is not known as it is."""
    return RELATIONS[relation][0] if relation in RELATIONS else relation
