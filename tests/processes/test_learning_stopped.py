"""A desk that is stopped while it learns from closed tickets learns when it is back (SOP 3.1)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.desks import RunningDesk, children, wait_until

_ASK = """
import django; django.setup()
from django.utils import timezone
from forthwith.suggestions import trainings
trainings.ask(timezone.now(), by=None, why="for the test")
"""
_SAY = """
import django; django.setup()
from forthwith.suggestions.models import Training
one = Training.objects.get()
print(one.state, one.told)
"""


def in_the_desk(desk: RunningDesk, script: str) -> str:
    variables = {**desk.variables, "DJANGO_SETTINGS_MODULE": "forthwith.config.settings"}
    return subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, check=True, text=True
    ).stdout


def learns(worker: int) -> bool:
    """Whether the worker has begun a program that learns; before that it is a copy of the worker."""
    for child in children(worker):
        with contextlib.suppress(OSError):
            if b"train" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                return True
    return False


@pytest.mark.sop("3.1")
def test_a_signal_to_all_of_the_desk_leaves_the_learning_to_the_next_start(running_desk: RunningDesk) -> None:
    in_the_desk(running_desk, _ASK)
    worker = running_desk.start("worker", own_group=True)
    wait_until(lambda: learns(worker.pid), 30, "the worker has it learnt")
    os.killpg(worker.pid, signal.SIGTERM)
    assert worker.wait(15) == 0
    assert in_the_desk(running_desk, _SAY).strip() == "asked"
