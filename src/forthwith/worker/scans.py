"""The turns that have new files looked at by the virus scanner."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event

from forthwith.record import clamd, scans

LOOK_EACH_S = 2.0
AWAY_S = 30.0

_log = logging.getLogger(__name__)


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Have the files that wait looked at; the seconds until the next turn. A scanner that is away is asked later."""
    found = scans.waiting()
    for file in found:
        if stopping.is_set():
            break
        try:
            scans.scan(file, now=clock())
        except clamd.Unreachable as away:
            _log.warning("%s Files stay unscanned until it does.", away)
            return AWAY_S
    return 0.0 if found else LOOK_EACH_S
