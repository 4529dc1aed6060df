"""A calendar as people look at one: a week of bars, twelve months of days, and what is closed by name (SOP 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from forthwith.floor.blocks import Block, Day, Month, Pairs, Section, Text, Week, Year
from forthwith.floor.speaking import Speaker
from forthwith.procedure.calendar_spec import Timetable, Window

_MONTHS = 12
_DAY_S = 86_400


def calendars(speaker: Speaker, today: date) -> Iterator[Block]:
    """Each calendar, with the twelve months from today's on."""
    for key in speaker.procedure.calendars:
        timetable = speaker.procedure.calendar(key).timetable
        blocks: list[Block] = [
            *(_drawn(timetable, today) if timetable else [Text([_("Round the clock, on every day.")])])
        ]
        spec = speaker.procedure.calendars[key]
        if isinstance(spec, dict) and spec.get("day"):
            blocks.append(Pairs([(speaker.title("calendars", key, "day"), str(spec["day"]))]))
        yield Section(key, blocks, key=f"calendar-{key}")


def _drawn(timetable: Timetable, today: date) -> Iterator[Block]:
    yield Text([_("Hours in the time zone %(zone)s") % {"zone": timetable.timezone}])
    yield Week(_week(timetable))
    days = list(_days(today.replace(day=1)))
    yield Year([_month(timetable, month) for month in _by_month(days)])
    named = [*_holidays(timetable, days), *_special(timetable, days)]
    yield Pairs(named) if named else Text([_("No holidays in these twelve months.")])


def _week(timetable: Timetable) -> list[Day]:
    drawn: list[list[tuple[int, int]]] = [[] for _day in range(7)]
    for weekday, windows in enumerate(timetable.week):
        for window in windows:
            today = min(window.closes, _DAY_S)
            drawn[weekday].append((window.opens // 60, (today - window.opens) // 60))
            if window.closes > _DAY_S:
                drawn[(weekday + 1) % 7].append((0, (window.closes - _DAY_S) // 60))
    return [
        Day(str(WEEKDAYS[weekday]), _hours(timetable.week[weekday]) or _("closed"), sorted(drawn[weekday]))
        for weekday in range(7)
    ]


def _hours(windows: Sequence[Window]) -> str:
    return ", ".join(f"{_time(window.opens)}–{_time(window.closes)}" for window in windows)


def _time(seconds: int) -> str:
    if seconds > _DAY_S:
        return _("%(time)s the next day") % {"time": _time(seconds - _DAY_S)}
    text = f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def _days(first: date) -> Iterator[date]:
    months, last = first.month - 1 + _MONTHS, first
    last = date(first.year + months // 12, months % 12 + 1, 1)
    for count in range((last - first).days):
        yield first + timedelta(days=count)


def _by_month(days: Sequence[date]) -> Iterator[list[date]]:
    month: list[date] = []
    for day in days:
        if month and day.day == 1:
            yield month
            month = []
        month.append(day)
    yield month


def _month(timetable: Timetable, days: Sequence[date]) -> Month:
    first = days[0]
    return Month(
        f"{MONTHS[first.month]} {first.year}", first.weekday(), "".join(_letter(timetable, one) for one in days)
    )


def _letter(timetable: Timetable, day: date) -> str:
    if day in timetable.date_hours or day in timetable.date_breaks:
        return "s"
    if timetable.windows(day):
        return "o"
    return "h" if timetable.week[day.weekday()] else "c"


def _holidays(timetable: Timetable, days: Sequence[date]) -> Iterator[tuple[str, str]]:
    for day in days:
        name = timetable.holiday_name(day)
        if name and day not in timetable.date_hours:
            yield _date(day), name


def _special(timetable: Timetable, days: Sequence[date]) -> Iterator[tuple[str, str]]:
    within = set(days)
    for day, windows in timetable.date_hours.items():
        if day in within:
            yield _date(day), _("open %(hours)s") % {"hours": _hours(windows)} if windows else _("closed")
    for day, windows in timetable.date_breaks.items():
        if day in within:
            yield _date(day), _("break %(hours)s") % {"hours": _hours(windows)}


def _date(day: date) -> str:
    return str(date_format(day, _("D j M Y")))
