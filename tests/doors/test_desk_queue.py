"""The queue: who sees what, in which order, at what cost, and what one does there (SOP 4.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.people.models import Membership, Person
from forthwith.people.permits import Actor
from forthwith.record import lists
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

MOST_QUERIES = 12


def page(client: Client, address: str = "/", **headers: str) -> str:
    answer = client.get(address, headers=headers or None)
    assert answer.status_code == 200, (answer.status_code, answer.content[:500])
    return str(answer.content.decode())


def rows(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="row-(\d+)"', text)]


def some_tickets(count: int, **of: Any) -> list[int]:
    now = timezone.now()
    return [d.new_ticket(now - timedelta(minutes=30 + place), **of) for place in range(count)]


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    for address in ("/", "/tickets/1/", "/ui/", "/tickets/1/files/1/", "/tickets/1/messages/1/formatted/"):
        assert Client().get(address).headers["Location"].startswith("/account/login/?next=")


def test_a_requester_is_shown_to_the_portal(desk: Desk) -> None:
    (number,) = some_tickets(1)
    for address in ("/", f"/tickets/{number}/"):
        assert as_person(desk.rui).get(address).headers["Location"] == "/my/"


@pytest.mark.parametrize("who", ["ana", "sam", "lea", "adam", "olga"])
def test_everybody_of_the_desk_sees_every_open_ticket(desk: Desk, who: str) -> None:
    numbers = some_tickets(3)
    person = getattr(desk, who)
    text = page(as_person(person))
    assert set(rows(text)) == set(numbers)
    assert ("Take next" in text) == (who != "olga")


def test_the_next_due_is_first(desk: Desk) -> None:
    low = d.new_ticket(timezone.now(), d.COMPLETE.replace("It is urgent", "It can wait, no rush"), subject="Question")
    late = d.new_ticket(timezone.now() - timedelta(days=9))
    assert rows(page(as_person(desk.ana))) == [late, low]
    assert re.search(rf'id="row-{late}".*?data-state="late".*?late \d', page(as_person(desk.ana)), re.DOTALL)


def test_the_rail_counts_up_to_a_bound_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_COUNTED", 2)
    monkeypatch.setattr(lists, "_bounded", lists._bounded.__wrapped__)
    some_tickets(2)
    assert '<span>All open</span><span class="count">2</span>' in page(as_person(desk.ana))
    some_tickets(1)
    assert '<span>All open</span><span class="count">2+</span>' in page(as_person(desk.ana))


def test_lists_filters_and_counts_agree(desk: Desk) -> None:
    first, second, third = some_tickets(3)
    now = timezone.now()
    acts.assign(first, by=Actor.of(desk.lea), now=now, team="network_team", assignee=desk.sam.pk)
    # By hand: outside business hours nobody has it by themselves.
    acts.assign(second, by=Actor.of(desk.lea), now=now, team="service_desk", assignee=desk.ana.pk)
    acts.wait(second, by=Actor.of(desk.ana), now=now, why="a photo")
    acts.assign(third, by=Actor.of(desk.lea), now=now, team="service_desk", assignee=None)
    client = as_person(desk.sam)
    assert rows(page(client, "/?list=mine")) == [first]
    assert rows(page(client, "/?list=waiting")) == [second]
    assert rows(page(client, "/?list=unassigned")) == [third]
    assert rows(page(client, "/?team=network_team")) == [first]
    assert rows(page(client, "/?assignee=me")) == [first]
    assert rows(page(client, f"/?assignee={desk.sam.pk}")) == [first]
    assert rows(page(client, "/?assignee=nobody")) == [third]
    assert rows(page(client, "/?status=waiting_on_requester")) == [second]
    assert rows(page(client, "/?priority=critical")) == []
    counts = dict(re.findall(r'<span>([^<]+)</span><span class="count[^"]*">(\d+)</span>', page(client)))
    assert counts["All open"] == "3"
    assert (counts["For me"], counts["Unassigned"], counts["Waiting"], counts["Network"]) == ("1", "1", "1", "1")


@pytest.mark.parametrize(
    "query",
    ["?list=nonsense", "?team=x&assignee=%00&status=x&priority=x", "?after=x_y", "?after=2026-01-01_9", "?shown=-1"],
)
def test_nonsense_in_the_address_is_read_as_nothing(desk: Desk, query: str) -> None:
    (number,) = some_tickets(1)
    assert as_person(desk.ana).get("/" + query).status_code == 200
    if "after" not in query:
        assert rows(page(as_person(desk.ana), "/" + query)) == [number]


def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    client = as_person(desk.ana)
    assert "Nothing is assigned to you." in page(client, "/?list=mine")
    assert "clear the choice" in page(client, "/?list=mine&priority=low")


def test_pages_follow_by_key_without_a_gap(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forthwith.record.lists.PAGE", 3)
    numbers = some_tickets(7)
    client, seen, at = as_person(desk.ana), [], "/"
    while True:
        text = page(client, at)
        seen += rows(text)
        more = re.search(r'class="more"><a class="button" href="([^"]+)"', text)
        if not more:
            break
        at = "/" + more[1].replace("&amp;", "&")
    assert sorted(seen) == sorted(numbers)
    assert len(seen) == 7


def test_htmx_gets_only_the_rows_that_follow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forthwith.record.lists.PAGE", 2)
    some_tickets(3)
    client = as_person(desk.ana)
    found = re.search(r'hx-get="(\?after[^"]+)"', page(client))
    assert found
    text = page(client, "/" + found[1].replace("&amp;", "&"), **{"HX-Request": "true"})
    assert len(rows(text)) == 1
    assert "<html" not in text


def test_the_number_of_queries_does_not_grow(desk: Desk, django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.ana)
    some_tickets(5)
    page(client)
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        page(client)
    some_tickets(45)
    with django_assert_max_num_queries(MOST_QUERIES) as many:
        assert len(rows(page(client))) == 50
    assert isinstance(few, CaptureQueriesContext)
    assert len(few) == len(many)


@pytest.mark.sop("4.1")
def test_take_next_takes_what_falls_due_first(desk: Desk) -> None:
    numbers = some_tickets(2)
    for number in numbers:
        acts.assign(number, by=Actor.of(desk.lea), now=timezone.now(), team="service_desk", assignee=None)
    first = rows(page(as_person(desk.ana)))[0]
    assert as_person(desk.ana).post("/take-next/").headers["Location"] == f"/tickets/{first}/"
    assert d.row(first).assignee_id == desk.ana.pk
    assert as_person(desk.olga).post("/take-next/").headers["Location"] == "/"
    assert d.row(numbers[0] if first == numbers[1] else numbers[1]).assignee_id is None


@pytest.mark.sop("4.1")
def test_availability_is_switched_by_its_person(desk: Desk) -> None:
    client = as_person(desk.ana)
    client.post("/me/", {"available": "0"})
    assert not Person.objects.get(pk=desk.ana.pk).available
    assert "Available" in client.post("/me/", {"available": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert Person.objects.get(pk=desk.ana.pk).available
    as_person(desk.olga).post("/me/", {"available": "1"})
    assert not Person.objects.get(pk=desk.olga.pk).available


def test_without_a_procedure_the_page_says_what_to_run(db: None) -> None:
    person = Person.objects.create_user("ana@desk.example", name="Ana", role="agent")
    Membership.objects.create(person=person, team="service_desk")
    answer = as_person(person).get("/")
    assert answer.status_code == 503
    assert "forthwith init" in answer.content.decode()


def test_settled_tickets_have_a_list_of_their_own(desk: Desk) -> None:
    open_one, settled = some_tickets(2)
    desk.resolve(settled, timezone.now())
    client = as_person(desk.ana)
    assert rows(page(client)) == [open_one]
    assert rows(page(client, "/?list=settled")) == [settled]


def test_the_page_of_components_is_for_the_desk(desk: Desk) -> None:
    assert "Components" in page(as_person(desk.ana), "/ui/")
    assert as_person(desk.rui).get("/ui/").status_code == 302


def test_what_the_address_asks_in_vain_is_said(desk: Desk) -> None:
    client = as_person(desk.ana)
    assert "names a team and a priority that this desk does not have" in page(client, "/?team=moon&priority=rosy")
    assert "this desk does not have" not in page(client, "/?team=network_team&priority=&list=late")


def test_an_auditor_who_would_take_a_ticket_is_told_why_not(desk: Desk) -> None:
    answer = as_person(desk.olga).post("/take-next/", follow=True)
    assert "Only people who work on tickets can take one." in answer.content.decode()
