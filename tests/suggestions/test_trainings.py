"""When it is learnt, by whom, and that whatever goes wrong leaves the model that was there (SOP 3.1)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest

from forthwith.suggestions import examples, kept, learning, teaching, trainings
from forthwith.suggestions.model import Model
from forthwith.suggestions.models import Training
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after
from tests.suggestions.closed import close, procedure

pytestmark = pytest.mark.sop("3.1")


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
    trainings.end(training, after(1), told="It broke.")
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
    trainings.give_back(training, after(1))
    again = trainings.claim(MONDAY)
    assert again is not None
    assert again.pk == training.pk
    trainings.ask(MONDAY, by=None, why="y")
    trainings.give_back(again, after(1))
    failed = Training.objects.get(pk=again.pk)
    assert (failed.state, failed.ended_at) == (Training.FAILED, after(1))
    assert "another one is queued" in failed.told


def test_who_was_silent_for_long_says_nothing_of_the_one_that_another_took_up(small: Desk) -> None:
    trainings.ask(MONDAY, by=None, why="x")
    first = trainings.claim(MONDAY)
    again = trainings.claim(after(2))
    assert first is not None
    assert again is not None
    trainings.tell(first, after(2), "reading", 7)
    trainings.give_back(first, after(2))
    assert not trainings.end(first, after(2), told="It broke.")
    going = Training.objects.get()
    assert (going.state, going.tickets, going.begun_at) == (Training.GOING, 0, again.begun_at)
    assert trainings.end(again, after(3), told="", measures={}, tickets=24)


def test_a_model_that_this_process_cannot_read_is_not_learnt_again_at_once(small: Desk) -> None:
    close(small, 24)
    assert learn(after(1))
    kept.path().unlink()
    assert trainings.due(procedure(), after(6)) == "", "it was learnt on a machine that shares no home with this one"
    assert trainings.due(procedure(), after(8)) == "there is no model yet"


def test_who_stops_it_leaves_it_ended(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    close(small, 24)
    monkeypatch.setattr(learning, "sureness", interrupt)
    with pytest.raises(KeyboardInterrupt):
        learn(after(1))
    ended = Training.objects.get()
    assert (ended.state, ended.ended_at, ended.told) == (
        *(Training.FAILED, after(1), "It was stopped. The model before stays."),
    )
    trainings.ask(after(1), by=small.lea, why="again")
    assert trainings.claim(after(1)) is not None


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
