"""Signing in: what is there below /account/, and how a forgotten password is replaced."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.account import urls as all_of_allauth
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from forthwith.people.models import Person
from forthwith.record.models import Revision
from tests.desk_fixtures import Desk, as_person, deliver_all, install, posted

OLD, NEW = "an-old-pass-phrase", "a-new-pass-phrase"
KEPT = {
    "login/",
    "logout/",
    "inactive/",
    "reauthenticate/",
    "password/change/",
    "password/set/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk; Ana has a password."""
    desk.ana.set_password(OLD)
    desk.ana.save()
    return desk


def ask(address: str, **headers: str) -> Any:
    return Client().post("/account/password/reset/", {"email": address}, follow=True, headers=headers)


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found, text
    return found[0]


@pytest.mark.parametrize("page", [str(p.pattern) for p in all_of_allauth.urlpatterns if "key" not in str(p.pattern)])
def test_only_signing_in_and_passwords_have_pages(desk: Desk, page: str) -> None:
    status = as_person(desk.ana).get(f"/account/{page}").status_code
    assert (status in (200, 302)) if page in KEPT else (status == 404)


def test_nothing_else_is_below_account() -> None:
    found = [p for p in get_resolver().url_patterns if str(p.pattern) == "account/"]
    assert len(found) == 1
    names = {pattern.name for pattern in found[0].url_patterns}
    assert names == {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }


def test_nobody_claims_another_address(desk: Desk) -> None:
    answer = as_person(desk.ana).post("/account/email/", {"action_add": "", "email": "lea@desk.example"})
    assert answer.status_code == 404


def test_whoever_has_no_password_is_led_to_the_reset(desk: Desk) -> None:
    client = as_person(desk.ben)
    assert client.get("/account/password/change/", follow=True).status_code == 200


def test_a_forgotten_password_is_replaced_by_the_link_in_a_queued_mail(desk: Desk, settings: Any) -> None:
    assert ask("Ana@Desk.example").status_code == 200
    [row] = posted("password_reset")
    assert (row.address, row.person_id, row.ticket_id, row.automatic) == ("ana@desk.example", desk.ana.pk, None, True)
    assert mail.outbox == []
    link = link_in(row.text)
    assert link.startswith(f"{settings.PUBLIC_URL}/account/password/reset/key/")
    assert deliver_all(row.queued_at + timedelta(seconds=1)) == 1
    client = Client()
    form = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    done = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}, follow=True)
    assert done.status_code == 200
    desk.ana.refresh_from_db()
    assert desk.ana.check_password(NEW)
    assert client.get(link.removeprefix(settings.PUBLIC_URL), follow=True).redirect_chain == []


def test_the_link_is_the_desk_s_own_whatever_host_was_asked(desk: Desk, settings: Any) -> None:
    settings.PUBLIC_URL = "https://help.example.org"
    ask("ana@desk.example", host="localhost:666", x_forwarded_host="evil.example")
    assert link_in(posted("password_reset")[0].text).startswith("https://help.example.org/account/")


def test_who_works_or_reads_here_may_get_a_first_password(desk: Desk) -> None:
    for person in (desk.ben, desk.olga):
        ask(person.email)
    assert [row.address for row in posted("password_reset")] == [desk.ben.email, desk.olga.email]


def test_a_requester_gets_a_link_only_for_a_password_they_have(desk: Desk) -> None:
    ask(desk.rui.email)
    assert posted() == []
    desk.rui.set_password(OLD)
    desk.rui.save()
    ask(desk.rui.email)
    assert [row.address for row in posted("password_reset")] == [desk.rui.email]


def test_an_unknown_or_inactive_address_gets_the_same_page_and_no_mail(desk: Desk) -> None:
    Person.objects.filter(pk=desk.ben.pk).update(is_active=False)
    known = ask("ana@desk.example")
    for address in ("nobody@elsewhere.example", "ben@desk.example", "rui@customer.example"):
        answer = ask(address)
        assert answer.redirect_chain == known.redirect_chain
        assert answer.content == known.content
    assert len(posted()) == 1
    assert mail.outbox == []


def test_a_procedure_without_these_words_lends_those_of_the_standard(desk: Desk) -> None:
    text = re.sub(r"(?m)^    password_reset:\n(?:      .*\n|\n)+", "", Revision.objects.get().text)
    install(text)
    ask("ana@desk.example")
    assert link_in(posted("password_reset")[0].text)


def test_resets_are_limited(desk: Desk) -> None:
    for _ in range(12):
        answer = Client().post("/account/password/reset/", {"email": "ana@desk.example"})
    assert 0 < len(posted("password_reset")) < 12
    assert answer.status_code == 429
    assert "Wait a few minutes, then try again." in answer.content.decode()


PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("proxy", "peer", "forwarded", "counted"),
    [
        (None, "127.0.0.1", "203.0.113.9", "127.0.0.1"),
        (PROXY, "127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (PROXY, "::1", "198.51.100.7", "198.51.100.7"),
        (PROXY, "198.51.100.7", "203.0.113.9", "198.51.100.7"),
    ],
)
def test_only_a_proxy_in_front_is_believed_about_who_asks(
    settings: Any, monkeypatch: pytest.MonkeyPatch, proxy: Any, peer: str, forwarded: str, counted: str
) -> None:
    serve = import_module("forthwith.config.serve")
    seen = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    monkeypatch.setattr(serve.asgi, "application", page)
    settings.SECURE_PROXY_SSL_HEADER = proxy
    config = serve.configuration()
    config.load()
    scope = {"type": "http", "client": (peer, 5), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    asyncio.run(config.loaded_app(scope, None, None))
    assert seen == [counted]


def test_sign_in_is_limited(desk: Desk) -> None:
    for number in range(12):
        wrong = {"login": "ana@desk.example", "password": f"wrong-{number}"}
        Client().post("/account/login/", wrong, headers={"x-forwarded-for": f"203.0.113.{number}"})
    answer = Client().post("/account/login/", {"login": "ana@desk.example", "password": OLD})
    assert answer.status_code != 302


def test_a_requester_reads_no_caught_mail(desk: Desk, settings: Any, tmp_path: Any) -> None:
    settings.DEMO, settings.HOME = True, tmp_path
    assert as_person(desk.rui).get("/caught/").status_code == 404
    assert as_person(desk.rui).get("/caught/x.eml/").status_code == 404
    assert as_person(desk.olga).get("/caught/").status_code == 200
