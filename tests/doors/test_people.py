"""Adding the people who work here and changing them: the rules, the pages, and the way from the first
administrator to a second account."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.people import directory, staff
from forthwith.people.models import Address, Membership, Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.people.staff import Post
from forthwith.record import queries
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

MINA = {"name": "Mina Okafor", "email": "Mina@Desk.example", "role": "agent", "teams": ["service_desk"], "active": "on"}
PASSWORD = "a calm desk by the sea"


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    return html.unescape(answer.content.decode())


def said_of(person: Person, **changes: Any) -> Post:
    said: dict[str, Any] = {"name": person.name, "email": person.email, "role": person.role}
    return Post(**(said | changes))


def teams_of(person: Person) -> dict[str, bool]:
    return dict(Membership.objects.filter(person=person).values_list("team", "leads"))


# --- Who may come -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rui", "ana", "sam", "lea", "olga"])
def test_only_administrators_see_the_people(desk: Desk, who: str) -> None:
    client = as_person(getattr(desk, who))
    assert client.get("/people/").status_code == 404
    assert client.get("/people/add/").status_code == 404
    assert client.post("/people/add/", MINA).status_code == 404
    assert client.get(f"/people/{desk.ben.pk}/").status_code == 404
    assert client.post(f"/people/{desk.ben.pk}/", MINA).status_code == 404
    assert client.post(f"/people/{desk.ben.pk}/link/").status_code == 404
    assert not directory.person_at("mina@desk.example")


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    for address in ("/people/", "/people/add/", f"/people/{desk.ana.pk}/"):
        assert Client().get(address).headers["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize(
    ("who", "links"),
    [
        ("ana", []),
        ("sam", []),
        ("lea", ["ledger"]),
        ("olga", ["ledger"]),
        ("adam", ["people", "ledger"]),
    ],
)
def test_the_desk_leads_there_who_may_go(desk: Desk, who: str, links: list[str]) -> None:
    text = text_of(as_person(getattr(desk, who)).get("/"))
    assert [name for name in ("people", "ledger") if f'href="/{name}/"' in text] == links


# --- The walk ---------------------------------------------------------------------------------------------


def sign_in(email: str, password: str) -> Client:
    client = Client()
    client.post("/account/login/", {"login": email, "password": password})
    return client


def test_from_the_first_administrator_to_an_agent_who_signs_in(db: None) -> None:
    d.install()
    Person.objects.create_user("adam@desk.example", PASSWORD, name="adam", role="administrator")
    admin = sign_in("adam@desk.example", PASSWORD)
    assert "Add the first agent" in text_of(admin.get("/people/"))
    assert re.search(r'value="service_desk" id="team-service_desk" checked', text_of(admin.get("/people/add/")))

    shown = text_of(admin.post("/people/add/", MINA))
    link = re.search(rf'value="({re.escape(settings.PUBLIC_URL)}/account/password/reset/key/[^"]+)"', shown)
    assert link
    listed = text_of(admin.get("/people/"))
    assert "Add the first agent" not in listed
    assert link[1] not in listed

    new = Client()
    page = new.get(link[1].removeprefix(settings.PUBLIC_URL), follow=True)
    new.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    agent = sign_in("mina@desk.example", PASSWORD)
    assert "Take next" in text_of(agent.get("/"))
    assert agent.get("/people/").status_code == 404
    mina = Person.objects.get(email="mina@desk.example")
    assert (mina.name, mina.role, teams_of(mina)) == ("Mina Okafor", "agent", {"service_desk": False})
    # The link works once.
    again = Client().get(link[1].removeprefix(settings.PUBLIC_URL), follow=True)
    assert "no longer works" in text_of(again)


def test_a_password_may_be_given_at_once(desk: Desk) -> None:
    answer = as_person(desk.adam).post("/people/add/", {**MINA, "password": PASSWORD})
    assert answer.headers["Location"] == "/people/"
    assert "Take next" in text_of(sign_in("mina@desk.example", PASSWORD).get("/"))


@pytest.mark.parametrize("weak", ["short", "password123", "mina@desk.example"])
def test_a_weak_password_adds_nobody(desk: Desk, weak: str) -> None:
    text_of(as_person(desk.adam).post("/people/add/", {**MINA, "password": weak}), 422)
    assert directory.person_at("mina@desk.example") is None


def test_another_link_only_until_somebody_has_signed_in(desk: Desk) -> None:
    admin = as_person(desk.adam)
    assert "/account/password/reset/key/" in text_of(admin.post(f"/people/{desk.ben.pk}/link/"))
    as_person(desk.ben)
    assert admin.post(f"/people/{desk.ben.pk}/link/").headers["Location"] == "/people/"
    assert admin.get(f"/people/{desk.ben.pk}/link/").status_code == 405


# --- The rules --------------------------------------------------------------------------------------------


def test_a_requester_becomes_an_agent_and_stays_the_same_person(desk: Desk) -> None:
    Address.objects.create(person=desk.rui, address="rui@home.example")
    post = Post("Rui Silva", "RUI@home.example", "agent", {"service_desk": False})
    assert staff.add(post, by=Actor.of(desk.adam)) == desk.rui
    desk.rui.refresh_from_db()
    assert (desk.rui.role, desk.rui.email) == ("agent", "rui@home.example")
    assert directory.person_at("rui@customer.example") == desk.rui


def test_somebody_who_works_here_is_not_added_twice(desk: Desk) -> None:
    with pytest.raises(ValueError, match="works here already"):
        staff.add(Post("Ana", "ana@desk.example", "agent"), by=Actor.of(desk.adam))


def test_one_address_is_one_person(desk: Desk) -> None:
    for taken in ("ben@desk.example", "rui@customer.example"):
        with pytest.raises(ValueError, match="the address of"):
            staff.change(desk.ana.pk, said_of(desk.ana, email=taken), by=Actor.of(desk.adam))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"email": "nobody"}, "no mail address"),
        ({"name": " "}, "needs a name"),
        ({"role": "requester"}, "no role"),
        ({"role": "system"}, "no role"),
        ({"role": "auditor", "teams": {"service_desk": False}}, "auditor reads"),
    ],
)
def test_what_is_wrong_is_said(desk: Desk, wrong: dict[str, Any], says: str) -> None:
    post = Post(**{"name": "Mina", "email": "mina@desk.example", "role": "agent", **wrong})
    with pytest.raises(ValueError, match=says):
        staff.add(post, by=Actor.of(desk.adam))
    with pytest.raises(ValueError, match=says):
        staff.change(desk.ana.pk, post, by=Actor.of(desk.adam))


@pytest.mark.parametrize("change", [{"role": "agent"}, {"active": False}])
def test_the_last_administrator_stays(desk: Desk, change: dict[str, Any]) -> None:
    adam = Actor.of(desk.adam)
    with pytest.raises(ValueError, match="last active administrator"):
        staff.change(desk.adam.pk, said_of(desk.adam, **change), by=adam)
    # One who is switched off does not count.
    staff.add(Post("Old", "old@desk.example", "administrator", active=False), by=adam)
    with pytest.raises(ValueError, match="last active administrator"):
        staff.change(desk.adam.pk, said_of(desk.adam, **change), by=adam)
    second = staff.add(Post("Zoe", "zoe@desk.example", "administrator"), by=adam)
    staff.change(desk.adam.pk, said_of(desk.adam, **change), by=Actor.of(second))
    with pytest.raises(ValueError, match="Only an administrator"):
        staff.change(second.pk, said_of(second, **change), by=adam)


def test_two_administrators_who_remove_each_other_at_once_leave_one(transactional_db: None, tmp_path: Path) -> None:
    with d.shared_by_threads(tmp_path):
        adam, zoe = (
            Person.objects.create_user(f"{name}@desk.example", name=name, role="administrator")
            for name in ("adam", "zoe")
        )

        def removal(whom: Person, by: Person) -> Any:
            return lambda: staff.change(whom.pk, said_of(whom, role="agent"), by=Actor.of(by))

        results = d.at_once([removal(zoe, adam), removal(adam, zoe)])
        assert [type(result) for result in results if isinstance(result, Exception)] == [ValueError]
        assert len(directory.administrators()) == 1


def test_nobody_changes_their_own_role(desk: Desk) -> None:
    staff.add(Post("Zoe", "zoe@desk.example", "administrator"), by=Actor.of(desk.adam))
    with pytest.raises(ValueError, match="own role"):
        staff.change(desk.adam.pk, said_of(desk.adam, role="agent"), by=Actor.of(desk.adam))
    staff.change(desk.adam.pk, said_of(desk.adam, name="Adam B."), by=Actor.of(desk.adam))
    assert Person.objects.get(pk=desk.adam.pk).name == "Adam B."


@pytest.mark.parametrize("who", ["rui", "ana", "lea", "olga"])
def test_nobody_else_adds_or_changes(desk: Desk, who: str) -> None:
    by = Actor.of(getattr(desk, who))
    for actor in (by, THE_SYSTEM):
        with pytest.raises(ValueError, match="Only an administrator"):
            staff.add(Post("Mina", "mina@desk.example", "agent"), by=actor)
        with pytest.raises(ValueError, match="Only an administrator"):
            staff.change(desk.ben.pk, said_of(desk.ben), by=actor)


def test_a_requester_is_not_changed_here(desk: Desk) -> None:
    with pytest.raises(ValueError, match="Nobody with number"):
        staff.change(desk.rui.pk, said_of(desk.rui, role="agent"), by=Actor.of(desk.adam))
    admin = as_person(desk.adam)
    for number in (desk.rui.pk, 10**6, 10**30):
        assert admin.get(f"/people/{number}/").status_code == 404


def test_memberships_are_replaced_and_a_refusal_leaves_them(desk: Desk) -> None:
    adam = Actor.of(desk.adam)
    staff.change(desk.lea.pk, said_of(desk.lea, teams={"network_team": True, "identity": False}), by=adam)
    assert teams_of(desk.lea) == {"network_team": True, "identity": False}
    with pytest.raises(ValueError, match="the address of"):
        staff.change(desk.lea.pk, said_of(desk.lea, email="ana@desk.example"), by=adam)
    assert teams_of(desk.lea) == {"network_team": True, "identity": False}


def test_who_is_switched_off_cannot_sign_in_nor_be_given_tickets(desk: Desk) -> None:
    desk.ana.set_password(PASSWORD)
    desk.ana.save(update_fields=["password"])
    signed_in = sign_in("ana@desk.example", PASSWORD)
    staff.change(desk.ana.pk, said_of(desk.ana, teams={"service_desk": False}, active=False), by=Actor.of(desk.adam))
    assert signed_in.get("/").status_code == 302
    assert sign_in("ana@desk.example", PASSWORD).get("/").status_code == 302
    assert desk.ana not in queries.available("service_desk")
    assert not Person.objects.get(pk=desk.ana.pk).available


def test_an_earlier_address_no_longer_signs_in_but_stays_known(desk: Desk) -> None:
    desk.ana.set_password(PASSWORD)
    desk.ana.save(update_fields=["password"])
    # The sign-in notes the address for the link, and would go on to accept it.
    text_of(as_person(desk.adam).post(f"/people/{desk.ana.pk}/link/"))
    sign_in("ana@desk.example", PASSWORD)
    staff.change(desk.ana.pk, said_of(desk.ana, email="ana.new@desk.example"), by=Actor.of(desk.adam))
    assert sign_in("ana@desk.example", PASSWORD).get("/").status_code == 302
    assert sign_in("ana.new@desk.example", PASSWORD).get("/").status_code == 200
    assert directory.person_at("ana@desk.example") == directory.person_at("ana.new@desk.example") == desk.ana


# --- The pages --------------------------------------------------------------------------------------------


def test_a_person_is_changed_on_their_page(desk: Desk) -> None:
    admin = as_person(desk.adam)
    ticket = d.new_ticket(timezone.now())
    acts.assign(ticket, by=Actor.of(desk.lea), now=timezone.now(), team="service_desk", assignee=desk.ben.pk)
    said = {
        "name": "Ben B.",
        "email": "ben@desk.example",
        "role": "specialist",
        "shift": "business",
        "capacity": "3",
        "teams": ["identity", "network_team"],
        "leads": ["identity"],
        "skills": "VPN, linux ,vpn,",
    }
    shown = text_of(admin.post(f"/people/{desk.ben.pk}/", said, follow=True))
    assert "1 open ticket is still theirs" in shown
    ben = Person.objects.get(pk=desk.ben.pk)
    kept = (ben.name, ben.role, ben.shift, ben.capacity, ben.skills, ben.is_active, ben.available)
    assert kept == ("Ben B.", "specialist", "business", 3, ["vpn", "linux"], False, False)
    assert teams_of(ben) == {"identity": True, "network_team": False}
    page = text_of(admin.get(f"/people/{ben.pk}/"))
    assert re.findall(r'name="(teams|leads)" value="(\w+)"[^>]* checked', page) == [
        *(("teams", "network_team"), ("teams", "identity"), ("leads", "identity")),
    ]
    assert 'value="vpn, linux"' in page


def test_what_is_wrong_is_shown_and_what_was_typed_stays(desk: Desk) -> None:
    admin = as_person(desk.adam)
    page = text_of(admin.post("/people/add/", {**MINA, "teams": [], "leads": ["identity"], "capacity": "-1"}), 422)
    assert "tick both, or neither" in page
    assert 'value="Mina Okafor"' in page
    for wrong in (
        {"teams": ["no_team"]},
        {"shift": "no_calendar"},
        {"role": "requester"},
        {"email": "ana@desk.example"},
    ):
        text_of(admin.post("/people/add/", {**MINA, **wrong}), 422)
    assert directory.person_at("mina@desk.example") is None


def test_a_team_of_an_earlier_revision_can_be_kept(desk: Desk) -> None:
    Membership.objects.create(person=desk.ben, team="night_watch")
    admin = as_person(desk.adam)
    assert 'value="night_watch" id="team-night_watch" checked' in text_of(admin.get(f"/people/{desk.ben.pk}/"))
    said = {"name": "Ben", "email": "ben@desk.example", "role": "agent", "teams": ["night_watch"], "active": "on"}
    assert admin.post(f"/people/{desk.ben.pk}/", said).status_code == 302
    assert teams_of(desk.ben) == {"night_watch": False}


def test_without_a_procedure_people_can_be_added(db: None) -> None:
    admin = as_person(Person.objects.create_user("adam@desk.example", name="Adam", role="administrator"))
    assert "No procedure is installed" in text_of(admin.get("/people/add/"))
    text_of(admin.post("/people/add/", {**MINA, "teams": []}))


def test_the_list_shows_who_works_here_page_by_page_at_one_price(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "PAGE", 4)
    admin = as_person(desk.adam)
    found: list[str] = []
    address, prices = "/people/", set()
    admin.get(address)  # the procedure is read once a process
    for _ in range(5):
        with CaptureQueriesContext(connection) as queries:
            text = text_of(admin.get(address))
        prices.add(len(queries))
        found += re.findall(r'<a href="/people/\d+/">([^<]+)</a>', text)
        more = re.search(r'href="(\?[^"]+)">Next page', text)
        if not more:
            break
        address = f"/people/{more[1]}"
    assert found == ["Adam", "Ana", "Ben", "Lea", "Olga", "Sam"]
    assert len(prices) == 1
    assert max(prices) <= 6
    assert "Rui" not in text_of(admin.get("/people/"))


@pytest.mark.parametrize(
    "query", ["name=x&after=x", "after=9", "name=%00&after=1", "name=Z&after=999999999999999999999"]
)
def test_a_broken_key_breaks_nothing(desk: Desk, query: str) -> None:
    text_of(as_person(desk.adam).get(f"/people/?{query}"))
