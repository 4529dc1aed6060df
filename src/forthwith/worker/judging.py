"""Keeps the verdicts that reports count up to date (SOP H1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from forthwith.steps import judging

LOOK_EACH_S = 5.0
RESTS_FOR = timedelta(seconds=30)
"""A ticket on which somebody is at work is judged once they are done, not after each fact."""


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Judge all that wants it and has come to rest; the seconds until the next look."""
    while not stopping.is_set() and judging.turn(clock() - RESTS_FOR):
        pass
    return LOOK_EACH_S
