"""Business time: when a due time falls, how much of a time counts, whether it is open (SOP 1.1, 2.2, 4.3).

Spans are half-open, so the closing instant is closed. A due time that lands exactly on closing stays there;
zero time outside hours ends at the next opening; backward is the mirror image. `between` is signed. Seconds
are kept, and real elapsed time is what counts, also when clocks change. `open_spans` says how wall times are
read, `calendar_spec` how a calendar is written.

A calendar is a table of open spans with its running sum; a sum is two bisections. The table covers some years
around the instants asked for, and grows when others are.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from forthwith.procedure.calendar_explain import Span, explain
from forthwith.procedure.calendar_spec import ALWAYS_SPEC, CalendarError, Timetable, read
from forthwith.procedure.holds import NEVER, Hold, Pause, in_order
from forthwith.procedure.instants import DAY_S, EPOCH, US, from_us, naive, new_year, to_us, year_of
from forthwith.procedure.open_spans import Table, covered, table_of, wall_to_instant, widened

__all__ = ["ALWAYS", "Calendar", "CalendarError", "Pause", "Span", "Unreachable", "wall_to_instant"]

_TEN_YEARS_S = 3653 * DAY_S
# Beyond these years a calendar gives an error: a table for thousands of years helps nobody.
_FIRST_YEAR, _LAST_YEAR = 1800, 2599
_KEPT = 64


class Unreachable(CalendarError):
    """The instant asked for is never reached: a pause without end, no more open time, or too far away."""


class Calendar:
    """Business hours of one time zone. Immutable; calendars of equal specs are the same object."""

    __slots__ = ("__weakref__", "_canonical", "_lock", "_reach", "_table", "_timetable")

    _canonical: str
    _timetable: Timetable | None
    _reach: tuple[int, int]
    _table: Table

    def __init__(self, canonical: str, timetable: Timetable | None) -> None:
        self._canonical = canonical
        self._timetable = timetable
        self._lock = threading.Lock()
        if timetable is None:
            self._reach = (new_year(MINYEAR), new_year(MAXYEAR) + 365 * DAY_S - 1)
            self._table = table_of([self._reach], *self._reach)
        else:
            self._reach = (new_year(_FIRST_YEAR), new_year(_LAST_YEAR + 1))
            self._table = table_of([], 0, 0)

    @classmethod
    def load(cls, spec: str | Mapping[Any, Any], *, today: date | None = None) -> Calendar:
        """The calendar of a spec as JSON or YAML give it: `always`, or a mapping.

        Raises CalendarError with the place of a mistake, and for a calendar that does not open within ten
        years of `today` (the default is this day).
        """
        calendar = _kept(spec)
        day = ((today or datetime.now(UTC).date()).toordinal() - EPOCH.toordinal()) * DAY_S
        lo, hi = calendar._reach
        try:
            never = lo <= day < hi and calendar.next_open_s(day) > day + _TEN_YEARS_S
        except Unreachable:
            never = True
        if never:
            sentence = "it is never open in the ten years after it is loaded; give it open hours"
            raise CalendarError(sentence, "hours", calendar.spec)
        return calendar

    @classmethod
    def again(cls, spec: str | Mapping[Any, Any]) -> Calendar:
        """The calendar of a spec that `load` accepted once, whether or not it opens any more."""
        return _kept(spec)

    @property
    def spec(self) -> str | dict[str, Any]:
        """The canonical spec, fit for JSON: `load` gives this calendar back from it."""
        if self._timetable is None:
            return ALWAYS_SPEC
        spec: dict[str, Any] = json.loads(self._canonical)
        return spec

    @property
    def timezone(self) -> str:
        """The IANA name of the zone; UTC for `always`."""
        return self._timetable.timezone if self._timetable else "UTC"

    @property
    def timetable(self) -> Timetable | None:
        """The spec as it was read; None for `always`."""
        return self._timetable

    @property
    def day_s(self) -> int | None:
        """Seconds of a business day, where its days have one length or it says which; None for `always`."""
        if self._timetable is None:
            return None
        lengths = {covered(windows) for windows in self._timetable.week if windows}
        return self._timetable.day or (lengths.pop() if len(lengths) == 1 else None)

    def holiday_name(self, day: date) -> str | None:
        """The name of the holiday on a local date, or None."""
        return self._timetable.holiday_name(day) if self._timetable else None

    # Whole epoch seconds.

    def add_s(self, start: int, seconds: int) -> int:
        """The instant that `seconds` of open time lead to; negative goes back."""
        if seconds > 0:
            opens, closes, ends, shifts, lo, _ = self._table
            if start >= lo:
                i = bisect_right(opens, start) - 1
                target = seconds + (start - shifts[i] if start < closes[i] else ends[i])
                # Past the table's end `target` is past the last sum too, and the table must grow.
                i = bisect_left(ends, target)
                if i < len(ends):
                    return target + shifts[i]
        elif seconds == 0:
            return self.next_open_s(start)
        return self._instant(self._position(start * US) + seconds * US, forward=seconds > 0) // US

    def between_s(self, start: int, end: int) -> int:
        """The open seconds from `start` to `end`; negative when `end` is earlier."""
        opens, closes, ends, shifts, lo, hi = self._table
        if not (lo <= start < hi and lo <= end < hi):
            opens, closes, ends, shifts, lo, hi = self._covering(min(start, end), max(start, end))
        i, j = bisect_right(opens, start) - 1, bisect_right(opens, end) - 1
        before = start - shifts[i] if start < closes[i] else ends[i]
        return (end - shifts[j] if end < closes[j] else ends[j]) - before

    def is_open_s(self, at: int) -> bool:
        """Whether `at` is open. Opening is, closing is not."""
        table = self._covering(at, at)
        return at < table.closes[bisect_right(table.opens, at) - 1]

    def next_open_s(self, at: int) -> int:
        """The first open instant from `at` on: `at` itself when it is open."""
        table = self._covering(at, at)
        i = bisect_right(table.opens, at)
        if at < table.closes[i - 1]:
            return at
        while i >= len(table.opens):
            table = self._farther(table, 0, forward=True)
            i = bisect_right(table.opens, at)
        return table.opens[i]

    # Aware datetimes; results are in UTC.

    def add(self, start: datetime, seconds: int, pauses: Sequence[Pause] = ()) -> datetime:
        """The instant that `seconds` of open time lead to, not counting pauses; negative goes back.

        Raises ValueError for a naive datetime, and Unreachable when a pause without end comes first.
        """
        try:
            since = start - EPOCH
        except TypeError:
            raise naive(start) from None
        if seconds > 0 and not since.microseconds and not pauses:
            return EPOCH + timedelta(0, self.add_s(since.days * DAY_S + since.seconds, seconds))
        at, holds = to_us(start), self._holds(pauses)
        if seconds > 0:
            at = self._forward(at, seconds * US, holds)
        elif seconds < 0:
            at = self._backward(at, -seconds * US, holds)
        else:
            at = self._first_free(at, holds)
        return from_us(at)

    def between(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
        """Whole seconds of open time from `start` to `end`, less pauses; negative when `end` is earlier."""
        first, last = to_us(start), to_us(end)
        if last < first:
            return -self.between(end, start, pauses)
        open_us = self._position(last) - self._position(first)
        for begin, until, _ in self._holds(pauses):
            if begin < last and until > first:
                open_us -= self._position(min(until, last)) - self._position(max(begin, first))
        return open_us // US

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is open. Opening is, closing is not."""
        return self.is_open_s(to_us(at) // US)

    def next_open(self, at: datetime) -> datetime:
        """The first open instant from `at` on: `at` itself when it is open."""
        return from_us(self._first_free(to_us(at), []))

    def segments(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The open spans within `[start, end)`, clipped to it."""
        return [(from_us(a), from_us(b)) for a, b in self.segments_us(to_us(start), to_us(end))]

    def explain(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> list[Span]:
        """Every part of `[start, end)` in order: counted or not, and why. Nothing when `end` is not later."""
        return explain(self, to_us(start), to_us(end), self._holds(pauses))

    def add_business_days(self, start: datetime, days: int) -> datetime:
        """The same wall time `days` dates with open hours later, or the next opening when that is closed."""
        if days < 0:
            raise ValueError(f"business days are counted forward, so {days} is not possible; use 0 or more")
        to_us(start)
        local = start.astimezone(ZoneInfo(self.timezone))
        day, left = local.date(), days
        while left:
            if day.year > _LAST_YEAR:
                raise Unreachable(self._out_of_reach("there are not so many business days", *self._reach))
            day += timedelta(days=1)
            left -= self._timetable is None or bool(self._timetable.windows(day))
        return self.next_open(
            start if not days else wall_to_instant(self.timezone, datetime.combine(day, local.time()))
        )

    def segments_us(self, first: int, last: int) -> list[tuple[int, int]]:
        """As `segments`, in epoch microseconds."""
        if last <= first:
            return []
        table = self._covering(first // US, last // US)
        i = bisect_right(table.opens, first // US) - 1
        j = bisect_left(table.opens, -(-last // US))
        spans = zip(table.opens[i:j], table.closes[i:j], strict=True)
        clipped = [(max(a * US, first), min(b * US, last)) for a, b in spans]
        return [(a, b) for a, b in clipped if a < b]

    # The table. An open time ("position") is in microseconds from a point that stays when the table grows.

    def _position(self, at: int) -> int:
        second, rest = divmod(at, US)
        opens, closes, ends, shifts, _, _ = self._covering(second, second)
        i = bisect_right(opens, second) - 1
        return (second - shifts[i]) * US + rest if second < closes[i] else ends[i] * US

    def _instant(self, position: int, *, forward: bool) -> int:
        """The instant of a position: forward the closing where two spans meet, backward the opening."""
        second, rest = divmod(position, US)
        side = bisect_left if forward and not rest else bisect_right
        table = self._table
        while not 0 < (i := side(table.ends, second)) < len(table.ends):
            missing = second - table.ends[-1] if i else table.ends[0] - second
            table = self._farther(table, missing, forward=i > 0)
        return (second + table.shifts[i]) * US + rest

    def _forward(self, at: int, left: int, holds: list[Hold]) -> int:
        for begin, until, _ in holds:
            if until <= at:
                continue
            if begin > at:
                ahead = self._position(begin) - self._position(at)
                if left <= ahead:
                    break
                left -= ahead
            at = self._end_of_hold(until)
        return self._instant(self._position(at) + left, forward=True)

    def _backward(self, at: int, left: int, holds: list[Hold]) -> int:
        for begin, until, _ in reversed(holds):
            if begin >= at:
                continue
            if until < at:
                behind = self._position(at) - self._position(until)
                if left <= behind:
                    break
                left -= behind
            at = begin
        return self._instant(self._position(at) - left, forward=False)

    def _first_free(self, at: int, holds: list[Hold]) -> int:
        """The first instant from `at` on that is open and not in a pause."""
        at = at if self.is_open_s(at // US) else self.next_open_s(at // US) * US
        for begin, until, _ in holds:
            if begin <= at < until:
                at = self._end_of_hold(until)
                at = at if self.is_open_s(at // US) else self.next_open_s(at // US) * US
        return at

    def _end_of_hold(self, until: int) -> int:
        if until == NEVER:
            raise Unreachable("the time never comes: a pause before it has no end", "pauses")
        return until

    def _holds(self, pauses: Sequence[Pause]) -> list[Hold]:
        # Clipped to what the table can cover, so that a far pause cannot spoil a near sum.
        lo, hi = self._reach
        return in_order(pauses, lo * US, (hi - 1) * US) if pauses else []

    def _covering(self, first: int, last: int) -> Table:
        table = self._table
        return table if table.lo <= first and last < table.hi else self._grown(first, last)

    def _farther(self, table: Table, missing: int, *, forward: bool) -> Table:
        """A table about twice as wide, for a search that ran off its end with `missing` seconds to go."""
        lo, hi = self._reach
        room = hi - table.hi if forward else table.lo - lo
        if room <= max(missing, 0):
            raise Unreachable(self._out_of_reach("there is no such open time", lo, hi))
        width = max(table.hi - table.lo, 366 * DAY_S)
        if forward:
            return self._grown(table.lo, min(table.hi + width, hi - 1))
        return self._grown(max(table.lo - width, lo), table.hi - 1)

    def _grown(self, first: int, last: int) -> Table:
        lo, hi = self._reach
        if first < lo or last >= hi or self._timetable is None:
            raise Unreachable(self._out_of_reach("the time is too far away", lo, hi))
        with self._lock:
            table = self._table
            if table.lo == table.hi:
                table = table_of([], new_year(year_of(first)), new_year(year_of(first)))
            lo, hi = min(table.lo, new_year(year_of(first))), max(table.hi, new_year(year_of(last) + 1))
            if (lo, hi) != (table.lo, table.hi):
                # Replaced in one step: readers hold either the old table or the new one, and both are right.
                self._table = table = widened(table, self._timetable, lo, hi)
        return table

    def _out_of_reach(self, what: str, lo: int, hi: int) -> str:
        return f"{what}; this calendar covers the years {year_of(lo)} to {year_of(hi - 1)}"

    # A calendar is its spec.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self._canonical == other._canonical

    def __hash__(self) -> int:
        return hash(self._canonical)

    def __repr__(self) -> str:
        return f"Calendar({self._canonical})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _kept, (self.spec,)


_living: WeakValueDictionary[str, Calendar] = WeakValueDictionary()
_recent: OrderedDict[str, Calendar] = OrderedDict()
_living_lock = threading.Lock()


def _kept(spec: str | Mapping[Any, Any]) -> Calendar:
    """The one calendar of a spec. The latest are kept with their tables, others while somebody has them."""
    if isinstance(spec, str):
        if spec != ALWAYS_SPEC:
            raise CalendarError(f'a calendar is "always" or a mapping, not "{spec[:60]}"', "", spec)
        return ALWAYS
    if not isinstance(spec, Mapping):
        raise CalendarError(f'a calendar is "always" or a mapping, not {str(spec)[:60]}', "", spec)
    calendar = _living.get(_text(spec))
    if calendar is not None:
        return calendar
    timetable = read(spec)
    with _living_lock:
        calendar = _living.get(timetable.canonical)
        if calendar is None:
            calendar = _living[timetable.canonical] = Calendar(timetable.canonical, timetable)
        _recent[timetable.canonical] = calendar
        _recent.move_to_end(timetable.canonical)
        if len(_recent) > _KEPT:
            _recent.popitem(last=False)
    return calendar


def _text(spec: Mapping[Any, Any]) -> str:
    """A spec as JSON: the canonical text at once when it already is canonical, as in a stored procedure."""
    try:
        return json.dumps(spec, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""


ALWAYS = Calendar(ALWAYS_SPEC, None)
"""Around the clock: real elapsed time."""
