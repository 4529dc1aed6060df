"""Tags and fields at the desk: from the panel, in the queue and its views, on many tickets, in the search (SOP 6.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links, printed
from forthwith.steps import acts, describing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person
from tests.doors.test_desk_bulk import ask, do, rows, undo
from tests.doors.test_desk_views import counts, save
from tests.doors.test_desk_views import rows as listed

HTMX = {"HX-Request": "true"}


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket about hardware, under a procedure with fields."""
    d.install(d.with_fields())
    return new(desk)


def new(desk: Desk) -> int:
    number = d.new_ticket(timezone.now() - timedelta(hours=1))
    acts.categorise(number, by=Actor.of(desk.lea), now=timezone.now(), category="hardware.printer")
    return number


def text_of(client: Client, address: str, status: int = 200, **headers: str) -> str:
    answer = client.get(address, headers=headers or None)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def act(client: Client, number: int, key: str, status: int = 302, **said: Any) -> str:
    answer = client.post(f"/tickets/{number}/do/{key}/", said)
    text = unescape(answer.content.decode())
    assert answer.status_code == status, text[-900:]
    return text


@pytest.mark.sop("3.1")
def test_tags_are_put_on_and_taken_off_from_the_panel_and_back_again(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    describing.add_tags(new(desk), by=Actor.of(desk.ben), now=timezone.now(), names=["in-use"])
    offered = text_of(client, f"/tickets/{number}/do/tags/", **HTMX)
    assert '<option value="in-use">' in offered
    act(client, number, "tags", names="VPN, #berlin")
    assert d.row(number).tags == ["berlin", "vpn"]
    act(client, number, "tags", names="erp", gone=["berlin"])
    assert d.row(number).tags == ["erp", "vpn"]
    page = client.post(f"/tickets/{number}/do/untag/", {"names": "vpn"}, follow=True).content.decode()
    assert d.row(number).tags == ["erp"]
    undone = re.search(rf'action="/tickets/{number}/do/tag/".*?name="names" value="([^"]+)"', page, re.DOTALL)
    assert undone, "the toast offers to undo it"
    act(client, number, "tag", names=undone[1])
    assert d.row(number).tags == ["erp", "vpn"]
    assert "put on the tag erp" in text_of(client, f"/tickets/{number}/")
    assert "took off the tag berlin" in text_of(client, f"/tickets/{number}/")


@pytest.mark.parametrize(
    ("names", "said"),
    [("a!", "“a!” cannot be a tag. A tag has at most 40 letters and digits"), ("x" * 41, "cannot be a tag"),
     ("", "Write a tag to put on"), (" ".join(f"t{i}" for i in range(21)), "at most 20 tags")],
)  # fmt: skip
def test_what_cannot_be_a_tag_is_refused_in_a_sentence(desk: Desk, number: int, names: str, said: str) -> None:
    assert said in act(as_person(desk.ana), number, "tags", 422, names=names)
    assert d.row(number).tags == []


def test_who_reads_but_does_not_work_changes_nothing(desk: Desk, number: int) -> None:
    describing.add_tags(number, by=Actor.of(desk.ana), now=timezone.now(), names=["vpn"])
    client, before = as_person(desk.olga), d.kinds(number)
    page = text_of(client, f"/tickets/{number}/")
    assert ">vpn" in page
    assert "untag-1" not in page
    for key, said in (("tags", {"names": "x"}), ("untag", {"names": "vpn"}), ("fields", {"field_asset": "1"})):
        act(client, number, key, 403, **said)
    act(client, number, "time", 403, minutes="5")
    assert d.kinds(number) == before
    # The lists' suggestions are the desk's too.
    assert as_person(desk.rui).get("/tags/").status_code == 302
    assert 'value="vpn"' in text_of(client, "/tags/")


@pytest.mark.sop("6.1")
def test_fields_are_filled_in_checked_shown_and_read_in_the_history(desk: Desk, number: int) -> None:
    client = as_person(desk.ana)
    form = text_of(client, f"/tickets/{number}/do/fields/", **HTMX)
    assert "Needed before the ticket is resolved." in form
    assert 'type="date"' in form
    wrong = act(
        client, number, "fields", 422, field_cost_centre="a lot", field_seen_on="2026-02-30", field_asset="IT 1"
    )
    assert "Cost centre is a number of at most 12 digits and 4 decimals" in wrong
    assert "First seen on is a day, written as 2026-03-31." in wrong
    twice = unescape(act(client, number, "fields", 422, field_cost_centre="1,200"))
    assert "“1,200” can be read in two ways: write Cost centre as 1200 or as 1.2000." in twice
    assert "“1.200” can be read in two ways" in act(client, number, "fields", 422, field_cost_centre="1.200")
    act(client, number, "fields", field_cost_centre="1.1250")
    act(client, number, "fields", field_cost_centre="1.125", field_asset="IT 1")
    assert d.row(number).fields == {"cost_centre": "1.125", "asset": "IT 1"}, "what is kept is no question"
    assert 'value="IT 1"' in wrong, "what was typed is still there"
    act(client, number, "fields", field_cost_centre="4 711,50", field_site="porto", field_remote="no", field_asset="")
    assert d.row(number).fields == {"cost_centre": "4711.5", "site": "porto", "remote": "no"}
    page = text_of(client, f"/tickets/{number}/")
    assert "filled in Cost centre: 4711.5" in page
    assert "filled in Site: Porto" in page
    act(client, number, "fields", 422, **{f"field_{key}": value for key, value in d.row(number).fields.items()})
    act(client, number, "fields", field_cost_centre="4711.5", field_site="", field_remote="no")
    assert "cleared Site" in text_of(client, f"/tickets/{number}/")
    set_by_now = [one.field for one in d.facts(number, f.FieldSet)]
    assert set_by_now == ["cost_centre", "asset", "cost_centre", "site", "remote", "asset", "site"]


def test_two_people_who_fill_in_the_same_are_told(desk: Desk, number: int) -> None:
    seen = d.row(number).fact_count
    describing.fill_in(number, by=Actor.of(desk.ben), now=timezone.now(), values={"asset": "by Ben"})
    text = act(as_person(desk.ana), number, "fields", 409, field_asset="by Ana", seen=seen)
    assert "Ben filled in the same since you looked." in text
    act(as_person(desk.ana), number, "fields", field_asset="by Ben", field_site="porto", seen=seen)
    assert d.row(number).fields == {"asset": "by Ben", "site": "porto"}


@pytest.mark.sop("6.1")
def test_what_is_needed_to_resolve_is_asked_for(desk: Desk, number: int) -> None:
    said = {"cause": "Worn.", "solution": "Replaced.", "category": "hardware.printer", "knowledge": "not needed"}
    client = as_person(desk.ana)
    assert "needed to resolve" in text_of(client, f"/tickets/{number}/")
    assert "Fill in Cost centre first (key D)" in act(client, number, "resolve", 422, **said)
    assert d.row(number).status == "new"
    act(client, number, "fields", field_cost_centre="4711")
    act(client, number, "resolve", **said)
    assert d.row(number).status == "resolved"
    assert d.verdicts(number, timezone.now())["6.1"] == "met"
    assert "was needed to resolve" in act(client, number, "fields", 422, field_cost_centre="")
    other = new(desk)
    act(client, other, "resolve", **{**said, "category": "software"})
    assert d.row(other).status == "resolved", "it is no field of that category"


@pytest.mark.sop("4.1")
def test_the_queue_and_its_views_are_narrowed_by_tags_and_every_field(desk: Desk, number: int) -> None:
    other, by, now = new(desk), Actor.of(desk.ana), timezone.now()
    describing.add_tags(number, by=by, now=now, names=["vpn", "berlin"])
    values = {"cost_centre": "4711", "site": "porto", "seen_on": "2026-03-31", "remote": "yes", "asset": "IT 0815"}
    describing.fill_in(number, by=by, now=now, values=values)
    describing.fill_in(other, by=by, now=now, values={"cost_centre": "99", "seen_on": "2025-01-01", "asset": "it 0816"})
    client = as_person(desk.ana)
    for query, found in (
        ("tag=vpn", [number]), ("tag=%23VPN", [number]), ("tag=no-such", []), ("field_cost_centre=4711", [number]),
        ("field_cost_centre=100..5000", [number]), ("field_cost_centre=..100", [other]), ("field_site=porto", [number]),
        ("field_cost_centre=50..", [number, other]), ("field_seen_on=2026-01-01..", [number]),
        ("field_seen_on=..2025-12-31", [other]), ("field_remote=yes", [number]), ("field_asset=it+0815", [number]),
        ("tag=vpn&field_site=berlin", []), ("tag=vpn&field_site=porto&field_remote=yes", [number]),
    ):  # fmt: skip
        assert set(listed(text_of(client, f"/?{query}"))) == set(found), query
    desk.rui.vip = True
    desk.rui.save(update_fields=["vip"])
    rank = d.row(number)
    for query, found in (
        ("requester=Rui@customer.example", True), ("requester=eve@other.example", False), ("vip=1", True),
        (f"impact={rank.impact}&urgency={rank.urgency}", True), ("impact=widespread", False), ("untouched=1", False),
    ):  # fmt: skip
        assert bool(listed(text_of(client, f"/?{query}"))) == found, query
    for query, said in (
        ("tag=No+Tag", "a tag that"), ("field_moon=1", "a field that"), ("field_cost_centre=x", "a value of a field"),
        ("field_cost_centre=..", "a value of a field"), ("field_site=rome", "a value of a field"),
    ):  # fmt: skip
        text = text_of(client, f"/?{query}")
        assert set(listed(text)) == {number, other}
        assert said in text, query
    view = save(client, "Porto, VPN", "tag=vpn&field_site=porto&columns=requester,tags,field_asset")
    text = text_of(client, f"/?view={view.pk}")
    assert (listed(text), counts(text)["Porto, VPN"]) == ([number], "1")
    assert "Asset IT 0815" in text
    assert '<span class="label">vpn</span>' in text
    shared = save(as_person(desk.lea), "Cost", "field_cost_centre=4000..5000", shared="*")
    assert listed(text_of(client, f"/?view={shared.pk}")) == [number]
    d.install()
    text = text_of(client, f"/?view={view.pk}")
    assert "a field" in text, "the procedure has it no more: the view says so, and is not narrowed by it"
    assert listed(text) == [number]
    assert "Porto" in text_of(client, f"/tickets/{number}/"), "what was recorded stays"


@pytest.mark.sop("4.1")
def test_many_are_tagged_and_put_back(desk: Desk, number: int) -> None:
    numbers = [number, new(desk), new(desk)]
    by, client = Actor.of(desk.ana), as_person(desk.ana)
    describing.add_tags(numbers[0], by=by, now=timezone.now(), names=["vpn"])
    assert "3 of 3 tickets" in ask(client, "tag", rows(*numbers))
    assert 'value="vpn"' in ask(client, "tag", rows(*numbers))
    text = do(client, "tag", rows(*numbers), names="vpn erp")
    assert "3 tickets tagged." in text
    assert [d.row(one).tags for one in numbers] == [["erp", "vpn"]] * 3
    assert "3 tickets put back." in undo(client, text)
    assert [d.row(one).tags for one in numbers] == [["vpn"], [], []]
    text = do(client, "untag", rows(*numbers), names="vpn")
    assert "1 ticket without the tag. 2 left as they were." in text
    assert "It does not have these tags." in unescape(text)
    undo(client, text)
    assert d.row(numbers[0]).tags == ["vpn"]


def test_tags_and_fields_are_found_by_the_search(desk: Desk, number: int) -> None:
    by, now = Actor.of(desk.ana), timezone.now()
    describing.add_tags(number, by=by, now=now, names=["vpn-outage"])
    describing.fill_in(number, by=by, now=now, values={"cost_centre": "4711", "site": "porto", "asset": "IT 0815"})
    client = as_person(desk.ana)
    for asked, found in (
        ("tag:vpn-outage", True), ("tag:VPN-Outage blank", True), ("tag:vpn", False), ("-tag:vpn-outage", False),
        ("cost_centre:4711", True), ("cost_centre:4712", False), ("site:Porto", True), ('asset:"it 0815"', True),
        ("site:berlin", False), ("blank site:", True),
    ):  # fmt: skip
        assert (f'href="/tickets/{number}/"' in text_of(client, f"/search/?q={asked}")) == found, asked
    assert "Known here: Berlin, Porto." in text_of(client, "/search/?q=site:rome blank")
    describing.remove_tags(number, by=by, now=now, names=["vpn-outage"])
    assert f'href="/tickets/{number}/"' not in text_of(client, "/search/?q=tag:vpn-outage")


def test_german_words_are_said_and_read(desk: Desk, number: int) -> None:
    client, german = as_person(desk.ana), {"accept-language": "de"}
    act(client, number, "fields", field_remote="yes")
    said = client.get(f"/tickets/{number}/", headers=german).content.decode()
    assert '<dt>Works from home</dt><dd dir="auto">Ja</dd>' in said
    assert ">Ja</option>" in client.get(f"/tickets/{number}/do/fields/", headers={**german, **HTMX}).content.decode()
    assert ">Ja</option>" in client.get("/", headers=german).content.decode()
    for asked, found in (
        ("remote:Ja", True), ("remote:Nein", False), ("remote:yes", True), ("status:neu", True),
        ("status:offen", False), ("status:ungelöst", True), ("status:Gelöst", False), ("status:new", True),
    ):  # fmt: skip
        said = client.get("/search/", {"q": asked}, headers=german).content.decode()
        assert (f'href="/tickets/{number}/"' in said) == found, asked
        assert "bedeutet hier nichts" not in said, asked
    said = client.get("/search/", {"q": "remote:perhaps"}, headers=german).content.decode()
    assert "Hier gibt es: Ja, Nein." in said
    with translation.override("de"):
        describing.fill_in(number, by=Actor.of(desk.ana), now=timezone.now(), values={"remote": "nein"})
    assert d.row(number).fields == {"remote": "no"}


def test_scripts_and_the_requester_read_what_they_may(desk: Desk, number: int) -> None:
    by, now = Actor.of(desk.ana), timezone.now()
    describing.add_tags(number, by=by, now=now, names=["secret-tag"])
    describing.fill_in(number, by=by, now=now, values={"site": "porto", "asset": "IT 0815"})
    describing.spend(number, by=by, now=now, minutes=12, remark="in the cellar")
    told = printed.whole(d.row(number), now)
    assert (told["tags"], told["fields"]) == (["secret-tag"], {"site": "porto", "asset": "IT 0815"})
    assert (told["field_names"]["site"], told["minutes"], told["minutes_by"]) == ("Site", 12, {"Ana": 12})
    page = Client().get(f"/t/{links.token(number, desk.rui.pk)}/").content.decode()
    assert '<dt>Site</dt><dd dir="auto">Porto</dd>' in page
    assert "0815" not in page
    assert "secret-tag" not in page
    assert "cellar" not in page


def test_neither_tags_nor_fields_cost_queries(desk: Desk, number: int, django_assert_max_num_queries: Any) -> None:
    by, now, client = Actor.of(desk.ana), timezone.now(), as_person(desk.ana)
    for one in (number, *(new(desk) for _ in range(3))):
        describing.add_tags(one, by=by, now=now, names=["vpn", "erp"])
        describing.fill_in(one, by=by, now=now, values={"site": "porto", "cost_centre": "1"})
    save(client, "VPN", "tag=vpn&field_site=porto")
    client.post(f"/tickets/{number}/timer/")
    text_of(client, "/")
    with django_assert_max_num_queries(10):
        assert len(listed(text_of(client, "/?tag=vpn&field_cost_centre=1&columns=tags,field_site"))) == 4
    with django_assert_max_num_queries(15):
        text_of(client, f"/tickets/{number}/")
