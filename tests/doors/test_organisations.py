"""Organisations: their pages, who changes them, whom mail domains bring in, and what a ticket keeps (SOP 3.2)."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.channels.email import intake, verified
from forthwith.people import directory, organisations
from forthwith.people.models import Domain, Filling, Note, Organisation, Person
from forthwith.people.organisations import Entry
from forthwith.people.public_mail import is_public
from forthwith.procedure import facts as f
from forthwith.record.models import RawItem
from forthwith.steps import receive
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after, as_person
from tests.plans import planned

LEVELS = """
service_levels:
  gold:
    name: Gold
    contracts: [gold]
    targets:
      medium: {first_response: {target: 30 min, calendar: business}}
  harbour: {name: Harbour, organisations: [Harbour Logistics], calendar: always}
"""


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    return html.unescape(answer.content.decode())


@pytest.fixture
def admin(desk: Desk) -> Client:
    return as_person(desk.adam)


@pytest.fixture
def acme(desk: Desk) -> Organisation:
    return organisations.add(Entry("Acme", domains=("acme.example",)), by=desk.adam)


def put(person: Person, organisation: Organisation | None, desk: Desk) -> None:
    organisations.put(person.pk, organisation, by=desk.adam)


# --- Who may come -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "reads"), [("rui", 404), ("ana", 404), ("sam", 404), ("lea", 200), ("olga", 200)])
def test_who_looks_after_the_desk_reads_and_nobody_else_changes(
    desk: Desk, acme: Organisation, who: str, reads: int
) -> None:
    client, at = as_person(getattr(desk, who)), f"/organisations/{acme.pk}/"
    assert [client.get(address).status_code for address in ("/organisations/", at)] == [reads] * 2
    if reads == 200:
        assert not re.search(
            r'href="/organisations/[^"]*(add|change)/"',
            text_of(client.get(at)) + text_of(client.get("/organisations/")),
        )
        assert 'method="post" action="/organisations/' not in text_of(client.get(at))
    for address in ("/organisations/add/", f"{at}change/", f"{at}join/", f"{at}leave/", f"{at}delete/"):
        assert client.post(address, {"name": "Taken over", "person": desk.rui.pk}).status_code == 404
    acme.refresh_from_db()
    assert acme.name == "Acme"
    with pytest.raises(ValueError, match="Only an administrator"):
        organisations.change(acme.pk, Entry("Taken over"), by=getattr(desk, who))
    with pytest.raises(ValueError, match="Only an administrator"):
        organisations.remove(acme.pk, by=getattr(desk, who))


# --- The walk ---------------------------------------------------------------------------------------------


def test_from_an_empty_list_to_an_organisation_with_people(desk: Desk, admin: Client) -> None:
    d.install(d.variant() + LEVELS)
    before = d.new_ticket(MONDAY)
    empty = text_of(admin.get("/organisations/"))
    assert "Add the first: its name" in empty
    assert "An administrator adds the first here." in text_of(as_person(desk.lea).get("/organisations/"))
    said = {
        "name": " Harbour  Logistics",
        "contract": "gold",
        "domains": "@Harbour.example, hafen.example\nmünchen.example",
    }
    page = text_of(admin.post("/organisations/add/", said, follow=True))
    assert "Harbour Logistics was added." in page
    found = Organisation.objects.get()
    assert (found.name, found.contract) == ("Harbour Logistics", "gold")
    assert organisations.domains(found) == ["hafen.example", "harbour.example", "xn--mnchen-3ya.example"]
    assert re.findall(r'href="/procedure/#level-(\w+)">(\w+)', page) == [("gold", "Gold"), ("harbour", "Harbour")]
    at = f"/organisations/{found.pk}/"
    assert "Nobody called zelda@x.example is known" in text_of(
        admin.post(f"{at}join/", {"who": "zelda@x.example"}), 422
    )
    page = text_of(admin.post(f"{at}join/", {"who": "Rui@customer.example"}, follow=True))
    assert "Rui Silva belongs to Harbour Logistics now." in page
    assert f'<a href="/?organisation={found.pk}">1</a>' in page
    assert "Printer" in text_of(as_person(desk.ana).get(f"/?organisation={found.pk}"))
    number = d.new_ticket(after(minutes=1), subject="Another")
    assert [d.row(one).level for one in (before, number)] == ["", "gold"], "what was there keeps its level"
    assert [type(one).__name__ for one in d.facts(before)].count("Received") == 1
    assert "keep the service level with which they came" in page
    assert "1 person belongs" in text_of(admin.post(f"{at}delete/"), 422)
    page = text_of(admin.post(f"{at}leave/", {"person": desk.rui.pk}, follow=True))
    assert "Rui Silva does not belong to Harbour Logistics any more." in page
    assert "do not belong to it" in text_of(admin.post(f"{at}leave/", {"person": desk.rui.pk}), 422)
    Note.objects.create(organisation=found, text="x", author=desk.ana, written_at=MONDAY)
    assert "Harbour Logistics was deleted." in text_of(admin.post(f"{at}delete/", follow=True))
    assert not Organisation.objects.exists()
    assert not Domain.objects.exists()
    assert admin.get(at).status_code == 404


def test_a_name_that_several_have_asks_who_is_meant(desk: Desk, admin: Client, acme: Organisation) -> None:
    other = organisations.add(Entry("Other"), by=desk.adam)
    twins = [Person.objects.create_user(f"kim{place}@x.example", name="Kim Lee") for place in range(2)]
    put(twins[1], other, desk)
    at = f"/organisations/{acme.pk}/join/"
    page = text_of(admin.post(at, {"who": "kim"}))
    assert "Who is meant?" in page
    assert "now in Other" in page
    assert not acme.persons.exists()
    # The only one, but of another organisation: to move somebody is asked for.
    assert "Move here" in text_of(admin.post(at, {"who": "kim1@x.example"}))
    assert admin.post(at, {"person": twins[1].pk}).status_code == 302
    assert list(acme.persons.all()) == [twins[1]]
    assert "no such person" in text_of(admin.post(at, {"person": "999999"}), 422)
    assert "Type a name" in text_of(admin.post(at), 422)


def test_a_new_name_is_found_and_a_service_level_of_the_old_one_is_told_of(
    desk: Desk, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    d.install(d.variant() + LEVELS)
    found = organisations.add(Entry("Harbour Logistics"), by=desk.adam)
    put(desk.rui, found, desk)
    assert directory.named(["harbour"], begins=False, most=9) == [desk.rui]
    page = text_of(admin.post(f"/organisations/{found.pk}/change/", {"name": "Quay Ltd"}, follow=True))
    assert "The service level Harbour asks for Harbour Logistics by its old name" in page
    assert directory.named(["harbour"], begins=False, most=9) == []
    assert directory.named(["quay"], begins=False, most=9) == [desk.rui]
    assert directory.named(["rui@customer.example".partition("@")[0]], begins=False, most=9) == [desk.rui]
    monkeypatch.setattr(directory, "MOST_LEARNT", 0)
    organisations.change(found.pk, Entry("Wharf"), by=desk.adam)
    assert Filling.objects.get(what=Filling.PEOPLE).below > desk.rui.pk, "many are written anew by the worker"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "ACME"}, "There is an organisation called Acme already."),
        ({"contract": "diamond"}, "Select a valid choice"),
        ({"domains": "gmail.com"}, "At gmail.com anybody can have an address"),
        ({"domains": "Yahoo.co.uk"}, "At yahoo.co.uk anybody can have an address"),
        ({"domains": "acme.example"}, "acme.example belongs to Acme already: one domain belongs to one organisation."),
        ({"domains": "com"}, "com is no mail domain: write what stands behind the @"),
        ({"domains": "anna@other.example"}, "anna@other.example is no mail domain"),
        ({"domains": "x y!z"}, "x is no mail domain"),
        ({"domains": " ".join(f"d{place}.example" for place in range(51))}, "at most 50 mail domains"),
    ],
)
def test_what_is_wrong_is_said(admin: Client, acme: Organisation, wrong: dict[str, str], says: str) -> None:
    page = text_of(admin.post("/organisations/add/", {"name": "Other", **wrong}), 422)
    assert says in page
    assert list(Organisation.objects.all()) == [acme]
    other = Organisation.objects.create(name="Other")
    if wrong != {"name": " "}:
        text_of(admin.post(f"/organisations/{other.pk}/change/", {"name": "Other", **wrong}), 422)
    assert organisations.domains(other) == []


def test_public_providers_are_known_in_every_country_and_companies_are_not_taken_for_one() -> None:
    public = ("gmail.com", "gmx.net", "web.de", "yahoo.com.br", "outlook.fr", "qq.com", "t-online.de", "me.com")
    assert [one for one in public if not is_public(one)] == []
    theirs = ("live.acme.com", "mail.acme.example", "acme.example", "yahoo.example", "proton-motors.com")
    assert [one for one in theirs if is_public(one)] == []


# --- Whom a mail domain brings in -------------------------------------------------------------------------


@pytest.mark.sop("3.2")
def test_who_first_writes_from_a_domain_belongs_to_its_organisation_and_has_its_level(
    desk: Desk, acme: Organisation
) -> None:
    d.install(d.variant() + LEVELS)
    organisations.change(acme.pk, Entry("Acme", "gold", ("acme.example", "bücher.example")), by=desk.adam)
    number = d.new_ticket(sender="Eve <Eve@ACME.example>")
    eve = Person.objects.get(email="eve@acme.example")
    assert eve.organisation == acme
    (received,) = d.facts(number, f.Received)
    assert (received.organisation, received.contract, d.row(number).level) == ("Acme", "gold", "gold")
    assert eve in directory.named(["acme"], begins=False, most=9)
    for sender in ("eve@sub.acme.example", "eve@acme.example.evil.example", "eve@notacme.example", "eve@example"):
        d.arrive(d.mail(sender=sender), after(1))
        assert Person.objects.get(email=sender).organisation is None, sender
    d.arrive(d.mail(sender="x@xn--bcher-kva.example"), after(2))
    assert Person.objects.get(email="x@xn--bcher-kva.example").organisation == acme
    # Only once: whom an administrator took out stays out.
    put(eve, None, desk)
    d.new_ticket(after(3), sender="Eve <eve@acme.example>")
    eve.refresh_from_db()
    assert eve.organisation is None


def test_whoever_nobody_vouches_for_is_put_nowhere(desk: Desk, acme: Organisation, monkeypatch: Any) -> None:
    """The server in front says that the mail is not from there; or its address was typed into a form."""
    verdict = {"verdict": verified.NOT_VERIFIED}
    monkeypatch.setattr(intake, "_vouched", lambda mail, item, content: setattr(item, "verified", verdict))
    d.new_ticket(sender="Eve <eve@acme.example>")
    assert Person.objects.get(email="eve@acme.example").organisation is None
    monkeypatch.undo()
    d.arrive(d.mail(sender=f"Website <{d.DESK}>", reply_to="Ida <ida@acme.example>"), after(1))
    assert Person.objects.get(email="ida@acme.example").organisation is None
    d.new_ticket(after(2), sender="Una <una@acme.example>")
    assert Person.objects.get(email="una@acme.example").organisation == acme


def test_who_became_known_by_a_forged_mail_is_taken_out_again(desk: Desk, acme: Organisation) -> None:
    """The desk checks senders after it took the mail: the domain's own word is that this one is forged."""
    for address, found, stays in (
        ("una@acme.example", {"verdict": verified.NOT_VERIFIED, "dmarc": "none"}, True),
        ("eve@acme.example", {"verdict": verified.NOT_VERIFIED, "dmarc": "fail"}, False),
    ):
        number = d.new_ticket(timezone.now(), sender=address)
        item = RawItem.objects.get(ticket=number)
        assert Person.objects.get(email=address).organisation == acme
        receive.checked(item, found)
        assert (Person.objects.get(email=address).organisation == acme) is stays, address
    # Whoever was known before keeps it, whatever comes in their name.
    una = Person.objects.get(email="una@acme.example")
    forged = d.new_ticket(timezone.now(), sender=una.email)
    receive.checked(RawItem.objects.get(ticket=forged), {"dmarc": "fail"})
    una.refresh_from_db()
    assert una.organisation == acme


