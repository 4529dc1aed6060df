"""Mails what people of the desk were told and have not read, bundled (SOP 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

from forthwith.outbox import notices
from forthwith.steps import news

POLL_S = 1.0


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Mail all news that are due; the seconds until it is worth looking again."""
    due = notices.waits_until()
    while due is not None and due <= clock() and not stopping.is_set() and news.mail_due(clock()):
        pass
    return POLL_S
