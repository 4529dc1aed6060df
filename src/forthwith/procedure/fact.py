"""What every fact has, and how its fields are written down. The kinds are in `facts.py`."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact says: when it was true, and who made it so (None: the system)."""

    at: datetime
    by: int | None = None


def plain(value: Any) -> Any:
    """A field's value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value


def _read_instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


_READERS: dict[Any, Any] = {tuple: tuple, datetime: _read_instant}


def _reader(hint: Any) -> Any:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    for option in options:
        found = _READERS.get(get_origin(option) or option)
        if found:
            return found
    return None


def own(kind: type[Fact]) -> tuple[str, ...]:
    """The fields that a kind of fact has beside those of all."""
    return tuple(field.name for field in fields(kind) if field.name not in ("at", "by"))


def readers(kind: type[Fact]) -> dict[str, Any]:
    """How the fields are read that JSON holds in another form, by name."""
    hints = get_type_hints(kind)
    return {name: reader for name in own(kind) if (reader := _reader(hints[name]))}


PEOPLE = ("by", "requester", "passed_on_by", "assignee", "person", "told", "mentioned", "followers")
"""The fields that name people by their numbers: one, none or several."""


def people_in(facts: Iterable[Fact]) -> set[int]:
    """Everybody whom these facts name."""
    found: set[int] = set()
    for fact in facts:
        for name in PEOPLE:
            named = getattr(fact, name, None)
            found.update(named if isinstance(named, tuple) else () if named is None else (named,))
    return found
