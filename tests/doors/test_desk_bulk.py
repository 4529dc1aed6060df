"""Acts on many tickets: said beforehand, done one by one, told, and undone by acting once more (SOP 4.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from forthwith.desk import bulk
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

HTMX = {"HX-Request": "true"}


@pytest.fixture
def three(desk: Desk) -> list[int]:
    """Three tickets that nobody has, their acknowledgements sent."""
    Person.objects.update(available=False)
    now = timezone.now()
    numbers = [d.new_ticket(now - timedelta(minutes=30 + place)) for place in range(3)]
    d.deliver_all(now - timedelta(minutes=20))
    return numbers


def rows(*numbers: int) -> list[str]:
    return [f"{number}:{d.row(number).fact_count}" for number in numbers]


def ask(client: Client, act: str, picked: list[str], status: int = 200) -> str:
    answer = client.post("/bulk/", {"act": act, "row": picked}, headers=HTMX)
    assert answer.status_code == status
    return str(answer.content.decode())


def do(client: Client, act: str, picked: list[str], **said: Any) -> str:
    answer = client.post(f"/bulk/{act}/", {"row": picked, **said}, headers=HTMX)
    text = str(answer.content.decode())
    assert answer.status_code == 200, text
    while plan := re.search(r'name="plan" value="([^"]+)"', text):
        text = client.post("/bulk/go-on/", {"plan": plan[1]}, headers=HTMX).content.decode()
    return text


def undo(client: Client, text: str) -> str:
    token = re.search(r'name="undo" value="([^"]+)"', text)
    assert token, text
    return str(client.post("/bulk/undo/", {"undo": token[1]}, headers=HTMX).content.decode())


def test_what_will_happen_is_said_first(desk: Desk, three: list[int]) -> None:
    acts.wait(three[0], by=Actor.of(desk.ana), now=timezone.now())
    acts.take(three[1], by=Actor.of(desk.ana), now=timezone.now())
    client = as_person(desk.ana)
    text = ask(client, "wait", rows(*three))
    assert "2 of 3 tickets" in text
    assert "is not possible while the ticket is &#x27;Waiting on requester&#x27;" in text
    assert "It is yours already." in ask(client, "take", rows(*three))
    assert "is for: Support agent" in ask(as_person(desk.olga), "note", rows(*three))
    assert "Nothing is selected" in ask(client, "assign", [])
    assert "Select fewer" in ask(client, "assign", [f"{number}:1" for number in range(101)])
    assert [d.row(number).status for number in three] == ["waiting_on_requester", "new", "new"], "only said"


@pytest.mark.sop("4.1")
def test_many_are_assigned_and_put_back_by_facts(desk: Desk, three: list[int]) -> None:
    acts.assign(three[0], by=Actor.of(desk.lea), now=timezone.now(), team="service_desk", assignee=desk.ben.pk)
    client = as_person(desk.lea)
    to = f"service_desk:{desk.ana.pk}"
    text = do(client, "assign", rows(*three), to=to, why="she is back")
    assert "3 tickets assigned." in text
    assert {d.row(number).assignee_id for number in three} == {desk.ana.pk}
    before = [d.kinds(number) for number in three]
    assert "3 tickets put back." in undo(client, text)
    assert [d.row(number).assignee_id for number in three] == [desk.ben.pk, None, None]
    assert [d.kinds(number) for number in three] == [[*kinds, "Assigned"] for kinds in before]
    assert d.facts(three[1], f.Assigned)[-1].why == "undone, together with others"


@pytest.mark.sop("3.2")
def test_many_are_given_a_priority_with_a_reason(desk: Desk, three: list[int]) -> None:
    was = [d.row(number).priority for number in three]
    client = as_person(desk.ana)
    said = {"impact": "company", "urgency": "blocked"}
    procedure_says = d.facts(three[0], f.Prioritised)[0]
    levels = {"impact": procedure_says.impact, "urgency": procedure_says.urgency}
    answer = client.post("/bulk/priority/", {"row": rows(*three), **levels}, headers=HTMX)
    assert answer.status_code == 422, "without a reason"
    impacts, urgencies = _levels()
    said = {"impact": impacts[0], "urgency": urgencies[0], "why": "the whole floor"}
    text = do(client, "priority", rows(*three), **said)
    assert {d.row(number).priority for number in three} == {"critical"}
    undo(client, text)
    assert [d.row(number).priority for number in three] == was


def _levels() -> tuple[list[str], list[str]]:
    from forthwith.record import procedures

    procedure = procedures.current()
    return list(procedure.impacts), list(procedure.urgencies)


def test_what_somebody_else_changed_meanwhile_is_left_and_said(desk: Desk, three: list[int]) -> None:
    picked = rows(*three)
    acts.note(three[0], by=Actor.of(desk.ben), now=timezone.now(), text="I am on it.")
    acts.note(three[1], by=Actor.of(desk.ana), now=timezone.now(), text="My own note is no obstacle.")
    text = do(as_person(desk.ana), "take", picked)
    assert "2 tickets taken. 1 left as it was." in text
    assert "Ben changed it since you looked." in text
    assert [d.row(number).assignee_id for number in three] == [None, desk.ana.pk, desk.ana.pk]


def test_the_requesters_answer_is_a_change_too(desk: Desk, three: list[int]) -> None:
    picked = rows(*three)
    acts.requester_writes(three[2], by=Actor.requester(desk.rui.pk), now=timezone.now(), text="It works again.")
    text = do(as_person(desk.ana), "hold", picked, why="the supplier")
    assert "2 tickets put on hold. 1 left" in text
    assert d.row(three[2]).status == "new"


def test_undo_leaves_what_was_changed_after_it(desk: Desk, three: list[int]) -> None:
    client = as_person(desk.ana)
    text = do(client, "hold", rows(*three), why="the supplier")
    acts.resume(three[0], by=Actor.of(desk.ben), now=timezone.now())
    back = undo(client, text)
    assert "2 tickets put back. 1 left as it was." in back
    assert [d.row(number).status for number in three] == ["open", "open", "open"]
    assert 'name="undo"' not in back, "an undoing is not undone"
    again = undo(client, text)
    assert "3 left as they were" in again, "twice does nothing more"


def test_notes_categories_and_resolutions(desk: Desk, three: list[int]) -> None:
    client = as_person(desk.ana)
    text = do(client, "note", rows(*three), text="The same fault: see the printer.")
    assert "3 tickets noted." in text
    assert 'name="undo"' not in text, "what was said stays said"
    do(client, "category", rows(*three), category="network.vpn", why="")
    assert {d.row(number).category for number in three} == {"network.vpn"}
    said = {"cause": "A fault.", "solution": "It is repaired.", "knowledge": "not needed", "category": ""}
    assert "3 tickets resolved." in do(client, "resolve", rows(*three), **said)
    assert {d.row(number).status for number in three} == {"resolved"}
    assert client.post("/bulk/resolve/", {"row": rows(*three), "cause": ""}, headers=HTMX).status_code == 422


def test_they_are_done_in_pieces(desk: Desk, three: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PIECE", 2)
    client = as_person(desk.ana)
    first = client.post("/bulk/take/", {"row": rows(*three)}, headers=HTMX).content.decode()
    assert "2 of 3 tickets are behind you" in first
    assert [d.row(number).assignee_id for number in three] == [desk.ana.pk, desk.ana.pk, None]
    plan = re.search(r'name="plan" value="([^"]+)"', first)
    assert plan
    stolen = as_person(desk.ben).post("/bulk/go-on/", {"plan": plan[1]})
    assert stolen.status_code == 409, "another's plan"
    assert "3 tickets taken." in client.post("/bulk/go-on/", {"plan": plan[1]}, headers=HTMX).content.decode()


def test_nothing_made_up_is_done(desk: Desk, three: list[int]) -> None:
    client = as_person(desk.ana)
    for address, said in (
        ("/bulk/go-on/", {"plan": "x"}),
        ("/bulk/undo/", {"undo": ""}),
        ("/bulk/undo/", {"undo": signing.dumps({"x": 1}, salt="desk.bulk")}),
        ("/bulk/undo/", {"undo": signing.dumps([1], salt="another")}),
    ):
        assert client.post(address, said).status_code == 409
    assert client.post("/bulk/explode/", {"row": "1:1"}).status_code == 404
    assert client.post("/bulk/", {"act": "explode"}).status_code == 404
    assert client.post("/bulk/take/", {"row": ["x", "1", "9" * 99 + ":1", "-1:1"]}).status_code == 422
    assert client.get("/bulk/").status_code == 405
    gone = do(client, "take", ["999999:1"])
    assert "There is no ticket #999999." in gone


def test_it_is_for_those_who_work_here(desk: Desk, three: list[int]) -> None:
    for address in ("/bulk/", "/bulk/take/", "/bulk/go-on/", "/bulk/undo/"):
        assert Client().post(address).headers["Location"].startswith("/account/login/")
        assert as_person(desk.rui).post(address).headers["Location"] == "/my/"
    text = do(as_person(desk.olga), "take", rows(three[0]))
    assert "1 left as it was" in text
    assert d.row(three[0]).assignee_id is None
    assert 'class="pick"' not in as_person(desk.olga).get("/").content.decode()


def test_without_scripts_each_step_is_a_page(desk: Desk, three: list[int]) -> None:
    client = as_person(desk.ana)
    first = client.post("/bulk/", {"act": "take", "row": rows(*three)}).content.decode()
    assert "<html" in first
    assert "3 of 3 tickets" in first
    last = client.post("/bulk/take/", {"row": rows(*three)}).content.decode()
    assert "3 tickets taken." in last
    token = re.search(r'name="undo" value="([^"]+)"', last)
    assert token
    assert "3 tickets put back." in client.post("/bulk/undo/", {"undo": token[1]}).content.decode()


def test_the_preview_costs_the_same_for_many(desk: Desk, three: list[int], django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.ana)
    more = [*three, *(d.new_ticket(timezone.now()) for _ in range(12))]
    ask(client, "assign", rows(*three))
    picked = rows(three[0])
    with django_assert_max_num_queries(8) as few:
        ask(client, "assign", picked)
    picked = rows(*more)
    with django_assert_max_num_queries(8) as many:
        ask(client, "assign", picked)
    assert len(few) == len(many)
