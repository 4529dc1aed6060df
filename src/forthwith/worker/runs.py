"""The turns that have a run done: in a process of its own, which ends when the run is stopped or the worker is."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import count
from threading import Event

from forthwith.procedure.said import say
from forthwith.record import runs
from forthwith.record.runs import Run
from forthwith.steps import moving

LOOK_EACH_S = 1.0
_WATCH_S = 0.25
_TELLS_EACH = 40
_STOPS_WITHIN_S = 3.0
_TOLD_WITHIN_S = 1.0
_SAID = 4_000

_log = logging.getLogger(__name__)


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Have the run that has waited longest done; the seconds until the next look."""
    moving.begin(clock())
    run = runs.claim(clock())
    if run is None:
        return LOOK_EACH_S
    _have_done(run, clock, stopping)
    return 0.0


def _have_done(run: Run, clock: Callable[[], datetime], stopping: Event) -> None:
    # A group of its own: what it starts ends with it, and the signal that ends a desk leaves it to the worker.
    process = subprocess.Popen(_command(run), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    words = _watched(run, process, clock, stopping)
    if words is None or _told_to_stop(process, stopping):
        # One that somebody stopped stays stopped.
        runs.give_back(run)
    elif process.returncode:
        code = process.returncode
        last = f"signal {-code}" if code < 0 else words.strip().rpartition("\n")[2]
        # Where the process could still say so itself, this changes nothing.
        if runs.fail(run, clock(), say("Its process ended early: %(error)s", error=last)):
            _log.warning("%s ended early: %s", run, last)


def _command(run: Run) -> list[str]:
    return [sys.executable, "-m", "forthwith", "run", str(run.pk)]


def _watched(run: Run, process: subprocess.Popen[bytes], clock: Callable[[], datetime], stopping: Event) -> str | None:
    """What it said on its way; None when it was ended because the worker stops, or somebody stopped the run."""
    for look in count(1):
        try:
            _, said = process.communicate(timeout=_WATCH_S)
            return said[-_SAID:].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            goes_on = runs.alive(run, clock()) if look % _TELLS_EACH == 0 else runs.goes_on(run)
            if stopping.is_set() or not goes_on:
                _end(process)
                break
    return None


def _told_to_stop(process: subprocess.Popen[bytes], stopping: Event) -> bool:
    """Whether it was ended by what ends the worker too: a service manager tells every process, and it may be first."""
    return process.returncode in (-signal.SIGTERM, -signal.SIGINT) and stopping.wait(_TOLD_WITHIN_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGTERM)
    try:
        process.communicate(timeout=_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        process.communicate()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
