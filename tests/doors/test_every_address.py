"""Every address of the web process, asked for and posted to as every role: nobody gets further than they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record import links
from forthwith.record.models import Message, RawItem
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk, as_person

pytestmark = pytest.mark.django_db
ROLES = ("nobody", "requester", "agent", "specialist", "leader", "administrator", "auditor")
WORKERS = {"agent", "specialist", "leader", "administrator"}
LEADERS = {"leader", "administrator", "auditor"}
ADMINISTRATORS = {"administrator"}
# Who may come to what an address' name begins with; the longest beginning counts.
MAY = {
    "account_": set(ROLES),
    "webhooks:": set(ROLES),  # a provider's signature opens them, and nothing else
    "desk:": WORKERS | {"auditor"},
    "floor:": LEADERS,
    "portal:": set(ROLES),  # the signed link in the address is the key
    "portal:mine": set(ROLES) - {"nobody"},
    "caught": WORKERS | {"auditor"},
    **dict.fromkeys(("desk:offers", "desk:repl"), WORKERS),
    **dict.fromkeys(("people", "add_person", "person", "sign_in_link"), ADMINISTRATORS),
    **dict.fromkeys(("mailboxes", "connect_", "choose_", "leave_for", "came_back"), ADMINISTRATORS),
    **dict.fromkeys(("pause_mailbox", "resume_mailbox", "remove_mailbox", "stop_import", "mailbox_"), ADMINISTRATORS),
    **dict.fromkeys(("health", "alarm", "suggestions", "train_", "ledger", "mend_", "dismiss_", "raw_"), LEADERS),
}
# What is written down of who looks and signs in, and is no work on the desk.
OF_NO_ACCOUNT = {"sessions.Session", "record.Present", "people.Person", "record.Watch"}
AWAY = {301, 302, 303, 401, 403, 404, 405}


def addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """The name of each address."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one, f"{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{space}{one.name}"


NAMES = sorted(set(addresses()))


def may(name: str) -> set[str]:
    """The roles that may come to that address."""
    known = [begin for begin in MAY if name.startswith(begin)]
    assert known, f"Say in MAY who may come to {name}."
    return MAY[max(known, key=len)]


@pytest.fixture
def there(desk: Desk) -> dict[str, Any]:
    """Values for what addresses ask for, of things that are there."""
    number = d.new_ticket()
    acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text="Between us.")
    item = RawItem.objects.order_by("pk")[0]
    article = shelf.published()
    message = Message.objects.filter(ticket=number).order_by("pk")[0]
    return {
        "number": number, "item": item.pk, "article": article.pk, "message": message.pk, "person": desk.ben.pk,
        "token": links.token(number, desk.rui.pk), "key": "note", "other": 1, "held": 1, "note": 1, "file": 1,
        "revision": 1, "kind": "csv", "name": "nothing.eml", "provider": "google", "uidb36": "1", "slug": "note",
    }  # fmt: skip


def address_of(name: str, there: dict[str, Any]) -> str:
    numbered = {"desk:article": "article", "person": "person", "sign_in_link": "person", "ledger_item": "item"}
    place = next((there[of] for begin, of in numbered.items() if name.startswith(begin)), there["number"])
    if name in {"mend_item", "dismiss_item", "raw_source"}:
        place = there["item"]
    values = {**there, "number": place}
    _, parameters = next(iter(get_resolver_entry(name)))
    return reverse(name, kwargs={parameter: values[parameter] for parameter in parameters})


def get_resolver_entry(name: str) -> list[tuple[str, list[str]]]:
    space, _, short = name.rpartition(":")
    resolver: Any = get_resolver()
    for one in filter(None, space.split(":")):
        resolver = resolver.namespace_dict[one][1]
    found: list[tuple[str, list[str]]] = resolver.reverse_dict.getlist(short)[0][0]
    return found


def client_of(role: str, desk: Desk) -> Client:
    people = {
        "requester": desk.rui, "agent": desk.ana, "specialist": desk.sam, "leader": desk.lea,
        "administrator": desk.adam, "auditor": desk.olga,
    }  # fmt: skip
    return Client(headers={"host": "localhost"}) if role == "nobody" else as_person(people[role])


def let_in(answer: HttpResponseBase, name: str) -> bool:
    """Whether somebody got to see or to do something."""
    if answer.status_code in AWAY:
        return False
    return not (name.startswith("webhooks:") and answer.status_code == 400)


def kept() -> dict[str, int]:
    """How many rows each table has, but for those that only say who is there."""
    models = [model for model in apps.get_models() if model._meta.label not in OF_NO_ACCOUNT]
    return {model._meta.label: model._default_manager.count() for model in models}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.sop("R1", "R2")
def test_nobody_sees_a_page_that_is_not_for_them(desk: Desk, there: dict[str, Any], role: str) -> None:
    client = client_of(role, desk)
    with override_settings(DEMO=True):
        seen = {name: client.get(address_of(name, there)) for name in NAMES}
    seen_by_mistake = {
        name: answer.status_code for name, answer in seen.items() if role not in may(name) and let_in(answer, name)
    }
    assert seen_by_mistake == {}
    turned_away = {
        name: answer.status_code
        for name, answer in seen.items()
        if role in may(name) and answer.status_code == 403 and not name.startswith("account_")
    }
    assert turned_away == {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.sop("R1", "R2")
def test_nobody_does_what_is_not_for_them(desk: Desk, there: dict[str, Any], role: str) -> None:
    client = client_of(role, desk)
    others = [name for name in NAMES if role not in may(name) and not name.startswith("account_")]
    before = kept()
    with override_settings(DEMO=True):
        done = {name: client.post(address_of(name, there), {"text": "x", "name": "x"}) for name in others}
    assert {name: one.status_code for name, one in done.items() if let_in(one, name)} == {}
    assert kept() == before


@pytest.mark.sop("R1")
def test_an_auditor_reads_and_changes_nothing(desk: Desk, there: dict[str, Any]) -> None:
    client = client_of("auditor", desk)
    own = {
        "desk:views",
        "desk:view",
        "desk:notice-preferences",
        "desk:notices-read",
        "desk:language",
        "desk:tour",
        "portal:mine",
    }
    names = [name for name in NAMES if not name.startswith(("account_", "portal:", "webhooks:")) and name not in own]
    before = kept()
    for name in names:
        client.post(address_of(name, there), {"text": "x", "name": "x", "article": there["article"], "why": "x"})
    assert kept() == before
    assert Person.objects.get(pk=desk.olga.pk).available is False
