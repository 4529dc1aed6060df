"""What a clock's target is: a length of open time, or a time of day; and which tickets have none (SOP 3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from forthwith.procedure.calendars import ALWAYS, Calendar, CalendarError, wall_to_instant
from forthwith.procedure.moments import DAYS_OF_BUSINESS, format_duration, parse_duration
from forthwith.procedure.part import CategoryPath, Duration, Key, Part, below
from forthwith.procedure.said import say

if TYPE_CHECKING:
    from forthwith.procedure.case_state import Case
    from forthwith.procedure.model import Procedure

CLOCKS = ("acknowledgement", "first_response", "next_reply", "next_update", "resolution", "promise", "work")
"""A new one comes last: `marks` keeps a letter for each, in this order."""
TARGETS = ("first_response", "work", "next_reply", "next_update", "resolution")
"""The clocks for which a priority may set a target."""
ClockName = Literal["acknowledgement", "first_response", "next_reply", "next_update", "resolution", "promise", "work"]
TargetClock = Literal["first_response", "work", "next_reply", "next_update", "resolution"]

Places = tuple[tuple[str, ...], ...]
"""Paths of the document, such as `("priorities", "high", "first_response")`."""
_WALL = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def _wall(text: str) -> str:
    if not _WALL.fullmatch(text):
        raise ValueError(say('is no time of day; write it as "13:00", in quotes'))
    return text


WallTime = Annotated[str, AfterValidator(_wall)]


class Counting(NamedTuple):
    """How a target is counted: from when, how many seconds, and in whose open time."""

    start: datetime
    seconds: int
    calendar: Calendar


class By(Part):
    """A time of day by which something is due, instead of a length.

    What comes before `cut_off` on a day with open hours is due that day at `same_day`; all else on the next such day at
    `next_day`. Without `cut_off` everything is due on the next day.
    """

    cut_off: WallTime | None = None
    same_day: WallTime | None = None
    next_day: WallTime

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if (self.cut_off is None) != (self.same_day is None):
            raise ValueError(say("gives one of `cut_off` and `same_day`; give both, or neither"))
        if self.cut_off and self.same_day and self.same_day < self.cut_off:
            raise ValueError(
                say(
                    "is due at %(due)s for what comes until %(until)s; `same_day` comes later",
                    due=self.same_day,
                    until=self.cut_off,
                )
            )
        return self

    def due(self, start: datetime, calendar: Calendar) -> datetime:
        """By when what starts at an instant is due. Unreachable where the calendar does not open any more."""
        local = start.astimezone(ZoneInfo(calendar.timezone))
        midnight = _at(calendar, local, "00:00")
        opens = calendar.between(midnight, _at(calendar, local, "24:00")) > 0
        if opens and self.cut_off and self.same_day and local < _at(calendar, local, self.cut_off):
            return _at(calendar, local, self.same_day)
        following = calendar.add_business_days(midnight, 1).astimezone(local.tzinfo)
        return _at(calendar, following, self.next_day)


def _at(calendar: Calendar, local: datetime, wall: str) -> datetime:
    """A time of day on the local date of an instant; `24:00` is the next midnight."""
    hours, minutes = (int(part) for part in wall.split(":"))
    day = local.date() + timedelta(days=hours // 24)
    return wall_to_instant(calendar.timezone, datetime.combine(day, time(hours % 24, minutes)))


class Target(Part):
    """How long something may take, in seconds of its calendar's open time; or `by` which time of day it is due."""

    target: Annotated[Duration, Field(gt=0)] | None = None
    by: By | None = None
    calendar: Key

    @model_validator(mode="before")
    @classmethod
    def _business_days(cls, data: Any, info: ValidationInfo) -> Any:
        """`5 bd` as the hours that so many days of the calendar have."""
        said = data.get("target") if isinstance(data, Mapping) else None
        if not isinstance(said, str) or not DAYS_OF_BUSINESS.search(said.lower()):
            return data
        day = _length_of_day(str(data.get("calendar")), (info.context or {}).get("calendars"))
        return {**data, "target": format_duration(parse_duration(said, day=day))}

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.target is None) == (self.by is None):
            raise ValueError(say("has neither or both of `target` and `by`; give it one of them"))
        return self

    @property
    def said(self) -> str:
        """How it is written: `4 h`, or by which time of day."""
        if self.by is None:
            return format_duration(self.target or 0)
        early = f"the same day at {self.by.same_day} until {self.by.cut_off}, else " if self.by.cut_off else ""
        return f"{early}the next day at {self.by.next_day}"

    def counting(self, start: datetime, calendar: Calendar) -> Counting:
        """How it is counted from an instant. A time of day is that instant, and time until then is real time."""
        if self.by is None:
            return Counting(start, self.target or 0, calendar)
        due = self.by.due(start, calendar)
        seconds = (due - start) // timedelta(seconds=1)
        # Counted back from the due instant, so that a start within a second does not shift it.
        return Counting(due - timedelta(seconds=seconds), seconds, ALWAYS)


def _length_of_day(name: str, calendars: Any) -> int:
    """Seconds of one business day of a calendar of the document. ValueError where they are not one length."""
    if name == "always":
        raise ValueError(say("counts business days, which 'always' does not have; write d, which is 24 hours"))
    spec = calendars.get(name) if isinstance(calendars, Mapping) else None
    try:
        day = Calendar.again(spec).day_s if spec is not None else None
    except CalendarError:
        day = None
    if day is None:
        raise ValueError(
            say(
                "counts business days, but those of '%(calendar)s' have no one length; give that calendar a `day`, "
                "such as 'day: 8 h', or write hours",
                calendar=name,
            )
        )
    return day


class Exemption(Part):
    """Tickets to which targets do not apply, and why: those that all of what is given here fits.

    `received_outside` names a calendar: it fits what came while that was closed. No `clocks` means all targets.
    """

    why: str
    clocks: tuple[TargetClock, ...] = ()
    categories: tuple[CategoryPath, ...] = ()
    channels: tuple[Key, ...] = ()
    received_outside: Key | None = None

    def fits(self, case: Case, category: str | None, procedure: Procedure) -> bool:
        """Whether a ticket is of this kind as long as it is of a category."""
        if self.channels and case.channel not in self.channels:
            return False
        if self.categories and not below(category, self.categories):
            return False
        if self.received_outside is None:
            return True
        return case.opened_at is not None and not procedure.calendar(self.received_outside).is_open(case.opened_at)


def exempt(case: Case, category: str | None, clock: str, procedure: Procedure) -> bool:
    """Whether a clock has no target on a ticket as long as it is of a category."""
    of_clock = (one for one in procedure.exemptions if clock in TARGETS and (not one.clocks or clock in one.clocks))
    return any(one.fits(case, category, procedure) for one in of_clock)


def exempt_since(case: Case, clock: str, procedure: Procedure) -> datetime | None:
    """Since when a clock has had no target on a ticket because of what it is; None where it has one."""
    since = None
    for standing in reversed(case.standings):
        if not exempt(case, standing.category, clock, procedure):
            break
        since = standing.at if since is None else min(since, standing.at)
    return since
