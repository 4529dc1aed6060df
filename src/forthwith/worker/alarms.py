"""Acts on every ticket whose instant has come, within a second of it (SOP 5.1).

Looking costs one indexed read, four times a second; nothing is held in memory, so a restart loses nothing
and any number of workers may look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from django.db import InterfaceError, OperationalError

from forthwith.record.models import Ticket
from forthwith.steps import workflow

POLL_S = 0.25
RETRIES_LOOKED_FOR_EACH = timedelta(seconds=30)

_log = logging.getLogger(__name__)


class Alarms:
    """The turns of the alarm loop."""

    def __init__(self, clock: Callable[[], datetime], stopping: Event) -> None:
        self.clock = clock
        self.stopping = stopping
        self._retried_at: datetime | None = None

    def turn(self) -> float:
        """Act on all that is due; the seconds until the next instant, or until it is worth looking again."""
        self._retry(self.clock())
        # A plain read first: claiming would take SQLite's write lock four times a second for nothing.
        if self._pause() == 0.0:
            while not self.stopping.is_set() and act(self.clock()):
                pass
        # What is due and still there is being acted on by another worker.
        return self._pause() or POLL_S

    def _pause(self) -> float:
        """Seconds until something is due, at most POLL_S; 0.0 when something is."""
        next_at = next_instant()
        if next_at is None:
            return POLL_S
        return min(POLL_S, max(0.0, (next_at - self.clock()).total_seconds()))

    def _retry(self, now: datetime) -> None:
        """Let alarms that crashed a while ago be tried again."""
        if self._retried_at is None or now - self._retried_at >= RETRIES_LOOKED_FOR_EACH:
            self._retried_at = now
            workflow.try_alarms_again(now)


def next_instant() -> datetime | None:
    """The earliest instant at which a ticket wants to be acted on, perhaps in the past."""
    waiting = Ticket.objects.filter(alarm_at__isnull=False, alarm_failed_at__isnull=True)
    return waiting.order_by("alarm_at").values_list("alarm_at", flat=True).first()


def act(now: datetime) -> bool:
    """Act on one due ticket; False when there is none. One that crashes is set aside with its error."""
    try:
        return workflow.on_alarm(now)
    except workflow.AlarmCrashed as crashed:
        cause = crashed.__cause__
        if isinstance(cause, (OperationalError, InterfaceError)):
            # The database is away, or busy: nothing is wrong with the ticket.
            raise cause from None
        _log.exception("The alarm of ticket #%d was set aside", crashed.number)
        workflow.set_alarm_aside(crashed.number, f"{type(cause).__name__}: {cause}", now)
        return True
