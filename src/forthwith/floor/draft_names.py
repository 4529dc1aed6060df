"""What the places of a draft are called, and where their pages are.

A draft may be wrong, so nothing is taken for granted.
"""

from __future__ import annotations

from typing import Any

from forthwith.procedure import shape
from forthwith.procedure.called import spaced
from forthwith.procedure.editing import Data, value_at
from forthwith.procedure.lifecycle import STATUSES
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.term import Section
from forthwith.procedure.terms import SECTIONS, term_at
from forthwith.procedure.terms_texts import MESSAGES

GENERAL = "general"
"""The page of what stands in the document itself, outside of its sections: title, purpose, scope ..."""
_NAMED = ("name", "role", "version", "subject", "why")
Named = tuple[str, Said | str]
"""A key, and what it is called."""


def address_of(path: Path) -> str:
    """A path as the end of an address; a slash within a key is `~1`, as in JSON pointers."""
    return "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path) or GENERAL


def path_at(data: Data, address: str) -> Path | None:
    """The path of an address of `address_of`; None where the draft has no such place."""
    path: Path = ()
    steps = [] if address == GENERAL else address.split("/")
    for written in steps:
        step: str | int = written.replace("~1", "/").replace("~0", "~")
        here = value_at(data, path)
        if isinstance(here, list):
            step = int(written) if written.isdecimal() and len(written) < 6 else -1
        kind = shape.kind_at(path)
        is_field = shape.is_part(kind) and step in kind.model_fields
        if not is_field and value_at(data, (*path, step), _NOTHING) is _NOTHING:
            return None
        path = (*path, step)
    return path if is_page(path) else None


def is_page(path: Path) -> bool:
    """Whether a place has a page of its own, and is no field on the page of what it is in."""
    if not path:
        return True
    kind, above = shape.kind_at(path), shape.kind_at(path[:-1])
    if path[0] == "calendars":
        return len(path) <= 2
    if path[0] == "matrix":
        return len(path) == 1
    if shape.is_part(kind):
        return len(path) == 1 or not shape.is_part(above) or not is_flat(kind)
    return shape.is_mapping(kind) or (shape.is_list(kind) and shape.is_part(shape.kind_below(kind, 0)))


def page_of(path: Path) -> Path:
    """The nearest place with a page that holds this one."""
    return next(path[:depth] for depth in range(len(path), -1, -1) if is_page(path[:depth]))


def is_flat(part: Any) -> bool:
    """Whether all that a part holds is typed or chosen, in it or in such a part, so that it fits in another's form."""
    kinds = [shape.bare(field.annotation) for field in part.model_fields.values()]
    return all(is_flat(kind) if shape.is_part(kind) else is_typed(kind) for kind in kinds)


def is_typed(kind: Any) -> bool:
    """Whether a field is typed or chosen: no part, no mapping, no list of either."""
    if shape.is_list(kind):
        return is_typed(shape.kind_below(kind, 0))
    return not shape.is_part(kind) and not shape.is_mapping(kind)


def title_of(data: Data, path: Path) -> Said | str:
    """What a place is called by itself: a section by its title, an entry by its name."""
    if not path:
        return say("In general")
    if len(path) == 1:
        return SECTIONS.get(str(path[0]), str(path[0]))
    if shape.is_part(shape.kind_at(path[:-1])):
        term = term_at(path)
        return term.title if term else str(path[-1])
    if path[0] == "wording" and len(path) == 3:
        return MESSAGES.get(str(path[-1]), str(path[-1]))
    return _entry_name(data, path)


def _entry_name(data: Data, path: Path) -> Said | str:
    here, key = value_at(data, path), str(path[-1])
    if isinstance(here, dict):
        named = next((str(here[name]) for name in _NAMED if here.get(name)), "")
        if named and path[0] != "wording":
            return f"{key} {named}" if path[0] == "responsibilities" else named
        if isinstance(path[-1], int):
            return spaced(str(here.get("key", key)))
    term = term_at(path)
    return dict(named_in(data, term.by)).get(key, key) if term and term.by else key


def named_in(data: Data, section: Section) -> list[Named]:
    """The keys that may stand where a section's are named, with what they are called."""
    if section == "calendars":
        return [("always", say("round the clock")), *((key, key) for key in _entries(data, section))]
    if section == "categories":
        return _categories(_entries(data, section))
    if section == "statuses":
        return [*STATUSES.items()]
    if section == "wording":
        return [(key, str(_name(value_at(data, ("languages", key)), key))) for key in _entries(data, section)]
    return [(key, _name(entry, key)) for key, entry in _entries(data, section).items()]


def _categories(entries: dict[str, Any], above: str = "", said: str = "", depth: int = 0) -> list[Named]:
    found: list[Named] = []
    for key, entry in entries.items():
        name = f"{said}{_name(entry, key)}"
        found.append((f"{above}{key}", name))
        below = entry.get("children") if isinstance(entry, dict) else None
        if isinstance(below, dict) and depth < 20:
            found += _categories(below, f"{above}{key}.", f"{name} › ", depth + 1)
    return found


def _entries(data: Data, section: str) -> dict[str, Any]:
    found = data.get(section)
    return found if isinstance(found, dict) else {}


def _name(entry: Any, key: str) -> str:
    return str(entry.get("name") or key) if isinstance(entry, dict) else key


_NOTHING = object()
