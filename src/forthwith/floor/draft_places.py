"""One place of a draft as a page shows it: its inputs, what is below it, its entries, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from forthwith.floor import draft_calendars, draft_inputs
from forthwith.floor.draft_inputs import Input
from forthwith.floor.draft_names import Named, address_of, is_page, named_in, page_of, title_of
from forthwith.procedure import desk_lint, lint, shape, yaml_text
from forthwith.procedure.called import Called, is_said
from forthwith.procedure.desk import Desk
from forthwith.procedure.document import Problem
from forthwith.procedure.editing import Data, by_names, path_of, value_at
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said
from forthwith.procedure.terms import SECTIONS, WHOLE, term_at
from forthwith.procedure.terms_texts import MESSAGES
from forthwith.record.drafts import Draft

_SAID = 6
"""How many fields of an entry its line says."""
_UNSHOWN = frozenset({"name", "role", "timezone", "key"})
MOST_WRONG, _MOST_ENTRIES, _MOST_LEVELS = 300, 1_000, 50
"""What a page shows at most: no desk has so many, and a hostile text costs no more than its length."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An error or a warning: the place it is about, as people call it and as it is written, and the page of it."""

    path: Path
    where: Said | str
    written: str
    address: str
    says: Said | str
    is_error: bool
    line: int


