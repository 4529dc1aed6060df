"""Connecting and keeping mailboxes in a real browser: for everybody, on a phone and on a screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from forthwith.channels.email import oauth
from forthwith.channels.email.pages import forms
from forthwith.record import sealed
from forthwith.record.mailboxes import Mailbox
from tests import desk_fixtures as d
from tests.browser.visits import LONG, PHONE, SCREEN, accessible
from tests.desk_fixtures import Desk
from tests.worker.imap_server import Server
from tests.worker.token_server import Tokens

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture
def desk(chrome: Browser, transactional_db: None) -> Desk:
    d.install()
    return d.hire()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server.given()
    monkeypatch.setenv("SSL_CERT_FILE", found.ca)
    monkeypatch.setattr(forms, "ALLOWED_PORTS", (found.imaps, found.port))
    return found


@pytest.fixture
def tokens(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    found = Tokens(key=server.password, user=server.someone())
    server.put(found.user)
    there = found.instead_of("microsoft", host=server.host, port=server.imaps)
    monkeypatch.setitem(oauth.PROVIDERS, "microsoft", there)
    yield found
    found.close()


def boxes() -> None:
    """One of each kind."""
    now = timezone.now()

    def box(name: str, **of: Any) -> None:
        given = {"host": "imap.example.org", "port": 993, "user": f"{name.lower()}@example.org", "added_at": now}
        Mailbox.objects.create(name=name, **(given | {"secret": sealed.seal("x"), "last_contact": now} | of))

    box("Support", last_mail_at=now, last_lag_s=3)
    gone = now - timedelta(hours=3)
    box("Accounts", last_contact=gone, failing_since=gone, last_error=f"The mail server {LONG} cannot be reached.")
    box("History", import_since=now - timedelta(days=90), import_total=4000, import_done=1240, last_mail_at=now)
    box("Projects", paused=True, afterwards="move", move_to="Done")
    box("Office", method="xoauth2", provider="microsoft", sign_in_ends_at=now + timedelta(days=2), last_lag_s=61)
    refused = "Google gives no token: invalid_grant. Somebody has to sign in for this mailbox again."
    box(LONG, method="xoauth2", provider="google", sign_in_refused=refused, last_error=refused, failing_since=now)


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (SCREEN, "light"), (SCREEN, "dark")],
    ids=["phone-light", "phone-dark", "screen-light", "screen-dark"],
)
def test_every_page_is_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    page = visit(desk.adam, viewport=size, color_scheme=scheme).page
    page.goto("/mailboxes/")
    accessible(page, f"mailboxes-empty-{scheme}")
    boxes()
    first = Mailbox.objects.filter(method="password").first()
    again = Mailbox.objects.filter(method="xoauth2").first()
    for name, address in {
        "mailboxes": "",
        "connect": "connect/",
        "microsoft": "connect/microsoft/",
        "google": "connect/google/",
        "remove": f"{first.pk}/remove/",
        "password": f"{first.pk}/sign-in/",
        "again": f"{again.pk}/sign-in/",
    }.items():
        page.goto(f"/mailboxes/{address}")
        accessible(page, f"{name}-{scheme}")
    page.goto("/health/")
    accessible(page, f"mailboxes-health-{scheme}")
    assert complaints == []


@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
def test_a_mailbox_is_connected_by_hand(
    desk: Desk, server: Server, visit: Any, complaints: list[str], size: dict[str, int]
) -> None:
    user = server.someone()
    server.put(user, d.mail(subject="The newest of them"))
    page = visit(desk.adam, viewport=size).page
    page.goto("/mailboxes/")
    page.get_by_role("link", name="Connect a mailbox").click()
    page.get_by_label("Mail server").fill(server.host)
    page.get_by_label("Port").fill(str(server.imaps))
    page.get_by_label("User").fill(user)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("refused the sign-in").wait_for()
    accessible(page, "connect-wrong")
    page.get_by_label("Password").fill(server.password)
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("The newest of them").wait_for()
    accessible(page, "choose")
    page.get_by_label("is imported silently").check()
    page.get_by_role("button", name="Connect it").click()
    page.get_by_text("Say how many days back").wait_for()
    accessible(page, "choose-wrong")
    page.get_by_label("Days to import").fill("30")
    page.get_by_role("button", name="Connect it").click()
    page.get_by_role("heading", name=user).wait_for()
    page.get_by_text("waits to begin").wait_for()
    # While it goes on it renews itself; and it is stopped by one button.
    Mailbox.objects.update(import_total=40, import_done=7)
    page.get_by_text("7 of 40 mails").wait_for(timeout=10_000)
    page.get_by_role("button", name="Stop the import").click()
    page.get_by_text("stopped after 7 of 40 mails").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("No mailbox is connected").wait_for()
    assert [text for text in complaints if "422" not in text] == []


def test_a_mailbox_is_connected_by_signing_in_at_its_provider(
    desk: Desk, tokens: Tokens, visit: Any, complaints: list[str], live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    page = visit(desk.adam, viewport=PHONE).page
    page.goto("/mailboxes/connect/microsoft/")
    page.get_by_label("Mail address").fill(tokens.user)
    page.get_by_label("Application (client) ID").fill("the-desk")
    page.get_by_label("Client secret").fill("s3cret")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Sign in at Microsoft 365").wait_for()
    accessible(page, "leave")
    page.get_by_role("link", name="Sign in at Microsoft 365").click()
    page.get_by_role("heading", name=f"What is wanted of {tokens.user}?").wait_for()
    assert page.get_by_label("INBOX").is_checked()
    page.get_by_role("button", name="Connect it").click()
    page.get_by_role("heading", name=tokens.user).wait_for()
    assert Mailbox.objects.get().method == Mailbox.XOAUTH2
    assert complaints == []
