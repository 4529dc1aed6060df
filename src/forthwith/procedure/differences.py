"""How two procedures differ, each difference as a sentence (SOP H1): 'High: first response 1 h → 30 min'.

The documents are walked side by side by their types, so no field can be forgotten: what has no sentence of its own is
said in a general one. Entries are matched by their keys, rungs and lines of the revision history too. Where nothing but
an order differs, that is a difference: it is rank for priorities, and the order in which words are tried for levels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forthwith.procedure import document, shape
from forthwith.procedure.called import MANY, NOTHING, Called, category_keys, is_said, is_short, shortened, spelt
from forthwith.procedure.difference import Difference, Kind
from forthwith.procedure.differences_of_calendars import differences_of
from forthwith.procedure.lines import longest_rising, unified
from forthwith.procedure.model import Procedure, Target
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.terms import term_at

_TOLD: Mapping[str, tuple[str, ...]] = {
    "responsibilities": ("role",),
    "channels": ("acknowledgement",),
    "details": ("ask",),
    "teams": ("level", "hours"),
    "categories": ("team",),
    "impacts": ("says",),
    "urgencies": ("says",),
    "priorities": ("team", "first_response", "work", "next_reply", "next_update", "resolution"),
    "service_levels": ("organisations", "contracts", "vip", "categories", "channels", "calendar"),
    "exemptions": ("clocks", "categories", "channels", "received_outside"),
    "fields": ("kind", "categories"),
    "escalation": ("clock", "at", "every", "tell", "tell_teams", "move_to"),
    "revisions": ("date", "author", "description"),
}
"""What is said of an entry that is new, beside its name."""


def differences(old: Procedure, new: Procedure) -> tuple[Difference, ...]:
    """Everything in which the new one differs, in the document's order; nothing for two of one digest."""
    return tuple(_Comparison(Called(old), Called(new)).whole())


def yaml_lines(old: Procedure, new: Procedure) -> tuple[str, ...]:
    """The lines of both as YAML that differ, as a unified diff without the names of files."""
    return unified(document.write(old).splitlines(), document.write(new).splitlines())


