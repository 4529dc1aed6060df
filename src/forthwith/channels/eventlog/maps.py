"""The map of an event log: which columns say what, and what each activity or state means as facts.

It is YAML and read like the procedure: every mistake with its line and what is allowed. See docs/import-eventlog.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from forthwith.procedure import yaml_text
from forthwith.procedure.document import Problem, ProcedureError, nearest, problems
from forthwith.procedure.model import Procedure
from forthwith.procedure.part import Key, Part
from forthwith.procedure.yaml_text import Source, YamlProblem

Act = Literal[
    "acknowledged",
    "categorised",
    "prioritised",
    "assigned",
    "noted",
    "replied",
    "waiting",
    "on_hold",
    "resumed",
    "escalated",
    "resolved",
    "confirmed",
    "closed",
    "reopened",
]
"""What may happen to a case, as `steps.imported` logs it."""
Acts = tuple[Act, ...]
ISO = "iso"


def _format(text: str) -> str:
    """Refuse a way of writing instants that does not read back what it writes."""
    sample = datetime(2001, 12, 29, 13, 45, tzinfo=UTC)
    if text != ISO:
        try:
            read = datetime.strptime(sample.strftime(text), text)  # noqa: DTZ007 - its zone is the map's
        except ValueError:
            read = None
        if read is None or read.replace(tzinfo=UTC) != sample:
            raise ValueError(f"is no way to write a day and time; write '{ISO}', or one such as '%d/%m/%Y %H:%M'")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("is no time zone; give an IANA name such as Europe/Berlin, or UTC")
    return text


def _domain(text: str) -> str:
    if not text.endswith(".invalid"):
        raise ValueError("is a domain that mail may reach; end it with .invalid, so that nothing ever goes there")
    return text


class Time(Part):
    """When a row happened: its column, how it is written, and the zone of one that names none."""

    column: str
    format: Annotated[str, AfterValidator(_format)] = ISO
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"


class Choice(Part):
    """A column whose values stand for keys of the procedure; `otherwise` is the key of any other value."""

    column: str = ""
    values: dict[str, Key | str] = {}
    otherwise: str = ""

    def of(self, row: dict[str, str]) -> str:
        """The key for a row; empty where the column says nothing. ValueError for a value that stands for none."""
        said = row.get(self.column, "") if self.column else ""
        if said in self.values:
            return str(self.values[said])
        if self.otherwise or not said:
            return self.otherwise
        raise ValueError(f"{self.column} is {said[:60]!r}, of which the map says nothing")


class Happened(Part):
    """What a row means by the value of a column: an activity, or the state in which the case now is.

    `same` is what a row means whose value is that of the case's row before; left out, the same again.
    """

    column: str
    values: dict[str, Acts] = {}
    ignored: dict[str, str] = {}
    same: Acts | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if both := self.values.keys() & self.ignored.keys():
            raise ValueError(f"both reads and ignores {sorted(both)[0]!r}; keep it in one of `values` and `ignored`")
        return self


class At(Part):
    """A column with an instant of its own, in logs that have one row a case."""

    column: str
    means: Annotated[Acts, Field(min_length=1)]


class LogMap(Part):
    """How an event log is read."""

    format: Literal[1]
    log: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1, strip_whitespace=False)] = ","
    missing: tuple[str, ...] = ()
    case: str
    time: Time
    received: str = ""
    requester: str = ""
    agent: str = ""
    domain: Annotated[str, AfterValidator(_domain)]
    subject: str = ""
    cause: str = ""
    solution: str = ""
    channel: Choice
    category: Choice | None = None
    impact: Choice | None = None
    urgency: Choice | None = None
    priority: Choice | None = None
    team: Choice | None = None
    assignee: str = ""
    group: str = ""
    happened: Happened | None = None
    moments: tuple[At, ...] = ()

    @property
    def columns(self) -> dict[tuple[str, ...], str]:
        """Every column that it names, by the path of where it does."""
        named = ("case", "received", "requester", "agent", "cause", "solution", "assignee", "group")
        found: dict[tuple[str, ...], str] = {(name,): getattr(self, name) for name in named}
        found["time", "column"] = self.time.column
        for name in (*CHOICES, "happened"):
            part = getattr(self, name)
            if part is not None:
                found[name, "column"] = part.column
        for i, one in enumerate(self.moments):
            found["moments", str(i), "column"] = one.column
        for i, column in enumerate(re.findall(r"\{([^{}]+)\}", self.subject)):
            found["subject", str(i)] = column
        return {path: column for path, column in found.items() if column}


CHOICES = {
    "channel": "channels",
    "category": "category_paths",
    "impact": "impacts",
    "urgency": "urgencies",
    "priority": "priorities",
    "team": "teams",
}
"""Each column that stands for keys of the procedure, and where those are."""


class Read(NamedTuple):
    """A map, and the source that knows the line of each of its parts."""

    map: LogMap
    source: Source


def read(text: str, procedure: Procedure) -> Read:
    """The map that a YAML text says, for a desk under a procedure. Raises ProcedureError with every problem found."""
    try:
        source = yaml_text.load(text)
    except YamlProblem as problem:
        found = Problem(yaml_text.dotted(problem.path), problem.line, problem.value, problem.message)
        raise ProcedureError([found]) from None
    try:
        log_map = LogMap.model_validate(source.data)
    except ValidationError as error:
        raise ProcedureError(problems(error, source, LogMap)) from None
    wrong = [*_unknown(log_map, source, procedure), *_no_priority(log_map, source)]
    if wrong:
        raise ProcedureError(wrong)
    return Read(log_map, source)


def missing_columns(read: Read, columns: list[str]) -> list[Problem]:
    """Each column that the map names and the log does not have."""
    return [
        Problem(
            yaml_text.dotted(path),
            read.source.line(path),
            column,
            "is no column of the log",
            nearest(column, columns),
            tuple(columns),
        )
        for path, column in read.map.columns.items()
        if column not in columns
    ]


def _unknown(log_map: LogMap, source: Source, procedure: Procedure) -> Iterator[Problem]:
    """Each key that the procedure in force does not have."""
    for name, section in CHOICES.items():
        choice: Choice | None = getattr(log_map, name)
        known = tuple(getattr(procedure, section))
        for path, key in _keys(name, choice) if choice else ():
            if key not in known:
                said = f"is no {name} of the procedure in force"
                yield Problem(yaml_text.dotted(path), source.line(path), key, said, nearest(key, known), known)


def _keys(name: str, choice: Choice) -> Iterator[tuple[tuple[str, ...], str]]:
    for value, key in choice.values.items():
        yield (name, "values", value), str(key)
    if choice.otherwise:
        yield (name, "otherwise"), choice.otherwise


def _no_priority(log_map: LogMap, source: Source) -> Iterator[Problem]:
    if (log_map.impact is None) != (log_map.urgency is None):
        has = "impact" if log_map.impact else "urgency"
        said = "gives no priority alone; map both impact and urgency, or neither"
        yield Problem(has, source.line((has,)), "", said)
