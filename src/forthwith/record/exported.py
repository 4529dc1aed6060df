"""A ticket as a file that stands by itself: all that is on record, with what it takes to verify it elsewhere (SOP 6.1).

The format is described in docs/export-format.md; its keys are a contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import override

from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.record import chain, printed, queries
from forthwith.record.models import Attachment, Entry, Message, Revision, Ticket

FORMAT = "forthwith.ticket/1"
_BATCH = 100


def pieces(ticket: Ticket, now: datetime, *, told: Callable[[dict[str, Any]], object] = bool) -> Iterator[str]:
    """The export as JSON, piece by piece: a ticket with thousands of messages is never held in memory as a whole.

    `told` is called with what it says of the ticket itself.
    """
    entries = queries.entries(ticket.pk)
    facts, unreadable = _understood(entries)
    messages = Message.objects.filter(ticket=ticket)
    summary = _ticket(ticket, facts, unreadable, now)
    told(summary)
    last = messages.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield f'{{\n"format": {_json(FORMAT)},\n"exported_at": {_json(chain.instant(now))},\n'
    yield f'"ticket": {_json(summary)},\n'
    yield f'"people": {_json(_people(ticket, facts))},\n'
    yield f'"revisions": {_json(_revisions(entries))},\n'
    yield f'"chain": {_json(_chain(entries))},\n'
    yield '"facts": ['
    yield from _listed(_fact(entry) for entry in entries)
    yield '],\n"messages": ['
    yield from _listed(_message(message) for message in _read(ticket, last))
    yield "]\n}\n"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _listed(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    for place, item in enumerate(items):
        yield f"{',' if place else ''}\n{_json(item)}"


def _understood(entries: Iterable[Entry]) -> tuple[list[f.Fact], str]:
    """The facts that can be read, and which cannot: an auditor needs a broken record above all."""
    found: list[f.Fact] = []
    wrong: list[str] = []
    for entry in entries:
        try:
            found.append(queries.fact_of(entry))
        except queries.Unreadable as damaged:
            wrong.append(str(damaged))
    return found, "; ".join(wrong)


def _ticket(ticket: Ticket, facts: list[f.Fact], unreadable: str, now: datetime) -> dict[str, Any]:
    """How it stands now: read from the facts like every page of the desk, where they can be read."""
    standing: dict[str, Any] = dict.fromkeys(printed.STANDING)
    if not unreadable:
        try:
            standing = printed.standing(ticket, facts, now)
        except Exception as damaged:  # facts that no door let in may contradict one another in any way
            unreadable = f"the facts do not add up ({type(damaged).__name__}: {damaged})"
    said = {"revision": ticket.revision_id, **standing, "unreadable": unreadable or None}
    return {**printed.summary(ticket), **said}


def _people(ticket: Ticket, facts: Iterable[f.Fact]) -> dict[str, dict[str, str]]:
    """Everybody whom a fact names, who wrote a message, asked or has it, by the number that these name them by."""
    named: set[int | None] = {*f.people_in(facts), ticket.requester_id, ticket.assignee_id}
    named |= set(Message.objects.filter(ticket=ticket).values_list("author", flat=True).distinct())
    found = Person.objects.filter(pk__in=[one for one in named if one is not None]).order_by("pk").only("name", "email")
    return {str(person.pk): {"name": person.name, "address": person.email} for person in found}


def _revisions(entries: Iterable[Entry]) -> dict[str, dict[str, Any]]:
    found = Revision.objects.filter(pk__in={entry.revision_id for entry in entries}).order_by("pk")
    return {
        str(one.pk): {"installed_at": chain.instant(one.installed_at), "digest": one.digest, "procedure": one.text}
        for one in found
    }


def _chain(entries: list[Entry]) -> dict[str, Any]:
    broken = chain.first_break(entries)
    return {
        "algorithm": "sha256",
        "facts": len(entries),
        "head": entries[-1].hash if entries else "",
        "intact": broken is None,
        "broken_at": broken,
    }


def _fact(entry: Entry) -> dict[str, Any]:
    """What its hash is taken of, beside the hash before it and the ticket's number."""
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "at": chain.instant(entry.at),
        "noted_at": chain.instant(entry.noted_at),
        "by": entry.by_id,
        "revision": entry.revision_id,
        "data": entry.data,
        "hash": entry.hash,
    }


def _read(ticket: Ticket, last: int) -> Iterator[Message]:
    """The messages up to one, in the order they were kept, in batches by key."""
    found = Message.objects.filter(ticket=ticket, pk__lte=last).prefetch_related("attachments").order_by("pk")
    after = 0
    while batch := list(found.filter(pk__gt=after)[:_BATCH]):
        yield from batch
        after = batch[-1].pk


def _message(message: Message) -> dict[str, Any]:
    """What its digest is taken of, its number, and the digest that a fact vouches for."""
    return {
        "id": message.pk,
        "kind": message.kind,
        "incoming": message.incoming,
        "author": message.author_id,
        "address": message.address,
        "subject": message.subject,
        "text": message.text,
        "new_text": message.new_text,
        "html": message.html,
        "mail_id": message.mail_id,
        "written_at": chain.instant(message.written_at),
        "files": [_file(file) for file in message.attachments.all()],
        "digest": message.digest,
    }


def _file(file: Attachment) -> dict[str, Any]:
    """A file is named with the hash of its content, not embedded."""
    return {
        "digest": file.digest,
        "name": file.name,
        "type": file.type,
        "size": file.size,
        "inline": file.inline,
        "content_id": file.content_id,
        "warning": _warning(file),
    }


def _warning(file: Attachment) -> str:
    """In English whoever exports it: scripts read it."""
    with override("en"):
        return str(file.warning)
