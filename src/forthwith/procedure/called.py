"""What the parts and the values of a procedure are called in a sentence: 'High', not `high` (SOP H1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from forthwith.procedure import shape
from forthwith.procedure.model import Procedure, Target
from forthwith.procedure.moments import Moment, format_duration
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.term import NONE, Term
from forthwith.procedure.terms import SECTIONS, TERMS, term_at
from forthwith.procedure.terms_texts import MESSAGES

SHORT = 60
"""Characters of a text that a sentence says whole."""
MANY = 10
"""Names that a sentence says at most."""
NOTHING: tuple[Any, ...] = (None, "", [], {})
"""What is there and says nothing."""
_WHOLE_DAYS = re.compile(r"([0-9]+) h")
_UNSAID = frozenset({"watch", "found", "phrases", "target"})
"""Fields that only hold others, or are what the field above them is about."""
_ROUND_THE_CLOCK = say("round the clock")

_ENTRIES: Mapping[str, Callable[[Said | str], Said | str]] = {
    "responsibilities": lambda name: say("Responsibility %(name)s", name=name),
    "steps": lambda name: say("Step %(name)s", name=name),
    "calendars": lambda name: say("Calendar %(name)s", name=name),
    "channels": lambda name: say("Channel %(name)s", name=name),
    "details": lambda name: say('Detail "%(name)s"', name=name),
    "teams": lambda name: say("Team %(name)s", name=name),
    "categories": lambda name: say("Category %(name)s", name=name),
    "impacts": lambda name: say('Impact "%(name)s"', name=name),
    "urgencies": lambda name: say('Urgency "%(name)s"', name=name),
    "priorities": lambda name: name,
    "service_levels": lambda name: say("Service level %(name)s", name=name),
    "exemptions": lambda name: say('Exemption "%(name)s"', name=name),
    "fields": lambda name: say('Field "%(name)s"', name=name),
    "escalation": lambda name: say('Rung "%(name)s"', name=name),
    "languages": lambda name: say("Language %(name)s", name=name),
    "macros": lambda name: say('Macro "%(name)s"', name=name),
    "revisions": lambda name: say("Revision %(name)s", name=name),
}
"""How an entry of a section is called, by what names it."""


class Called:
    """A procedure as plain data, and what stands in it as people call it."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.data: dict[str, Any] = procedure.model_dump(mode="json")

    def at(self, path: Path) -> Any:
        """What stands at a path; KeyError or IndexError where nothing does."""
        here: Any = self.data
        for step in path:
            here = here[step]
        return here

    def name(self, section: str, key: str) -> Said | str:
        """What the entry of a section is called; a category by its path, and a key that leads nowhere as it is."""
        if section == "calendars":
            return _ROUND_THE_CLOCK if key == "always" else key
        if section == "categories":
            return self._category(key)
        if section in ("wording", "languages"):
            language = self.procedure.languages.get(key)
            return language.name if language else key
        if section == "statuses":
            return str(getattr(self.procedure.statuses.desk, key, key))
        entries: Mapping[str, Any] = getattr(self.procedure, section)
        return str(getattr(entries.get(key), "name", key))

    def _category(self, path: str) -> str:
        known, parts = self.procedure.category_paths, path.split(".")
        above = (".".join(parts[: i + 1]) for i in range(len(parts)))
        return " › ".join(known[one].name if one in known else one.rpartition(".")[2] for one in above)

    def called(self, path: Path) -> Said | str:
        """What an entry of a list or a mapping is called by itself."""
        section, key = str(path[0]), str(path[-1])
        if shape.is_list(shape.kind_at(path[:1])):
            entry = self.at(path)
            return str(entry["name"]) if "name" in entry else spaced(str(next(iter(entry.values()))))
        if section == "categories":
            return self.procedure.category_paths[".".join(category_keys(path))].name
        if section == "matrix":
            return self.name("impacts" if len(path) == 2 else "urgencies", key)
        if section == "wording" and len(path) == 3:
            return MESSAGES.get(key, key)
        if len(path) == 2:
            return self.name(section, key)
        term = term_at(path)
        return self.name(term.by, key) if term and term.by else key

    def subject(self, path: Path) -> Said | str:
        """What a sentence about a path of this document begins with: 'High: first response'."""
        depth, where = self._entry(path)
        said = [*self._below(path, depth)]
        if not said:
            return where
        what = said[-1]
        for outer in reversed(said[:-1]):
            what = say("%(outer)s, %(inner)s", outer=outer, inner=what)
        return say("%(where)s: %(what)s", where=where, what=what)

    def _entry(self, path: Path) -> tuple[int, Said | str]:
        """The entry of a section that a path is in: how many steps lead to it, and how a sentence begins with it."""
        section, kind = str(path[0]), shape.kind_at(path[:1])
        if len(path) == 1 or not (shape.is_list(kind) or shape.is_mapping(kind)):
            return 1, SECTIONS[section]
        if section == "categories":
            keys = category_keys(path)
            return 2 * len(keys), _ENTRIES[section](self._category(".".join(keys)))
        if section == "matrix":
            return self._cell(path)
        if section == "wording":
            return self._message(path)
        name = self.called(path[:2])
        if section in _ENTRIES:
            return 2, _ENTRIES[section](name)
        return 2, say("%(outer)s, %(inner)s", outer=SECTIONS[section], inner=name)

    def _cell(self, path: Path) -> tuple[int, Said]:
        impact = self.called(path[:2])
        if len(path) == 2:
            return 2, say("Matrix, %(impact)s", impact=impact)
        return 3, say("%(impact)s × %(urgency)s", impact=impact, urgency=self.called(path[:3]))

    def _message(self, path: Path) -> tuple[int, Said]:
        language = str(path[1])
        if len(path) == 2:
            return 2, say("Wording in %(language)s", language=self.called(path))
        return 3, say("Wording of the %(message)s (%(language)s)", message=self.called(path[:3]), language=language)

    def _below(self, path: Path, depth: int) -> Iterator[Said | str]:
        """What the steps below an entry are called."""
        kind, by = shape.kind_at(path[:depth]), ""
        for step in path[depth:]:
            if shape.is_part(kind):
                term = TERMS[kind][str(step)]
                by = term.by
                if step not in _UNSAID:
                    yield term.title
            elif shape.is_mapping(kind):
                yield self.name(by, str(step)) if by else str(step)
            kind = shape.kind_below(kind, step)

    def value(self, path: Path, data: Any) -> Said | str | tuple[Said | str, ...]:
        """What stands at a path as a sentence says it."""
        term, kind = term_at(path), shape.kind_at(path)
        if data in NOTHING:
            return term.nothing if term else NONE
        if isinstance(data, dict):
            return self._whole(path, kind, data)
        if isinstance(data, list):
            return shortened(self.each(path, data))
        return self._one(kind, term, data)

    def each(self, path: Path, data: Sequence[Any]) -> list[Said | str]:
        """What stands in a list, one by one and all of it."""
        term, one = term_at(path), shape.kind_below(shape.kind_at(path), 0)
        return [self._one(one, term, item) for item in data]

    def _one(self, kind: Any, term: Term | None, data: Any) -> Said | str:
        if isinstance(data, bool):
            return say("yes") if data else say("no")
        text = str(data)
        if term and text in term.choices:
            return term.choices[text]
        if term and term.of:
            return self.name(term.of, text)
        if kind is str:
            return quoted(text)
        return moment(text) if kind is Moment else length(text)

    def _whole(self, path: Path, kind: Any, data: Mapping[str, Any]) -> Said | tuple[Said | str, ...]:
        """A part or a mapping in one breath, without what is empty."""
        if kind is Target:
            return target(data)
        said = [key for key, value in data.items() if is_said(value)]
        return shortened([self.told((*path, key), data[key]) for key in said])

    def told(self, path: Path, data: Any) -> Said:
        """A field or an entry with its value: 'team Service desk'."""
        above = shape.kind_at(path[:-1])
        what = TERMS[above][str(path[-1])].title if shape.is_part(above) else self.called(path)
        return say("%(what)s %(value)s", what=what, value=self.value(path, data))


