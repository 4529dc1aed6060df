"""Business time: conventions one by one, other projects' cases, and errors that name the place (SOP 4.3)."""

from __future__ import annotations

import copy
import json
import os
import pickle
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from forthwith.procedure.calendars import ALWAYS, Calendar, CalendarError, Unreachable, wall_to_instant

pytestmark = pytest.mark.sop("4.3")

DATA = Path(os.environ.get("FORTHWITH_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {"timezone": "Europe/Berlin", "hours": {day: [["09:00", "17:00"]] for day in WEEK}}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def berlin(**more: Any) -> Calendar:
    return Calendar.load({**OFFICE, **more}, today=date(2026, 1, 1))


# Conventions.


def test_the_closing_instant_is_closed_and_the_opening_instant_open() -> None:
    office = berlin()
    assert office.is_open(at("2026-03-02T09:00:00+01:00"))
    assert not office.is_open(at("2026-03-02T17:00:00+01:00"))
    assert office.is_open(at("2026-03-02T16:59:59.999999+01:00"))
    assert office.next_open(at("2026-03-02T17:00:00+01:00")) == at("2026-03-03T09:00:00+01:00")


def test_a_due_time_on_closing_stays_there_and_the_next_second_is_tomorrow() -> None:
    office, start = berlin(), at("2026-03-02T16:00:00+01:00")
    assert office.add(start, 3600) == at("2026-03-02T17:00:00+01:00")
    assert office.add(start, 3601) == at("2026-03-03T09:00:01+01:00")
    assert office.add(at("2026-03-03T10:00:00+01:00"), -3600) == at("2026-03-03T09:00:00+01:00")


def test_zero_time_outside_hours_ends_at_the_next_opening() -> None:
    office = berlin()
    assert office.add(at("2026-03-06T17:00:00+01:00"), 0) == at("2026-03-09T09:00:00+01:00")
    assert office.add(at("2026-03-06T16:59:59.5+01:00"), 0) == at("2026-03-06T16:59:59.5+01:00")


def test_between_is_signed_and_a_part_of_a_second_is_kept() -> None:
    office = berlin()
    start, end = at("2026-03-02T16:59:59.25+01:00"), at("2026-03-03T09:00:00.25+01:00")
    assert office.add(start, 1) == end
    assert office.between(start, end) == 1
    assert office.between(end, start) == -1
    assert office.add(end, -1) == start


def test_overlapping_windows_count_once() -> None:
    office = berlin(hours={"mon": [["09:00", "12:00"], ["11:00", "13:00"], ["13:00", "14:00"]]})
    assert office.between(at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z")) == 5 * 3600
    assert len(office.segments(at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"))) == 1


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    nights = berlin(hours={"fri": [["22:00", "06:00+1"]]}, holidays=["2026-03-07", "2026-03-13"])
    assert nights.segments(at("2026-03-06T00:00:00Z"), at("2026-03-16T00:00:00Z")) == [
        (at("2026-03-06T22:00:00+01:00"), at("2026-03-07T06:00:00+01:00"))
    ]


def test_a_night_over_new_year_is_whole_wherever_the_table_begins() -> None:
    for today in (date(2025, 6, 1), date(2026, 6, 1)):
        spec = {"timezone": "UTC", "hours": {"wed": [["22:00", f"06:{today:%y}+1"]]}}
        nights = Calendar.load(spec, today=today)
        assert nights.next_open_s(int(at("2026-01-01T00:00:00Z").timestamp())) == at("2026-01-01T00:00:00Z").timestamp()
        assert len(nights.segments(at("2025-12-31T00:00:00Z"), at("2026-01-02T00:00:00Z"))) == 1


def test_date_hours_replace_also_on_a_holiday_and_breaks_cut() -> None:
    office = berlin(
        holidays=["2026-12-24", "2026-12-25"],
        date_hours={"2026-12-24": [["09:00", "12:00"]], "2026-12-28": []},
        date_breaks={date(2026, 12, 24): [["10:00", "10:30"]]},
    )
    assert office.segments(at("2026-12-24T00:00:00Z"), at("2026-12-29T00:00:00Z")) == [
        (at("2026-12-24T09:00:00+01:00"), at("2026-12-24T10:00:00+01:00")),
        (at("2026-12-24T10:30:00+01:00"), at("2026-12-24T12:00:00+01:00")),
    ]


def test_a_break_closes_its_time_also_in_the_window_of_the_night_before() -> None:
    nights = berlin(hours={"mon": [["22:00", "06:00+1"]]}, date_breaks={"2026-03-03": [["02:00", "03:00"]]})
    assert not nights.is_open(at("2026-03-03T02:30:00+01:00"))
    assert nights.is_open(at("2026-03-03T03:00:00+01:00"))


def test_around_the_clock_is_real_elapsed_time() -> None:
    every_day = berlin(hours={day: [["00:00", "24:00"]] for day in (*WEEK, "sat", "sun")})
    for calendar in (ALWAYS, every_day):
        start = at("2026-03-29T00:00:00+01:00")
        assert calendar.between(start, at("2026-03-30T00:00:00+02:00")) == 23 * 3600
        assert calendar.between(at("2026-10-25T00:00:00+02:00"), at("2026-10-26T00:00:00+01:00")) == 25 * 3600
        assert calendar.add(start, 86_400) == at("2026-03-30T01:00:00+02:00")


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-04T02:45:00+11:00"),
        ("Asia/Kathmandu", "2026-01-01T12:00:00", "2026-01-01T12:00:00+05:45"),
        ("America/Sao_Paulo", "2015-10-18T00:00:00", "2015-10-18T01:00:00-02:00"),
    ],
)
def test_wall_times_in_a_gap_and_twice(zone: str, local: str, instant: str) -> None:
    assert wall_to_instant(zone, at(local)) == at(instant)


def test_a_wall_time_has_no_offset() -> None:
    with pytest.raises(ValueError, match="has one"):
        wall_to_instant("UTC", at("2026-01-01T00:00:00Z"))


def test_a_date_that_a_zone_left_out_has_no_hours() -> None:
    apia = Calendar.load({**OFFICE, "timezone": "Pacific/Apia"}, today=date(2011, 12, 1))
    # Thursday 29 December was followed by Saturday the 31st.
    assert apia.add(at("2011-12-29T16:00:00-10:00"), 7200) == at("2012-01-02T10:00:00+14:00")


def test_far_years_cost_nothing_up_front_and_are_right() -> None:
    office = Calendar.load({**OFFICE, "timezone": "America/New_York"}, today=date(2026, 6, 1))
    assert office.add(at("1990-07-06T16:30:00-04:00"), 3600) == at("1990-07-09T09:30:00-04:00")
    assert office.add(at("2100-03-01T08:00:00-05:00"), 60) == at("2100-03-01T09:01:00-05:00")
    assert office.between(at("1969-12-31T09:00:00-05:00"), at("1970-01-01T00:00:00Z")) == 8 * 3600
    with pytest.raises(Unreachable, match="covers the years 1800 to 2599"):
        office.add(at("2026-01-01T00:00:00Z"), 10**12)
    with pytest.raises(Unreachable, match="years 1 to 9999"):
        ALWAYS.add(at("9999-12-31T00:00:00Z"), 10**12)


def test_business_days_keep_the_wall_time() -> None:
    office = berlin(holidays=["2026-03-30"])
    assert office.add_business_days(at("2026-03-27T10:00:00+01:00"), 1) == at("2026-03-31T10:00:00+02:00")
    assert office.add_business_days(at("2026-03-28T10:00:00+01:00"), 0) == at("2026-03-31T09:00:00+02:00")
    with pytest.raises(ValueError, match="counted forward"):
        office.add_business_days(at("2026-03-28T10:00:00+01:00"), -1)


# Pauses.


def test_pauses_may_overlap_and_stand_in_any_order() -> None:
    office, start = berlin(), at("2026-03-02T09:00:00+01:00")
    pauses = [
        (at("2026-03-02T11:30:00+01:00"), at("2026-03-02T13:00:00+01:00")),
        (at("2026-03-02T10:00:00+01:00"), at("2026-03-02T12:00:00+01:00")),
        (at("2026-03-02T20:00:00+01:00"), at("2026-03-02T23:00:00+01:00")),
    ]
    assert office.add(start, 2 * 3600, pauses) == at("2026-03-02T14:00:00+01:00")
    assert office.add(start, 3600, pauses) == at("2026-03-02T10:00:00+01:00")
    assert office.add(at("2026-03-02T14:00:00+01:00"), -2 * 3600, pauses) == start
    # Backward, the opening is where a pause ends, and the sum stays there too.
    assert office.add(at("2026-03-02T14:00:00+01:00"), -3600, pauses) == at("2026-03-02T13:00:00+01:00")
    assert office.between(start, at("2026-03-02T17:00:00+01:00"), pauses) == 5 * 3600
    assert office.add(at("2026-03-02T10:30:00+01:00"), 0, pauses) == at("2026-03-02T13:00:00+01:00")


def test_a_pause_within_a_pause_changes_nothing() -> None:
    start, end = at("2026-03-02T09:00:00Z"), at("2026-03-02T19:00:00Z")
    outer = (at("2026-03-02T10:00:00Z"), at("2026-03-02T16:00:00Z"))
    inner = (at("2026-03-02T11:00:00Z"), at("2026-03-02T12:00:00Z"))
    assert ALWAYS.between(start, end, [inner, outer]) == 4 * 3600
    assert ALWAYS.add(start, 4 * 3600, [outer, inner, outer]) == end
    assert len(ALWAYS.explain(start, end, [outer, inner])) == 3


def test_a_pause_without_end_makes_the_due_time_unreachable_only_behind_it() -> None:
    office, start = berlin(), at("2026-03-02T09:00:00+01:00")
    pauses = [(at("2026-03-02T10:00:00+01:00"), None)]
    assert office.add(start, 3600, pauses) == at("2026-03-02T10:00:00+01:00")
    with pytest.raises(Unreachable, match="no end"):
        office.add(start, 3601, pauses)
    assert office.between(start, at("2026-04-02T10:00:00+02:00"), pauses) == 3600


def test_a_pause_that_ends_before_it_begins_is_an_error() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        ALWAYS.add(at("2026-03-02T09:00:00Z"), 1, [(at("2026-03-02T10:00:00Z"), at("2026-03-02T09:00:00Z"))])


def test_a_naive_datetime_is_an_error() -> None:
    naive = at("2026-03-02T09:00:00")
    for ask in (
        lambda: ALWAYS.add(naive, 1),
        lambda: ALWAYS.is_open(naive),
        lambda: ALWAYS.between(naive, naive),
    ):
        with pytest.raises(ValueError, match="no time zone"):
            ask()


# Why.


def test_explain_says_why_in_words() -> None:
    office = berlin(
        holidays=[{"date": "2026-12-25", "name": "Christmas Day"}],
        date_breaks={"2026-12-24": [["12:00", "13:00"]]},
    )
    pauses = [(at("2026-12-24T15:00:00+01:00"), None, "waiting on requester")]
    spans = office.explain(at("2026-12-24T08:00:00+01:00"), at("2026-12-26T00:00:00+01:00"), pauses)
    assert [(f"{s.start:%d %H}-{s.end:%d %H}", s.counted, s.why, s.label) for s in spans] == [
        ("24 07-24 08", False, "closed", "outside hours"),
        ("24 08-24 11", True, "open", "business hours"),
        ("24 11-24 12", False, "break", "break"),
        ("24 12-24 14", True, "open", "business hours"),
        ("24 14-24 16", False, "paused", "waiting on requester"),
        ("24 16-24 23", False, "closed", "outside hours"),
        ("24 23-25 23", False, "holiday", "Christmas Day"),
    ]


def test_explain_names_the_clock_change() -> None:
    every_day = berlin(hours={day: [["00:00", "24:00"]] for day in (*WEEK, "sat", "sun")})
    spans = every_day.explain(at("2026-10-24T12:00:00Z"), at("2026-10-27T00:00:00Z"))
    assert [span.label for span in spans] == [
        "business hours",
        "clock change: this day has 25 hours",
        "business hours",
    ]
    assert every_day.explain(at("2026-10-24T12:00:00Z"), at("2026-10-24T12:00:00Z")) == []


def test_explain_names_a_clock_change_at_midnight() -> None:
    spec = {"timezone": "America/Sao_Paulo", "hours": {"sun": [["00:00", "10:00"]]}}
    calendar = Calendar.load(spec, today=date(2015, 10, 1))
    spans = calendar.explain(at("2015-10-18T03:00:00Z"), at("2015-10-18T12:00:00Z"))
    assert [(span.label, span.end - span.start) for span in spans] == [
        ("clock change: this day has 23 hours", timedelta(hours=9))
    ]


# The written form.


def test_equal_specs_are_one_calendar() -> None:
    one = Calendar.load({"tz": "UTC", "hours": {"mon": [["09:00:00", "24:00"]], "tue": []}, "holidays": None})
    two = Calendar.load({"hours": {"mon": (("09:00", "00:00+1"),)}, "timezone": "UTC"})
    assert one is two
    assert Calendar.load(json.loads(json.dumps(one.spec))) is one
    assert one.spec == {"timezone": "UTC", "hours": {"mon": [["09:00", "24:00"]]}}
    assert hash(one) == hash(two)
    assert Calendar.load("always") is ALWAYS
    assert (ALWAYS.spec, ALWAYS.timezone, one.timezone) == ("always", "UTC", "UTC")


def test_a_calendar_copies_and_pickles_as_itself() -> None:
    for calendar in (berlin(), ALWAYS):
        assert copy.deepcopy(calendar) is calendar
        assert pickle.loads(pickle.dumps(calendar)) is calendar


def test_the_form_of_the_design_reads_from_yaml() -> None:
    spec = yaml.safe_load("""
        timezone: Europe/Berlin
        hours: {mon: [["09:00","12:30"],["13:30","18:00"]], fri: [["22:00","06:00+1"]]}
        holidays: [2026-12-25, {country: DE, subdivision: BE, dates: [2026-12-27]}]
        date_hours: {2026-12-24: [["09:00","12:00"]]}
        date_breaks: {2026-11-02: [["10:00","11:00"]]}
    """)
    calendar = Calendar.load(spec)
    assert calendar.holiday_name(date(2026, 12, 27)) == "holiday"
    assert calendar.holiday_name(date(2026, 3, 8)) == "Women's Day"
    assert calendar.holiday_name(date(2026, 3, 9)) is None
    assert Calendar.load(calendar.spec) is calendar


def test_a_holiday_kept_in_the_year_before_counts() -> None:
    office = Calendar.load({**OFFICE, "holidays": {"country": "US"}})
    assert office.holiday_name(date(2021, 12, 31)) == "New Year's Day (observed)"


WRONG: list[tuple[Any, str, str]] = [
    ("alway", "", "always"),
    (7, "", "a mapping"),
    ({"hours": {}}, "timezone", "a time zone is missing"),
    ({"tz": "Europe/Berln"}, "tz", 'did you mean "Europe/Berlin"'),
    ({"tz": "../etc/passwd"}, "tz", "is not known"),
    ({"tz": "Europe"}, "tz", "is not known"),
    ({"tz": "localtime"}, "tz", "is not known"),
    ({"tz": "x" * 9000}, "tz", "is not known"),
    ({"tz": None}, "tz", "an IANA time zone"),
    ({"tz": "UTC", "timezone": "UTC"}, "timezone", "twice"),
    ({"tz": "UTC", "hour": {}}, "hour", 'did you mean "hours"'),
    ({"tz": "UTC", "hours": []}, "hours", "a mapping from days"),
    ({"tz": "UTC", "hours": {"Monday": []}}, "hours", 'did you mean "mon"'),
    ({"tz": "UTC", "hours": {"mon": "09:00-17:00"}}, "hours.mon", "a list of windows"),
    ({"tz": "UTC", "hours": {"mon": ["09:00", "17:00"]}}, "hours.mon[0]", "is not a window"),
    ({"tz": "UTC", "hours": {"mon": [["09:00"]]}}, "hours.mon[0]", "is not a window"),
    ({"tz": "UTC", "hours": {"mon": [["09:00", "10:00"]] * 97}}, "hours.mon", "96 a day"),
    ({"tz": "UTC", "hours": {"mon": [["22:00", "06:00"]]}}, "hours.mon[0]", 'write "06:00+1"'),
    ({"tz": "UTC", "hours": {"mon": [["09:00", "09:00"]]}}, "hours.mon[0]", "not after"),
    ({"tz": "UTC", "hours": {"mon": [["24:00", "06:00+1"]]}}, "hours.mon[0]", "use 00:00"),
    ({"tz": "UTC", "hours": {"mon": [["09:00", "24:01"]]}}, "hours.mon[0]", "00:00 to 24:00"),
    ({"tz": "UTC", "hours": {"mon": [["9:00", "17:00"]]}}, "hours.mon[0]", "HH:MM"),
    ({"tz": "UTC", "hours": {"mon": [["09:00", 1020]]}}, "hours.mon[0]", "in quotes"),
    ({"tz": "UTC", "hours": {"mon": [["09:00", True]]}}, "hours.mon[0]", "is not a time"),
    ({"tz": "UTC", "holidays": ["2026-02-30"]}, "holidays[0]", "not in the calendar"),
    ({"tz": "UTC", "holidays": [20261225]}, "holidays[0]", "2026-12-24"),
    ({"tz": "UTC", "holidays": [datetime(2026, 1, 1, tzinfo=UTC)]}, "holidays[0]", "is not a date"),
    ({"tz": "UTC", "holidays": {"country": "de"}}, "holidays.country", 'did you mean "DE"'),
    ({"tz": "UTC", "holidays": {"country": False}}, "holidays.country", "unquoted NO"),
    ({"tz": "UTC", "holidays": [{"country": "XX"}]}, "holidays[0].country", "no country"),
    (
        {"tz": "UTC", "holidays": {"country": "DE", "subdivision": "BRE"}},
        "holidays.subdivision",
        "did you mean",
    ),
    ({"tz": "UTC", "holidays": {"country": "DE", "region": "BE"}}, "holidays", "no key of a holiday"),
    ({"tz": "UTC", "holidays": {"subdivision": "BE", "dates": []}}, "holidays", "needs its `country`"),
    ({"tz": "UTC", "holidays": {"date": "2026-01-01", "name": ""}}, "holidays.name", "a name in words"),
    ({"tz": "UTC", "holidays": {"date": "2026-01-01", "country": "DE"}}, "holidays", "with `name` only"),
    ({"tz": "UTC", "holidays": {"name": "Easter"}}, "holidays", "a holiday has a `date`"),
    ({"tz": "UTC", "holidays": {"dates": "2026-01-01"}}, "holidays.dates", "a list of dates"),
    ({"tz": "UTC", "date_hours": {"24.12.2026": []}}, "date_hours", "is not a date"),
    (
        {"tz": "UTC", "date_breaks": {"2026-12-24": [["x", "y"]]}},
        "date_breaks.2026-12-24[0]",
        "is not a time",
    ),
    ({"tz": "UTC"}, "hours", "never open"),
    ({"tz": "UTC", "date_hours": {"2020-01-01": [["09:00", "10:00"]]}}, "hours", "never open"),
    ({"tz": "UTC", "date_hours": {"2099-01-01": [["09:00", "10:00"]]}}, "hours", "never open"),
]


@pytest.mark.parametrize(("spec", "path", "words"), WRONG)
def test_an_error_names_the_place_and_what_is_allowed(spec: Any, path: str, words: str) -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar.load(spec, today=date(2026, 11, 1))
    assert caught.value.path == path
    assert words in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_date_given_twice_in_two_spellings_is_an_error() -> None:
    with pytest.raises(CalendarError, match="twice"):
        berlin(date_hours={"2026-12-24": [], date(2026, 12, 24): []})


def test_a_calendar_that_ran_out_says_so_instead_of_searching_for_ever() -> None:
    once = Calendar.load({"tz": "UTC", "date_hours": {"2026-12-01": [["09:00", "10:00"]]}}, today=date(2026, 11, 1))
    assert once.add(at("2026-11-01T00:00:00Z"), 3600) == at("2026-12-01T10:00:00Z")
    with pytest.raises(Unreachable, match="no such open time"):
        once.add(at("2026-11-01T00:00:00Z"), 3601)


def test_threads_may_grow_one_table_together() -> None:
    spec = {"timezone": "Europe/Vienna", "hours": {day: [["08:00", "16:01"]] for day in WEEK}}
    shared, wrong = Calendar.load(spec), []
    years = range(1990, 2060)
    barrier = threading.Barrier(4)

    def ask(step: int) -> None:
        barrier.wait()
        for year in list(years)[::step]:
            start = datetime(year, 5, 3, 3, tzinfo=UTC)
            due = shared.add(start, 10_000_000)
            if shared.between(start, due) != 10_000_000 or shared.between(due, start) != -10_000_000:
                wrong.append(year)

    threads = [threading.Thread(target=ask, args=(step,)) for step in (1, -1, 7, -7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# Cases of other projects.

CASES_FILE = DATA / "sla_cases.json"
CASES = json.loads(CASES_FILE.read_text())["cases"] if CASES_FILE.exists() else []

# Where our convention is another one than the source's: what we answer, and why.
OURS = {
    "biz-008": ("2006-01-03T10:00:00Z", "zero time has no direction: it ends at the next opening"),
    "bt-005": ("2016-02-01T09:00:00Z", "zero time has no direction: it ends at the next opening"),
    "biz-016": (-142_200, "between is signed; the source cuts it off at zero"),
}


def answer_case(case: dict[str, Any]) -> Any:
    if case["kind"] == "local_to_instant":
        day, clock = case["local"].split("T")
        # 24:00 ends a day: it is the midnight of the next.
        later = timedelta(days=clock.startswith("24:"))
        wall = at(f"{day}T{clock.replace('24:', '00:')}") + later
        return wall_to_instant(case["calendar"]["tz"], wall)
    start = at(case.get("start") or case["at"])
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    calendar = Calendar.load(case["calendar"], today=start.date())
    if case["kind"] == "open_segments":
        return calendar.segments(start, start + timedelta(days=8))
    asks = {
        "deadline": lambda: calendar.add(start, case["duration_s"]),
        "deadline_backward": lambda: calendar.add(start, -case["duration_s"]),
        "elapsed": lambda: calendar.between(start, at(case["end"])),
        "in_hours": lambda: calendar.is_open(start),
        "next_open": lambda: calendar.next_open(start),
        "add_business_days": lambda: calendar.add_business_days(start, case["days"]),
    }
    return asks[case["kind"]]()


def expected_of(case: dict[str, Any]) -> Any:
    if case["id"] in OURS:
        ours = OURS[case["id"]][0]
        return at(ours) if isinstance(ours, str) else ours
    if "expected_s" in case:
        return case["expected_s"]
    expected = case["expected"]
    if isinstance(expected, list):
        return [(at(a), at(b)) for a, b in expected]
    return at(expected) if isinstance(expected, str) else expected


@pytest.mark.skipif(not CASES, reason=f"{CASES_FILE} is not there; set FORTHWITH_TEST_DATA to its folder")
def test_the_table_of_our_own_conventions_names_real_cases() -> None:
    assert set(OURS) <= {case["id"] for case in CASES}


@pytest.mark.skipif(not CASES, reason=f"{CASES_FILE} is not there; set FORTHWITH_TEST_DATA to its folder")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cases_of_other_projects(case: dict[str, Any]) -> None:
    answer, expected = answer_case(case), expected_of(case)
    if case["kind"] == "open_segments":
        answer = answer[: len(expected)]
    if case["kind"] == "add_business_days" and "T" not in case["start"]:
        answer, expected = answer.date(), date.fromisoformat(case["expected"])
    assert answer == expected
