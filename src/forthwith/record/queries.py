"""Reading tickets: what a person may see, and how long alike tickets took. Lists of them: `lists.py`.

Every query here is bounded, and permission is part of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.prepared import Place, Prepared, padded
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import WORKERS
from forthwith.record import links
from forthwith.record.models import Attachment, Entry, Message, Ticket

MOST_ALIKE = 200
MOST_MESSAGES = 200
MOST_FILES = 1000
MOST_OTHERS = 8
MOST_WAITING = 50
MOST_SEVERAL = 200
MOST_AVAILABLE = 200
LARGEST = 2**63 - 1
"""A number above it no database can even be asked for."""
MOST_MERGED = 50
"""How many tickets one may go on for, those merged into them included."""


def visible_to(person: Person) -> QuerySet[Ticket]:
    """Every ticket that a person may read: all for the desk, their own for a requester."""
    tickets = Ticket.objects.all()
    return tickets if _sees_all(person) else tickets.filter(requester=person)


def _sees_all(person: Person) -> bool:
    return person.reads_all and person.is_active


def _one(**own: Place) -> QuerySet[Ticket]:
    return Ticket.objects.select_related("requester__organisation", "assignee").filter(pk=Place(0), **own)


_ANY, _OWN = Prepared(_one), Prepared(lambda: _one(requester=Place(1)))


def ticket_for(person: Person, number: int) -> Ticket | None:
    """One ticket, if the person may read it."""
    if number > LARGEST:
        return None
    found = _ANY(number) if _sees_all(person) else _OWN(number, person.pk)
    return found[0] if found else None


def by_link(token: str) -> tuple[Person, Ticket] | None:
    """The person and the ticket of a signed link, if it was signed here and they may still read it."""
    number, named = links.read_token(token) or (0, None)
    person = directory.person(named)
    ticket = ticket_for(person, number) if person and person.is_active else None
    return (person, ticket) if person and ticket else None


def survivor(number: int) -> int:
    """The ticket that goes on for this one: itself, unless it was merged into another."""
    return (number, *merged_into(number))[-1]


def merged_into(number: int) -> list[int]:
    """The ticket into which this one was merged, the one into which that was, and so on; the last goes on for all."""
    found: list[int] = []
    while len(found) < MOST_MERGED:
        into = Ticket.objects.filter(pk=found[-1] if found else number).values_list("merged_into", flat=True).first()
        if into is None:
            break
        found.append(into)
    return found


def several(person: Person, numbers: Iterable[int]) -> dict[int, Ticket]:
    """Those of these tickets, by number, that a person may read; at most MOST_SEVERAL, with their requesters."""
    wanted = list(numbers)[:MOST_SEVERAL]
    found = visible_to(person).filter(pk__in=wanted).select_related("requester") if wanted else []
    return {ticket.number: ticket for ticket in found}


_ENTRIES = Prepared(lambda: Entry.objects.filter(ticket=Place(0)).order_by("seq"))


def entries(ticket: int) -> list[Entry]:
    """A ticket's facts as they are kept, in the order they were recorded."""
    return _ENTRIES(ticket)


class Unreadable(RuntimeError):
    """A fact is on record that cannot be understood: which, and why."""


def fact_of(entry: Entry) -> f.Fact:
    """The fact that an entry keeps. Raises Unreadable when it keeps none that is known."""
    try:
        return f.from_data(entry.kind, entry.at, entry.by_id, entry.data)
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Unreadable(f"fact {entry.seq} ({entry.kind}): {wrong.args[0] if wrong.args else wrong}") from wrong


