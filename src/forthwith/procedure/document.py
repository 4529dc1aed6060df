"""The procedure as a YAML text: read with every problem named by its line, and written so that it reads back.

`read` reports all it finds at once. The YAML is the plain part of YAML 1.2: see `yaml_text.py`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from forthwith.procedure import based_on, shape, yaml_text
from forthwith.procedure.calendars import CalendarError
from forthwith.procedure.model import Procedure
from forthwith.procedure.part import Part
from forthwith.procedure.references import DanglingNames, Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.yaml_text import Source, YamlProblem

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a document. `line` counts from 1; `value` is what stands there, if anything does."""

    path: str
    line: int
    value: str
    message: str
    suggestion: str = ""
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"line {self.line}: {where}{self.sentence}"

    @property
    def sentence(self) -> str:
        """What is wrong, without where; a page can say it in another language where `message` is such a sentence."""
        text = self.message
        if self.value:
            text = say("%(quoted)s %(says)s", quoted=repr(self.value), says=text)
        if self.suggestion:
            text = say("%(says)s; did you mean '%(suggestion)s'?", says=text, suggestion=self.suggestion)
        if self.allowed and self.suggestion:
            text = say("%(says)s Allowed: %(names)s", says=text, names=self.allowed)
        elif self.allowed:
            text = say("%(says)s. Allowed: %(names)s", says=text, names=self.allowed)
        return text


class ProcedureError(ValueError):
    """A text that is no procedure; `problems` has every reason that was found, by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(map(str, self.problems)))


def read(text: str, *, today: date | None = None) -> Procedure:
    """The procedure that a YAML text says. Raises ProcedureError with every problem found.

    A calendar that does not open within ten years of `today` (the default is this day) is a problem: a revision
    that was installed long ago is read as of the day on which it was, and so are its variables, which must only be
    known ones in a text that is new.
    """
    return read_source(text, today=today)[0]


def read_source(text: str, *, today: date | None = None) -> tuple[Procedure, Source]:
    """As `read`, and with it the source, which knows the line of each path."""
    try:
        source = yaml_text.load(text)
        if based_on.KEY in source.data:
            source = based_on.whole(source, _standard_data())
    except YamlProblem as problem:
        found = Problem(yaml_text.dotted(problem.path), problem.line, problem.value, problem.message)
        raise ProcedureError([found]) from None
    try:
        context = {"today": today, "calendars": source.data.get("calendars")}
        return Procedure.model_validate(source.data, context=context), source
    except ValidationError as error:
        raise ProcedureError(problems(error, source, Procedure)) from None


def write(procedure: Procedure) -> str:
    """The procedure as YAML, in the order of its parts, that `read` reads back equal.

    Comments of the text it was once read from are not kept: a procedure has none.
    """
    full = procedure.model_dump(mode="json")
    return yaml_text.dump(_without_blanks(full, procedure.model_dump(mode="json", exclude_defaults=True)))


def whole_text(text: str) -> str:
    """A text that says everything itself, to be kept: one that is based on the standard would change its meaning with
    a later standard. Raises ProcedureError.
    """
    procedure, source = read_source(text)
    return write(procedure) if (based_on.KEY,) in source.lines else text


def digest(procedure: Procedure) -> str:
    """SHA-256, in hex, of the procedure's canonical JSON: the same for two that say the same."""
    # Keys keep their order, which is rank for priorities. Defaults are left out, so that a field which a
    # later version of Forthwith adds does not change the digest of a procedure that does not use it.
    plain = procedure.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def standard_text() -> str:
    """The text of the standard procedure, with its comments."""
    return files("forthwith.procedure").joinpath("standard.yaml").read_text("utf-8")


@cache
def _standard_data() -> dict[str, Any]:
    return yaml_text.load(standard_text()).data


@cache
def standard() -> Procedure:
    """The procedure that every desk starts with: the SOP."""
    return read(standard_text())


def _without_blanks(full: Any, said: Any) -> Any:
    """The full data without what is empty and was not said: numbers stay even where they are the default."""
    if isinstance(full, list):
        return [_without_blanks(a, b) for a, b in zip(full, said or full, strict=True)]
    if not isinstance(full, dict):
        return full
    kept = {}
    for key, value in full.items():
        here = said.get(key) if isinstance(said, dict) else None
        plain = _without_blanks(value, here)
        if here is not None or plain not in (None, "", [], {}, False):
            kept[key] = plain
    return kept


