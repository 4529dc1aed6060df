"""What the desk knows of who asks: read and written by the desk alone, loaded apart from the ticket (SOP 4.2)."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.models import Note, Organisation, Person
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

HTMX = {"HX-Request": "true"}


@pytest.fixture
def number(desk: Desk) -> int:
    desk.rui.organisation = Organisation.objects.create(name="Harbour Logistics")
    desk.rui.save(update_fields=["organisation"])
    return d.new_ticket(timezone.now() - timedelta(hours=1))


def panel(client: Client, number: int) -> str:
    answer = client.get(f"/tickets/{number}/requester/", headers=HTMX)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def write(client: Client, number: int, text: str, about: str = "person", status: int = 200) -> str:
    answer = client.post(f"/tickets/{number}/requester/notes/", {"text": text, "about": about}, headers=HTMX)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_the_ticket_page_asks_for_it_when_it_comes_into_view(desk: Desk, number: int) -> None:
    page = as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert f'hx-get="/tickets/{number}/requester/" hx-trigger="intersect once"' in page
    whole = as_person(desk.ana).get(f"/tickets/{number}/requester/").content.decode()
    assert "<html" in whole, "without scripts it is a page"


def test_the_requester_s_other_tickets_open_ones_first(desk: Desk, number: int) -> None:
    now = timezone.now()
    others = [d.new_ticket(now - timedelta(minutes=50 - place), subject=f"Other {place}") for place in range(7)]
    d.new_ticket(now, sender="Eve <eve@other.example>", subject="Somebody else's")
    for settled in others[:4]:
        desk.resolve(settled, now)
    text = panel(as_person(desk.ana), number)
    opened, settled = ([text.index(f"Other {place}<") for place in group] for group in ((4, 5, 6), (3, 2)))
    assert max(opened) < settled[0] < settled[1]
    assert "Other 1<" not in text
    assert "Other 0<" not in text
    assert "Somebody else's" not in text
    assert "/search/?q=from%3Arui%40customer.example" in text


def test_notes_are_kept_read_and_taken_away(desk: Desk, number: int) -> None:
    ana, ben = as_person(desk.ana), as_person(desk.ben)
    assert "Note kept." in write(ana, number, "Prefers a call.\n<b>Before noon</b>")
    write(ben, number, "Their VPN is run by another firm.", "organisation")
    other = d.new_ticket(timezone.now(), subject="Another matter")
    text = ben.get(f"/tickets/{other}/requester/", headers=HTMX).content.decode()
    assert "&lt;b&gt;Before noon&lt;/b&gt;" in text
    assert "another firm" in text
    assert "Notes on Harbour Logistics" in text
    colleague = d.new_ticket(timezone.now(), sender="Eva <eva@customer.example>")
    Person.objects.filter(email="eva@customer.example").update(organisation=desk.rui.organisation)
    text = panel(ben, colleague)
    assert "another firm" in text
    assert "Prefers a call" not in text, "it is on the person"
    on_person, on_organisation = Note.objects.order_by("pk")
    gone = f"/tickets/{other}/requester/notes/{on_person.pk}/remove/"
    assert ben.post(gone, headers=HTMX).status_code == 403, "it is Ana's"
    assert ana.post(gone, headers=HTMX).status_code == 200
    assert as_person(desk.lea).post(gone, headers=HTMX).status_code == 404, "it is gone"
    led = f"/tickets/{other}/requester/notes/{on_organisation.pk}/remove/"
    assert as_person(desk.lea).post(led, headers=HTMX).status_code == 200, "a leader's to take away"
    assert not Note.objects.exists()


def test_a_note_is_reached_by_its_own_requester_s_tickets_alone(desk: Desk, number: int) -> None:
    write(as_person(desk.ana), number, "Prefers a call.")
    note = Note.objects.get()
    elsewhere = d.new_ticket(timezone.now(), sender="Eve <eve@other.example>")
    at = f"/tickets/{elsewhere}/requester/notes/{note.pk}/remove/"
    assert as_person(desk.lea).post(at, headers=HTMX).status_code == 404
    assert Note.objects.exists()
    assert "No organisation is known" in write(as_person(desk.ana), elsewhere, "x", "organisation", 422)


@pytest.mark.parametrize(("text", "said"), [("  ", "The note is empty."), ("x" * 2001, "more than 2000 characters")])
def test_what_cannot_be_a_note_is_said_and_not_lost(desk: Desk, number: int, text: str, said: str) -> None:
    answer = write(as_person(desk.ana), number, text, status=422)
    assert said in answer
    assert text.strip() in answer
    assert not Note.objects.exists()


def test_only_the_desk_reads_and_only_who_works_writes(desk: Desk, number: int) -> None:
    write(as_person(desk.ana), number, "Prefers a call.")
    note = Note.objects.get()
    addresses = ["notes/", f"notes/{note.pk}/remove/", "vip/"]
    for path in addresses:
        at = f"/tickets/{number}/requester/{path}"
        assert Client().post(at).headers["Location"].startswith("/account/login/")
        assert as_person(desk.rui).post(at).headers["Location"] == "/my/"
    assert as_person(desk.rui).get(f"/tickets/{number}/requester/").headers["Location"] == "/my/"
    olga = as_person(desk.olga)
    assert "Prefers a call." in panel(olga, number)
    assert "Write a note" not in panel(olga, number)
    write(olga, number, "An auditor's", status=422)
    assert olga.post(f"/tickets/{number}/requester/notes/{note.pk}/remove/").status_code == 403
    assert as_person(desk.ana).get("/tickets/99999/requester/").status_code == 404
    assert Note.objects.count() == 1


def test_leaders_say_who_is_a_vip(desk: Desk, number: int) -> None:
    at = f"/tickets/{number}/requester/vip/"
    assert as_person(desk.ana).post(at, {"vip": "1"}, headers=HTMX).status_code == 403
    assert "VIP" not in panel(as_person(desk.ana), number)
    assert as_person(desk.lea).post(at, {"vip": "1"}, headers=HTMX).status_code == 200
    assert ">VIP<" in panel(as_person(desk.ana), number)
    as_person(desk.lea).post(at, {"vip": "0"})
    assert not Person.objects.get(pk=desk.rui.pk).vip


def test_the_panel_costs_the_same_for_many(desk: Desk, number: int, django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.ana)
    for place in range(25):
        write(client, number, f"Note {place}")
        write(client, number, f"Of all {place}", "organisation")
    for place in range(4):
        d.new_ticket(timezone.now(), subject=f"Other {place}")
    panel(client, number)
    with django_assert_max_num_queries(8):
        text = panel(client, number)
    assert text.count('class="note-text"') == 40
