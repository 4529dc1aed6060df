"""A slow counter of business time: one byte for each second of a stretch of time, 1 where it is open.

It shares nothing with the product. Wall times are found by looking for the instants that have them, hours
are painted second by second, breaks are painted over, and sums are counts of bytes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400


@lru_cache(maxsize=200_000)
def offset_at(zone: ZoneInfo, instant: int) -> int:
    """Seconds east of UTC at an instant."""
    local = (EPOCH + timedelta(seconds=instant)).astimezone(zone)
    return round(local.utcoffset().total_seconds())


def wall_seconds(day: date, clock: str) -> int:
    """A wall time as if it were UTC, in seconds."""
    later = clock.endswith("+1")
    parts = [int(part) for part in clock.removesuffix("+1").split(":")] + [0]
    midnight = (day - date(1970, 1, 1)).days * DAY
    return midnight + parts[0] * 3600 + parts[1] * 60 + parts[2] + (DAY if later else 0)


def instant_of(zone: ZoneInfo, wall: int) -> int:
    """The first instant with that wall time; where there is none, the offset before the gap reads it."""
    samples = range(wall // 900 * 900 - 27 * 3600, wall + 27 * 3600, 900)
    offsets = [offset_at(zone, at) for at in samples]
    found = [wall - offset for offset in set(offsets) if offset_at(zone, wall - offset) == offset]
    if found:
        return min(found)
    before = [offset for at, offset in zip(samples, offsets, strict=True) if at + offset <= wall]
    return wall - before[-1]


@lru_cache(maxsize=10_000)
def happens(zone: ZoneInfo, day: date) -> bool:
    """Whether any quarter of an hour of that local date exists."""
    noon = wall_seconds(day, "12:00")
    samples = range(noon - 40 * 3600, noon + 40 * 3600, 900)
    return any((at + offset_at(zone, at)) // DAY == noon // DAY for at in samples)


class Oracle:
    """Open seconds of `[first, first + days)`, midnight UTC to midnight UTC."""

    def __init__(self, spec: dict, first: date, days: int) -> None:
        self.zone = ZoneInfo(spec.get("timezone") or spec["tz"])
        self.lo = (first - date(1970, 1, 1)).days * DAY
        self.open = bytearray(days * DAY)
        around = [first + timedelta(days=n) for n in range(-4, days + 4)]
        around = [day for day in around if happens(self.zone, day)]
        for day in around:
            self._paint(day, self._hours(spec, day), 1)
        for day in around:
            self._paint(day, spec.get("date_breaks", {}).get(day.isoformat(), []), 0)

    def _hours(self, spec: dict, day: date) -> list:
        special = spec.get("date_hours", {})
        if day.isoformat() in special:
            return special[day.isoformat()]
        if day.isoformat() in spec.get("holidays", []):
            return []
        return spec.get("hours", {}).get(DAYS[day.weekday()], [])

    def _paint(self, day: date, windows: list, value: int) -> None:
        for opens, closes in windows:
            begin = max(0, instant_of(self.zone, wall_seconds(day, opens)) - self.lo)
            until = min(len(self.open), instant_of(self.zone, wall_seconds(day, closes)) - self.lo)
            if begin < until:
                self.open[begin:until] = bytes([value]) * (until - begin)

    def is_open(self, at: int) -> bool:
        return self.open[at - self.lo] == 1

    def next_open(self, at: int) -> int | None:
        found = self.open.find(1, at - self.lo)
        return None if found < 0 else found + self.lo

    def between(self, start: int, end: int) -> int:
        if end < start:
            return -self.between(end, start)
        return self.open.count(1, start - self.lo, end - self.lo)

    def add(self, start: int, seconds: int) -> int | None:
        """The instant after the last counted second; backward the one where it begins. None: not in here."""
        at = start - self.lo
        if seconds == 0:
            return self.next_open(start)
        for _ in range(abs(seconds)):
            at = self.open.find(1, at) + 1 if seconds > 0 else self.open.rfind(1, 0, max(at, 0))
            if at <= 0 and seconds > 0:
                return None
            if at < 0:
                return None
        return at + self.lo

    def pause(self, begin: int, until: int) -> None:
        """Close a span, as a hold does."""
        a, b = max(0, begin - self.lo), min(len(self.open), until - self.lo)
        if a < b:
            self.open[a:b] = bytes(b - a)
