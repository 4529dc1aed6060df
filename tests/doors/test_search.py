"""The search over HTTP: for whom it is, what it shows to each, and that nothing typed or written breaks out of it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.permits import Actor
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

DIALOG = {"HX-Request": "true", "HX-Target": "search-found"}


def shown(client: Client, typed: str, *, dialog: bool = True, **more: str) -> str:
    found = client.get("/search/", {"q": typed, **more}, headers=DIALOG if dialog else {})
    assert found.status_code == 200
    return found.content.decode()


def hits(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="hit" href="/tickets/(\d+)/"', page)]


def commands(page: str) -> set[str]:
    return {html.unescape(one) for one in re.findall(r'class="command"[^>]*><span>([^<]*)</span>', page)}


def test_who_may_come(desk: Desk) -> None:
    d.new_ticket()
    assert Client().get("/search/?q=printer").headers["Location"].startswith("/account/login/")
    for person in (desk.ana, desk.sam, desk.lea, desk.adam, desk.olga):
        answer = as_person(person).get("/search/?q=printer")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert as_person(person).post("/search/").status_code == 405
    for headers in ({}, DIALOG):
        answer = as_person(desk.rui).get("/search/?q=printer", headers=headers)
        assert (answer.status_code, answer.content) == (302, b""), "a requester has a list of their own"


@pytest.mark.parametrize("name", ["Adam", "Lea", "Olga", "Ana"])
def test_each_role_has_its_own_commands(desk: Desk, name: str) -> None:
    person = getattr(desk, name.lower())
    found = commands(shown(as_person(person), ""))
    assert ("People" in found) == ("Mailboxes" in found) == (name == "Adam")
    assert ("Health" in found) == ("Ledger" in found) == (name != "Ana")
    assert ("Take next" in found) == ("For me" in found) == (name != "Olga")
    assert {"All open", "Late", "Service desk"} <= found


def test_the_acts_are_those_that_the_ticket_allows(desk: Desk) -> None:
    number = d.new_ticket()
    ana, olga = as_person(desk.ana), as_person(desk.olga)
    assert commands(shown(ana, "res", on=str(number))) == {"Resolved and closed", "Resolve"}
    assert commands(shown(ana, "note", on=str(number))) == {"Internal note"}
    assert commands(shown(ana, "res")) == {"Resolved and closed"}
    assert commands(shown(olga, "res", on=str(number))) == {"Resolved and closed"}
    desk.resolve(number, timezone.now())
    assert "Reopen" in commands(shown(ana, "reo", on=str(number)))
    assert commands(shown(ana, "resolve", on="999999")) == commands(shown(ana, "resolve", on="x" * 40))


def test_what_is_shown_is_escaped_and_pointed_out(desk: Desk) -> None:
    bad = '<script>alert("x")</script> zahnrad <img src=x onerror=y> & <mark>z</mark>'
    d.new_ticket(subject=f"Zahnrad {bad}"[:200], text=f"Grüße vom Drucker. {bad} {d.COMPLETE}")
    page = shown(as_person(desk.ana), "zahnrad")
    assert "<script" not in page
    assert "<img" not in page
    assert "<mark>Zahnrad</mark>" in page
    assert "<mark>zahnrad</mark>" in page
    assert "&lt;mark&gt;z" in page
    assert "<mark>Grüße</mark>" in shown(as_person(desk.ana), "grusse")
    for typed in ('"><script>x</script>', "<b>zahnrad", "team:<i>x</i>"):
        for dialog in (True, False):
            page = shown(as_person(desk.ana), typed, dialog=dialog)
            assert not re.search(r"<script>|<b>zahnrad|<i>", page)


def test_a_number_opens_its_ticket(desk: Desk) -> None:
    number = d.new_ticket()
    for typed in (str(number), f"#{number}"):
        assert "Ticket by number" in shown(as_person(desk.ana), typed)
    for typed in ("999", "#", "9" * 30, "-1", "١"):
        assert "Ticket by number" not in shown(as_person(desk.ana), typed)


def test_people_are_found_also_with_a_slip(desk: Desk) -> None:
    d.new_ticket(sender="Wilma Ortega <wilma.ortega@acme.example>")
    for typed in ("wilma", "ort", "wilma ort", "ortgea", "ortga", "Ortegaa", "artega", "wilma.ortega@acme.example"):
        page = shown(as_person(desk.ana), typed)
        assert "wilma.ortega@acme.example" in page, typed
        assert hits(page), f"{typed}: her tickets are found with her"
    page = shown(as_person(desk.ana), "ortgea")
    assert "nearly the same spelling" in page
    assert "wilma" not in shown(as_person(desk.ana), "otrgae")
    assert "Support agent" in shown(as_person(desk.olga), "ben")


def test_the_page_goes_on_by_key_without_gaps(desk: Desk) -> None:
    made = [d.new_ticket(text=f"Problem {i} with my screen, which flickers since Monday.") for i in range(45)]
    client, seen, address = as_person(desk.ana), [], "/search/?q=flickers"
    while address:
        page = client.get(address).content.decode()
        seen += hits(page)
        found = re.search(r'class="button" href="(\?q=[^"]*)"', page)
        address = f"/search/{html.unescape(found[1])}" if found else ""
    assert sorted(seen) == made
    assert len(seen) == len(set(seen))
    assert "45 tickets" in client.get("/search/?q=flickers").content.decode()
    for key in ("", "x", "1", "_", "1_", "9" * 40 + "_1", "-1_-1", "\x00"):
        assert client.get("/search/", {"q": "flickers", "after": key}).status_code == 200


def test_an_empty_box_teaches_and_a_miss_helps(desk: Desk) -> None:
    client = as_person(desk.ana)
    for typed in ("", "nothing-has-this"):
        assert "assignee:" in shown(client, typed)
    assert "No ticket found." in shown(client, "nothing-has-this")
    assert "Known here: Service desk" in shown(client, "team:moon")
    assert "Write a day as 2026-03-31" in shown(client, "before:soon")
    assert "4 were left out" in shown(client, "a1 b2 c3 d4 e5 f6 g7 h8 i9 j10 k11 l12 m13 n14 o15 p16")


def test_the_line_shown_is_the_one_with_the_words(desk: Desk) -> None:
    now = timezone.now()
    number = d.new_ticket(
        now - timedelta(hours=2), text=d.COMPLETE + " filler" * 300 + " the needle is here " + "x " * 300
    )
    acts.note(number, by=Actor.of(desk.ana), now=now, text="A later note.")
    page = shown(as_person(desk.ana), '"needle is"')
    assert "<mark>needle is</mark> here" in page
    assert "A later note." in shown(as_person(desk.ana), "status:unresolved"), "else the latest that was said"


def test_before_a_procedure_there_is_nothing_to_search(db: None) -> None:
    from forthwith.people.models import Person

    person = Person.objects.create_user("ana@desk.example", name="Ana", role="agent")
    assert as_person(person).get("/search/?q=x").status_code == 503
