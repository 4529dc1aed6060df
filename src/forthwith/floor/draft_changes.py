"""What the page of a place can do to a draft: an entry added, taken out or moved, a form kept, the matrix kept."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from forthwith.floor import draft_calendars, draft_inputs
from forthwith.floor.draft_names import title_of
from forthwith.floor.draft_places import Place, matrix
from forthwith.procedure import editing, shape
from forthwith.procedure.editing import Data, value_at
from forthwith.procedure.references import Path
from forthwith.record.drafting import Change, Refused

_LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class Done:
    """A change, what is said of it, and the place that is shown then."""

    change: Change
    says: str
    then: Path


def asked_for(request: HttpRequest, data: Data, place: Place) -> Done:
    """What somebody asked for on the page of a place. Raises Refused where it cannot be."""
    posted = request.POST
    for name, act in _ACTS.items():
        if name in posted:
            return act(posted, data, place)
    if place.path == ("matrix",):
        return Done(partial(_matrix, posted=posted), _("Saved."), place.path)
    return Done(partial(_form, posted=posted, place=place), _("Saved."), place.path)


def _form(data: Data, *, posted: QueryDict, place: Place) -> Data:
    if draft_calendars.is_calendar(place.path):
        return draft_calendars.with_typed(data, place.path, place.inputs, posted)
    return draft_inputs.with_typed(data, place.inputs, posted)


def _matrix(data: Data, *, posted: QueryDict) -> Data:
    for _name, cells in matrix(data, ())[1]:
        for cell in cells:
            chosen = str(posted.get(cell.name, cell.shown))
            if chosen != cell.shown:
                data = editing.put(data, cell.path, chosen)
    return data


def _add(posted: QueryDict, data: Data, place: Place) -> Done:
    typed, like = posted.get("key", "").strip(), posted.get("like", "")
    if not typed:
        raise Refused(_("Say what the new entry is called."))
    here = value_at(data, place.path)
    if shape.is_list(shape.kind_at(place.path)):
        key: str | int = len(here) if isinstance(here, list) else 0
    else:
        key = _as_key(typed) if place.adds == "name" or _wants_key(place.path) else typed[:_LONGEST_KEY]
        if isinstance(here, dict) and key in here:
            raise Refused(_("There is an entry with the key %(key)s already. Choose another name.") % {"key": key})
    path = (*place.path, key)
    value = _new(data, path, typed, _model(data, place, like))
    then = path if isinstance(value, dict) else place.path
    return Done(partial(editing.put, path=path, value=value), _("Added. Fill in what is missing."), then)


def _model(data: Data, place: Place, like: str) -> Any:
    """What an entry is begun from: a copy of another one, if one was chosen."""
    found = next((entry.key for entry in place.entries if like and str(entry.key) == like), None)
    return None if found is None else copy.deepcopy(value_at(data, (*place.path, found)))


def _new(data: Data, path: Path, typed: str, model: Any) -> Any:
    kind = shape.kind_at(path)
    if path[0] == "calendars":
        return model or {"timezone": _zone(data), "hours": {}}
    if kind is str:
        return model or ""
    if not shape.is_part(kind):
        return model or {}
    begun = model if isinstance(model, dict) else {}
    first = next(iter(kind.model_fields))
    if first == "key":
        return {**begun, "key": _as_key(typed)}
    return {**begun, first: typed} if first in ("name", "role", "version", "why") else begun


def _zone(data: Data) -> str:
    """The zone of another calendar: most desks have one."""
    calendars = data.get("calendars")
    found = (one.get("timezone") for one in (calendars or {}).values() if isinstance(one, dict))
    return next((str(zone) for zone in found if zone), "UTC")


def _wants_key(path: Path) -> bool:
    """Whether the keys of a mapping are words of the format, in small letters."""
    return path[0] not in ("steps", "responsibilities", "languages") or (len(path) == 1 and path[0] == "languages")


def _as_key(typed: str) -> str:
    """A name as a key: small letters, digits and _, beginning with a letter."""
    key = re.sub(r"[^a-z0-9]+", "_", typed.lower()).strip("_")[:_LONGEST_KEY]
    if not key:
        raise Refused(_("Use letters of a to z in the name: its key is made of them."))
    return key if key[0].isalpha() else f"n_{key}"[:_LONGEST_KEY]


def _remove(posted: QueryDict, data: Data, place: Place) -> Done:
    path = _entry(posted.get("remove", ""), place)
    says = _("%(what)s is taken out of the draft.") % {"what": title_of(data, path)}
    return Done(partial(editing.take_out, path=path), says, place.path)


def _moved(name: str, by: int, posted: QueryDict, data: Data, place: Place) -> Done:
    return Done(partial(editing.move, path=_entry(posted.get(name, ""), place), by=by), "", place.path)


def _entry(key: str, place: Place) -> Path:
    for entry in place.entries:
        if str(entry.key) == key:
            return (*place.path, entry.key)
    raise Refused(_("The draft has no such entry any more."))


_ACTS: dict[str, Callable[[QueryDict, Data, Place], Done]] = {
    "add": _add,
    "remove": _remove,
    "up": partial(_moved, "up", -1),
    "down": partial(_moved, "down", 1),
}
"""What buttons ask for, by their names."""