def problems(error: ValidationError, source: Source, root: type[Part]) -> Iterator[Problem]:
    """Each thing that keeps a document from being a `root`, by line and with what is allowed there."""
    for detail in error.errors(include_url=False):
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, DanglingNames):
            for wrong in cause.wrong:
                suggestion = nearest(wrong.value, wrong.allowed)
                yield _problem(source, wrong.path, wrong.value, wrong.message, suggestion, wrong.allowed)
        elif isinstance(cause, CalendarError):
            path = (*_plain_path(detail["loc"]), *_calendar_path(cause.path))
            yield _problem(source, path, "", cause.sentence)
        else:
            yield _schema_problem(source, detail, root)


def _problem(
    source: Source, path: Path, value: str, message: str, suggestion: str = "", allowed: tuple[str, ...] = ()
) -> Problem:
    if path and path[0] in source.taken_over:
        message = say("%(says)s (this section is the standard procedure's: give your own)", says=message)
    return Problem(yaml_text.dotted(path), source.line(path), value, message, suggestion, allowed)


def _schema_problem(source: Source, detail: ErrorDetails, root: type[Part]) -> Problem:
    """A problem of one place: a key that is missing or unknown, or a value that is not of its kind."""
    path, kind = _plain_path(detail["loc"]), detail["type"]
    if kind == "missing":
        return _problem(source, path, "", say("is missing"))
    if kind == "extra_forbidden":
        keys = _keys_of(path[:-1], root)
        unused = tuple(key for key in keys if key not in source.at(path[:-1]))
        name = str(path[-1])
        suggestion = nearest(name, unused) or nearest(name, keys)
        return _problem(source, path, name, say("is no key here"), suggestion, keys)
    return _value_problem(source, path, detail, root)


def _value_problem(source: Source, path: Path, detail: ErrorDetails, root: type[Part]) -> Problem:
    """A problem of a key or a value that is there, but is not of its kind."""
    kind, value = detail["type"], detail["input"]
    if value is None:
        return _problem(source, path, "", say("has no value; write one, or leave the key out"))
    shown = _shown(value)
    if kind == "literal_error":
        allowed = tuple(re.findall(r"'([^']*)'", detail["ctx"]["expected"])) or (str(detail["ctx"]["expected"]),)
        return _problem(source, path, shown, say("is not a value for this"), nearest(shown, allowed), allowed)
    if kind == "string_too_long" and detail["loc"][-1:] != ("[key]",):
        return _problem(
            source, path, shown, say("is longer than %(most)d characters", most=detail["ctx"]["max_length"])
        )
    if kind == "string_pattern_mismatch" or detail["loc"][-1:] == ("[key]",):
        return _problem(source, path, shown, _KEY_FORM, _as_key(shown))
    return _problem(source, path, shown, _message(kind, detail), allowed=_keys_of(path, root))


_KEY_FORM = say("is no key: write small letters, digits and _, beginning with a letter, at most 60")
_MESSAGES = {
    "string_type": say("is no text; put it in quotes"),
    "dict_type": say("is no mapping of keys to values"),
    "model_type": say("is no mapping of keys to values"),
    "tuple_type": say("is no list; write [one, two] or one '- ' line each"),
    "list_type": say("is no list; write [one, two] or one '- ' line each"),
    "int_type": say("is no whole number"),
    "int_parsing": say("is no whole number"),
    "bool_type": say("is neither true nor false"),
    "bool_parsing": say("is neither true nor false"),
    "date_from_datetime_parsing": say("is no date; write it as 2026-12-24"),
    "date_parsing": say("is no date; write it as 2026-12-24"),
    "date_type": say("is no date; write it as 2026-12-24"),
}


def _message(kind: str, detail: ErrorDetails) -> str:
    if kind == "value_error":
        error = detail["ctx"]["error"]
        return next((said for said in error.args if isinstance(said, Said)), str(error))
    if known := _MESSAGES.get(kind):
        return known
    text = detail["msg"]
    return f"is not allowed: {text[:1].lower()}{text[1:]}"


def _as_key(text: str) -> str:
    """The text written as a key, where that is likely to be meant."""
    key = re.sub(r"[^a-z0-9_.]+", "_", text.strip().lower())
    return key if key != text and re.fullmatch(r"[a-z][a-z0-9_.]{0,59}", key) else ""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """The allowed name most like this one, or nothing."""
    return next(iter(get_close_matches(name[:_SHOWN], list(allowed), n=1, cutoff=0.6)), "")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _plain_path(loc: tuple[int | str, ...]) -> Path:
    return tuple(part for part in loc if part != "[key]")


def _calendar_path(path: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path))


def _keys_of(path: Path, root: type[Part]) -> tuple[str, ...]:
    """The keys that may stand in the mapping at a path."""
    kind = shape.kind_at(path, root)
    keys = tuple(kind.model_fields) if shape.is_part(kind) else ()
    return keys if path or root is not Procedure else (*keys, based_on.KEY)
