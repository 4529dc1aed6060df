"""Every address of the web process, asked for and posted to as every role: nobody gets further than they may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.http.response import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.desk_fixtures import Desk, as_person
from tests.doors import everything

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
    "floor:replay-ask": {"leader", "administrator"},
    "floor:replay-stop": {"leader", "administrator"},
    **dict.fromkeys(("floor:restatement-ask", "floor:restatement-stop"), LEADERS - {"auditor"}),
    **dict.fromkeys(("floor:draft-new", "floor:draft-do"), LEADERS - {"auditor"}),
    **dict.fromkeys(("floor:revision-call-off", "floor:evidence-ask", "floor:evidence-stop"), LEADERS - {"auditor"}),
    "floor:procedure": WORKERS | {"auditor"},
    "portal:": set(ROLES),  # the signed link in the address is the key
    "portal:mine": set(ROLES) - {"nobody"},
    "caught": WORKERS | {"auditor"},
    **dict.fromkeys(("desk:offers", "desk:repl"), WORKERS),
    **dict.fromkeys(("people", "add_person", "person", "sign_in_link"), ADMINISTRATORS),
    "organisation": LEADERS,
    **dict.fromkeys((f"{act}_organisation" for act in ("add", "change", "join", "leave", "delete")), ADMINISTRATORS),
    **dict.fromkeys(("mailboxes", "connect_", "choose_", "leave_for", "came_back"), ADMINISTRATORS),
    **dict.fromkeys(("pause_mailbox", "resume_mailbox", "remove_mailbox", "stop_import", "mailbox_"), ADMINISTRATORS),
    **dict.fromkeys(("health", "alarm", "suggestions", "train_", "ledger", "mend_", "dismiss_", "raw_"), LEADERS),
}
# What is written down of who looks, and is no work on the desk: whole tables, and fields of others.
OF_NO_ACCOUNT = {"sessions.Session", "record.Present", "record.Watch"}
LOOKING = {"last_login"}
# What a form of any of the addresses might ask for.
SAID = {"version": "1", "text": "x", "name": "x", "why": "x", "title": "x", "body": "x", "act": "take", "do": "remove"}
# What a page might be asked for beside its address.
LOOKED_FOR = {"step": "2.2", "outcome": "met", "way": "saved"}
# Their keys are handed out by a page before: there is none to be had here.
OF_A_VISIT = {"choose_mailbox", "leave_for_provider"}


def addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """The name of each address."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one, f"{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.name:
            yield f"{space}{one.name}"


NAMES = sorted(set(addresses()))
OF_SIGNED = {name for name in NAMES if name.startswith(("account_", "webhooks:"))}


def may(name: str) -> set[str]:
    """The roles that may come to that address."""
    known = [begin for begin in MAY if name.startswith(begin)]
    assert known, f"Say in MAY who may come to {name}."
    return MAY[max(known, key=len)]


@pytest.fixture
def there(desk: Desk, settings: Any, tmp_path: Path) -> dict[str, Any]:
    """Values for what addresses ask for, of things that are there."""
    settings.HOME, settings.DEMO = tmp_path, True
    return everything.made(desk)


def address_of(name: str, there: dict[str, Any]) -> str:
    values = everything.values(name, there)
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


def let_in(answer: HttpResponseBase) -> bool:
    """Whether somebody got to see or to do something. Whoever did not is led to where they sign in or are at home."""
    if answer.status_code == 302:
        return answer.headers["Location"].partition("?")[0] not in {reverse("account_login"), reverse("portal:mine")}
    return answer.status_code not in {403, 404, 405}


def kept() -> dict[str, list[Any]]:
    """Every row, but for what only says who is there."""
    models = [model for model in apps.get_models() if model._meta.label not in OF_NO_ACCOUNT]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list(*_told(model))) for model in models
    }


def _told(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in LOOKING]


def asked(client: Client, method: str, name: str, there: dict[str, Any]) -> HttpResponseBase:
    """What is answered to a GET, or to a POST that says what any form might ask for."""
    said = {**SAID, "article": there["article"], "row": f"{there['ticket']}:1", "what": f"saved:{there['saved']}"}
    looked_for = {**LOOKED_FOR, "verdicts": there["restatement"]}
    answer: HttpResponse = getattr(client, method)(address_of(name, there), said if method == "post" else looked_for)
    # To its end, where it is a file.
    answer.getvalue()
    return answer


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.sop("R1", "R2")
def test_nobody_sees_a_page_that_is_not_for_them(desk: Desk, there: dict[str, Any], role: str) -> None:
    client = client_of(role, desk)
    mine = [name for name in NAMES if role in may(name) and name not in OF_SIGNED]
    others = [name for name in NAMES if role not in may(name)]
    before = kept()
    seen = {name: asked(client, "get", name, there) for name in others}
    assert {name: answer.status_code for name, answer in seen.items() if let_in(answer)} == {}
    assert kept() == before
    turned_away = {name: asked(client, "get", name, there).status_code for name in mine}
    assert {name: status for name, status in turned_away.items() if status == 403} == {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.sop("R1", "R2")
def test_nobody_does_what_is_not_for_them(desk: Desk, there: dict[str, Any], role: str) -> None:
    client = client_of(role, desk)
    others = [name for name in NAMES if role not in may(name)]
    before = kept()
    done = {name: asked(client, "post", name, there) for name in others}
    assert {name: one.status_code for name, one in done.items() if let_in(one)} == {}
    assert kept() == before


@pytest.mark.sop("R1")
def test_an_auditor_reads_and_changes_nothing(desk: Desk, there: dict[str, Any]) -> None:
    client = client_of("auditor", desk)
    own = {
        *("desk:views", "desk:view", "desk:notice-preferences", "desk:notices-read", "desk:language", "desk:tour"),
        "portal:mine",
    }
    names = [name for name in NAMES if not name.startswith(("account_", "portal:", "webhooks:")) and name not in own]
    before = kept()
    for name in names:
        asked(client, "post", name, there)
    assert kept() == before


def test_each_address_leads_to_something_that_is_there(desk: Desk, there: dict[str, Any]) -> None:
    """For whoever may: else the tests above would see nobody let in anywhere, whoever they are."""
    client = client_of("administrator", desk)

    def status(name: str, method: str) -> int:
        with transaction.atomic():
            answer = asked(client, method, name, there)
            transaction.set_rollback(True)
        return answer.status_code

    names = [name for name in NAMES if name not in OF_SIGNED and name not in OF_A_VISIT]
    found = {name: {status(name, "get"), status(name, "post")} for name in names}
    assert {name: both for name, both in found.items() if both <= {403, 404, 405}} == {}