@dataclass(frozen=True, slots=True)
class Link:
    """A place below: its key, what it is called, a line of what it says, and how much is wrong within."""

    key: str | int
    title: Said | str
    says: Said | str | tuple[Any, ...]
    address: str
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One priority of the matrix."""

    name: str
    path: Path
    label: str
    shown: str
    options: Sequence[Named]
    problems: Sequence[Said | str]


@dataclass(frozen=True, slots=True)
class Place:
    """What the page of a place shows."""

    path: Path
    title: Said | str
    says: Said | str
    above: Sequence[tuple[Said | str, str]]
    inputs: Sequence[Input]
    below: Sequence[Link]
    entries: Sequence[Link]
    adds: str
    keys: Sequence[Named]
    wrong: Sequence[Wrong]


def wrong_in(text: str) -> tuple[Wrong, ...]:
    """What is wrong with a draft or doubtful in it, errors first, MOST_WRONG at most."""
    return _looked_at(text)[0]


def unkept_here(text: str, desk: Desk) -> list[Wrong]:
    """What this desk can hardly keep of a draft, MOST_WRONG at most; nothing while it is no procedure."""
    _, called, named = _looked_at(text)
    found = desk_lint.lint_desk(called.procedure, desk) if called else []
    problems = (Problem(yaml_text.dotted(one.path), 0, "", one.message) for one in found[:MOST_WRONG])
    return [_wrong(one, is_error=False, named=named, called=called) for one in problems]


@lru_cache(maxsize=16)
def _looked_at(text: str) -> tuple[tuple[Wrong, ...], Called | None, Mapping[str, Path]]:
    """What lint finds in a text; the procedure that it is, with its names; its places. A text is looked at once."""
    report, named = lint.check(text), by_names(yaml_text.load(text).lines)
    problems = [*((one, True) for one in report.errors), *((one, False) for one in report.warnings)]
    called = Called(report.procedure) if report.procedure else None
    found = (_wrong(one, is_error, named, called) for one, is_error in problems[:MOST_WRONG])
    return tuple(found), called, named


def _wrong(problem: Problem, is_error: bool, named: Mapping[str, Path], called: Called | None) -> Wrong:
    path = path_of(problem.path, named)
    known = path
    while known and yaml_text.dotted(known) not in named and not (len(known) == 1 and known[0] in SECTIONS):
        known = known[:-1]
    where = called.subject(path) if called and path and _has(called, path) else problem.path
    return Wrong(path, where, problem.path, address_of(page_of(known)), problem.sentence, is_error, problem.line)


def _has(called: Called, path: Path) -> bool:
    """Whether a procedure has this place."""
    try:
        called.at(path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def place_at(draft: Draft, data: Data, path: Path) -> Place:
    """The page of a place."""
    found, called, _ = _looked_at(draft.text)
    inputs = draft_calendars.inputs_of(data, path) if draft_calendars.is_calendar(path) else []
    inputs = inputs or draft_inputs.inputs_of(data, path)
    problems: dict[Path, list[Said | str]] = {}
    for one in found:
        if one.path[: len(path)] == path:
            problems.setdefault(one.path, []).append(one.says)
    draft_inputs.with_problems(inputs, problems)
    adds, keys = _adds(data, path)
    term = term_at(path)
    return Place(
        path=path,
        title=title_of(data, path),
        says=term.says if term and len(path) == 1 else "",
        above=[(title_of(data, path[:depth]), address_of(path[:depth])) for depth in _pages_above(path)],
        inputs=inputs,
        below=[*_below(data, path, found)],
        entries=[*_entries(data, path, found, called)],
        adds=adds,
        keys=keys,
        wrong=[one for one in found if one.path[: len(path)] == path],
    )


def sections(data: Data, found: Sequence[Wrong]) -> list[Link]:
    """The sections of the document, in its order; what is typed in the document itself is one of them."""
    own = [one for one in found if page_of(one.path[:1]) == ()]
    general = Link("", title_of(data, ()), "", address_of(()), *_counts(own))
    pages = [(key,) for key in SECTIONS if is_page((key,))]
    return [general, *(_link(data, path, found, WHOLE[path[0]].says) for path in pages)]


def matrix(data: Data, found: Sequence[Wrong]) -> tuple[list[Named], list[tuple[str | Said, list[Cell]]]]:
    """The matrix as a table: the urgencies across, and a row for each impact."""
    urgencies, priorities = named_in(data, "urgencies")[:_MOST_LEVELS], named_in(data, "priorities")[:_MOST_LEVELS]
    rows = []
    for i, (impact, name) in enumerate(named_in(data, "impacts")[:_MOST_LEVELS]):
        cells = []
        for j, (urgency, across) in enumerate(urgencies):
            path = ("matrix", impact, urgency)
            shown = str(value_at(data, path) or "")
            unknown = [] if shown in dict(priorities) else [(shown, shown)]
            says = [one.says for one in found if one.path == path]
            label = f"{name}, {across}"
            cells.append(Cell(f"m{i}-{j}", path, label, shown, [*unknown, *priorities], says))
        rows.append((name, cells))
    return urgencies, rows


def _pages_above(path: Path) -> list[int]:
    return [depth for depth in range(1, len(path)) if is_page(path[:depth])]


def _below(data: Data, path: Path, found: Sequence[Wrong]) -> Iterator[Link]:
    """The parts of a part that have pages of their own."""
    kind = shape.kind_at(path)
    if path and shape.is_part(kind):
        for name in kind.model_fields:
            if is_page((*path, name)):
                term = term_at((*path, name))
                yield _link(data, (*path, name), found, term.says if term else "")


def _entries(data: Data, path: Path, found: Sequence[Wrong], called: Called | None) -> Iterator[Link]:
    """The entries of a mapping or a list; those that are texts are inputs too."""
    kind, here = shape.kind_at(path), value_at(data, path)
    if shape.is_part(kind) or not path or path[0] == "matrix" or draft_calendars.is_calendar(path):
        return
    keys = range(len(here)) if isinstance(here, list) else list(here) if isinstance(here, dict) else ()
    for key in keys[:_MOST_ENTRIES]:
        yield _link(data, (*path, key), found, _summary(called, (*path, key)))


def _link(data: Data, path: Path, found: Sequence[Wrong], says: Said | str | tuple[Any, ...]) -> Link:
    within = [one for one in found if one.path[: len(path)] == path]
    return Link(path[-1], title_of(data, path), says, address_of(path) if is_page(path) else "", *_counts(within))


def _counts(found: Sequence[Wrong]) -> tuple[int, int]:
    errors = sum(one.is_error for one in found)
    return errors, len(found) - errors


def _summary(called: Called | None, path: Path) -> tuple[Any, ...]:
    """The first things that an entry says, beside its name; nothing where the draft is no procedure."""
    whole = called.at(path) if called and _has(called, path) else None
    if called is None or not isinstance(whole, dict):
        return ()
    shown = [((*path, key), value) for key, value in whole.items() if key not in _UNSHOWN and is_said(value)]
    return tuple(_short(called, at, value) for at, value in shown if _is_short(at, value))[:_SAID]


def _is_short(path: Path, value: Any) -> bool:
    """Whether a line has room for it: a text, a number, a target, or names of what is elsewhere."""
    if isinstance(value, dict):
        return "target" in value
    term = term_at(path)
    return not isinstance(value, list) or bool(term and (term.of or term.choices))


def _short(called: Called, path: Path, value: Any) -> Said | str | tuple[Said | str, ...]:
    """A field of an entry; of a choice between yes and no what it is about."""
    if value is True:
        term = term_at(path)
        return term.title if term else str(path[-1])
    return called.value(path, value)


def _adds(data: Data, path: Path) -> tuple[str, Sequence[Named]]:
    """What an entry is added by: a `name`, a `key` that is typed, or one of the `keys` that are left."""
    kind = shape.kind_at(path)
    if shape.is_part(kind) or not path or path[0] == "matrix" or draft_calendars.is_calendar(path):
        return "", ()
    term, here = term_at(path), value_at(data, path)
    if path[0] == "wording" and len(path) == 2:
        return "keys", [(key, said) for key, said in MESSAGES.items() if not (isinstance(here, dict) and key in here)]
    if term and term.by:
        return "keys", [one for one in named_in(data, term.by) if not (isinstance(here, dict) and one[0] in here)]
    one = shape.kind_below(kind, 0 if shape.is_list(kind) else "")
    named = shape.is_part(one) and "name" in one.model_fields and path[0] != "languages"
    return ("name" if named else "key"), ()
