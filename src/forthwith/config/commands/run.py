"""`forthwith run N`: do the run that a worker has claimed; nobody types this."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from importlib import import_module

from forthwith.config.cli import Complaint
from forthwith.config.ready import set_up_desk

KINDS = {
    "evidence": "forthwith.steps.evidencing:do",
    "move": "forthwith.steps.moving:do",
    "replay": "forthwith.steps.replaying:do",
    "restate": "forthwith.steps.restating:do",
}
"""What does a run of each kind: a function of the run and a clock."""
_NICE = 10


def run(asked: argparse.Namespace) -> int:
    """Do it. What goes wrong is told on the run, and is no error of this process when somebody stopped it."""
    os.nice(_NICE)
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import runs
        from forthwith.record.runs import Run

        found = Run.objects.filter(pk=asked.number, state=Run.GOING).first()
        if found is None:
            raise Complaint(f"There is no run {asked.number} that is going on.")
        if found.kind not in KINDS:
            raise Complaint(f"This version cannot do a run of the kind '{found.kind}'.")
        module, _, name = KINDS[found.kind].partition(":")
        do: Callable[..., None] = getattr(import_module(module), name)
        try:
            do(found, timezone.now)
        except runs.Stopped:
            return 0
    return 0
