"""A document changed at one place: its plain data with a value set, taken out, put in or moved (SOP H1).

The data may be wrong on the way, as a draft is; nothing here asks whether it is a procedure. All of it works on copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forthwith.procedure import shape, yaml_text
from forthwith.procedure.references import Path

Data = dict[str, Any]


class NoSuchPlace(LookupError):
    """The document has nothing at that path; the text says where."""


def value_at(data: Data, path: Path, otherwise: Any = None) -> Any:
    """What stands at a path; `otherwise` where nothing does."""
    here: Any = data
    for step in path:
        in_list = isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here)
        if not in_list and not (isinstance(here, dict) and step in here):
            return otherwise
        here = here[step]
    return here


def put(data: Data, path: Path, value: Any) -> Data:
    """The document with the value at the path, which is made where it is missing; a list is added to at its end.

    The fields of a part keep the order of the format, so that a diff shows only what was changed.
    """
    changed, here = _opened(data, path[:-1])
    _set(here, path, value)
    return changed


def take_out(data: Data, path: Path) -> Data:
    """The document without what stands at the path; unchanged where nothing does."""
    if value_at(data, path, _NOTHING) is _NOTHING:
        return data
    changed, here = _opened(data, path[:-1])
    del here[path[-1]]
    return changed


def move(data: Data, path: Path, by: int) -> Data:
    """The document with an entry of a mapping or a list so many places further down, or up; at the end it stays."""
    if value_at(data, path, _NOTHING) is _NOTHING:
        raise NoSuchPlace(yaml_text.dotted(path))
    changed, here = _opened(data, path[:-1])
    entries = list(here.items()) if isinstance(here, dict) else list(here)
    at = list(here).index(path[-1]) if isinstance(here, dict) else int(path[-1])
    entries.insert(max(0, at + by), entries.pop(at))
    if isinstance(here, dict):
        here.clear()
        here.update(entries)
    else:
        here[:] = entries
    return changed


def by_names(known: Iterable[Path]) -> dict[str, Path]:
    """Paths by how problems name them, as `escalation.3.move_to`; keys may have dots in them."""
    return {yaml_text.dotted(path): path for path in known}


def path_of(dotted: str, paths: Mapping[str, Path]) -> Path:
    """The path that a problem names, of those `by_names`; what is missing there ends with the keys that are named."""
    at = dotted
    while at and at not in paths:
        at = at.rpartition(".")[0]
    rest = dotted[len(at) :].strip(".")
    return (*paths.get(at, ()), *(rest.split(".") if rest else ()))


_NOTHING = object()


def _opened(data: Data, path: Path) -> tuple[Data, Any]:
    """A copy of the document in which what leads to the path, and what stands there, can be changed."""
    changed = dict(data)
    here: Any = changed
    for depth, step in enumerate(path, 1):
        below = value_at({"": here}, ("", step))
        if below is None:
            below = [] if shape.is_list(shape.kind_at(path[:depth])) else {}
        elif not isinstance(below, list | dict):
            raise NoSuchPlace(yaml_text.dotted(path))
        below = below.copy()
        _set(here, path[:depth], below)
        here = below
    return changed, here


def _set(here: Any, path: Path, value: Any) -> None:
    """Set what stands below `here`, which is the last step of the path."""
    last = path[-1]
    if isinstance(here, dict):
        new = str(last) not in here
        here[str(last)] = value
        kind = shape.kind_at(path[:-1])
        if new and shape.is_part(kind):
            _arrange(here, kind.model_fields)
    elif isinstance(last, int) and 0 <= last <= len(here):
        here[last : last + 1] = [value]
    else:
        raise NoSuchPlace(yaml_text.dotted(path))


def _arrange(here: dict[str, Any], fields: Mapping[str, Any]) -> None:
    """Put the keys of a part in the format's order; those that it does not know stay behind."""
    known = {key: here[key] for key in fields if key in here}
    rest = {key: value for key, value in here.items() if key not in known}
    here.clear()
    here.update({**known, **rest})
