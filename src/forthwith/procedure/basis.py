"""How a clock is counted: from when, how long, in which calendar, and where the document says so (SOP 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from forthwith.procedure.calendars import Calendar, Unreachable
from forthwith.procedure.model import Procedure
from forthwith.procedure.targets import Places

Pauses = tuple[tuple[datetime, datetime | None, str], ...]
"""When a clock stood still, and why."""


@dataclass(frozen=True, slots=True)
class Basis:
    """From where a target is counted, since when the clock is counted from there, and in which calendar.

    `places` are where the document of the procedure `under` which it is counted says so, nothing for what somebody
    promised; they change no count.
    """

    start: datetime
    since: datetime
    target: int
    calendar: Calendar
    places: Places = field(default=(), compare=False)
    under: Procedure | None = field(default=None, compare=False, repr=False)

    def due(self, pauses: Pauses) -> datetime | None:
        """When the target is used up, or None while an unended pause stands before that."""
        return self.after(self.target, pauses)

    def after(self, seconds: int, pauses: Pauses) -> datetime | None:
        """The instant `seconds` of counted time after the start, or None while a pause keeps it away."""
        try:
            return self.calendar.add(self.start, seconds, pauses)
        except Unreachable:
            return None
