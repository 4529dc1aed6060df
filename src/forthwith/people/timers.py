"""The timer of a person: one runs at a time, and it survives pages, machines and restarts (SOP 6.1).

It stands on the person's own row, which every request reads anyway. The person knows of the ticket by its number alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from forthwith.people.models import Person


@dataclass(frozen=True, slots=True)
class Timer:
    """What runs on a ticket since when; or, with `minutes`, what was stopped and waits in the ticket's composer."""

    ticket: int
    started_at: datetime
    minutes: int | None = None

    @property
    def runs(self) -> bool:
        """Whether time still counts."""
        return self.minutes is None

    def elapsed(self, now: datetime) -> int:
        """Minutes since it was started, to the nearest, and at least one."""
        return max(1, round((now - self.started_at).total_seconds() / 60))


def of(person: Person) -> Timer | None:
    """The person's timer, as their row was read."""
    if person.timer_ticket is None or person.timer_started_at is None:
        return None
    return Timer(person.timer_ticket, person.timer_started_at, person.timer_minutes)


def start(person: Person, ticket: int, now: datetime) -> bool:
    """Begin to count time for a ticket; False while there is another, or minutes of one that wait in a composer."""
    idle = Person.objects.filter(pk=person.pk, timer_ticket__isnull=True)
    return bool(idle.update(timer_ticket=ticket, timer_started_at=now, timer_minutes=None))


def stop(person: Person, timer: Timer) -> bool:
    """End this very timer; False where it was ended or begun anew meanwhile, elsewhere."""
    nothing = {"timer_ticket": None, "timer_started_at": None, "timer_minutes": None}
    return bool(_this(person, timer).update(**nothing))


def hand_to_composer(person: Person, timer: Timer, minutes: int) -> bool:
    """Stop it and let its minutes stand in the composer of its ticket, until something is written there."""
    return bool(_this(person, timer).filter(timer_minutes__isnull=True).update(timer_minutes=minutes))


def waiting(person: Person, ticket: int) -> Timer | None:
    """The timer whose minutes wait in the composer of this ticket."""
    timer = of(person)
    return timer if timer and timer.ticket == ticket and not timer.runs else None


def written(person: int, ticket: int, started: datetime | None) -> None:
    """What was written carried the minutes that wait there, of the timer `started` then; None: it carried none.

    In the transaction of what was written: they end with it, or wait on.
    """
    if started is not None:
        held = Person.objects.filter(pk=person, timer_ticket=ticket, timer_started_at=started)
        nothing = {"timer_ticket": None, "timer_started_at": None, "timer_minutes": None}
        held.filter(timer_minutes__isnull=False).update(**nothing)


def _this(person: Person, timer: Timer) -> QuerySet[Person]:
    return Person.objects.filter(pk=person.pk, timer_ticket=timer.ticket, timer_started_at=timer.started_at)
