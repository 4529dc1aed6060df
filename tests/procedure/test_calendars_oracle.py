"""Business time against a slow counter, against workclock, and against its own laws (SOP 4.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import workclock
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from forthwith.procedure.calendars import Calendar, Unreachable
from tests.procedure.oracle import DAYS, EPOCH, Oracle

pytestmark = pytest.mark.sop("4.3")

# Zones with the day around which clocks change, or which is otherwise special.
PLACES = [
    ("UTC", date(2028, 2, 29)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Europe/Berlin", date(2027, 1, 1)),
    ("America/New_York", date(2024, 2, 29)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour back
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour forward
    ("Asia/Kathmandu", date(1986, 1, 1)),  # +05:30 to +05:45
    ("Asia/Kolkata", date(2000, 2, 29)),
    ("America/Sao_Paulo", date(2015, 10, 18)),  # no midnight
    ("America/Sao_Paulo", date(2016, 2, 21)),  # midnight comes twice
    ("America/Havana", date(2026, 3, 8)),
    ("America/St_Johns", date(2006, 10, 29)),  # changes at 00:01
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Africa/Monrovia", date(1972, 1, 7)),  # a gap of 44 minutes and 30 seconds
    ("Antarctica/Troll", date(2026, 3, 29)),  # two hours
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Europe/Amsterdam", date(1937, 7, 1)),  # offsets with seconds
    ("Pacific/Kiritimati", date(2100, 3, 1)),
]
BEFORE, SPAN = 6, 16
MODERATE = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def clock(at: int) -> str:
    later, rest = divmod(at, 86_400)
    if later == 1 and rest == 0:
        return "24:00"
    hour, minute, second = rest // 3600, rest // 60 % 60, rest % 60
    return f"{hour:02}:{minute:02}:{second:02}" + "+1" * later


@st.composite
def windows(draw: st.DrawFn, most: int = 3) -> list[list[str]]:
    step = draw(st.sampled_from([1, 60, 900, 1800, 3600]))
    found = []
    for _ in range(draw(st.integers(0, most))):
        opens = draw(st.integers(0, 86_399 // step)) * step
        longest = min(32 * 3600, 2 * 86_400 - 1 - opens)
        found.append([clock(opens), clock(opens + draw(st.integers(1, max(1, longest // step))) * step)])
    return found


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict, date]:
    zone, day = draw(st.sampled_from(PLACES))
    near = st.integers(-3, 5).map(lambda n: (day + timedelta(days=n)).isoformat())
    spec = {
        "timezone": zone,
        "hours": draw(st.dictionaries(st.sampled_from(DAYS), windows(), min_size=2)),
        "holidays": draw(st.lists(near, max_size=2, unique=True)),
        "date_hours": draw(st.dictionaries(near, windows(), max_size=2)),
        "date_breaks": draw(st.dictionaries(near, windows(2), max_size=2)),
    }
    assume(any(spec["hours"].values()))
    return spec, day


class Bench:
    """A drawn calendar beside its oracle, over a stretch of days around a clock change."""

    def __init__(self, drawn: tuple[dict, date]) -> None:
        spec, day = drawn
        self.calendar = Calendar.load(spec, today=day)
        first = day - timedelta(days=BEFORE)
        self.oracle = Oracle(spec, first, SPAN)
        self.lo = (first - date(1970, 1, 1)).days * 86_400
        self.hi = self.lo + SPAN * 86_400

    def instant(self, data: st.DataObject) -> int:
        edges = [n * 3600 for n in range(SPAN * 24)]
        at = data.draw(st.one_of(st.integers(0, SPAN * 86_400 - 1), st.sampled_from(edges)))
        if data.draw(st.booleans()):
            at = (self.oracle.next_open(self.lo + at) or self.lo + at) - self.lo
        return self.lo + at


def aware(at: int) -> datetime:
    return EPOCH + timedelta(seconds=at)


@MODERATE
@given(calendars(), st.data())
@example(({"timezone": "Pacific/Apia", "hours": {"fri": [["09:00:00", "17:00:00"]]}}, date(2011, 12, 30)), None)
def test_the_table_opens_and_closes_where_the_counter_does(drawn: tuple[dict, date], data: st.DataObject) -> None:
    bench = Bench(drawn)
    painted = bytearray(SPAN * 86_400)
    for opening, closing in bench.calendar.segments(aware(bench.lo), aware(bench.hi)):
        a, b = ((at - EPOCH) // timedelta(seconds=1) - bench.lo for at in (opening, closing))
        painted[a:b] = b"\1" * (b - a)
    assert painted == bench.oracle.open


@MODERATE
@given(calendars(), st.data())
def test_sums_equal_the_count_of_seconds(drawn: tuple[dict, date], data: st.DataObject) -> None:
    bench = Bench(drawn)
    for _ in range(6):
        start, end = bench.instant(data), bench.instant(data)
        assert bench.calendar.between_s(start, end) == bench.oracle.between(start, end)
        assert bench.calendar.is_open_s(start) == bench.oracle.is_open(start)
        if (opening := bench.oracle.next_open(start)) is not None:
            assert bench.calendar.next_open_s(start) == opening
        seconds = data.draw(st.integers(-40_000, 40_000))
        if (due := bench.oracle.add(start, seconds)) is not None:
            assert bench.calendar.add_s(start, seconds) == due
            assert bench.calendar.add(aware(start), seconds) == aware(due)


@MODERATE
@given(calendars(), st.data())
def test_a_hold_takes_out_business_time(drawn: tuple[dict, date], data: st.DataObject) -> None:
    bench = Bench(drawn)
    pauses = []
    for _ in range(data.draw(st.integers(1, 4))):
        begin, until = sorted((bench.instant(data), bench.instant(data)))
        until = min(until, begin + 2 * 86_400)
        pauses.append((aware(begin), aware(until)))
        bench.oracle.pause(begin, until)
    start, end = bench.instant(data), bench.instant(data)
    assert bench.calendar.between(aware(start), aware(end), pauses) == bench.oracle.between(start, end)
    seconds = data.draw(st.integers(-40_000, 40_000))
    if (due := bench.oracle.add(start, seconds)) is not None:
        assert bench.calendar.add(aware(start), seconds, pauses) == aware(due)


@MODERATE
@given(calendars(), st.data())
def test_explain_covers_the_time_and_counts_what_between_counts(drawn: tuple[dict, date], data: st.DataObject) -> None:
    bench = Bench(drawn)
    start, end, begin, until = (bench.instant(data) for _ in range(4))
    start, end, begin, until = *sorted((start, end)), *sorted((begin, until))
    pauses = [(aware(begin), aware(until), "waiting on requester")]
    spans = bench.calendar.explain(aware(start), aware(end), pauses)
    counted = sum((span.end - span.start for span in spans if span.counted), timedelta())
    assert counted == timedelta(seconds=bench.calendar.between(aware(start), aware(end), pauses))
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert edges[1:-1:2] == edges[2::2]
    assert (edges[:1] or [aware(start)]) == [aware(start)]
    assert (edges[-1:] or [aware(end)]) == [aware(end)]
    assert all((span.why == "open") == span.counted and span.label for span in spans)


BERLIN = {
    "timezone": "Europe/Berlin",
    "hours": {day: [["09:00", "12:30"], ["13:30", "18:00"]] for day in DAYS[:5]} | {"sat": [["22:00", "06:00+1"]]},
    "holidays": {"country": "DE", "subdivision": "BE"},
}
HOWE = {"timezone": "Australia/Lord_Howe", "hours": {day: [["00:30", "23:15"]] for day in DAYS}}
LAWFUL = [Calendar.load(spec, today=date(2020, 1, 1)) for spec in (BERLIN, HOWE, "always")]
moments = st.integers(-700_000_000, 5_000_000_000)
amounts = st.integers(0, 4_000_000)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LAWFUL), moments, amounts, amounts)
def test_laws_of_business_time(calendar: Calendar, start: int, x: int, y: int) -> None:
    due = calendar.add_s(start, x)
    assert calendar.between_s(start, due) == x
    assert calendar.between_s(due, start) == -x
    assert due >= start
    assert calendar.add_s(start + 1, x) >= due
    if y:
        assert calendar.add_s(due, y) == calendar.add_s(start, x + y)
        back = calendar.add_s(start, -y)
        assert back <= start
        assert calendar.between_s(back, start) == y
        assert calendar.add_s(back, -x - 1) == calendar.add_s(start, -y - x - 1)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LAWFUL), moments, st.integers(0, 999_999), amounts)
def test_parts_of_a_second_are_exact(calendar: Calendar, start: int, part: int, seconds: int) -> None:
    at = aware(start) + timedelta(microseconds=part)
    due = calendar.add(at, seconds)
    assert calendar.between(at, due) == seconds
    if seconds and calendar.is_open(at):
        assert due.microsecond == part
    else:
        assert due.microsecond in (0, part)
    assert calendar.add(aware(start), seconds) <= due <= calendar.add(aware(start + 1), seconds)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([place for place in PLACES if place[0] not in ("Pacific/Apia", "Pacific/Kwajalein")]),
    st.lists(
        st.tuples(st.integers(0, 47), st.integers(0, 47), st.frozensets(st.integers(0, 6), min_size=1)),
        min_size=1,
        max_size=3,
    ),
    st.data(),
)
def test_workclock_agrees(place: tuple[str, date], shifts: list, data: st.DataObject) -> None:
    zone, day = place
    hours: dict[str, list] = {}
    rules = []
    for opens, closes, days in shifts:
        begin, until = time(opens // 2, opens % 2 * 30), time(closes // 2, closes % 2 * 30)
        rules.append(workclock.WorkDay(begin, until, days))
        for n in days:
            later = "" if until > begin else "+1"
            hours.setdefault(DAYS[n], []).append([f"{begin:%H:%M}", f"{until:%H:%M}{later}"])
    schedule = workclock.Schedule(rules, time_zone=zone)
    calendar = Calendar.load({"timezone": zone, "hours": hours}, today=day)
    near = st.datetimes(
        datetime.combine(day - timedelta(days=5), time()),
        datetime.combine(day + timedelta(days=5), time()),
        timezones=st.just(UTC),
    ).map(lambda at: at.replace(microsecond=0))
    for _ in range(5):
        start, end, seconds = data.draw(near), data.draw(near), data.draw(st.integers(1, 900_000))
        assert timedelta(seconds=calendar.between(start, end)) == schedule.between(start, end)
        assert calendar.add(start, seconds) == schedule.add(start, seconds=seconds)
        assert calendar.add(start, -seconds) == schedule.sub(start, seconds=seconds)


@settings(max_examples=30, deadline=None)
@given(st.integers(), st.integers())
def test_far_away_is_an_error_not_a_long_wait(start: int, seconds: int) -> None:
    assume(abs(start) > 20 or abs(seconds) > 20)
    with pytest.raises(Unreachable, match="covers the years 1800 to 2599"):
        LAWFUL[0].add_s(start * 10**9, seconds * 10**9)
