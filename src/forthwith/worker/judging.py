"""Keeps the verdicts that reports count up to date (SOP H1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

from forthwith.steps import judging

LOOK_EACH_S = 5.0


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Judge all that wants it and has come to rest; the seconds until the next look."""
    while not stopping.is_set() and judging.turn(clock() - judging.RESTS_FOR):
        pass
    return LOOK_EACH_S
