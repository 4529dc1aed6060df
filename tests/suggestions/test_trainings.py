"""When it is learnt, by whom, and that whatever goes wrong leaves the model that was there (SOP 3.1)."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure.model import Procedure
from forthwith.record import procedures
from forthwith.steps import acts
from forthwith.suggestions import examples, kept, learning, teaching, trainings
from forthwith.suggestions.model import Model
from forthwith.suggestions.models import Training
from forthwith.worker import suggestions as worker
from tests import desk_fixtures as d
from tests import learnt
from tests.desk_fixtures import MONDAY, Desk, after

pytestmark = pytest.mark.sop("3.1")
SMALL = d.variant(("minimum_tickets: 200", "minimum_tickets: 24"), ("learn_after: 200", "learn_after: 3"))


def close(desk: Desk, count: int, *, since: datetime = MONDAY, kinds: int = 2) -> list[int]:
    """Tickets from mail to closing, of the first kinds in turn."""
    import random

    chance, numbers = random.Random(3), []
    for i in range(count):
        kind = list(learnt.KINDS)[i % kinds]
        subject, text = learnt.request(kind, chance)
        at = since + timedelta(minutes=i)
        number = d.new_ticket(at, text=text, subject=subject)
        desk.resolve(number, at, category=kind)
        acts.confirm(number, by=Actor.of(desk.ana), now=at)
        numbers.append(number)
    return numbers


@pytest.fixture
def small(db: None, own_home: Path) -> Desk:
    """A desk whose procedure asks for few tickets."""
    d.install(SMALL)
    return d.hire()


def procedure() -> Procedure:
    return procedures.current()


def learn(now: datetime, told: list[str] | None = None) -> bool:
    trainings.ask(now, by=None, why="for the test")
    training = trainings.claim(now)
    assert training is not None
    return teaching.run(training, procedure(), clock=lambda: now, told=(told if told is not None else []).append)


def test_closed_tickets_are_read_with_how_they_ended(small: Desk) -> None:
    numbers = close(small, 4)
    d.new_ticket(after(1))
    heard: list[int] = []
    found = list(examples.closed(3, heard.append))
    assert {one.number for one in found} == set(numbers[1:])
    assert heard == [3]
    first = next(one for one in found if one.number == numbers[2])
    assert first.choices == {"category": "network.vpn", "priority": "one/workaround", "team": "service_desk"}
    assert len(first.bag.words) > 5


def test_batches_are_read_by_key_and_none_twice(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = close(small, 7)
    monkeypatch.setattr(examples, "BATCH", 2)
    heard: list[int] = []
    assert sorted(one.number for one in examples.closed(100, heard.append)) == numbers
    assert heard == [2, 4, 6, 7]


def test_what_was_learnt_from_real_tickets_suggests(small: Desk) -> None:
    close(small, 30)
    told: list[str] = []
    assert learn(after(2), told)
    assert "read 30 closed tickets" in told
    done = Training.objects.get()
    assert (done.state, done.tickets, done.doing) == (Training.DONE, 30, "")
    assert done.measures["category"]["tickets"] == 6
    model = kept.model()
    assert model is not None
    assert (model.revision, model.head["tickets"]) == (done.pk, 30)
    assert "team" not in model.head["targets"], "all were of one team: there is nothing to tell"
    number = d.new_ticket(after(3), text="Hi, globalprotect asks for the gateway again.", subject="It drops")
    assert d.row(number).category == "network.vpn"


def test_too_few_is_said_and_the_old_model_stays(small: Desk, knowing: Model) -> None:
    close(small, 3)
    assert not learn(after(1))
    failed = Training.objects.get()
    assert failed.state == Training.FAILED
    assert failed.told == "There are 3 closed tickets with a message; the procedure asks for 24."
    assert kept.model() is knowing


def test_a_crash_leaves_the_old_model_and_is_told(small: Desk, knowing: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    close(small, 24)

    def crash(*_: Any, **__: Any) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(learning, "sureness", crash)
    with pytest.raises(MemoryError):
        learn(after(1))
    assert "no room" in Training.objects.get().told
    assert kept.model() is knowing
    assert [path.name for path in kept.path().parent.iterdir()] == ["model"]


def test_it_is_due_by_the_procedure(small: Desk) -> None:
    assert trainings.due(procedure(), MONDAY) == ""
    close(small, 23)
    assert trainings.due(procedure(), after(1)) == ""
    close(small, 1, since=after(1))
    assert trainings.due(procedure(), after(2)) == "there is no model yet"
    assert learn(after(2))
    assert trainings.due(procedure(), after(3)) == "", "nothing was closed since"
    close(small, 2, since=after(3))
    assert trainings.due(procedure(), after(26.5)) == "", "a day is over, but in business hours the nightly one waits"
    assert trainings.due(procedure(), after(20)) == "", "at night, but no day is over"
    assert trainings.due(procedure(), after(26 + 8)) == "closed since the last time: 2"
    close(small, 1, since=after(4))
    assert trainings.due(procedure(), after(5)) == "3 more tickets were closed"


def test_after_a_failure_it_is_not_tried_again_at_once(small: Desk) -> None:
    close(small, 24)
    trainings.ask(after(1), by=None, why="x")
    training = trainings.claim(after(1))
    assert training is not None
    trainings.end(training.pk, after(1), told="It broke.")
    assert trainings.due(procedure(), after(2)) == ""
    assert trainings.due(procedure(), after(8)) == "there is no model yet"


def test_one_waits_and_one_goes_on_at_a_time(small: Desk) -> None:
    assert trainings.ask(MONDAY, by=small.lea, why="x")
    assert not trainings.ask(MONDAY, by=small.adam, why="x")
    first = trainings.claim(MONDAY)
    assert first is not None
    assert trainings.ask(MONDAY, by=None, why="y"), "one may wait behind it"
    assert trainings.claim(after(minutes=1)) is None
    taken_up = trainings.claim(after(2))
    assert taken_up is not None
    assert taken_up.pk == first.pk, "it has not been heard of for so long that its machine must be gone"


def test_a_stopped_worker_leaves_it_to_the_next(small: Desk) -> None:
    trainings.ask(MONDAY, by=None, why="x")
    training = trainings.claim(MONDAY)
    assert training is not None
    trainings.give_back(training.pk)
    again = trainings.claim(MONDAY)
    assert again is not None
    assert again.pk == training.pk
    trainings.ask(MONDAY, by=None, why="y")
    trainings.give_back(again.pk)
    assert Training.objects.get(pk=again.pk).state == Training.FAILED


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


def test_a_worker_that_stops_ends_it(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    trainings.ask(MONDAY, by=None, why="x")
    Program(monkeypatch, "import time; time.sleep(600)")
    stopping = Event()
    stopping.set()
    worker.turn(lambda: MONDAY, stopping)
    assert Training.objects.get().state == Training.ASKED


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


@pytest.mark.parametrize(
    ("who", "reads", "teaches"),
    [
        ("rui", 404, 404),
        ("ana", 404, 404),
        ("sam", 404, 404),
        ("lea", 200, 302),
        ("adam", 200, 302),
        ("olga", 200, 404),
    ],
)
def test_who_reads_the_page_and_who_may_have_it_learnt(small: Desk, who: str, reads: int, teaches: int) -> None:
    client = d.as_person(getattr(small, who))
    assert client.get("/suggestions/").status_code == reads
    assert client.post("/suggestions/").status_code == 405
    assert client.get("/suggestions/train/").status_code == 405
    assert client.post("/suggestions/train/").status_code == teaches
    assert Training.objects.count() == (teaches == 302)


def test_the_page_tells_what_is_missing_then_how_good_it_is(small: Desk) -> None:
    client = d.as_person(small.lea)
    close(small, 5)
    assert "5 of the 24 closed tickets" in client.get("/suggestions/").content.decode()
    close(small, 25, since=after(1))
    assert "learn now, or wait" in client.get("/suggestions/").content.decode()
    client.post("/suggestions/train/")
    page = client.get("/suggestions/").content.decode()
    assert "learning is under way" in page
    assert "by Lea" in page
    assert "It is queued already" in client.post("/suggestions/train/", follow=True).content.decode()
    training = trainings.claim(after(3))
    assert training is not None
    teaching.run(training, procedure(), clock=partial(after, 3), told=lambda _: None)
    page = client.get("/suggestions/").content.decode()
    assert f"Model {training.pk}, learnt" in page
    assert "from 30 closed tickets" in page
    assert "Hardware › Printer or scanner" in page
    assert "100 %" in page


def test_pages_ask_a_fixed_number_of_questions(small: Desk, django_assert_max_num_queries: Any) -> None:
    client = d.as_person(small.lea)
    close(small, 3)
    for _ in range(15):
        Training.objects.create(asked_at=MONDAY, why="x", state=Training.DONE)
    with django_assert_max_num_queries(12):
        client.get("/suggestions/")
    close(small, 6, since=after(1))
    with django_assert_max_num_queries(12):
        client.get("/suggestions/")
