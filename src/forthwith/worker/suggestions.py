"""The turns that have closed tickets learnt from: in a process of its own, so that what it loads goes with it."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from threading import Event

from forthwith.procedure.said import say
from forthwith.record import procedures
from forthwith.suggestions import kept, trainings
from forthwith.suggestions.models import Training

LOOK_EACH_S = 30.0
_WATCH_S = 0.5
_STOPS_WITHIN_S = 5.0
_TOLD_WITHIN_S = 1.0
_SAID = 4_000

_log = logging.getLogger(__name__)


def turn(clock: Callable[[], datetime], stopping: Event) -> float:
    """Queue a training where one is due, and have the one that waits done; the seconds until the next look."""
    now = clock()
    procedure = procedures.current_or_none()
    if procedure is not None and (why := trainings.due(procedure, now)):
        trainings.ask(now, by=None, why=why)
    training = trainings.claim(now)
    if training is not None:
        _have_done(training, clock, stopping)
    return LOOK_EACH_S


def _have_done(training: Training, clock: Callable[[], datetime], stopping: Event) -> None:
    if not kept.can_learn():
        trainings.end(training, clock(), told=kept.NEEDS)
        return
    command = [sys.executable, "-m", "forthwith", "suggestions", "train", "--training", str(training.pk)]
    # A group of its own: the signal that ends a desk goes to all of the worker's, and this one is ended by the worker.
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    words = _watched(process, stopping)
    if words is None or _told_to_stop(process, stopping):
        trainings.give_back(training, clock())
    elif process.returncode:
        last = words.strip().rpartition("\n")[2] or f"signal {-process.returncode}"
        told = say("Its process ended early: %(error)s. The model before stays.", error=last)
        # Where the process could still say so itself, this changes nothing.
        if trainings.end(training, clock(), told=told):
            _log.warning("Learning from closed tickets ended early: %s", last)


def _watched(process: subprocess.Popen[bytes], stopping: Event) -> str | None:
    """What it said on its way; None when the worker stops, and it with it."""
    while True:
        try:
            _, said = process.communicate(timeout=_WATCH_S)
            return said[-_SAID:].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            if stopping.is_set():
                _end(process)
                return None


def _told_to_stop(process: subprocess.Popen[bytes], stopping: Event) -> bool:
    """Whether it was ended by what ends the worker too: a service manager tells every process, and it may be first."""
    return process.returncode in (-signal.SIGTERM, -signal.SIGINT) and stopping.wait(_TOLD_WITHIN_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