def is_said(value: Any) -> bool:
    """Whether a field is worth a word where its part is told as a whole: a "no" goes without saying."""
    return value is not False and value not in NOTHING


def target(data: Mapping[str, Any]) -> Said:
    """A target in words: '1 h in calendar business'."""
    if by := data.get("by"):
        return _time_of_day(by, data["calendar"])
    if data["calendar"] == "always":
        return say("%(length)s round the clock", length=spelt(data))
    return say("%(length)s in calendar %(calendar)s", length=spelt(data), calendar=data["calendar"])


def _time_of_day(by: Mapping[str, Any], calendar: str) -> Said:
    if not by.get("cut_off"):
        return say("by %(time)s of the next day in calendar %(calendar)s", time=by["next_day"], calendar=calendar)
    return say(
        "what comes before %(cut_off)s by %(same_day)s of that day, all else by %(next_day)s of the next, in calendar "
        "%(calendar)s",
        calendar=calendar,
        **by,
    )


def category_keys(path: Path) -> list[str]:
    """The keys of a category and those above it, from a path of the document that leads to or into it."""
    keys = [str(path[1])]
    while path[2 * len(keys) : 2 * len(keys) + 1] == ("children",) and len(path) > 2 * len(keys) + 1:
        keys.append(str(path[2 * len(keys) + 1]))
    return keys


def spelt(target: Mapping[str, Any]) -> str:
    """A target's length; in days only where a day has 24 hours."""
    text = str(target["target"])
    return length(text) if target["calendar"] == "always" else text


def length(text: str) -> str:
    """A length as it is written, in days of 24 hours where it is whole ones; anything else as it is."""
    hours = _WHOLE_DAYS.fullmatch(text)
    return f"{int(hours[1]) // 24} d" if hours and int(hours[1]) % 24 == 0 and int(hours[1]) else text


def moment(text: str) -> Said | str:
    """A moment on a clock."""
    at = Moment.read(text)
    if at.kind == "share":
        return say("due") if at.amount == 100 else text
    took = format_duration(abs(at.amount))
    if at.kind == "start":
        return say("start + %(length)s", length=took)
    return say("due - %(length)s", length=took) if at.amount < 0 else say("due + %(length)s", length=took)


def quoted(text: str) -> Said:
    """A text in a sentence; of a long one its beginning."""
    begun = " ".join(text[: 4 * SHORT].split())
    return say('"%(text)s"', text=begun if is_short(text) else f"{begun[: SHORT - 1]}…")


def is_short(text: str) -> bool:
    """Whether a sentence can say the whole text."""
    return len(text) <= SHORT and "\n" not in text


def shortened(items: Sequence[Said | str]) -> tuple[Said | str, ...]:
    """Some of many names, and how many more there are."""
    if len(items) <= MANY:
        return tuple(items)
    return (*items[: MANY - 1], say("%(count)d more", count=len(items) - MANY + 1))


def spaced(key: str) -> str:
    """A key that has no name, as people read it."""
    return key.replace("_", " ").capitalize()
