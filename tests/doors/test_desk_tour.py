"""The tour at the door: who is shown which hint where, and that it is remembered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.desk.tour import HINTS
from forthwith.people import hints
from forthwith.people.models import Person
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person


def hint_on(client: Client, address: str) -> str:
    found = re.search(r'id="tour" data-hint="(\d)"', client.get(address).content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("seen", "queue", "ticket"),
    [(0, "1", "2"), (1, "", "2"), (2, "", "3"), (3, "", "4"), (4, "5", "5"), (5, "", "")],
)
def test_each_page_shows_the_next_hint_that_stands_there(desk: Desk, seen: int, queue: str, ticket: str) -> None:
    number = d.new_ticket(timezone.now())
    hints.seen(desk.ana, seen)
    client = as_person(desk.ana)
    assert hint_on(client, "/") == queue
    assert hint_on(client, f"/tickets/{number}/") == ticket
    assert hint_on(client, "/drafts/") == ""


def test_who_signs_in_for_the_first_time_is_led_and_who_only_reads_is_not(desk: Desk) -> None:
    newcomer = Person.objects.create_user("new@desk.example", name="New", role="agent")
    auditor = Person.objects.create_user("audit@desk.example", name="Audit", role="auditor")
    assert hint_on(as_person(newcomer), "/") == "1"
    assert hint_on(as_person(auditor), "/") == ""


def test_it_is_remembered_on_the_server(desk: Desk) -> None:
    hints.seen(desk.ana, 0)
    client = as_person(desk.ana)
    ahead = client.post("/me/tour/", {"seen": "2", "page": "ticket"}, headers={"HX-Request": "true"})
    assert 'data-hint="3"' in ahead.content.decode()
    assert Person.objects.get(pk=desk.ana.pk).hints_seen == 2
    left = client.post("/me/tour/", {"seen": "5"}, headers={"HX-Request": "true"})
    assert left.content.strip() == b""
    assert hint_on(as_person(desk.ana), "/") == ""
    assert client.post("/me/tour/", {"seen": "0"}).headers["Location"] == "/"
    assert hint_on(client, "/") == "1"


@pytest.mark.parametrize("typed", ["", "-1", "x", "٣", "99", "9" * 40])
def test_nonsense_ends_it(desk: Desk, typed: str) -> None:
    hints.seen(desk.ana, 0)
    assert as_person(desk.ana).post("/me/tour/", {"seen": typed}).status_code == 302
    assert Person.objects.get(pk=desk.ana.pk).hints_seen == hints.ALL


def test_it_leads_nowhere_else(desk: Desk) -> None:
    client = as_person(desk.ana)
    away = client.post("/me/tour/", {"seen": "1"}, headers={"Referer": "https://elsewhere.example/x"})
    assert away.headers["Location"] == "/"
    back = client.post("/me/tour/", {"seen": "1"}, headers={"Referer": "http://testserver/tickets/1/"})
    assert back.headers["Location"] == "http://testserver/tickets/1/"
    assert client.get("/me/tour/").status_code == 405
    assert Client().post("/me/tour/", {"seen": "1"}).status_code == 302
    assert as_person(desk.rui).post("/me/tour/", {"seen": "1"}).status_code in (302, 403)


def test_the_hints_cost_no_query(desk: Desk, django_assert_num_queries: Any) -> None:
    client = as_person(desk.ana)
    client.get("/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as without:
        client.get("/")
    hints.seen(desk.ana, 0)
    with django_assert_num_queries(len(without)):
        assert 'id="tour"' in client.get("/").content.decode()
    assert [hint.number for hint in HINTS] == list(range(1, hints.ALL + 1))


def test_the_sample_of_a_hint_leaves_the_tour_alone(desk: Desk) -> None:
    sample = as_person(desk.ana).get("/ui/").content.decode().split('class="sample-tour"')[1].split("</section>")[0]
    assert "The clock, and why it says so" in sample
    assert "<form" not in sample
