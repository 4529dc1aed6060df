"""A part of `forthwith up` ends when its supervisor is gone, however that ended: nothing is left behind."""

from __future__ import annotations

import os
import signal
import threading

SUPERVISOR = "FORTHWITH_SUPERVISOR"
_LOOK_S = 0.5


def end_with_supervisor() -> None:
    """Where the environment names a supervisor, stop this process as by SIGTERM once it is gone."""
    named = os.environ.get(SUPERVISOR, "")
    if named.isdigit():
        threading.Thread(target=_watch, args=(int(named),), name="supervised", daemon=True).start()


def _watch(supervisor: int) -> None:
    pause = threading.Event()
    # An orphan gets another parent; asking for the process by its number could find a stranger.
    while os.getppid() == supervisor:
        pause.wait(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
