"""A provider that lets the desk into mailboxes: its page to sign in, its token server, its codes to type.

Its access tokens are those that the tests' own IMAP server takes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.utils import timezone

from forthwith.channels.email.oauth import PROVIDERS, Provider


def token_for(user: str, key: str, now: datetime) -> str:
    """What opens a user's mailbox for an hour at an IMAP server that knows the key (JWT, HS256)."""

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    ends = int((now + timedelta(hours=1)).timestamp())
    claims = {"sub": user, "iat": int(now.timestamp()) - 60, "exp": ends}
    said = ".".join(part(json.dumps(each).encode()) for each in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{said}.{part(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest())}"


@dataclass
class Tokens:
    """The provider. What stands in `answers` is said first, each a status and its words; then it does its work."""

    key: str = ""
    user: str = ""
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    lasts_s: int | None = None
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.base = f"http://127.0.0.1:{self.server.server_port}/{{tenant}}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()

    def instead_of(self, name: str, **of: Any) -> Provider:
        """A provider of ours with this one's addresses."""
        urls = {"token_url": f"{self.base}/token", "authorize_url": f"{self.base}/authorize"}
        return replace(PROVIDERS[name], **urls, device_url=f"{self.base}/device", **of)

    def consent(self, asked: dict[str, str]) -> str:
        """Somebody lets the desk in: where their browser is sent."""
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """What it says to a question that was posted."""
        self.asked.append(asked)
        if self.answers:
            return self.answers.pop(0)
        if path.endswith("/device"):
            where = {"verification_uri": "https://provider.example/device", "interval": 5, "expires_in": 900}
            return 200, {"device_code": "dc", "user_code": "ABCD-EFGH", **where}
        if asked["grant_type"] == "authorization_code" and not self._proved(asked):
            return 400, {"error": "invalid_grant", "error_description": "That code is not good."}
        lasts = {"refresh_token_expires_in": self.lasts_s} if self.lasts_s else {}
        token = token_for(self.user, self.key, timezone.now())
        return 200, {"access_token": token, "refresh_token": secrets.token_urlsafe(8), "expires_in": 3600, **lasts}

    def _proved(self, asked: dict[str, str]) -> bool:
        """The code was given to this application, at this address, and to who asked for it (RFC 7636 4.6)."""
        given = self._codes.pop(asked.get("code", ""), None)
        if given is None:
            return False
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        same = all(given[name] == asked[name] for name in ("client_id", "redirect_uri"))
        return same and given["code_challenge_method"] == "S256" and given["code_challenge"] == challenge


def _handler(tokens: Tokens) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            status, said = tokens.answer(self.path, asked)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            self.send_response(302 if "state" in query else 404)
            if "state" in query:
                self.send_header("Location", tokens.consent(query))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """It says nothing."""

    return Handler
