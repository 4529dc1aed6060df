"""Keeps the verdicts that reports count up to date (SOP H1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from forthwith.steps import judging

LOOK_EACH_S = 5.0
_RESTS = 3.0
"""So many times as long as it worked: mail and alarms go first, and a report may be a little behind."""


def turn(clock: Callable[[], datetime]) -> float:
    """Judge some that want it and have come to rest; the seconds until the next turn."""
    began = time.monotonic()
    more = judging.turn(clock() - judging.RESTS_FOR)
    return _RESTS * (time.monotonic() - began) if more else LOOK_EACH_S
