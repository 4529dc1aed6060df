"""From a timetable to the spans of time in which it is open, as epoch seconds.

A wall time is read by `wall_to_instant`: in a gap with the offset before the gap (02:30 becomes 03:30), an
ambiguous one is the first. A window over midnight belongs to the day on which it opens; a break closes its
part of its date, whichever window covers it. A date that a zone left out (Apia, 2011-12-30) has no hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from forthwith.procedure.calendar_spec import Timetable, Window
from forthwith.procedure.instants import DAY_S, EPOCH

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)

Spans = list[tuple[int, int]]


class Table(NamedTuple):
    """Open spans of `[lo, hi)`, ready for bisection. Never changed: a larger one takes its place.

    `ends[i]` is the open time up to `closes[i]`, counted from a fixed point, and `shifts[i]` the difference
    between the two scales within span i. Span 0 is empty, at `lo`: each instant has a span before it.
    """

    opens: list[int]
    closes: list[int]
    ends: list[int]
    shifts: list[int]
    lo: int
    hi: int


def wall_to_instant(timezone: str, local: datetime) -> datetime:
    """The UTC instant of a naive wall time. In a gap the offset before it counts; of two, the first."""
    if local.tzinfo is not None:
        raise ValueError(f"a wall time has no offset of its own, but {local.isoformat()} has one")
    return local.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC)


def table_of(spans: Spans, lo: int, hi: int, base: int = 0) -> Table:
    """A table of merged spans. `base` is the open time counted before `lo`."""
    opens = [lo, *(opening for opening, _ in spans)]
    closes = [lo, *(closing for _, closing in spans)]
    ends = list(accumulate((closing - opening for opening, closing in spans), initial=base))
    shifts = [closing - end for closing, end in zip(closes, ends, strict=True)]
    return Table(opens, closes, ends, shifts, lo, hi)


def widened(table: Table, timetable: Timetable, lo: int, hi: int) -> Table:
    """The same table over `[lo, hi)`, which contains its range. The count at an instant stays as it is."""
    before = spans_within(timetable, lo, table.lo)
    after = spans_within(timetable, table.hi, hi)
    known = zip(table.opens[1:], table.closes[1:], strict=True)
    base = table.ends[0] - sum(closing - opening for opening, closing in before)
    return table_of(merged([*before, *known, *after]), lo, hi, base)


def spans_within(timetable: Timetable, lo: int, hi: int, *, breaks: bool = True) -> Spans:
    """The open spans clipped to `[lo, hi)`, in order, apart from one another."""
    if lo >= hi:
        return []
    zone = ZoneInfo(timetable.timezone)
    days = list(_days(timetable, lo, hi))
    windows = [span for day in days for span in _on(zone, day, timetable.windows(day))]
    cuts = [span for day in days for span in _on(zone, day, timetable.date_breaks.get(day, ()))] if breaks else []
    spans = without(merged(windows), merged(cuts))
    return [(max(a, lo), min(b, hi)) for a, b in spans if a < hi and b > lo]


def day_start(zone: ZoneInfo, day: date) -> int:
    """The epoch second at which a local date begins."""
    return (datetime(day.year, day.month, day.day, tzinfo=zone) - EPOCH) // _SECOND


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """The union of half-open spans: overlapping and touching ones become one."""
    union: Spans = []
    for opening, closing in sorted(spans):
        if union and opening <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], closing))
        else:
            union.append((opening, closing))
    return union


def without(spans: Spans, cuts: Spans) -> Spans:
    """The spans less the cuts. Both are merged."""
    rest: Spans = []
    first = 0
    for opening, closing in spans:
        while first < len(cuts) and cuts[first][1] <= opening:
            first += 1
        at = opening
        for n in range(first, len(cuts)):
            if cuts[n][0] >= closing:
                break
            if cuts[n][0] > at:
                rest.append((at, cuts[n][0]))
            at = max(at, cuts[n][1])
        if at < closing:
            rest.append((at, closing))
    return rest


def _days(timetable: Timetable, lo: int, hi: int) -> Iterator[date]:
    """The dates whose windows may touch `[lo, hi)`: a window reaches two days, an offset about one."""
    first, last = (date.fromordinal(EPOCH.toordinal() + at // DAY_S) for at in (lo, hi))
    first, last = first - timedelta(days=4), last + timedelta(days=2)
    if any(timetable.week):
        yield from (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    else:
        yield from (day for day in sorted({*timetable.date_hours, *timetable.date_breaks}) if first <= day <= last)


def _on(zone: ZoneInfo, day: date, windows: Iterable[Window]) -> Iterator[tuple[int, int]]:
    """The instants of a date's windows. One that a gap turns around (02:30 to 03:15) is none."""
    midnight = None
    for window in windows:
        if midnight is None:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            if midnight + _DAY - EPOCH <= midnight - EPOCH:
                return
        opening = (midnight + timedelta(seconds=window.opens) - EPOCH) // _SECOND
        closing = (midnight + timedelta(seconds=window.closes) - EPOCH) // _SECOND
        if opening < closing:
            yield opening, closing


def covered(windows: Iterable[Window]) -> int:
    """Seconds that the windows of a day cover; where they overlap counts once."""
    seconds, until = 0, 0
    for window in sorted(windows):
        seconds += max(0, window.closes - max(window.opens, until))
        until = max(until, window.closes)
    return seconds
