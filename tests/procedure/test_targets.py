"""Targets that are no plain length: business days, and times of day; and what one is late by (SOP 3.2, 4.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.procedure import facts as f
from forthwith.procedure.calendars import Calendar
from forthwith.procedure.document import ProcedureError, read, write
from forthwith.procedure.targets import By, Target
from tests.procedure.tickets import STANDARD, Ticket, t, variant

BERLIN = {"timezone": "Europe/Berlin", "holidays": {"country": "DE", "subdivision": "BE"}}
WEEK = ("mon", "tue", "wed", "thu", "fri")


def hours(opens: str, closes: str, **more: Any) -> dict[str, Any]:
    return {"business": {**BERLIN, "hours": {day: [[opens, closes]] for day in WEEK}, **more}}


def of_high(target: dict[str, Any], **sections: Any) -> Any:
    return variant(priorities={"high": {"resolution": {"target": None, **target}}}, **sections)


@pytest.mark.sop("3.2")
@pytest.mark.parametrize(
    ("calendars", "written", "seconds"),
    [
        (hours("09:00", "17:00"), "5 bd", 40 * 3600),
        (hours("08:00", "17:00"), "5 bd", 45 * 3600),
        (hours("09:00", "16:30"), "1 bd", 27_000),
        (hours("08:00", "18:00"), "2 business days", 20 * 3600),
        (hours("08:00", "18:00"), "1 working day 30 min", 10 * 3600 + 1800),
        (hours("08:00", "18:00", day="7 h 30 min"), "2 bd", 15 * 3600),
        (hours("08:00", "18:00", date_hours={"2026-12-24": [["09:00", "12:00"]]}), "1bd", 10 * 3600),
    ],
)
def test_a_business_day_is_as_long_as_the_calendars(calendars: Any, written: str, seconds: int) -> None:
    p = of_high({"target": written}, calendars=calendars)
    assert p.priorities["high"].resolution.target == seconds
    assert read(write(p)) == p


@pytest.mark.parametrize(
    ("calendar", "hours_of", "why"),
    [
        ("always", {}, "'always' does not have"),
        ("business", {"fri": [["09:00", "12:00"]]}, "have no one length; give that calendar a `day`"),
    ],
)
def test_a_business_day_of_no_one_length_is_refused(calendar: str, hours_of: Any, why: str) -> None:
    with pytest.raises(ProcedureError, match=r"priorities\.high\.resolution: .*counts business days") as refused:
        of_high({"target": "2 bd", "calendar": calendar}, calendars={"business": {"hours": hours_of}})
    assert why in str(refused.value)


def test_business_days_are_for_targets_only() -> None:
    with pytest.raises(ProcedureError, match=r"replies\.undo"):
        variant(replies={"undo": "1 bd"})


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ({"cut_off": "13:00", "next_day": "09:00"}, "give both, or neither"),
        ({"cut_off": "13:00", "same_day": "12:00", "next_day": "09:00"}, "`same_day` comes later"),
        ({"next_day": "9 am"}, 'write it as "13:00"'),
    ],
)
def test_a_time_of_day_that_makes_no_sense_is_refused(by: dict[str, str], why: str) -> None:
    with pytest.raises(ProcedureError) as refused:
        of_high({"by": by})
    assert why in str(refused.value)


def test_a_target_is_a_length_or_a_time_of_day() -> None:
    with pytest.raises(ProcedureError, match="neither or both"):
        of_high({})
    with pytest.raises(ProcedureError, match="neither or both"):
        of_high({"target": "4 h", "by": {"next_day": "09:00"}})


def _told_slowly(by: By, calendar: Calendar, start: datetime) -> datetime:
    """By hand, day by day, in the calendar's zone."""
    zone = ZoneInfo(calendar.timezone)

    def wall(day: datetime, text: str) -> datetime:
        hour, minute = (int(part) for part in text.split(":"))
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)

    local = start.astimezone(zone)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    timetable = calendar.timetable
    assert timetable is not None
    if by.cut_off and by.same_day and timetable.windows(local.date()) and local < wall(today, by.cut_off):
        return wall(today, by.same_day).astimezone(UTC)
    day = today
    while True:
        day = (day + timedelta(days=1)).replace(fold=0)
        if timetable.windows(day.date()):
            return wall(day, by.next_day).astimezone(UTC)


@given(
    seconds=st.integers(0, 366 * 86_400),
    parts=st.integers(0, 999_999),
    by=st.sampled_from(
        [
            By(next_day="09:00"),
            By(next_day="17:00"),
            By(cut_off="13:00", same_day="18:00", next_day="09:00"),
            By(cut_off="09:00", same_day="09:00", next_day="00:00"),
        ]
    ),
)
def test_a_time_of_day_is_what_a_slow_look_at_the_calendar_finds(seconds: int, parts: int, by: By) -> None:
    calendar = Calendar.load(hours("09:00", "17:00")["business"])
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=parts)
    due = by.due(start, calendar)
    assert due == _told_slowly(by, calendar, start)
    assert due > start
    counting = Target(by=by, calendar="business").counting(start, calendar)
    assert counting.calendar.add(counting.start, counting.seconds) == due, "also from part of a second"


@pytest.mark.sop("4.3")
def test_a_wait_moves_a_time_of_day_by_as_long_as_it_took() -> None:
    p = of_high({"by": {"next_day": "17:00"}})
    ticket = Ticket("mon 09:00", "high", p).add(f.Replied, "mon 09:30")
    ticket.add(f.WaitingOnRequester, "mon 10:00").add(f.RequesterWrote, "mon 12:00")
    assert ticket.clock("resolution").due_at == t("tue 19:00")


@pytest.mark.sop("5.1")
def test_a_share_of_a_time_of_day_is_a_share_of_the_time_until_then() -> None:
    p = of_high({"by": {"next_day": "17:00"}})
    ticket = Ticket("mon 09:00", "high", p).add(f.Categorised, "mon 09:00", category="network")
    assert ("to_specialists", t("tue 01:00")) in ticket.rungs("wed 09:00")


@pytest.mark.sop("3.2")
def test_what_becomes_exempt_keeps_what_was_late_and_owes_nothing_more() -> None:
    p = variant(exemptions=[{"why": "Planned.", "categories": ["network"]}])
    ticket = Ticket("mon 09:00", "high", p).add(f.Categorised, "mon 09:00", category="hardware")
    ticket.add(f.Categorised, "mon 12:00", category="network.vpn")
    assert ticket.clock("first_response").state(t("fri 09:00")) == "late", "it was due at ten"
    assert ticket.clock("resolution").state(t("fri 09:00")) == "superseded"
    owed = {key for key, at in ticket.rungs("fri 09:00") if at >= t("mon 12:00") and not key.startswith("ack")}
    assert owed == set()
    ticket.add(f.Categorised, "mon 13:00", category="hardware")
    assert ticket.clock("resolution").due_at == t("mon 17:00"), "from receipt, as if it had never been exempt"


def test_the_standard_is_read_as_before() -> None:
    assert STANDARD.closing.unanswered is None
    assert STANDARD.exemptions == ()