def facts_of(entries: Iterable[Entry]) -> list[f.Fact]:
    """The facts that these entries keep, in their order. Raises Unreadable."""
    return [fact_of(entry) for entry in entries]


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its author's name (empty when they have none, or nobody is known), its files, and what was found
    out about its mail on the way in."""

    message: Message
    name: str
    files: list[Attachment]
    verified: dict[str, str]
    remarks: list[str]


def _latest(**chosen: str) -> QuerySet[Message]:
    return _told(Message.objects.filter(ticket=Place(0), **chosen))


def _told(messages: QuerySet[Message]) -> QuerySet[Message]:
    found = messages.annotate(
        author_name=F("author__name"), came_verified=F("raw_item__verified"), came_remarks=F("raw_item__remarks")
    )
    return found.order_by("-written_at", "-pk")[:MOST_MESSAGES]


_SAID = Prepared(_latest)
_SAID_IN_PUBLIC = Prepared(lambda: _latest(kind=Message.PUBLIC))
_FILES = Prepared(lambda: Attachment.objects.filter(message__ticket=Place(0)).order_by("-pk")[:MOST_FILES])


def conversation(ticket: Ticket, *, with_notes: bool, merged: Sequence[int] = ()) -> list[Said]:
    """The latest messages of a ticket and of those merged into it, oldest first, with their latest files.

    What was split off and merged back is there once.
    """
    if merged:
        messages, kept = _of_several([ticket.pk, *merged], with_notes=with_notes)
    else:
        messages = _SAID(ticket.pk) if with_notes else _SAID_IN_PUBLIC(ticket.pk)
        kept = _FILES(ticket.pk)
    return _said(messages, kept)


def length_of(ticket: Ticket, merged: Sequence[int] = ()) -> int:
    """How many messages the whole conversation has, of which the latest are read."""
    own = Message.objects.filter(ticket=ticket)
    if not merged:
        return own.count()
    return own.count() + Message.objects.filter(ticket__in=merged).exclude(digest__in=own.values("digest")).count()


def _of_several(tickets: list[int], *, with_notes: bool) -> tuple[list[Message], list[Attachment]]:
    found = Message.objects.filter(ticket__in=tickets)
    latest = _told(found if with_notes else found.filter(kind=Message.PUBLIC))
    own = {one.digest for one in latest if one.ticket_id == tickets[0]}
    messages: list[Message] = []
    messages += (one for one in latest if one.ticket_id == tickets[0] or one.digest not in own)
    return messages, _files_of(messages)


def _files_of(messages: list[Message]) -> list[Attachment]:
    found = Attachment.objects.filter(message__in=[one.pk for one in messages])
    return list(found.order_by("-pk")[:MOST_FILES])


def _said(messages: list[Message], kept: list[Attachment]) -> list[Said]:
    """The messages, oldest first, as they are told."""
    files: dict[int, list[Attachment]] = {}
    for file in reversed(kept):
        files.setdefault(file.message_id, []).append(file)
    found = []
    for one in reversed(messages):
        told: Any = one
        came = (told.came_verified or {}, told.came_remarks or [])
        found.append(Said(one, told.author_name or "", files.get(one.pk, []), *came))
    return found


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a ticket: what else its requester has that is not resolved, by next due instant, and of the
    tickets that were named those that the reader may see, by number. `solution` is that of one that was resolved."""

    also_open: list[Ticket]
    named: dict[int, Ticket]

    def solution(self, number: int) -> str:
        """What solved a named ticket the last time."""
        named: Any = self.named[number]
        return str((named.resolved or {}).get("solution", ""))


def beside(ticket: Ticket, person: Person, numbers: Iterable[int]) -> Beside:
    """Both in one query; at most MOST_SEVERAL are named."""
    wanted = padded(list(dict.fromkeys(numbers))[:MOST_SEVERAL])
    found: Any = _beside(len(wanted), _sees_all(person))(ticket.requester_id, ticket.pk, person.pk, *wanted)
    others = sorted((row for row in found if not row.mark), key=lambda row: (row.due_at, row.pk))
    return Beside(others, {row.pk: row for row in found if row.mark})


@cache
def _beside(size: int, all_of_them: bool) -> Prepared[Ticket]:
    """For the requester, the ticket, the reader, and so many numbers."""
    return Prepared(lambda: _also_open().union(_named(size, all_of_them), all=True))


def _also_open() -> QuerySet[Ticket]:
    theirs = Ticket.objects.filter(requester=Place(0), unresolved=True).exclude(pk=Place(1))
    first = theirs.order_by("due_at", "pk")[:MOST_OTHERS]
    return _shown(Ticket.objects.filter(pk__in=first.values("pk")), 0)


def _named(size: int, all_of_them: bool) -> QuerySet[Ticket]:
    named = Ticket.objects.filter(pk__in=[Place(3 + place) for place in range(size)])
    return _shown(named if all_of_them else named.filter(requester=Place(2)), 1)


