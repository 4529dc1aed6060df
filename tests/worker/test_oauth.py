"""A mailbox that takes tokens: renewed before they end, refused in words (SOP 1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from forthwith.channels.email import oauth
from forthwith.channels.email.imap import Broken, Folder, Session
from forthwith.record import mailboxes
from forthwith.record.mailboxes import Mailbox
from tests import desk_fixtures as d
from tests.worker.imap_server import Server
from tests.worker.token_server import Tokens, token_for


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    found = Tokens()
    monkeypatch.setitem(oauth.PROVIDERS, "microsoft", found.instead_of("microsoft"))
    yield found
    found.close()


def leased(grant: oauth.Grant, now: datetime, **of: Any) -> Mailbox:
    given: dict[str, Any] = {"name": "a", "host": "h", "port": 1, "user": "u", "added_at": now}
    made = Mailbox.objects.create(**(given | of), method=Mailbox.XOAUTH2, provider="microsoft", secret=grant.sealed())
    found = mailboxes.claim(made.pk, now)
    assert found is not None
    return found


GRANT = oauth.Grant(client_id="the-desk", refresh_token="first")


def test_a_token_is_renewed_and_the_new_refresh_token_kept(desk: d.Desk, tokens: Tokens) -> None:
    box = leased(GRANT, d.MONDAY)
    tokens.answers = [(200, {"access_token": "abc", "refresh_token": "second", "expires_in": 3600})]
    assert oauth.secret_of(box, d.MONDAY) == "abc"
    assert (tokens.asked[0]["refresh_token"], tokens.asked[0]["client_id"]) == ("first", "the-desk")
    kept = Mailbox.objects.get()
    assert oauth.grant_of(kept).refresh_token == "second"
    assert "abc" not in kept.secret
    assert oauth.secret_of(kept, d.after(minutes=30)) == "abc", "it is good still, and nobody is asked"


@pytest.mark.sop("1.1")
def test_a_refusal_is_known_while_the_old_token_is_still_good(desk: d.Desk, tokens: Tokens) -> None:
    ends = d.after(minutes=15).timestamp()
    box = leased(replace(GRANT, access_token="abc", expires_at=ends), d.MONDAY)
    refused = {"error": "invalid_grant", "error_description": "AADSTS700082: The refresh token has expired."}
    tokens.answers = [(400, refused), (400, refused)]
    assert oauth.secret_of(box, d.MONDAY) == "abc"
    box.refresh_from_db()
    assert "AADSTS700082" in box.last_error
    assert "sign in for this mailbox again" in box.last_error
    with pytest.raises(oauth.NoToken) as dead:
        oauth.secret_of(box, d.after(minutes=16))
    assert dead.value.dead


def test_a_server_takes_the_token(desk: d.Desk, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    server, now = Server.given(), timezone.now()
    monkeypatch.setenv("SSL_CERT_FILE", server.ca)
    box = leased(GRANT, now, host=server.host, port=server.imaps, user="ana")
    tokens.answers = [(200, {"access_token": token_for("ana", server.password, now), "expires_in": 3600})]
    with Session(box, oauth.secret_of(box, now)) as session:
        assert session.found(5).folders == (Folder("INBOX", 0),)
    with pytest.raises(Broken, match="refused the sign-in of ana"):
        Session(box, token_for("ana", "another key", now))
