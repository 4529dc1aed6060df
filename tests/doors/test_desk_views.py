"""Saved views: what a list is narrowed to, kept under a name, counted in the rail, shared by leaders (SOP 4.1, R2)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.utils import timezone

from forthwith.people.models import Organisation
from forthwith.people.permits import Actor
from forthwith.record import views
from forthwith.record.views import View
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

MOST_QUERIES = 15


def page(client: Client, address: str = "/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (answer.status_code, answer.content[:500])
    return str(answer.content.decode())


def rows(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="row-(\d+)"', text)]


def save(client: Client, name: str, says: str, shared: str = "") -> View:
    answer = client.post("/views/", {"name": name, "says": says, "shared": shared})
    assert answer.status_code == 302, answer.content.decode()[-900:]
    return View.objects.get(pk=parse_qs(answer.headers["Location"].partition("?")[2])["view"][0])


def counts(text: str) -> dict[str, str]:
    return dict(re.findall(r'<span>([^<]+)</span><span class="count[^"]*">([^<]+)</span>', text))


def new(subject: str, **of: Any) -> int:
    return d.new_ticket(timezone.now() - timedelta(minutes=30), subject=subject, **of)


def test_what_is_narrowed_is_kept_opened_and_counted(desk: Desk) -> None:
    one, other = new("One"), new("Other")
    acts.assign(one, by=Actor.of(desk.lea), now=timezone.now(), team="network_team", assignee=None)
    acts.assign(other, by=Actor.of(desk.lea), now=timezone.now(), team="service_desk", assignee=None)
    client = as_person(desk.ana)
    view = save(client, "Network, unassigned", "list=unassigned&team=network_team&sort=newest&columns=opened,owner")
    text = page(client, f"/?view={view.pk}")
    assert rows(text) == [one]
    assert "<title>Network, unassigned · 1" in text
    assert "opened " in text
    assert "Rui Silva" not in text
    assert counts(text)["Network, unassigned"] == "1"
    assert 'value="newest" selected' in text
    assert "Network, unassigned" not in page(as_person(desk.ben)), "it is Ana's own"
    assert "is not there" in page(as_person(desk.ben), f"/?view={view.pk}")


def test_every_filter_narrows(desk: Desk) -> None:
    now = timezone.now()
    plain, odd = new("Plain"), d.new_ticket(now - timedelta(days=9), "Short.", sender="Eve <eve@other.example>")
    d.row(odd).requester.__class__.objects.filter(email="eve@other.example").update(
        organisation=(house := Organisation.objects.create(name="House"))
    )
    d.deliver_all(now)
    acts.categorise(odd, by=Actor.of(desk.ana), now=now, category="network.vpn")
    client = as_person(desk.ana)
    assert rows(page(client, "/?category=network")) == [odd]
    assert rows(page(client, f"/?organisation={house.pk}")) == [odd]
    assert rows(page(client, "/?late=1440")) == [odd]
    assert rows(page(client, "/?late=no")) == [plain]
    assert rows(page(client, "/?due=60&late=0")) == [odd]
    assert rows(page(client, "/?age=over-7")) == [odd]
    assert rows(page(client, "/?age=under-1")) == [plain]
    day = f"{timezone.now() - timedelta(days=4):%Y-%m-%d}"
    assert rows(page(client, f"/?opened_before={day}")) == [odd]
    assert rows(page(client, f"/?opened_after={day}")) == [plain]
    assert odd in rows(page(client, "/?missing=1"))
    assert rows(page(client, "/?undelivered=1")) == []
    assert rows(page(client, "/?channel=phone")) == []
    assert rows(page(client, "/?sort=oldest")) == [odd, plain]
    assert rows(page(client, "/?sort=newest")) == [plain, odd]


@pytest.mark.sop("R2")
def test_leaders_share_and_others_do_not(desk: Desk) -> None:
    lea = as_person(desk.lea)
    everybody = save(lea, "All critical", "priority=critical", views.EVERYBODY)
    hardware = save(lea, "Hardware today", "team=hardware_team", "hardware_team")
    assert {"All critical", "Hardware today"} <= counts(page(as_person(desk.sam))).keys()
    ana = as_person(desk.ana)
    assert "All critical" in counts(page(ana))
    assert "Hardware today" not in counts(page(ana)), "another team's"
    refused = ana.post("/views/", {"name": "Mine for all", "says": "", "shared": views.EVERYBODY})
    assert refused.status_code == 422
    assert "Only team leaders and administrators" in refused.content.decode()
    for view in (everybody, hardware):
        assert ana.post(f"/views/{view.pk}/", {"do": "delete"}).status_code == 404
    assert as_person(desk.adam).post(f"/views/{everybody.pk}/", {"do": "delete"}).status_code == 302
    assert [view.name for view in View.objects.all()] == ["Hardware today"]


def test_rename_reorder_keep_and_delete(desk: Desk) -> None:
    client = as_person(desk.ana)
    first, second = save(client, "First", "priority=low"), save(client, "Second", "priority=high")
    client.post(f"/views/{second.pk}/", {"do": "up"})
    assert [view.name for view in views.shown_to(desk.ana)] == ["Second", "First"]
    client.post(f"/views/{first.pk}/", {"do": "rename", "name": "Low", "shared": ""})
    narrowed = page(client, f"/?view={first.pk}&list=all&priority=low&sort=newest")
    assert "Keep in this view" in narrowed
    client.post(f"/views/{first.pk}/", {"do": "keep", "says": "list=all&priority=low&sort=newest"})
    assert View.objects.get(pk=first.pk).says == {"list": "all", "priority": "low", "sort": "newest"}
    assert client.post(f"/views/{first.pk}/", {"do": "rename", "name": " "}).status_code == 422
    client.post(f"/views/{first.pk}/", {"do": "delete"})
    assert [view.name for view in views.shown_to(desk.ana)] == ["Second"]
    assert as_person(desk.ben).post(f"/views/{second.pk}/", {"do": "delete"}).status_code == 404


def test_what_a_view_names_in_vain_is_said(desk: Desk) -> None:
    number = new("Here")
    view = View.objects.create(owner=desk.ana, name="Old", says={"team": "moon", "list": "all", "sort": 7, "x": "y"})
    text = page(as_person(desk.ana), f"/?view={view.pk}")
    assert "The view names a team and a order that this desk does not have" in text
    assert rows(text) == [number]
    assert "no longer has" in page(as_person(desk.ana), "/views/")


@pytest.mark.parametrize("says", ["list=x&team=%00&age=9&opened_after=0001-01-01&columns=q,owner", "a" * 9000, "%"])
def test_nothing_unknown_is_kept(desk: Desk, says: str) -> None:
    view = save(as_person(desk.ana), "Odd", says)
    assert set(view.says) <= {"list", "columns"}


def test_requesters_and_strangers_have_no_views(desk: Desk) -> None:
    for address in ("/views/", "/views/1/"):
        assert Client().post(address).headers["Location"].startswith("/account/login/")
        assert as_person(desk.rui).post(address).headers["Location"] == "/my/"
    assert as_person(desk.ana).post("/views/1/", {"do": "delete"}).status_code == 404
    assert as_person(desk.ana).get("/views/1/").status_code == 405


def test_neither_rows_nor_views_cost_queries(desk: Desk, django_assert_max_num_queries: Any) -> None:
    client = as_person(desk.ana)
    for place in range(views.MOST_VIEWS):
        View.objects.create(owner=desk.ana, name=f"View {place}", says={"priority": "low", "late": "0"}, place=place)
        View.objects.create(owner=desk.lea, name=f"Shared {place}", says={"category": "network"}, shared="*")
    for place in range(5):
        new(f"Row {place}")
    view = View.objects.get(name="View 3")
    page(client)
    for address in ("/", f"/?view={view.pk}", "/views/"):
        with django_assert_max_num_queries(MOST_QUERIES):
            page(client, address)
    refused = client.post("/views/", {"name": "One more", "says": ""})
    assert refused.status_code == 422
    assert "Delete one that nobody needs" in refused.content.decode()
