"""Which spans of a time counted in a calendar, which did not, and why, in words (SOP 4.3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from forthwith.procedure.instants import DAY_S, US, from_us
from forthwith.procedure.open_spans import day_start, spans_within
from forthwith.procedure.said import say

if TYPE_CHECKING:
    from forthwith.procedure.calendars import Calendar
    from forthwith.procedure.holds import Hold

_DAY = timedelta(days=1)

Why = Literal["open", "closed", "holiday", "break", "paused"]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of time, half-open, in UTC. Only open spans count."""

    start: datetime
    end: datetime
    counted: bool
    why: Why
    label: str


def explain(calendar: Calendar, first: int, last: int, holds: Sequence[Hold]) -> list[Span]:
    """The spans of `[first, last)`, epoch microseconds, without gaps; neighbours alike are one."""
    if last <= first:
        return []
    days = _Days(calendar, first, last)
    opened = calendar.segments_us(first, last)
    unbroken = _before_breaks(calendar, first, last)
    edges = {first, last, *days.starts}
    for begin, until in (*opened, *unbroken, *((hold.begin, hold.until) for hold in holds)):
        edges.update((begin, until))
    marks = sorted(edge for edge in edges if first <= edge <= last)
    spans: list[Span] = []
    for begin, until in pairwise(marks):
        why, label = _why(calendar, begin, until, (opened, unbroken, holds), days)
        if spans and (spans[-1].why, spans[-1].label) == (why, label):
            spans[-1] = Span(spans[-1].start, from_us(until), why == "open", why, label)
        else:
            spans.append(Span(from_us(begin), from_us(until), why == "open", why, label))
    return spans


def _why(
    calendar: Calendar,
    begin: int,
    until: int,
    spans: tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]], Sequence[Hold]],
    days: _Days,
) -> tuple[Why, str]:
    opened, unbroken, holds = spans
    if _at(opened, begin) is not None:
        hold = _at(holds, begin)
        if hold is not None:
            return "paused", holds[hold].reason or say("on hold")
        usual = say("around the clock") if calendar.timetable is None else say("business hours")
        return "open", days.clock_change(begin, until) or usual
    if _at(unbroken, begin) is not None:
        return "break", say("break")
    name = days.holiday(begin)
    return ("holiday", name) if name else ("closed", say("outside hours"))


def _at(spans: Sequence[tuple[int, int]] | Sequence[Hold], at: int) -> int | None:
    i = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return i if i >= 0 and at < spans[i][1] else None


def _before_breaks(calendar: Calendar, first: int, last: int) -> list[tuple[int, int]]:
    timetable = calendar.timetable
    if timetable is None or not timetable.date_breaks:
        return []
    spans = spans_within(timetable, first // US, last // US + 1, breaks=False)
    return [(begin * US, until * US) for begin, until in spans]


class _Days:
    """The local dates of a span: where they begin, which are holidays, which have a clock change."""

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        self.calendar = calendar
        self.zone = ZoneInfo(calendar.timezone)
        self.starts = [start * US for start in self._starts(first, last)] if calendar.timetable else []

    def _starts(self, first: int, last: int) -> Iterator[int]:
        day, end = self.date(first), self.date(last)
        while day <= end:
            yield day_start(self.zone, day)
            day += _DAY

    def date(self, at: int) -> date:
        return from_us(at).astimezone(self.zone).date()

    def holiday(self, at: int) -> str | None:
        """The holiday that closes the date of `at`: on a day without hours of its own it closes nothing."""
        timetable = self.calendar.timetable
        if timetable is None:
            return None
        day = self.date(at)
        if day in timetable.date_hours or not timetable.week[day.weekday()]:
            return None
        return timetable.holiday_name(day)

    def clock_change(self, begin: int, until: int) -> str | None:
        """Says so when the clocks change at or within an open span: it is longer or shorter than it seems."""
        if self.calendar.timetable is None:
            return None
        before, after = (from_us(at).astimezone(self.zone).utcoffset() for at in (begin - 1, until - 1))
        if before == after:
            return None
        day = self.date(until - 1)
        length = day_start(self.zone, day + _DAY) - day_start(self.zone, day)
        if length == DAY_S:
            return None
        return say("clock change: this day has %(hours)s hours", hours=f"{length / 3600:g}")
