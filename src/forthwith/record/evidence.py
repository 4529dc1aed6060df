"""A bundle for an auditor: the tickets of a period as on record, the revisions of the procedure, and the verdicts.

In it is a program that checks all of it without this one (SOP 6.1, H1). docs/export-format.md describes it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet

from forthwith.people.models import Person
from forthwith.record import chain, exported
from forthwith.record.models import Revision, Ticket

FORMAT = "forthwith.evidence/1"
VERIFIER = Path(__file__).with_name("verifier.py")
_BATCH = 200


def write(
    file: IO[bytes], since: datetime, until: datetime, now: datetime, told: Callable[[int, int], object] = min
) -> int:
    """Write the tickets received in `[since, until)`; how many. One is held in memory at a time, and a piece of it.

    Of each that is done some hundred bytes are kept, for the table of contents. `told` hears how many of how many are.
    """
    tickets, total, verdicts, files = 0, received(since, until).count(), dict[str, Counter[str]](), dict[str, str]()
    told(0, total)
    with ZipFile(file, "w", ZIP_DEFLATED) as bundle:
        for ticket in _each(received(since, until)):
            name = f"tickets/{ticket.pk}.json"
            files[name] = _add(bundle, name, exported.pieces(ticket, now, told=partial(_count, verdicts)))
            tickets += 1
            # Some may have come since they were counted.
            told(tickets, max(tickets, total))
        for revision in Revision.objects.order_by("pk").iterator(chunk_size=_BATCH):
            name = f"revisions/{revision.pk}.yaml"
            files[name] = _add(bundle, name, [revision.text])
        manifest = {
            "format": FORMAT,
            "made_at": chain.instant(now),
            "since": chain.instant(since),
            "until": chain.instant(until),
            "tickets": tickets,
            "verdicts": verdicts,
            "revisions": _revisions(),
            "files": files,
        }
        _add(bundle, "manifest.json", [json.dumps(manifest, indent=1, ensure_ascii=False)])
        _add(bundle, "verify.py", [VERIFIER.read_text("utf-8")])
    return tickets


def received(since: datetime, until: datetime) -> QuerySet[Ticket]:
    """The tickets of a bundle, in the order of their numbers."""
    return Ticket.objects.filter(opened_at__gte=since, opened_at__lt=until).order_by("pk")


def _each(found: QuerySet[Ticket]) -> Iterator[Ticket]:
    """In batches by key."""
    after = 0
    while batch := list(found.filter(pk__gt=after)[:_BATCH]):
        yield from batch
        after = batch[-1].pk


def _revisions() -> dict[str, dict[str, str | None]]:
    """What is on record about each revision beside its text, by its number."""
    found = Revision.objects.select_related("installed_by", "reviewed_by", "called_off_by").defer("text")
    return {
        str(one.pk): {
            "digest": one.digest,
            "installed_at": chain.instant(one.installed_at),
            "installed_by": _name(one.installed_by),
            "reviewed_by": _name(one.reviewed_by),
            "effective_at": chain.instant(one.effective_at),
            "note": one.note,
            "called_off_at": chain.instant(one.called_off_at) if one.called_off_at else None,
            "called_off_by": _name(one.called_off_by),
            "called_off_why": one.called_off_why or None,
        }
        for one in found.order_by("pk").iterator(chunk_size=_BATCH)
    }


def _name(person: Person | None) -> str | None:
    return person.name if person else None


def _add(bundle: ZipFile, name: str, pieces: Iterable[str]) -> str:
    """Write a file of the bundle; its hash."""
    hashed = hashlib.sha256()
    with bundle.open(name, "w", force_zip64=True) as entry:
        for piece in pieces:
            content = piece.encode()
            hashed.update(content)
            entry.write(content)
    return hashed.hexdigest()


def _count(verdicts: dict[str, Counter[str]], ticket: dict[str, Any]) -> None:
    for step, verdict in (ticket["conformance"] or {}).items():
        verdicts.setdefault(step, Counter())[verdict["verdict"]] += 1
