"""The hash chain of a ticket's facts: each hashes its predecessor and its own content (SOP 6.1).

Canonical form: JSON with sorted keys, no spaces, UTF-8, instants as UTC with `Z`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from forthwith.record.models import Entry


def canonical(content: Any) -> bytes:
    """The one byte string for a JSON-able value."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(previous: str, entry: Entry) -> str:
    """The hash of an entry that follows the one with the hash `previous` (empty for the first)."""
    content = {
        "previous": previous,
        "ticket": entry.ticket_id,
        "seq": entry.seq,
        "kind": entry.kind,
        "at": instant(entry.at),
        "noted_at": instant(entry.noted_at),
        "by": entry.by_id,
        "revision": entry.revision_id,
        "data": entry.data,
    }
    return digest(content)


def fits(entries: Iterable[Entry]) -> list[bool]:
    """Of each entry whether it stands in its place and hashes what it says after the one before."""
    found, previous = [], ""
    for place, entry in enumerate(entries, 1):
        found.append(entry.seq == place and entry.hash == link(previous, entry))
        previous = entry.hash
    return found


def first_break(entries: Iterable[Entry]) -> int | None:
    """The number of the first entry that does not fit the chain, or None when it is whole."""
    return next((place for place, fit in enumerate(fits(entries), 1) if not fit), None)


def digest(content: Any) -> str:
    """The SHA-256 of a JSON-able value's canonical form."""
    return hashlib.sha256(canonical(content)).hexdigest()


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
