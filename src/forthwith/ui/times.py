"""Instants and lengths in plain words, in the time zone and the language that are active (a person's own).

Everything here takes `now`; nothing reads a wall clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.procedure.model import Procedure

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name; UTC when there is none, so that no page fails for a setting."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def zone_for(person: Person, procedure: Procedure | None) -> ZoneInfo:
    """The person's own time zone, or the desk's (where it has a procedure) for somebody who never chose one."""
    if person.zone != "UTC" or procedure is None:
        return zone_of(person.zone)
    return zone_of(procedure.calendar(procedure.closing.silence.calendar).timezone)


def length(seconds: float) -> str:
    """A length of time as a person says it: `42 s`, `48 min`, `2 h 5 min`, `3 days`. Rounded down."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
    if whole < _DAY:
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    days = whole // _DAY
    return _("1 day") if days == 1 else _("{} days").format(days)


def full_length(seconds: float) -> str:
    """A length to the second, so that parts add up to their whole: `2 h 5 min 9 s`, `24 h`. Rounded down."""
    whole = max(0, int(seconds))
    parts = ((whole // _HOUR, "h"), (whole % _HOUR // _MINUTE, "min"), (whole % _MINUTE, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def clock_time(at: datetime) -> str:
    """The time of day: `09:05`."""
    return f"{timezone.localtime(at):%H:%M}"


def day(at: datetime, now: datetime) -> str:
    """The day, seen from `now`: `today`, `tomorrow`, `yesterday`, `Mon`, `Mon 2 Nov`, `2 Nov 2025`."""
    return _day(timezone.localtime(at), timezone.localtime(now))


def with_day(at: datetime, now: datetime) -> str:
    """The day and the time, also of today: `today 09:05`, `Fri 17:00`."""
    there = timezone.localtime(at)
    return f"{_day(there, timezone.localtime(now))} {there:%H:%M}"


def when(at: datetime, now: datetime) -> str:
    """An instant seen from `now`, as short as is clear: `09:05` today, else `tomorrow 10:15`, `2 Nov 2025`."""
    there, here = timezone.localtime(at), timezone.localtime(now)
    if there.date() == here.date():
        return f"{there:%H:%M}"
    named = _day(there, here)
    return f"{named} {there:%H:%M}" if abs(at - now) < timedelta(days=300) else named


def plain(at: datetime) -> str:
    """An instant that is read later, so without `today`: `Mon 2 Nov 2026, 09:05`."""
    there = timezone.localtime(at)
    return f"{_date(there)} {there:%Y, %H:%M}"


def exact(at: datetime) -> str:
    """The whole instant with its zone: `Mon 2 Nov 2026, 09:05:00 CET`."""
    there = timezone.localtime(at)
    return f"{_date(there)} {there:%Y, %H:%M:%S %Z}"


def _day(there: datetime, here: datetime) -> str:
    apart = (there.date() - here.date()).days
    if apart == 0:
        return _("today")
    if abs(apart) == 1:
        return _("tomorrow") if apart > 0 else _("yesterday")
    if abs(apart) < 7:
        return str(WEEKDAYS_ABBR[there.weekday()])
    if there.year == here.year:
        return _date(there)
    return f"{_day_of_month(there.day, there.month, get_language())} {there.year}"


def _date(there: datetime) -> str:
    return _named(there.weekday(), there.day, there.month, get_language())


@lru_cache(maxsize=1024)
def _named(weekday: int, day: int, month: int, language: str | None) -> str:
    return f"{WEEKDAYS_ABBR[weekday]} {_day_of_month(day, month, language)}"


@lru_cache(maxsize=1024)
def _day_of_month(day: int, month: int, _language: str | None) -> str:
    return _("%(day)d %(month)s") % {"day": day, "month": str(MONTHS_3[month]).title()}
