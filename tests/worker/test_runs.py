"""A run in a process of its own: ended when somebody stops it, given back with its worker, told of when it breaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from forthwith.record import runs
from forthwith.record.runs import Run
from forthwith.worker import runs as worker

pytestmark = [pytest.mark.django_db, pytest.mark.sop("H1")]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SLEEPS = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"


class Looks(Event):
    """Does something when the worker looks whether it has to stop, once the process has said its number."""

    def __init__(self, said: Path, does: Callable[[], None]) -> None:
        super().__init__()
        self.said, self.does = said, does

    def is_set(self) -> bool:
        if self.said.exists() and self.said.read_text():
            self.does()
        return super().is_set()


def turn(monkeypatch: pytest.MonkeyPatch, program: str, said: Path, does: Callable[[Looks, Run], None]) -> Run:
    run = runs.ask("replay", {}, by=None, now=NOW)
    assert run is not None
    monkeypatch.setattr(worker, "_command", lambda _: [sys.executable, "-c", program, str(said)])
    looks: Any = Looks(said, lambda: does(looks, run))
    worker.turn(lambda: NOW, looks)
    run.refresh_from_db()
    return run


def gone(said: Path) -> bool:
    try:
        os.kill(int(said.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_its_process_ends_when_somebody_stops_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = tmp_path / "said"
    run = turn(monkeypatch, SLEEPS, said, lambda _, run: runs.stop("replay", run.pk, NOW) and None)
    assert (run.state, gone(said)) == (Run.STOPPED, True)


def test_it_is_given_back_when_the_worker_stops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = tmp_path / "said"
    run = turn(monkeypatch, SLEEPS, said, lambda looks, _: looks.set())
    assert (run.state, run.begun_at, gone(said)) == (Run.ASKED, None, True)


def test_what_breaks_it_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run = turn(monkeypatch, "raise ValueError('no disk')", tmp_path / "said", lambda *_: None)
    assert (run.state, run.told) == (Run.FAILED, "Its process ended early: ValueError: no disk")


def test_nothing_waits_and_nothing_is_begun() -> None:
    assert worker.turn(lambda: NOW, Event()) == worker.LOOK_EACH_S
