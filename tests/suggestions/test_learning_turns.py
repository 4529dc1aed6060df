"""How the worker has closed tickets learnt from: in a process of its own, which ends with it (SOP 3.1)."""

from __future__ import annotations

import signal
import subprocess
import sys
from threading import Event
from typing import Any

import pytest

from forthwith.suggestions import kept, trainings
from forthwith.suggestions.models import Training
from forthwith.worker import suggestions as worker
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after
from tests.suggestions.closed import close, procedure

pytestmark = pytest.mark.sop("3.1")
POPEN = subprocess.Popen


class Program:
    """What the worker starts, instead of a learning."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
        self.started: list[list[str]] = []

        def start(command: list[str], **how: Any) -> Any:
            self.started.append(command)
            return POPEN([sys.executable, "-c", code], **how)

        monkeypatch.setattr(worker.subprocess, "Popen", start)


def test_the_worker_queues_what_is_due_and_has_it_done(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    close(small, 24)
    program = Program(monkeypatch, "print('learning')")
    assert worker.turn(lambda: after(1), Event()) == worker.LOOK_EACH_S
    number = Training.objects.get().pk
    assert program.started == [
        [sys.executable, "-m", "forthwith", "suggestions", "train", "--training", str(number)],
    ]


def test_a_process_that_dies_is_told(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    trainings.ask(MONDAY, by=None, why="x")
    Program(monkeypatch, f"import os; os.kill(os.getpid(), {signal.SIGKILL})")
    worker.turn(lambda: MONDAY, Event())
    training = Training.objects.get()
    assert (training.state, training.told) == (
        *(Training.FAILED, "Its process ended early: signal 9. The model before stays."),
    )
    trainings.ask(MONDAY, by=None, why="x")
    Program(monkeypatch, "raise SystemExit('forthwith: the disk is full')")
    worker.turn(lambda: MONDAY, Event())
    assert "the disk is full" in Training.objects.order_by("-pk")[0].told


def test_a_failure_that_the_process_told_is_not_told_again(
    small: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trainings.ask(MONDAY, by=None, why="x")
    Program(monkeypatch, "raise SystemExit(1)")
    waited = worker._watched

    def told_by_itself(*watched: Any) -> str | None:
        trainings.end(Training.objects.get(), after(1), told="There are too few.")
        return waited(*watched)

    monkeypatch.setattr(worker, "_watched", told_by_itself)
    worker.turn(lambda: MONDAY, Event())
    assert Training.objects.get().told == "There are too few."
    assert caplog.messages == []


def test_a_worker_that_stops_ends_it(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    trainings.ask(MONDAY, by=None, why="x")
    Program(monkeypatch, "import time; time.sleep(600)")
    stopping = Event()
    stopping.set()
    worker.turn(lambda: MONDAY, stopping)
    assert Training.objects.get().state == Training.ASKED


def test_one_that_was_told_to_stop_before_the_worker_is_given_back_too(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = Event()
    stopping.set()
    for number in (signal.SIGTERM, signal.SIGINT):
        trainings.ask(MONDAY, by=None, why="x")
        Program(monkeypatch, f"import os, signal; signal.signal({number}, 0); os.kill(os.getpid(), {number})")
        worker.turn(lambda: MONDAY, stopping)
        assert Training.objects.get().state == Training.ASKED
    Program(monkeypatch, f"import os; os.kill(os.getpid(), {signal.SIGTERM})")
    monkeypatch.setattr(worker, "_TOLD_WITHIN_S", 0)
    worker.turn(lambda: MONDAY, Event())
    assert Training.objects.get().state == Training.FAILED, "nobody stops the worker: it died of itself"


def test_without_scikit_learn_it_is_said_what_to_install(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    close(small, 24)
    monkeypatch.setattr(kept, "can_learn", lambda: False)
    assert trainings.due(procedure(), after(1)) == ""
    trainings.ask(MONDAY, by=None, why="x")
    worker.turn(lambda: MONDAY, Event())
    assert "pip install 'forthwith[suggestions]'" in Training.objects.get().told
    for path in ("/suggestions/", "/health/"):
        page = d.as_person(small.lea).get(path).content.decode()
        assert "scikit-learn is not installed" in page
        assert "Learn now" not in page
