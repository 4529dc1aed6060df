"""Signing in to mailboxes at providers, by page and by command, against a token server and an IMAP server (SOP 1.1)."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from forthwith.channels.email import consent, oauth
from forthwith.channels.email.oauth import Grant
from forthwith.config import cli
from forthwith.record.mailboxes import Mailbox
from tests.desk_fixtures import Desk, as_person
from tests.worker.imap_server import Server
from tests.worker.token_server import Tokens

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
ASKED = {"client_id": "the-desk", "client_secret": "s3cret-of-the-desk"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server.given()
    monkeypatch.setenv("SSL_CERT_FILE", found.ca)
    return found


@pytest.fixture
def tokens(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    """Both providers, in one."""
    found = Tokens(key=server.password, user=server.someone())
    server.put(found.user)
    for name in ("microsoft", "google"):
        there = found.instead_of(name, host=server.host, port=server.imaps)
        monkeypatch.setitem(oauth.PROVIDERS, name, there)
    yield found
    found.close()


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])
    return html.unescape(answer.content.decode())


def leaving(admin: Client, tokens: Tokens, provider: str = "microsoft", **of: str) -> tuple[str, dict[str, str]]:
    """Fill the form in; the page with the link, and what the provider is asked there."""
    answer = admin.post(f"/mailboxes/connect/{provider}/", {"user": tokens.user, **ASKED, **of})
    assert answer.status_code == 302, text_of(answer, 422)
    return answer.headers["Location"], link_on(admin.get(answer.headers["Location"]))


def link_on(answer: Any, status: int = 200) -> dict[str, str]:
    found = re.search(r'class="button primary large" href="([^"]+)"', text_of(answer, status))
    assert found
    return {name: values[0] for name, values in parse_qs(urlsplit(found[1]).query).items()}


def back(tokens: Tokens, asked: dict[str, str]) -> str:
    """Somebody lets the desk in: where their browser goes."""
    return tokens.consent(asked).removeprefix(settings.PUBLIC_URL)


@pytest.mark.sop("1.1")
@pytest.mark.parametrize("provider", ["microsoft", "google"])
def test_a_mailbox_is_connected_by_signing_in_at_its_provider(desk: Desk, tokens: Tokens, provider: str) -> None:
    admin = as_person(desk.adam)
    page, asked = leaving(admin, tokens, provider)
    assert asked["redirect_uri"] == f"{settings.PUBLIC_URL}/mailboxes/oauth/"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["login_hint"] == tokens.user
    assert "s3cret" not in text_of(admin.get(page))
    answer = admin.get(back(tokens, asked))
    assert answer.headers["Location"].startswith("/mailboxes/choose/"), text_of(admin.get(page), 422)
    said = {"name": "Support", "folders": ["INBOX"], "afterwards": "seen", "old": "leave"}
    assert admin.post(answer.headers["Location"], said).status_code == 302
    box, now = Mailbox.objects.get(), timezone.now()
    grant = oauth.grant_of(box)
    assert (grant.client_id, grant.client_secret, bool(grant.refresh_token)) == (*ASKED.values(), True)
    assert box.sign_in_ends_at is not None
    assert timedelta(days=80) < box.sign_in_ends_at - now < timedelta(days=181)
    # The next one need not type the application again, and its secret is never shown.
    form = text_of(admin.get(f"/mailboxes/connect/{provider}/"))
    assert 'value="the-desk"' in form
    assert "s3cret" not in form


def test_only_the_session_that_asked_can_use_the_answer(desk: Desk, tokens: Tokens) -> None:
    admin = as_person(desk.adam)
    _, asked = leaving(admin, tokens)
    place = back(tokens, asked)
    assert as_person(desk.adam).get(place).headers["Location"] == "/mailboxes/"
    forged = place.replace(asked["state"], "A" * len(asked["state"]))
    assert admin.get(forged).headers["Location"] == "/mailboxes/"
    assert tokens.asked == [], "nobody was asked for a token"
    assert admin.get(place).headers["Location"].startswith("/mailboxes/choose/")
    assert admin.get(place).headers["Location"] == "/mailboxes/", "once"


def test_a_code_of_somebody_else_s_question_is_worth_nothing(desk: Desk, tokens: Tokens) -> None:
    mine, theirs = as_person(desk.adam), as_person(desk.adam)
    page, asked = leaving(mine, tokens)
    _, others = leaving(theirs, tokens)
    code = parse_qs(urlsplit(tokens.consent(others)).query)["code"][0]
    assert mine.get(f"/mailboxes/oauth/?code={code}&state={asked['state']}").headers["Location"] == page
    assert "That code is not good" in text_of(mine.get(page), 422)


def test_what_the_provider_refuses_is_said_and_can_be_tried_again(desk: Desk, tokens: Tokens) -> None:
    admin = as_person(desk.adam)
    page, asked = leaving(admin, tokens)
    denied = f"/mailboxes/oauth/?error=access_denied&error_description=Not+<b>today&state={asked['state']}"
    assert admin.get(denied).headers["Location"] == page
    shown = admin.get(page)
    assert "did not let the desk in: access_denied Not <b>today." in text_of(shown, 422)
    assert "<b>today" not in shown.content.decode()
    again = link_on(shown, 422)
    assert again["state"] != asked["state"]
    # It gives no lasting token, then one for another person, then one that is right.
    tokens.answers = [(200, {"access_token": "x", "expires_in": 3600})]
    admin.get(back(tokens, again))
    assert "gave no lasting token" in text_of(admin.get(page), 422)
    user, tokens.user = tokens.user, "somebody-else"
    admin.get(back(tokens, link_on(admin.get(page), 422)))
    assert "as somebody who may open that mailbox" in text_of(admin.get(page), 422)
    tokens.user = user
    answer = admin.get(back(tokens, link_on(admin.get(page), 422)))
    assert answer.headers["Location"].startswith("/mailboxes/choose/")


@pytest.mark.parametrize("tenant", ["a/b", "x?y", "{x}", "-", "é"])
def test_a_tenant_cannot_lead_elsewhere(desk: Desk, tokens: Tokens, tenant: str) -> None:
    said = {"user": "u", **ASKED, "tenant": tenant}
    page = text_of(as_person(desk.adam).post("/mailboxes/connect/microsoft/", said), 422)
    assert "neither an ID nor a domain" in page


def dead_box(tokens: Tokens, server: Server, **of: Any) -> Mailbox:
    now = timezone.now()
    old = Grant("the-desk", "dead", client_secret="s3cret-of-the-desk", tenant="example.org")
    of = {"name": "Support", "sign_in_refused": "It is over.", "sign_in_told": 3, "failing_since": now} | of
    later = {"next_try_at": now + timedelta(minutes=5), "leased_by": "w", "leased_until": now + timedelta(minutes=1)}
    place = {"host": server.host, "port": server.imaps, "user": tokens.user}
    kind = {"method": "xoauth2", "provider": "microsoft", "secret": old.sealed(), "added_at": now}
    return Mailbox.objects.create(**place, **kind, **later, **of)


def check_alive(box: Mailbox) -> None:
    box.refresh_from_db()
    grant = oauth.grant_of(box)
    assert (grant.refresh_token != "dead", grant.client_secret) == (True, "s3cret-of-the-desk")
    state = (box.sign_in_refused, box.sign_in_told, box.next_try_at, box.leased_by)
    assert state == ("", 0, None, ""), "it is tried at once, and whoever holds the old token lets go"
    assert box.sign_in_ends_at is not None


@pytest.mark.sop("1.1")
def test_a_dead_sign_in_is_made_anew_on_the_page(desk: Desk, tokens: Tokens, server: Server) -> None:
    box, admin = dead_box(tokens, server), as_person(desk.adam)
    other = dead_box(tokens, server, name="Sales", folder="Sales")
    assert "It is over." in text_of(admin.get("/mailboxes/"))
    form = text_of(admin.get(f"/mailboxes/{box.pk}/sign-in/"))
    assert 'value="the-desk"' in form
    assert 'value="example.org"' in form
    answer = admin.post(f"/mailboxes/{box.pk}/sign-in/", {"client_id": "the-desk", "tenant": "example.org"})
    asked = link_on(admin.get(answer.headers["Location"]))
    assert "Signed in" in text_of(admin.get(back(tokens, asked), follow=True))
    for one in (box, other):
        check_alive(one)


# --- The command ------------------------------------------------------------------------------------------


def test_by_a_code_that_is_typed_elsewhere(
    desk: Desk, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("forthwith.config.commands.mailbox.time.sleep", waited.append)
    where = {"verification_uri": "https://provider.example/device", "interval": 5, "expires_in": 900}
    tokens.answers = [
        (200, {"device_code": "dc", "user_code": "ABCD-EFGH", **where}),
        (400, {"error": "authorization_pending"}),
        (400, {"error": "slow_down"}),
        (400, {"error": "authorization_pending"}),
    ]
    asked = ["mailbox", "add", "--provider", "microsoft", "--device", "--user", tokens.user, "--client-id", "the-desk"]
    assert cli.main(asked) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "https://provider.example/device" in said
    assert "ABCD-EFGH" in said
    assert "is connected" in said
    assert waited == [5, 5, 10, 10]
    assert [one.get("device_code") for one in tokens.asked] == [None, "dc", "dc", "dc", "dc"]
    box = Mailbox.objects.get()
    assert oauth.grant_of(box).refresh_token
    assert box.method == Mailbox.XOAUTH2


@pytest.mark.parametrize(
    ("error", "says"), [("expired_token", "not typed in time"), ("access_denied", "access_denied")]
)
def test_a_code_that_is_refused_or_never_typed(tokens: Tokens, error: str, says: str) -> None:
    where = {"verification_uri": "https://provider.example/device", "interval": 5, "expires_in": 900}
    tokens.answers = [(200, {"device_code": "dc", "user_code": "A", **where}), (400, {"error": error})]
    with pytest.raises(oauth.NoToken, match=says):
        consent.by_device("microsoft", Grant("c", ""), lambda _: None, lambda _: None, timezone.now)
    tokens.answers = [(200, {"device_code": "dc", "user_code": "A", **where, "expires_in": 20})]
    tokens.answers += [(400, {"error": "authorization_pending"})] * 9
    with pytest.raises(oauth.NoToken, match="not typed in time"):
        consent.by_device("microsoft", Grant("c", ""), lambda _: None, lambda _: None, timezone.now)
    assert len(tokens.answers) == 5, "it asks no longer than the code is good"


def test_by_an_address_that_is_pasted(
    desk: Desk,
    tokens: Tokens,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret-of-the-desk\n")

    class Pasting(io.StringIO):
        def readline(self, *_: Any) -> str:
            found = re.search(r"http://\S+/authorize\?(\S+)", capsys.readouterr().out)
            assert found
            asked = {name: values[0] for name, values in parse_qs(found[1]).items()}
            assert asked["redirect_uri"] == "http://127.0.0.1"
            assert asked["access_type"] == "offline"
            return f" {tokens.consent(asked)}\n"

    monkeypatch.setattr("sys.stdin", Pasting())
    asked = ["mailbox", "add", "--provider", "google", "--user", tokens.user, "--client-id", "the-desk"]
    assert cli.main([*asked, "--client-secret-file", str(file)]) == 0, capsys.readouterr().err
    assert oauth.grant_of(Mailbox.objects.get()).client_secret == "s3cret-of-the-desk"
    monkeypatch.setattr("sys.stdin", io.StringIO("http://127.0.0.1/?code=x&state=of-another\n"))
    assert cli.main(["mailbox", "sign-in", tokens.user]) == 1
    assert "belongs to another sign-in" in capsys.readouterr().err


@pytest.mark.sop("1.1")
def test_a_dead_sign_in_is_made_anew_by_the_command(
    desk: Desk, tokens: Tokens, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("forthwith.config.commands.mailbox.time.sleep", lambda _: None)
    box = dead_box(tokens, server)
    assert cli.main(["mailbox", "sign-in", "Support", "--device"]) == 0, capsys.readouterr().err
    assert "Signed in" in capsys.readouterr().out
    check_alive(box)
    assert oauth.grant_of(box).tenant == "example.org"


def test_google_takes_no_code_that_is_typed_elsewhere(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["mailbox", "add", "--provider", "google", "--device", "--user", "u", "--client-id", "c"]
    assert cli.main(asked) == 1
    assert "by a code that is typed elsewhere" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "code", "a=b", "http://127.0.0.1/?code=c", "http://[", "?" + "a=b&" * 100])
def test_whatever_is_pasted_is_an_answer_or_a_sentence(text: str) -> None:
    asking = consent.Asking.anew("http://127.0.0.1")
    said = consent.pasted(text, asking.state)
    if said.get("state") != asking.state:
        with pytest.raises(oauth.NoToken, match="another sign-in"):
            consent.came_back("google", Grant("c", ""), asking, said, timezone.now())


def test_a_mailbox_that_failed_is_tested_with_a_fresh_token(
    desk: Desk, tokens: Tokens, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    box = dead_box(tokens, server)
    tokens.answers = [(400, {"error": "invalid_grant", "error_description": "Expired."})]
    assert cli.main(["mailbox", "test", "Support"]) == 1
    assert "sign in for this mailbox again" in capsys.readouterr().err
    assert cli.main(["mailbox", "test", "Support"]) == 0
    check_alive(box)
