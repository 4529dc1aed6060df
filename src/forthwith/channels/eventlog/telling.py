"""What the rows of a case tell: when it came, who asked, and what happened to it, in order, as the map says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from forthwith.channels.eventlog.maps import CHOICES, ISO, LogMap
from forthwith.channels.eventlog.rows import Bad, Row
from forthwith.procedure.calendars import wall_to_instant


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: an act of the map, when, by whom, and the words and keys that go with it."""

    act: str
    at: datetime
    by: str
    said: Mapping[str, str]


@dataclass(slots=True)
class Told:
    """A case as its rows tell it. `bad` are rows that could not be read; `ignored` counts those not to be."""

    received_at: datetime | None = None
    requester: str = ""
    channel: str = ""
    subject: str = ""
    happenings: list[Happening] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def tell(case: str, rows: list[Row], log_map: LogMap) -> Told:
    """The case that these rows tell; without a readable row it was never received."""
    told = Told()
    before: dict[str, str] = {}
    for line, values in rows:
        row = {name: "" if value.strip() in log_map.missing else value.strip() for name, value in values.items()}
        try:
            at = instant(row[log_map.time.column], log_map)
            found = list(_of_row(row, before, at, log_map, told.ignored))
            if told.received_at is None:
                _begin(told, case, row, at, log_map)
        except ValueError as wrong:
            told.bad.append(Bad(line, str(wrong)))
            continue
        told.happenings += found
        before = row
    # In the order in which it happened; what happened at one instant keeps the order of the file.
    told.happenings.sort(key=lambda happening: happening.at)
    if told.happenings and told.received_at:
        told.received_at = min(told.received_at, told.happenings[0].at)
    return told


def instant(text: str, log_map: LogMap) -> datetime:
    """The instant that a cell says. ValueError where it says none."""
    try:
        read = (
            datetime.fromisoformat(text) if log_map.time.format == ISO else datetime.strptime(text, log_map.time.format)  # noqa: DTZ007 - its zone is the map's
        )
        return read.astimezone(UTC) if read.tzinfo else wall_to_instant(log_map.time.zone, read)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no time of the form {log_map.time.format!r}") from None


def _begin(told: Told, case: str, row: dict[str, str], at: datetime, log_map: LogMap) -> None:
    told.channel = log_map.channel.of(row)
    received = row[log_map.received] if log_map.received else ""
    told.received_at = instant(received, log_map) if received else at
    told.requester = row[log_map.requester] if log_map.requester else ""
    told.subject = _filled(log_map.subject, row) or f"{log_map.log} {case}"


def _filled(template: str, row: dict[str, str]) -> str:
    text = template
    for name, value in row.items():
        text = text.replace(f"{{{name}}}", value)
    return text.strip(" :,;-")


def _of_row(
    row: dict[str, str], before: dict[str, str], at: datetime, log_map: LogMap, ignored: Counter[str]
) -> Iterator[Happening]:
    """What changed on the ticket since the case's row before, and what the row itself means."""
    by = row[log_map.agent] if log_map.agent else ""
    keys = {name: choice.of(row) for name in CHOICES if (choice := getattr(log_map, name)) is not None}
    said = keys | {
        name: row[column] for name in ("cause", "solution", "assignee") if (column := getattr(log_map, name))
    }
    for act in _changes(row, before, keys, log_map):
        yield Happening(act, at, by, said | _moved(row, before, log_map))
    if log_map.happened:
        value = row[log_map.happened.column]
        said["why"] = value
        for act in _meaning(value, before.get(log_map.happened.column), log_map, ignored):
            yield Happening(act, at, by, said)
    for moment in log_map.moments:
        if text := row[moment.column]:
            for act in moment.means:
                yield Happening(act, instant(text, log_map), by, {**said, "why": moment.column})


def _changes(row: dict[str, str], before: dict[str, str], keys: dict[str, str], log_map: LogMap) -> Iterator[str]:
    """The acts that a changed column stands for; on the first row, each that says anything."""

    def changed(*names: str) -> bool:
        columns = [column for name in names if (column := _column(log_map, name))]
        return any(row[column] != before.get(column, "") for column in columns)

    if keys.get("category") and (changed("category") or not before):
        yield "categorised"
    rated = keys.get("priority") or (keys.get("impact") and keys.get("urgency"))
    if rated and (changed("priority", "impact", "urgency") or not before):
        yield "prioritised"
    if log_map.group and before.get(log_map.group) and row[log_map.group] and changed("group"):
        yield "escalated"
    if changed("assignee", "team") or (not before and keys.get("team")):
        yield "assigned"


def _column(log_map: LogMap, name: str) -> str:
    part = getattr(log_map, name)
    return part if isinstance(part, str) else part.column if part else ""


def _moved(row: dict[str, str], before: dict[str, str], log_map: LogMap) -> dict[str, str]:
    if not log_map.group or not before.get(log_map.group):
        return {}
    return {"why": f"{before[log_map.group]} to {row[log_map.group]}"}


def _meaning(value: str, last: str | None, log_map: LogMap, ignored: Counter[str]) -> tuple[str, ...]:
    """The acts that a value stands for. ValueError for one of which the map says nothing."""
    happened = log_map.happened
    if happened is None:
        return ()
    if value in happened.ignored:
        ignored[happened.ignored[value]] += 1
        return ()
    if value not in happened.values:
        raise ValueError(f"{happened.column} is {value[:60]!r}, of which the map says nothing")
    if value == last and happened.same is not None:
        return happened.same
    return happened.values[value]
