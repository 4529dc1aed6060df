"""Whether people still agree with what is suggested, week by week, from the record (SOP 3.1).

Of the newest closed tickets: was the first category that the model suggested the one that the ticket ended with?
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from forthwith.procedure.lifecycle import CLOSED
from forthwith.record.models import Entry, Ticket

MOST_TICKETS = 2_000
MOST_WEEKS = 12
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Week:
    """Closed tickets of a week (from its Monday) for which a category was suggested, and how many ended with it."""

    monday: date
    tickets: int
    agreed: int

    @property
    def share(self) -> int:
        """Agreement in percent."""
        return round(100 * self.agreed / self.tickets)


def weeks(now: datetime, zone: tzinfo) -> list[Week]:
    """The last weeks in which tickets with a suggestion were closed, the latest first."""
    since = now - timedelta(weeks=MOST_WEEKS)
    found = Ticket.objects.filter(unresolved=False, status=CLOSED, changed_at__gte=since)
    newest = list(found.order_by("-changed_at", "-pk").values_list("pk", "category", "closed_at")[:MOST_TICKETS])
    suggested = _suggested([number for number, _, _ in newest])
    counts: dict[date, list[bool]] = {}
    for number, category, closed_at in newest:
        if number in suggested and closed_at is not None and closed_at >= since:
            day = closed_at.astimezone(zone).date()
            counts.setdefault(day - timedelta(days=day.weekday()), []).append(suggested[number] == category)
    return [Week(monday, len(agreed), sum(agreed)) for monday, agreed in sorted(counts.items(), reverse=True)]


def _suggested(numbers: list[int]) -> dict[int, str]:
    """What a model suggested first for each of these tickets; those without a suggestion are left out."""
    first: dict[int, str] = {}
    for begin in range(0, len(numbers), _AT_ONCE):
        for ticket, data in _choices(numbers[begin : begin + _AT_ONCE]):
            if data.get("confidence") is not None and data.get("suggested"):
                first.setdefault(ticket, data["suggested"])
    return first


def _choices(numbers: list[int]) -> Iterable[tuple[int, dict[str, str]]]:
    found = Entry.objects.filter(ticket__in=numbers, kind="Categorised").order_by("ticket", "seq")
    return found.values_list("ticket_id", "data")
