"""The form of a calendar: hours as people write them, `09:00-12:30, 13:30-18:00`, one line for each day off (SOP 4.3).

A line that cannot be read is put into the document as it was typed, so that lint says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from forthwith.floor.draft_inputs import Input, Posted
from forthwith.procedure import editing
from forthwith.procedure.calendar_spec import DAYS
from forthwith.procedure.calendars import Calendar, CalendarError
from forthwith.procedure.editing import Data, value_at
from forthwith.procedure.references import Path
from forthwith.procedure.terms_requests import CALENDAR

_DAY_NAMES = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
_WINDOWS = _("As 09:00-12:30, 13:30-18:00; empty is closed. Past midnight: 22:00-06:00+1.")
_HOLIDAYS = _(
    "One a line: a date with its name (2026-12-24 Christmas Eve), or a country, or a part of one (DE, DE-BY)."
)
_DATES = _("One date a line: 2026-12-31: 09:00-12:00")
_DATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\s+(.+)")
_COUNTRY = re.compile(r"([A-Z]{2,3})(?:-([A-Z0-9]{1,4}))?")


def is_calendar(path: Path) -> bool:
    """Whether a path leads to a calendar."""
    return len(path) == 2 and path[0] == "calendars"


def inputs_of(data: Data, path: Path) -> list[Input]:
    """The inputs of a calendar; none where it cannot be read, which is then changed as YAML."""
    spec = value_at(data, path)
    try:
        spec = Calendar.load(spec).spec if spec else {}
    except CalendarError:
        if not _can_be_shown(spec):
            return []
    if not isinstance(spec, dict):
        return []
    hours = spec.get("hours") or {}
    found = [_line("timezone", path, ("timezone",), str(spec.get("timezone") or ""))]
    for day, name in zip(DAYS, _DAY_NAMES, strict=True):
        one = _line(day, path, ("hours", day), _windows_text(hours.get(day)))
        one.title, one.says, one.group = str(name), "", CALENDAR["hours"].title
        one.how = str(_WINDOWS) if day == DAYS[0] else ""
        found.append(one)
    listed = "\n".join(map(_holiday_text, spec.get("holidays") or ()))
    found.append(_lines("holidays", path, listed, _HOLIDAYS))
    for key in ("date_hours", "date_breaks"):
        dates = spec.get(key) or {}
        listed = "\n".join(f"{day}: {_windows_text(windows)}".rstrip() for day, windows in dates.items())
        found.append(_lines(key, path, listed, _DATES))
    return found


def with_typed(data: Data, path: Path, inputs: Sequence[Input], posted: Posted) -> Data:
    """The document with what was changed in a calendar's form."""
    for one in inputs:
        typed = one.typed(posted)
        if one.is_as_shown(typed):
            continue
        value = _read(str(one.path[2]), typed)
        if value in ("", [], {}):
            data = editing.take_out(data, one.path)
        else:
            data = editing.put(_plain(data, path), one.path, value)
    return data


def _plain(data: Data, path: Path) -> Data:
    """The document with the calendar in its usual spelling: one that the form was made of, whatever was written."""
    try:
        return editing.put(data, path, Calendar.load(value_at(data, path)).spec)
    except CalendarError:
        return data


def _can_be_shown(spec: Any) -> bool:
    """Whether a calendar that is wrong has the shape of the form all the same."""
    if not isinstance(spec, dict) or set(spec) - set(CALENDAR):
        return False
    tables = [spec.get(key) or {} for key in ("hours", "date_hours", "date_breaks")]
    if not all(isinstance(table, dict) for table in tables):
        return False
    windows = [one for table in tables for one in table.values()]
    return all(one is None or isinstance(one, list | str) for one in windows) and isinstance(
        spec.get("holidays") or [], list
    )


def _line(name: str, path: Path, below: Path, shown: str) -> Input:
    term = CALENDAR[str(below[0])]
    return Input(f"c-{name}", (*path, *below), "line", term.title, term.says, shown)


def _lines(name: str, path: Path, shown: str, how: Any) -> Input:
    term = CALENDAR[name]
    one = Input(f"c-{name}", (*path, name), "lines", term.title, term.says, shown)
    one.how = how
    return one


def _windows_text(windows: Any) -> str:
    if isinstance(windows, str):
        return windows
    pairs = [one if isinstance(one, list) else [one] for one in windows or ()]
    return ", ".join("-".join(map(str, pair)) for pair in pairs)


def _holiday_text(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    if "date" in entry:
        return f"{entry['date']} {entry.get('name', '')}".strip()
    return "-".join(str(entry[key]) for key in ("country", "subdivision") if entry.get(key))


def _read(part: str, typed: str) -> Any:
    if part == "timezone":
        return typed
    if part == "hours":
        return _windows(typed)
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if part == "holidays":
        return [_holiday(line) for line in lines]
    split = [line.partition(":") if re.match(r"\S+:\s", f"{line} ") else line.partition(" ") for line in lines]
    return {day.strip().rstrip(":"): _windows(rest) for day, _sep, rest in split}


def _windows(typed: str) -> Any:
    pairs = [re.split(r"\s*[-–]\s*", one.strip()) for one in typed.replace(";", ",").split(",") if one.strip()]
    return [[_time(end) for end in pair] for pair in pairs]


def _time(typed: str) -> str:
    """`9:00` as `09:00`, and `9` too; what is no time stays as it is."""
    found = re.fullmatch(r"([0-9]{1,2})(?::?([0-9]{2}))?(\+1)?", typed.strip())
    return f"{int(found[1]):02}:{found[2] or '00'}{found[3] or ''}" if found else typed


def _holiday(line: str) -> Any:
    if dated := _DATED.fullmatch(line):
        return {"date": dated[1], "name": dated[2]}
    if country := _COUNTRY.fullmatch(line):
        return {"country": country[1], **({"subdivision": country[2]} if country[2] else {})}
    return line