class _Comparison:
    """Two procedures, walked side by side. Paths are those of the new one, and of the old one for what is gone."""

    def __init__(self, old: Called, new: Called) -> None:
        self._old, self._new = old, new

    def whole(self) -> Iterator[Difference]:
        for key in Procedure.model_fields:
            yield from self._at((key,), self._old.data[key], self._new.data[key])

    def _at(self, path: Path, old: Any, new: Any) -> Iterator[Difference]:
        if json.dumps(old) == json.dumps(new):
            return
        kind = shape.kind_at(path)
        if path[0] == "calendars" and len(path) == 2:
            yield from differences_of(path, self._subject(path), old, new)
        elif shape.is_part(kind):
            yield from self._part(path, kind, old, new)
        elif shape.is_mapping(kind):
            yield from self._mapping(path, old, new)
        elif shape.is_list(kind) and shape.is_part(shape.kind_below(kind, 0)):
            yield from self._entries(path, old, new)
        else:
            yield self._list(path, old, new) if shape.is_list(kind) else self._value(path, old, new)

    def _part(self, path: Path, kind: Any, old: Any, new: Any) -> Iterator[Difference]:
        if old is None or new is None:
            yield self._value(path, old, new)
        elif kind is Target:
            yield self._target(path, old, new)
        else:
            for name in kind.model_fields:
                yield from self._at((*path, name), old[name], new[name])

    def _target(self, path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
        if old["by"] or new["by"]:
            return self._value(path, old, new)
        if old["target"] == new["target"]:
            return self._value((*path, "calendar"), old["calendar"], new["calendar"])
        if old["calendar"] == new["calendar"]:
            return Difference((*path, "target"), "changed", _arrow(self._subject(path), spelt(old), spelt(new)))
        return self._value(path, old, new)

    def _mapping(self, path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
        for key in old:
            if key not in new:
                yield from self._gone((*path, key))
        for key, value in new.items():
            if key in old:
                yield from self._at((*path, key), old[key], value)
            else:
                yield from self._come((*path, key), value)
        places = {key: (*path, key) for key in new if key in old}
        yield from self._order(path, [key for key in old if key in new], places)

    def _entries(self, path: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
        """Parts in a list, matched by their first field, which tells them apart."""
        before, after = _by_first(old), _by_first(new)
        for key, i in before.items():
            if key not in after:
                yield from self._gone((*path, i))
        for key, j in after.items():
            if key in before:
                yield from self._at((*path, j), old[before[key]], new[j])
            else:
                yield from self._come((*path, j), new[j])
        places = {key: (*path, j) for key, j in after.items() if key in before}
        yield from self._order(path, [key for key in before if key in after], places)

    def _order(self, path: Path, old: list[Any], places: Mapping[Any, Path]) -> Iterator[Difference]:
        """What both have stands in another order; `places` are the paths in the new one."""
        if old == [*places]:
            return
        subject, names = self._subject(path), [self._new.called(place) for place in places.values()]
        if len(names) <= MANY:
            said = say("%(subject)s reordered: %(names)s", subject=subject, names=tuple(names))
        else:
            ranks = {key: rank for rank, key in enumerate(old)}
            stayed = set(longest_rising([ranks[key] for key in places]))
            moved = shortened([name for i, name in enumerate(names) if i not in stayed])
            said = say("%(subject)s reordered; moved: %(names)s", subject=subject, names=moved)
        yield Difference(path, "moved", said)

    def _gone(self, path: Path) -> Iterator[Difference]:
        yield Difference(path, "removed", say("%(subject)s removed", subject=self._old.subject(path)))
        if path[0] == "categories":
            for key in self._old.at((*path, "children")):
                yield from self._gone((*path, "children", key))

    def _come(self, path: Path, value: Any) -> Iterator[Difference]:
        subject, told = self._new.subject(path), self._told(path, value)
        said = say("%(subject)s added (%(what)s)", subject=subject, what=told) if told else None
        yield Difference(path, "added", said or say("%(subject)s added", subject=subject))
        if path[0] == "categories":
            for key, child in value["children"].items():
                yield from self._come((*path, "children", key), child)

    def _told(self, path: Path, value: Any) -> Any:
        """What is worth saying of something new."""
        if path[0] == "calendars" or value in NOTHING:
            return ()
        if isinstance(value, str) or path[0] == "matrix":
            return self._new.value(path, value)
        if path[0] == "categories":
            own = self._new.procedure.category_paths[".".join(category_keys(path))]
            value = {**value, "team": own.team}
        fields = [name for name in _TOLD.get(str(path[0]), ()) if is_said(value.get(name))]
        return tuple(self._new.told((*path, name), value[name]) for name in fields)

    def _list(self, path: Path, old: list[Any], new: list[Any]) -> Difference:
        """A list of names or texts: what came to it, what went from it, or that its order is another."""
        before, after = set(old), set(new)
        come = [item for item in new if item not in before]
        gone = [item for item in old if item not in after]
        if not old or not new or not (come or gone):
            kind: Kind = "added" if not old else "removed" if not new else "moved"
            said = _arrow(self._subject(path), self._old.value(path, old), self._new.value(path, new))
        else:
            kind = "changed" if come and gone else "added" if come else "removed"
            said = self._came_and_went(path, self._new.value(path, come), self._old.value(path, gone), kind)
        items = [str(item) for item in (*come, *gone) or (*old, *new)]
        if len(items) <= MANY and all(map(is_short, items)):
            return Difference(path, kind, said)
        return Difference(path, kind, said, "\n".join(map(str, old)), "\n".join(map(str, new)))

    def _came_and_went(self, path: Path, come: Any, gone: Any, kind: Kind) -> Said:
        if path[0] == "escalation" and path[-1] == "tell":
            return _tells(self._subject(path[:-1]), come, gone, kind)
        subject = self._subject(path)
        if kind == "added":
            return say("%(subject)s now also %(added)s", subject=subject, added=come)
        if kind == "removed":
            return say("%(subject)s no longer %(removed)s", subject=subject, removed=gone)
        return say("%(subject)s now also %(added)s; no longer %(removed)s", subject=subject, added=come, removed=gone)

    def _value(self, path: Path, old: Any, new: Any) -> Difference:
        kind: Kind = "added" if old in NOTHING else "removed" if new in NOTHING else "changed"
        if path[0] == "escalation" and path[-1] == "tell_requester":
            return Difference(path, kind, _tells_requester(self._subject(path[:-1]), new))
        if _is_text(path) and not (is_short(old or "") and is_short(new or "")):
            return Difference(path, kind, say("%(subject)s changed", subject=self._subject(path)), old or "", new or "")
        before, after = self._old.value(path, old), self._new.value(path, new)
        subject = self._subject(path)
        if path[0] in ("matrix", "steps"):
            said = say("%(subject)s: %(before)s → %(after)s", subject=subject, before=before, after=after)
            return Difference(path, kind, said)
        return Difference(path, kind, _arrow(subject, before, after))

    def _subject(self, path: Path) -> Said | str:
        """What a sentence on something that both have begins with: by the name that people know, the old one."""
        in_a_list = shape.is_list(shape.kind_at(path[:1]))
        return (self._new if in_a_list else self._old).subject(path)


def _by_first(parts: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], int]:
    """Where each part stands, by its first field, and by how many of that there were before."""
    seen: dict[str, int] = {}
    found = {}
    for place, part in enumerate(parts):
        key = str(next(iter(part.values())))
        found[key, seen.get(key, 0)] = place
        seen[key] = seen.get(key, 0) + 1
    return found


def _is_text(path: Path) -> bool:
    """Whether what people wrote stands at a path, and no name of something else."""
    term = term_at(path)
    return shape.kind_at(path) is str and not (term and (term.of or term.choices))


def _arrow(subject: Said | str, before: Any, after: Any) -> Said:
    return say("%(subject)s %(before)s → %(after)s", subject=subject, before=before, after=after)


def _tells(rung: Said | str, come: Any, gone: Any, kind: Kind) -> Said:
    if kind == "added":
        return say("%(rung)s now also tells %(added)s", rung=rung, added=come)
    if kind == "removed":
        return say("%(rung)s no longer tells %(removed)s", rung=rung, removed=gone)
    return say("%(rung)s now also tells %(added)s; no longer %(removed)s", rung=rung, added=come, removed=gone)


def _tells_requester(rung: Said | str, tells: bool) -> Said:
    if tells:
        return say("%(rung)s now also tells the requester", rung=rung)
    return say("%(rung)s no longer tells the requester", rung=rung)
