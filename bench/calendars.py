"""Business time over 60 business days, beside workclock and businesstimedelta in the same run.

python bench/calendars.py
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import businesstimedelta
import pytz
import workclock

from forthwith.procedure.calendars import Calendar

ZONE = "Europe/Berlin"
START = datetime(2026, 1, 5, 10, 30, tzinfo=UTC)
SECONDS = 60 * 8 * 3600
SPEC = {
    "timezone": ZONE,
    "hours": {day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def run() -> list[dict[str, Any]]:
    """Rows of the benchmark table; the best of three rounds each, so that a busy machine disturbs less."""
    calendar = Calendar.load(SPEC)
    starts = [START + timedelta(minutes=17 * n) for n in range(20_000)]
    seconds = [int(start.timestamp()) for start in starts]
    workclock_add, businesstimedelta_add = _workclock(), _businesstimedelta()
    expected = calendar.add(START, SECONDS)
    if not expected == workclock_add(START) == businesstimedelta_add(START):
        raise AssertionError("the three do not agree on the due time")

    bare = _per_second(lambda: _loop(calendar.add_s, seconds), len(seconds))
    aware = _per_second(lambda: _loop(calendar.add, starts), len(starts))
    between = _per_second(lambda: _each(lambda at: calendar.between_s(at, seconds[-1]), seconds), len(seconds))
    theirs = _per_second(lambda: _each(workclock_add, starts), len(starts))
    slow = _per_second(lambda: _each(businesstimedelta_add, starts[:100]), 100)
    return [
        _row("calendars.add_s, 60 business days", bare, target=">= 1000000"),
        _row("calendars.add, aware datetimes", aware, target=">= 500000"),
        _row("calendars.between_s", between),
        _row("calendars.add_s against workclock", bare, baseline=theirs, least=5),
        _row("calendars.add_s against businesstimedelta", bare, baseline=slow, least=100),
        _row("calendars.add against workclock", aware, baseline=theirs),
        _row("calendars.add against businesstimedelta", aware, baseline=slow, least=100),
    ]


def _row(
    name: str, per_second: float, *, target: str = "", baseline: float | None = None, least: int = 0
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "value": round(per_second),
        "unit": "/s",
        "per_second": round(per_second),
    }
    if target:
        row["target"] = target
    if baseline is not None:
        row |= {"baseline": round(baseline), "ratio": round(per_second / baseline, 1)}
    if baseline is not None and least:
        row |= {"target": f"ratio >= {least}", "ok": per_second >= least * baseline}
    return row


def _loop(add: Callable[[Any, int], object], starts: Iterable[Any]) -> None:
    seconds = SECONDS
    for start in starts:
        add(start, seconds)


def _each(ask: Callable[[Any], object], starts: Iterable[Any]) -> None:
    for start in starts:
        ask(start)


def _per_second(work: Callable[[], None], count: int) -> float:
    rounds = []
    for _ in range(3):
        before = clock.perf_counter()
        work()
        rounds.append(clock.perf_counter() - before)
    return count / min(rounds)


def _workclock() -> Callable[[datetime], datetime]:
    rules = [workclock.WorkDay(time(9), time(18)), workclock.Break(time(13), time(14))]
    schedule, delta = workclock.Schedule(rules, time_zone=ZONE), timedelta(seconds=SECONDS)
    return lambda start: schedule.add(start, delta)


def _businesstimedelta() -> Callable[[datetime], datetime]:
    zone = pytz.timezone(ZONE)
    day = businesstimedelta.WorkDayRule(time(9), time(18), [0, 1, 2, 3, 4], tz=zone)
    lunch = businesstimedelta.LunchTimeRule(time(13), time(14), [0, 1, 2, 3, 4], tz=zone)
    delta = businesstimedelta.BusinessTimeDelta(businesstimedelta.Rules([day, lunch]), seconds=SECONDS)
    return lambda start: start + delta


if __name__ == "__main__":
    for row in run():
        found = "".join(f"  {key} {row[key]}" for key in ("baseline", "ratio", "target", "ok") if key in row)
        print(f"{row['name']:44}{row['value']:>12,} /s{found}")