def test_who_is_known_stays_where_they_are(desk: Desk, acme: Organisation) -> None:
    organisations.change(acme.pk, Entry("Acme", domains=("acme.example", "customer.example")), by=desk.adam)
    d.new_ticket()
    desk.rui.refresh_from_db()
    assert desk.rui.organisation is None


# --- A person's organisation ------------------------------------------------------------------------------


def test_leaders_say_on_the_ticket_to_which_organisation_the_requester_belongs(desk: Desk, acme: Organisation) -> None:
    number = d.new_ticket(MONDAY)
    at, htmx = f"/tickets/{number}/requester/organisation/", {"HX-Request": "true"}
    assert 'name="organisation"' not in text_of(as_person(desk.ana).get(f"/tickets/{number}/requester/"))
    assert as_person(desk.ana).post(at, {"organisation": "Acme"}).status_code == 403
    assert as_person(desk.olga).post(at, {"organisation": "Acme"}).status_code == 403
    lea = as_person(desk.lea)
    assert '<option value="Acme">' in text_of(lea.get(f"/tickets/{number}/requester/"))
    assert "no organisation called Akme" in text_of(lea.post(at, {"organisation": "Akme"}), 422)
    done = text_of(lea.post(at, {"organisation": "acme"}, headers=htmx))
    assert "It counts for what they ask from now on." in done
    assert f'<dd id="organisation-of-{number}" hx-swap-oob="true" dir="auto">Acme</dd>' in done
    assert f'href="/organisations/{acme.pk}/"' in done
    desk.rui.refresh_from_db()
    assert desk.rui.organisation == acme
    assert f'<dd id="organisation-of-{number}" dir="auto">Acme</dd>' in text_of(lea.get(f"/tickets/{number}/"))
    assert "Received" in d.kinds(number)
    assert d.facts(number, f.Received)[0].organisation == "", "what the ticket came with stays"
    lea.post(at, {"organisation": ""})
    desk.rui.refresh_from_db()
    assert desk.rui.organisation is None


