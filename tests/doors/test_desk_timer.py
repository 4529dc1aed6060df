"""Time worked: a timer that is kept on the server, put right before it is recorded, and asks when it was forgotten."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import unsent
from forthwith.record.begun import Held
from forthwith.steps import acts, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

HTMX = {"HX-Request": "true"}


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(timezone.now() - timedelta(hours=1))


def started(person: Person, minutes: float) -> str:
    """Let the timer have been started so long ago; what its form says of that."""
    at = timezone.now() - timedelta(minutes=minutes)
    Person.objects.filter(pk=person.pk).update(timer_started_at=at)
    return at.isoformat()


def stop(client: Client, do: str, started_at: str, **said: Any) -> Any:
    return client.post("/timer/", {"do": do, "started": started_at, "minutes": "", "remark": "", **said}, follow=True)


def page(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers or None)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


@pytest.mark.sop("6.1")
def test_a_timer_is_started_shown_everywhere_put_right_and_recorded(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    begun = started(desk.ana, 23)
    elsewhere = as_person(desk.ana)
    for address in ("/", f"/tickets/{number}/", "/drafts/"):
        text = page(elsewhere, address)
        assert f"#{number}" in text
        assert "23 min" in text, "on another machine too"
    assert 'id="bar-timer"' not in page(as_person(desk.ben), "/")
    form = page(elsewhere, "/timer/", **HTMX)
    assert re.search(r'name="minutes" value="23"', form)
    stop(elsewhere, "keep", begun, minutes="20", remark="Looked at the drum")
    assert [(one.minutes, one.remark, one.by) for one in d.facts(number, f.TimeSpent)] == [
        (20, "Looked at the drum", desk.ana.pk)
    ]
    text = page(client, f"/tickets/{number}/")
    assert "worked 20 min" in text
    assert "Looked at the drum" in text
    assert re.search(r"<dt>you</dt>\s*<dd>20 min</dd>", text)
    assert 'id="bar-timer"' not in text
    assert "#" in stop(client, "keep", begun, minutes="20").content.decode()
    assert len(d.facts(number, f.TimeSpent)) == 1, "the other window's form records it no second time"


@pytest.mark.sop("6.1")
def test_a_forgotten_timer_asks_and_records_nothing_by_itself(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    begun = started(desk.ana, 14 * 60 + 3)
    form = page(client, "/timer/", **HTMX)
    assert "It has run for 14 h." in form
    assert "how much of it was work" in form
    assert not re.search(r'name="minutes" value', form)
    assert stop(client, "keep", begun).status_code == 422
    assert d.facts(number, f.TimeSpent) == []
    for wrong in ("0", "-5", "x", "10001"):
        assert stop(client, "keep", begun, minutes=wrong).status_code == 422
    stop(client, "keep", begun, minutes="35")
    assert [one.minutes for one in d.facts(number, f.TimeSpent)] == [35]
    d.install(d.variant(("ask_after: 4 h", "ask_after: 24 h")))
    client.post(f"/tickets/{number}/timer/")
    started(desk.ana, 14 * 60)
    assert 'value="840"' in page(client, "/timer/", **HTMX), "after how long it asks is the procedure's"


@pytest.mark.sop("6.1")
def test_time_for_the_composer_waits_there_until_something_is_written(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    begun = started(desk.ana, 9)
    assert stop(client, "composer", begun, minutes="7").redirect_chain[-1][0] == f"/tickets/{number}/#composer"
    assert d.facts(number, f.TimeSpent) == []
    for _ in range(2):
        assert len(re.findall(r'name="minutes"[^>]* value="7"', page(client, f"/tickets/{number}/"))) == 2
    assert 'value="7"' in page(client, f"/tickets/{number}/do/resolve/", **HTMX)
    carried = {"minutes": "7", "started": begun}
    assert page(client, f"/tickets/{number}/").count(f'name="started" value="{begun}"') == 2
    client.post(f"/tickets/{number}/write/", {"mode": "note", "text": "Ordered a drum.", **carried})
    assert [one.minutes for one in d.facts(number, f.Noted)] == [7]
    assert Person.objects.get(pk=desk.ana.pk).timer_ticket is None
    assert not re.search(r'name="minutes"[^>]* value="7"', page(client, f"/tickets/{number}/"))


def shown(person: Person, number: int) -> list[str]:
    """The minutes that stand in the composer: of a reply, and of a note."""
    return re.findall(r'name="minutes"[^>]* value="(\d*)"', page(as_person(person), f"/tickets/{number}/"))


@pytest.fixture
def waiting(desk: Desk, number: int) -> str:
    """Seven minutes wait in the composer; since when that timer ran."""
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    begun = started(desk.ana, 9)
    stop(client, "composer", begun, minutes="7")
    return begun


@pytest.mark.sop("6.1")
def test_minutes_wait_until_a_form_that_carries_them_is_sent(desk: Desk, number: int, waiting: str) -> None:
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/do/time/", {"minutes": "30", "remark": "on the phone"})
    assert shown(desk.ana, number) == ["7", "7"], "recording other time is no use of them"
    client.post(f"/tickets/{number}/write/", {"mode": "note", "text": "From an older page.", "minutes": ""})
    assert shown(desk.ana, number) == ["7", "7"], "that page did not show them"
    refused = client.post(f"/tickets/{number}/write/", {"mode": "note", "text": "", "minutes": "7", "started": waiting})
    assert refused.status_code == 422
    assert f'name="started" value="{waiting}"' in refused.content.decode()
    assert shown(desk.ana, number) == ["7", "7"]
    client.post(f"/tickets/{number}/write/", {"mode": "note", "text": "It was not work.", "started": waiting})
    assert shown(desk.ana, number) == ["", ""], "who empties the field wants them gone"


@pytest.mark.sop("6.1")
def test_minutes_go_with_a_reply_and_with_a_resolution(desk: Desk, number: int, waiting: str) -> None:
    client = as_person(desk.ana)
    form = page(client, f"/tickets/{number}/do/resolve/", **HTMX)
    assert f'name="started" value="{waiting}"' in form
    solution = {"mode": "reply", "text": "We changed it.", "then": "resolve", "minutes": "7", "started": waiting}
    form = unescape(client.post(f"/tickets/{number}/write/", solution, headers=HTMX).content.decode())
    assert f'name="started" value="{waiting}"' in form, "also where a reply becomes the solution"
    client.post(
        f"/tickets/{number}/write/",
        {"mode": "reply", "text": "Soon.", "next_step": "I call.", "minutes": "7", "started": waiting},
    )
    assert shown(desk.ana, number) == ["", ""]
    assert Person.objects.get(pk=desk.ana.pk).timer_ticket is None


@pytest.mark.sop("4.3")
def test_minutes_stay_where_what_carried_them_is_not_kept(
    desk: Desk, number: int, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("forthwith.record.unsent.clear", fails)
    said = {"text": "Ordered.", "minutes": 7, "started": datetime.fromisoformat(waiting)}
    with pytest.raises(RuntimeError):
        writing.note(number, by=Actor.of(desk.ana), now=timezone.now(), **said)
    assert shown(desk.ana, number) == ["7", "7"]


def taken_back(person: Person, number: int, *minutes: int) -> None:
    """Send replies with minutes, and take them back before they leave."""
    by, now = Actor.of(person), timezone.now()
    for one in minutes:
        writing.send(number, writing.Reply(text=f"It took {one}.", next_step="I call.", minutes=one), by=by, now=now)
    for held in Held.objects.filter(person=person, ticket=number).order_by("pk"):
        as_person(person).post(f"/tickets/{number}/held/{held.pk}/take-back/")


@pytest.mark.sop("4.3")
def test_a_reply_that_is_taken_back_gives_its_minutes_back(desk: Desk, number: int) -> None:
    d.install(d.variant())
    other, client = d.new_ticket(timezone.now()), as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    taken_back(desk.ana, other, 6)
    assert shown(desk.ana, other) == ["6", ""], "though a timer runs for another ticket"
    assert Person.objects.get(pk=desk.ana.pk).timer_ticket == number
    taken_back(desk.ana, other, 6, 5)
    assert shown(desk.ana, other) == ["11", ""], "of either: the words of the first are kept beside the second's"
    unsent.set_also(desk.ana.pk, other, {"macro": "password_reset"}, timezone.now())
    assert shown(desk.ana, other) == ["11", ""], "a macro takes no minutes away"
    stop(client, "discard", started(desk.ana, 3))
    client.post(f"/tickets/{other}/timer/")
    stop(client, "composer", started(desk.ana, 4), minutes="4")
    assert shown(desk.ana, other) == ["15", "4"]
    client.post(f"/tickets/{other}/write/", {"mode": "reply", "text": "Now.", "next_step": "I call.", "minutes": "15"})
    assert shown(desk.ana, other) == ["4", "4"]


@pytest.mark.sop("6.1")
def test_one_timer_runs_and_its_time_is_asked_for_before_the_next(desk: Desk, number: int) -> None:
    other, client = d.new_ticket(timezone.now(), subject="Another"), as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    begun = started(desk.ana, 11)
    answer = client.post(f"/tickets/{other}/timer/", headers=HTMX)
    assert f"Your timer counts for #{number}." in unescape(answer.content.decode())
    assert answer.headers["HX-Retarget"] == "#act-sheet"
    assert Person.objects.get(pk=desk.ana.pk).timer_ticket == number
    stop(client, "keep", begun, minutes="11", then=str(other))
    assert [one.minutes for one in d.facts(number, f.TimeSpent)] == [11]
    assert Person.objects.get(pk=desk.ana.pk).timer_ticket == other
    stop(client, "discard", started(desk.ana, 3))
    assert Person.objects.get(pk=desk.ana.pk).timer_ticket is None
    assert d.facts(other, f.TimeSpent) == []


def test_who_does_not_work_here_has_no_timer(desk: Desk, number: int) -> None:
    assert as_person(desk.rui).post(f"/tickets/{number}/timer/").headers["Location"] == "/my/"
    as_person(desk.olga).post(f"/tickets/{number}/timer/")
    assert not Person.objects.filter(timer_ticket__isnull=False).exists()
    assert as_person(desk.ana).post("/tickets/99999/timer/").status_code == 404
    assert as_person(desk.ana).get("/timer/").status_code == 302
    assert Client().get("/timer/").headers["Location"].startswith("/account/login/")


def test_a_timer_ends_also_where_its_ticket_was_merged(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/timer/")
    begun = started(desk.ana, 4)
    acts.merge(number, by=Actor.of(desk.ben), now=timezone.now(), into=d.new_ticket(timezone.now(), subject="Same"))
    stop(client, "keep", begun, minutes="4")
    assert [one.minutes for one in d.facts(number, f.TimeSpent)] == [4]


@pytest.mark.sop("6.1")
def test_time_is_recorded_by_hand_too(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    at = f"/tickets/{number}/do/time/"
    assert client.post(at, {"minutes": "0"}).status_code == 422
    assert client.post(at, {"minutes": "30", "remark": "on the phone"}).status_code == 302
    acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text="Me too.", minutes=5)
    text = page(client, f"/tickets/{number}/")
    assert re.search(r"<dt>you</dt>\s*<dd>30 min</dd>\s*<dt>Ben</dt>\s*<dd>5 min</dd>.*?35 min", text, re.DOTALL)
