"""A bundle for an auditor: the tickets of a period as on record, the revisions of the procedure, and the verdicts.

In it is a program that checks all of it without this one (SOP 6.1, H1). docs/export-format.md describes it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from forthwith.record import chain, exported
from forthwith.record.models import Revision, Ticket

FORMAT = "forthwith.evidence/1"
VERIFIER = Path(__file__).with_name("verifier.py")
_BATCH = 200


def write(file: IO[bytes], since: datetime, until: datetime, now: datetime) -> int:
    """Write the tickets received in `[since, until)`; how many. One is held in memory at a time, and a piece of it."""
    tickets, verdicts, files = 0, dict[str, Counter[str]](), dict[str, str]()
    with ZipFile(file, "w", ZIP_DEFLATED) as bundle:
        for ticket in _received(since, until):
            name = f"tickets/{ticket.pk}.json"
            files[name] = _add(bundle, name, exported.pieces(ticket, now, told=partial(_count, verdicts)))
            tickets += 1
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
            "files": files,
        }
        _add(bundle, "manifest.json", [json.dumps(manifest, indent=1, ensure_ascii=False)])
        _add(bundle, "verify.py", [VERIFIER.read_text("utf-8")])
    return tickets


def _received(since: datetime, until: datetime) -> Iterator[Ticket]:
    """In the order of their numbers, in batches by key."""
    found, after = Ticket.objects.filter(opened_at__gte=since, opened_at__lt=until).order_by("pk"), 0
    while batch := list(found.filter(pk__gt=after)[:_BATCH]):
        yield from batch
        after = batch[-1].pk


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