def test_somebody_of_the_desk_belongs_to_one_too(desk: Desk, admin: Client, acme: Organisation) -> None:
    said = {"name": "Ben", "email": "ben@desk.example", "role": "agent", "active": "on"}
    at = f"/people/{desk.ben.pk}/"
    assert "no organisation called Akme" in text_of(admin.post(at, {**said, "organisation": "Akme"}), 422)
    assert admin.post(at, {**said, "organisation": "ACME"}).status_code == 302
    desk.ben.refresh_from_db()
    assert desk.ben.organisation == acme
    assert 'value="Acme"' in text_of(admin.get(at))
    # A requester who comes to work here keeps theirs where nothing else is said.
    put(desk.rui, acme, desk)
    new = {"name": "Rui", "email": "rui@customer.example", "role": "agent", "active": "on"}
    text_of(admin.post("/people/add/", new))
    desk.rui.refresh_from_db()
    assert (desk.rui.role, desk.rui.organisation) == ("agent", acme)


# --- Lists ------------------------------------------------------------------------------------------------


def test_lists_go_page_by_page_at_one_price(desk: Desk, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisations, "PAGE", 3)
    made = [Organisation.objects.create(name=f"Org {letter}") for letter in "ABCDEFG"]
    for place in range(7):
        Person.objects.create_user(f"p{place}@x.example", name=f"P{place}", organisation=made[0])
    for start, link, names in (
        ("/organisations/", r'<a href="/organisations/\d+/"[^>]*>([^<]+)</a>', [one.name for one in made]),
        (f"/organisations/{made[0].pk}/", r"<span>(P\d)</span>", [f"P{place}" for place in range(7)]),
    ):
        admin.get(start)  # the procedure is read once a process
        found, address, prices = [], start, set()
        while address:
            with CaptureQueriesContext(connection) as queries:
                text = text_of(admin.get(address))
            prices.add(len(queries))
            found += re.findall(link, text)
            more = re.search(r'href="(\?[^"]+)">Next page', text)
            address = f"{start}{more[1]}" if more else ""
        assert found == names
        assert len(prices) == 1
        assert max(prices) <= 11
    assert "7 people" in text_of(admin.get("/organisations/"))
    searched = text_of(admin.get("/organisations/?q=rg+c"))
    assert re.findall(r'<a href="/organisations/\d+/"[^>]*>([^<]+)</a>', searched) == ["Org C"]
    assert "No organisation has “zzz” in its name." in text_of(admin.get("/organisations/?q=zzz"))


@pytest.mark.parametrize("after", [None, ("Rui", 1)])
def test_the_people_of_one_are_read_by_an_index(acme: Organisation, after: tuple[str, int] | None) -> None:
    assert "person_of_organisation" in planned(organisations.people_of(acme, after))


def test_the_panel_costs_a_leader_no_more_for_many(desk: Desk, django_assert_max_num_queries: Any) -> None:
    for place in range(30):
        Organisation.objects.create(name=f"Org {place}")
    number, client = d.new_ticket(MONDAY), as_person(desk.lea)
    put(desk.rui, organisations.called("Org 7"), desk)
    client.get(f"/tickets/{number}/requester/")
    with django_assert_max_num_queries(9):
        client.get(f"/tickets/{number}/requester/", headers={"HX-Request": "true"})


@pytest.mark.parametrize(
    "query", ["name=x&after=x", "after=9", "name=%00&after=1", "q=%00", "name=Z&after=999999999999999999999"]
)
def test_a_broken_key_breaks_nothing(admin: Client, acme: Organisation, query: str) -> None:
    for address in ("/organisations/", f"/organisations/{acme.pk}/"):
        text_of(admin.get(f"{address}?{query}"))
    assert admin.get(f"/organisations/{10**30}/").status_code == 404
