"""One loop for every part of the worker: take a turn, wait, go on; survive what breaks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

LONGEST_PAUSE_S = 10.0
_FIRST_PAUSE_S = 0.25

_log = logging.getLogger(__name__)


def run(name: str, turn: Callable[[], float], stopping: Event) -> None:
    """Take turns until told to stop. A turn returns the seconds to wait before the next one.

    A database that restarts, or anything else that breaks a turn, makes the pause grow to LONGEST_PAUSE_S.
    """
    pause, failures = 0.0, 0
    while not stopping.wait(pause):
        try:
            close_old_connections()
            pause, failures = turn(), 0
        except Exception as error:  # the loop must outlive whatever happens in a turn
            pause = pause_after(failures)
            failures += 1
            # A database that is away is no news each second, and a stack trace says nothing about it.
            trace = None if isinstance(error, DatabaseError) else error
            _log.error("%s: %s; trying again in %.1f s", name, error, pause, exc_info=trace)
            connections.close_all()
    connections.close_all()


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row before this one: doubling, with a limit."""
    return min(LONGEST_PAUSE_S, _FIRST_PAUSE_S * float(2 ** min(failures, 10)))