def _shown(tickets: QuerySet[Ticket], mark: int) -> QuerySet[Ticket]:
    resolved = Entry.objects.filter(ticket=OuterRef("pk"), kind="Resolved").order_by("-seq").values("data")[:1]
    brief = tickets.only("subject", "status", "category", "due_at", "closed_at")
    return brief.annotate(mark=Value(mark), resolved=Subquery(resolved))


def others_of(ticket: Ticket, person: Person, most: int) -> list[Ticket]:
    """The requester's other tickets that a person may read: open ones by next due instant, then the newest settled."""
    theirs = visible_to(person).filter(requester=ticket.requester_id).exclude(pk=ticket.pk)
    theirs = theirs.only("subject", "status", "opened_at")
    found = list(theirs.filter(unresolved=True).order_by("due_at", "pk")[:most])
    return found + list(theirs.filter(unresolved=False).order_by("-pk")[: most - len(found)])


def _available(team: Place) -> QuerySet[Person]:
    unresolved = Ticket.objects.filter(assignee=OuterRef("pk"), unresolved=True).order_by()
    load = Subquery(unresolved.values("assignee").annotate(n=Count("pk")).values("n"))
    active = Person.objects.filter(available=True, is_active=True, role__in=WORKERS, memberships__team=team)
    return active.annotate(load=Coalesce(load, 0)).order_by()[:MOST_AVAILABLE]


_AVAILABLE = Prepared(lambda: _available(Place(0)))


def available(team: str) -> dict[Person, int]:
    """Those of a team who have signed in as available, each with how many unresolved tickets they have."""
    # Sorted here: where few work, a database may read every person in their order instead of the team's.
    found = sorted(_AVAILABLE(team), key=lambda person: person.pk)
    return {person: person.load for person in found}  # type: ignore[attr-defined]


def open_counts(people: list[int]) -> dict[int, int]:
    """How many unresolved tickets each of these people has."""
    found = Ticket.objects.filter(assignee_id__in=people, unresolved=True)
    return dict(found.values_list("assignee_id").annotate(Count("pk")))


def alike(category: str, priority: str) -> list[tuple[datetime, datetime]]:
    """When the latest alike tickets were opened and resolved, at most MOST_ALIKE."""
    found = Ticket.objects.filter(category=category, priority=priority, resolved_at__isnull=False)
    rows = found.order_by("-resolved_at").values_list("opened_at", "resolved_at")[:MOST_ALIKE]
    return [(opened, resolved) for opened, resolved in rows if resolved is not None]


def latest_assigned(people: list[int]) -> dict[int, int]:
    """The number of the newest ticket that each of these people has."""
    found = Ticket.objects.filter(assignee_id__in=people).values_list("assignee_id")
    return dict(found.annotate(Max("pk")))


def followed(ticket: Ticket, person: Person, since: datetime) -> QuerySet[Message]:
    """The public messages of a merged ticket, and of the one that goes on for it what its requester has had by mail.

    That is what the desk, or they themselves, wrote there from the merge on.
    """
    theirs = Q(incoming=False) | Q(author=person)
    later = Q(ticket__in=merged_into(ticket.number), written_at__gte=since) & theirs
    return Message.objects.filter(Q(ticket=ticket) | later, kind=Message.PUBLIC)


def followed_conversation(ticket: Ticket, person: Person, since: datetime) -> list[Said]:
    """The latest of these messages, oldest first, with their files."""
    messages = list(_told(followed(ticket, person, since)))
    return _said(messages, _files_of(messages))


def subject_of(number: int) -> str:
    """The subject of a ticket, or nothing when there is none of that number."""
    return Ticket.objects.filter(pk=number).values_list("subject", flat=True).first() or ""


def waiting_for(person: Person) -> list[Ticket]:
    """Unassigned tickets of the person's teams (of any team, for one without), the next due first."""
    teams = list(person.memberships.values_list("team", flat=True))
    found = Ticket.objects.filter(unresolved=True, assignee__isnull=True)
    if teams:
        found = found.filter(team__in=teams)
    return list(found.order_by("due_at", "pk").only("revision", "category")[:MOST_WAITING])
