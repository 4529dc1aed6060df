"""Lets replies leave whose hold is over (SOP 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

from forthwith.steps import writing

POLL_S = 0.5


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Send every reply that is due; the seconds until it is worth looking again."""
    while not stopping.is_set() and writing.send_due(clock()):
        pass
    return POLL_S
