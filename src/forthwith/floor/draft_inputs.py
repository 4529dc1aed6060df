"""The form of any place of a draft, made of the document's types and words: what is shown, and what was typed (SOP H1).

An input whose text was left as it was shown changes nothing, so that a place which is wrong stays as it is until
somebody puts it right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Protocol

from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined

from forthwith.floor.draft_names import Named, is_flat, is_typed, named_in
from forthwith.procedure import editing, shape
from forthwith.procedure.editing import Data, value_at
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.term import Term
from forthwith.procedure.terms import TERMS, term_at

Kind = Literal["line", "text", "lines", "choice", "choices", "yes", "odd"]
_LONG = frozenset(
    ("text", "purpose", "scope", "knowledge_guide", "communication_policy", "description", "says", "ask", "help")
)
_LONGER_THAN_A_LINE = 80
_MOST = 1_000
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


class Posted(Protocol):
    """What a browser sent: as Django's QueryDict."""

    def get(self, name: str, otherwise: str) -> Any:
        """The last value of a name."""

    def getlist(self, name: str) -> list[Any]:
        """All values of a name."""


@dataclass(slots=True)
class Input:
    """One field of a form.

    `shown` is its text, its chosen keys, or whether it is ticked; `otherwise` what holds when it is left out, `how` in
    what form it is typed, `group` the part that it is in, `problems` what is wrong with what stands there.
    """

    name: str
    path: Path
    kind: Kind
    title: Said | str
    says: Said | str
    shown: Any
    options: Sequence[Named] = ()
    otherwise: str = ""
    how: str = ""
    group: Said | str = ""
    whole: bool = False
    fallback: Any = None
    problems: list[Said | str] = field(default_factory=list)

    @property
    def seldom(self) -> bool:
        """Whether most leave it empty: how a target is due by a time of day."""
        return self.path[-2:-1] == ("by",)

    def typed(self, posted: Posted) -> Any:
        """What was typed or chosen, in the form of `shown`."""
        if self.kind == "yes":
            return bool(posted.get(self.name, ""))
        if self.kind == "choices":
            return [key for key, _ in self.options if key in posted.getlist(self.name)]
        text = str(posted.get(self.name, "")).replace("\r\n", "\n")
        return text if self.kind == "text" else text.strip()

    def value(self, typed: Any) -> Any:
        """What is typed as it stands in the document."""
        if self.kind == "lines":
            return [self._one(line.strip()) for line in typed.splitlines() if line.strip()]
        if self.kind == "choices":
            kept = [key for key in self.shown if key in typed]
            return [*kept, *(key for key in typed if key not in kept)]
        return self._one(typed) if isinstance(typed, str) else typed

    def _one(self, text: str) -> Any:
        return int(text) if self.whole and _WHOLE_NUMBER.fullmatch(text) else text

    def is_as_shown(self, typed: Any) -> bool:
        """Whether nothing was changed."""
        if self.kind == "odd":
            return True
        if self.kind == "choices":
            return set(typed) == set(self.shown)
        return bool(typed == (self.shown.strip() if self.kind in ("line", "lines", "choice") else self.shown))


def inputs_of(data: Data, path: Path) -> list[Input]:
    """The inputs of a place: a part's fields, or the texts of a mapping."""
    kind = shape.kind_at(path)
    found = _of_part(data, path, kind) if shape.is_part(kind) else _of_mapping(data, path)
    return [_numbered(one, i) for i, one in enumerate(found)]


def _numbered(one: Input, place: int) -> Input:
    one.name = f"f{place}"
    return one


def _of_part(data: Data, path: Path, part: Any) -> Iterator[Input]:
    for name, about in part.model_fields.items():
        kind, here = shape.bare(about.annotation), (*path, name)
        if path == () and name == "format":
            continue
        if is_typed(kind):
            yield _input(data, here, TERMS[part][name], otherwise_of(part, name))
        elif shape.is_part(kind) and path and is_flat(kind):
            for below in _of_part(data, here, kind):
                below.group = TERMS[part][name].title
                yield below


def _of_mapping(data: Data, path: Path) -> Iterator[Input]:
    """The texts of a mapping, each under its key: the steps, the choices of a field, the languages of a macro."""
    kind, here = shape.kind_at(path), value_at(data, path)
    term = term_at(path)
    if not (term and shape.is_mapping(kind) and shape.kind_below(kind, "") is str and isinstance(here, dict)):
        return
    names: dict[str, Said | str] = dict(named_in(data, term.by)) if term.by else {}
    for key in list(here)[:_MOST]:
        one = _input(data, (*path, key), Term(say("text"), say("")), None)
        one.title, one.says = names.get(key, str(key)), ""
        yield one


