"""The tickets that a ticket has to do with: linked, merged, split. Only those that the reader may see (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forthwith.people.models import Person
from forthwith.procedure.case import Case
from forthwith.procedure.joining_facts import relation_name
from forthwith.record import queries
from forthwith.record.models import Ticket
from forthwith.record.states import States
from forthwith.ui.said import spoken


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked ticket: what it is to this one, and how it stands."""

    ticket: Ticket
    relation: str
    status: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What stands beside the conversation and above it about other tickets."""

    links: list[Linked]
    merged: list[Ticket]
    merged_into: Ticket | None
    split_from: Ticket | None


@dataclass(frozen=True, slots=True)
class Preview:
    """Both tickets of a merge, to be looked at before it is done."""

    merged: Ticket
    into: Ticket
    states: States

    @property
    def statuses(self) -> tuple[str, str]:
        """How both stand."""
        return self.states[self.merged.status], self.states[self.into.status]

    @property
    def another_asks(self) -> bool:
        """Whether the requesters differ."""
        return self.merged.requester_id != self.into.requester_id


def named_by(case: Case) -> list[int]:
    """The numbers of the tickets that a case names."""
    others = [number for number in (case.merged_into, case.split_from) if number is not None]
    return [*others, *(one.ticket for one in case.joined), *(link.ticket for link in case.links)]


def joined_of(case: Case, found: Mapping[int, Ticket], states: States) -> Joined:
    """The tickets that a case names, out of those that the reader may see."""
    links = [
        Linked(found[link.ticket], spoken(relation_name(link.relation)), states[found[link.ticket].status])
        for link in case.links
        if link.ticket in found
    ]
    return Joined(
        links=sorted(links, key=lambda one: one.relation),
        merged=[found[one.ticket] for one in case.joined if one.ticket in found],
        merged_into=found.get(case.merged_into or 0),
        split_from=found.get(case.split_from or 0),
    )


def preview_of(viewer: Person, merged: int, into: int, states: States) -> Preview | None:
    """Both tickets, if there are two that the reader may see."""
    found = queries.several(viewer, [merged, into])
    return Preview(found[merged], found[into], states) if len(found) == 2 else None
