"""A mailbox that takes tokens: renewed before they end, refused in words (SOP 1.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from forthwith.channels.email import oauth
from forthwith.channels.email.imap import Broken, Session
from forthwith.record import mailboxes
from forthwith.record.mailboxes import Mailbox
from tests import desk_fixtures as d
from tests.worker.imap_server import Server


class Tokens:
    """A token server: `answers` are given in turn, each a status and what is said."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        tokens = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                tokens.asked.append({key: values[0] for key, values in parse_qs(body).items()})
                status, said = tokens.answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, *_: Any) -> None:
                """It says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{{tenant}}/token"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    found = Tokens()
    provider = replace(oauth.PROVIDERS["microsoft"], token_url=found.url)
    monkeypatch.setitem(oauth.PROVIDERS, "microsoft", provider)
    yield found
    found.server.shutdown()
    found.server.server_close()


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
    tokens.answers = [(200, {"access_token": _jwt("ana", server.password, now), "expires_in": 3600})]
    with Session(box, oauth.secret_of(box, now)) as session:
        assert session.found().folders == ("INBOX",)
    with pytest.raises(Broken, match="refused the sign-in of ana"):
        Session(box, _jwt("ana", "another key", now))


def _jwt(user: str, key: str, now: datetime) -> str:
    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    ends = int((now + timedelta(hours=1)).timestamp())
    claims = {"sub": user, "iat": int(now.timestamp()) - 60, "exp": ends}
    said = ".".join(part(json.dumps(each).encode()) for each in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{said}.{part(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest())}"