def _input(data: Data, path: Path, term: Term, otherwise: Any) -> Input:
    about, value = shape.kind_at(path), value_at(data, path)
    many = shape.is_list(about)
    one = shape.kind_below(about, 0) if many else about
    options = _options(data, about, term)
    made = Input("", path, _kind(path, one, many, options, value), term.title, term.says, value, options)
    made.whole, made.fallback = one is int, otherwise
    if not _fits(value, many):
        made.kind = "odd"
    elif made.kind in ("choices", "yes"):
        made.shown = (
            (otherwise or [] if value is None else value) if many else bool(otherwise if value is None else value)
        )
        made.shown = [str(item) for item in made.shown] if many else made.shown
    else:
        _show(made, value, otherwise)
    if made.kind == "choices":
        made.options = _with_unknown(options, made.shown)
    elif made.kind == "choice":
        blank: list[Named] = (
            [("", term.nothing if otherwise is None else "")] if not made.shown or otherwise is None else []
        )
        made.options = [*blank, *_with_unknown(options, [made.shown] if made.shown else [])]
    return made


def _show(made: Input, value: Any, otherwise: Any) -> None:
    """The text of an input, and what holds when it is left out."""
    if made.kind == "lines":
        made.shown = "\n".join(map(_text, value or ()))
        made.otherwise = ", ".join(map(str, otherwise or ()))
    elif made.kind == "choice":
        made.shown = _text(value if value is not None else otherwise or "")
    else:
        made.shown = "" if value is None else _text(value)
        made.otherwise = "" if otherwise in (None, "") else str(otherwise)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(path: Path, one: Any, many: bool, options: Sequence[Named], value: Any) -> Kind:
    if one is bool:
        return "yes"
    if many:
        return "choices" if options else "lines"
    if options:
        return "choice"
    long = isinstance(value, str) and ("\n" in value or len(value) > _LONGER_THAN_A_LINE)
    named = {str(path[-1]), str(path[-2]) if len(path) > 1 else ""}
    return "text" if one is str and (long or named & _LONG) else "line"


def _fits(value: Any, many: bool) -> bool:
    """Whether what stands there can be shown in a field; what has another shape is changed as YAML."""
    if value is None:
        return True
    if many:
        return isinstance(value, list) and not any(isinstance(item, dict | list) or "\n" in str(item) for item in value)
    return not isinstance(value, dict | list)


def _options(data: Data, kind: Any, term: Term) -> list[Named]:
    named: list[Named] = [(key, said) for key, said in term.choices.items()]
    if not named:
        named = [(key, key) for key in shape.values_of(kind)]
    return [*named, *named_in(data, term.of)] if term.of else named


def _with_unknown(options: Sequence[Named], shown: Sequence[str]) -> list[Named]:
    """What is chosen and is not there any more can still be seen, and left."""
    known = {key for key, _ in options}
    return [*options, *((key, say("%(key)s (is not there)", key=key)) for key in shown if key not in known)]


@cache
def otherwise_of(part: Any, name: str) -> Any:
    """What holds where a field is left out, as it would be written; None where it cannot be, or says nothing."""
    about = part.model_fields[name]
    default = about.get_default()
    if default is PydanticUndefined or default is None:
        return None
    return TypeAdapter(about.rebuild_annotation()).dump_python(default, mode="json")


def show_typed(inputs: Sequence[Input], posted: Posted) -> None:
    """Show again what somebody typed that was not kept."""
    for one in inputs:
        if one.kind != "odd":
            one.shown = one.typed(posted)


def with_typed(data: Data, inputs: Sequence[Input], posted: Posted) -> Data:
    """The document with what was changed in a form. An optional part of which every text is emptied is taken out."""
    before = data
    for one in inputs:
        typed = one.typed(posted)
        if one.is_as_shown(typed):
            continue
        value = one.value(typed)
        # What is left out is as the format has it: nothing chosen must be said where that is something.
        said = one.kind in ("choices", "yes") and one.fallback
        if value in ("", [], False) and not said and shape.is_part(shape.kind_at(one.path[:-1])):
            data = editing.take_out(data, one.path)
        else:
            data = editing.put(data, one.path, value)
    return _without_emptied(data, before, inputs, posted)


def _without_emptied(data: Data, before: Data, inputs: Sequence[Input], posted: Posted) -> Data:
    """The document without the parts in a form, inner ones first, in which nothing is typed any more."""
    within = [one.path[:depth] for one in inputs if one.group for depth in range(2, len(one.path))]
    for path in sorted(set(within), key=len, reverse=True):
        members = [one for one in inputs if one.path[: len(path)] == path]
        texts = [one for one in members if one.kind in ("line", "text", "lines")]
        was_there = value_at(before, path) is not None and len(members) < len(inputs)
        if was_there and texts and not any(one.typed(posted) for one in texts) and _may_be_left_out(path):
            data = editing.take_out(data, path)
    return data


def _may_be_left_out(path: Path) -> bool:
    above = shape.kind_at(path[:-1])
    return shape.is_part(above) and not above.model_fields[str(path[-1])].is_required()


def with_problems(inputs: Sequence[Input], problems: Mapping[Path, Sequence[Said | str]]) -> None:
    """Put what is wrong at the input that it is about."""
    for path, said in problems.items():
        for one in inputs:
            if path[: len(one.path)] == one.path:
                one.problems += said
