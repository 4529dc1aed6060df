"""Tokens for mailboxes that take no password, and how they are renewed (OAuth 2, RFC 6749; XOAUTH2)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from forthwith.procedure.said import say
from forthwith.record import mailboxes, sealed
from forthwith.record.mailboxes import Mailbox

TIMEOUT_S = 20.0
_LARGEST_ANSWER = 1 << 20
# A refusal is noticed while the old token still opens the mailbox.
EARLY = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider gives tokens, and for what they are asked."""

    name: str
    host: str
    scope: str
    token_url: str
    authorize_url: str
    loopback: str
    """Where a browser is sent whose address somebody copies, as the provider lets a program without pages name it."""
    device_url: str = ""
    idle_days: int | None = None
    """After so many days without use the provider forgets the consent."""
    port: int = 993
    asks: Mapping[str, str] = field(default_factory=dict)
    """What is said besides when somebody is sent to sign in."""


PROVIDERS = {
    "microsoft": Provider(
        name="Microsoft 365",
        host="outlook.office365.com",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 (an address)
        device_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
        authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        loopback="http://localhost",
        idle_days=90,
        asks={"prompt": "select_account"},
    ),
    "google": Provider(
        name="Google",
        host="imap.gmail.com",
        scope="https://mail.google.com/",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 (an address)
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        loopback="http://127.0.0.1",
        idle_days=180,
        # Without both, a second consent brings no refresh token.
        asks={"access_type": "offline", "prompt": "consent"},
    ),
}


class NoToken(Exception):
    """No token is to be had; the text says why, and `dead` that somebody has to consent again.

    `code` is the provider's own word for it (RFC 6749 5.2), if it gave one.
    """

    def __init__(self, words: str, *, dead: bool = False, code: str = "") -> None:
        super().__init__(words)
        self.dead = dead
        self.code = code


@dataclass(frozen=True, slots=True)
class Grant:
    """What the desk was given for one mailbox. Sealed as a whole; times are seconds since 1970."""

    client_id: str
    refresh_token: str
    client_secret: str = ""
    tenant: str = "common"
    access_token: str = ""
    expires_at: float = 0.0
    dies_at: float | None = None
    """When the refresh token ends by itself, if the provider has said so."""

    def sealed(self) -> str:
        """As it is stored."""
        return sealed.seal(json.dumps(asdict(self)))


def read_grant(stored: str) -> Grant:
    """A grant as it was sealed. Raises WrongKey."""
    return Grant(**json.loads(sealed.unseal(stored)))


def grant_of(box: Mailbox) -> Grant:
    """The grant of a mailbox. Raises NoToken when there is none that can be read."""
    try:
        return read_grant(box.secret)
    except sealed.WrongKey as wrong:
        words = say("The token of %(mailbox)s cannot be read. %(why)s", mailbox=box.name, why=wrong.args[0])
        raise NoToken(words, dead=True) from wrong
    except (TypeError, ValueError) as wrong:
        words = say("The token of %(mailbox)s cannot be read: it is none.", mailbox=box.name)
        raise NoToken(words, dead=True) from wrong


def secret_of(box: Mailbox, now: datetime) -> str:
    """The password, or an access token that is still good for a while. Raises NoToken."""
    if box.method == Mailbox.XOAUTH2:
        return keep_fresh(box, now).access_token
    try:
        return sealed.unseal(box.secret)
    except sealed.WrongKey as wrong:
        why = wrong.args[0]
        raise NoToken(say("The password of %(mailbox)s cannot be read. %(why)s", mailbox=box.name, why=why)) from wrong


def keep_fresh(box: Mailbox, now: datetime) -> Grant:
    """Renew the token of a leased mailbox well before it ends. Raises NoToken when none is left that is good."""
    if box.method != Mailbox.XOAUTH2:
        return Grant("", "")
    grant = grant_of(box)
    if grant.expires_at - now.timestamp() > EARLY.total_seconds():
        return grant
    try:
        renewed = refresh(PROVIDERS[box.provider], grant, now)
    except NoToken as refused:
        if grant.access_token and grant.expires_at > now.timestamp():
            # It still opens the mailbox: this is the warning before it does not any more.
            dead = {"sign_in_refused": str(refused)[:2000]} if refused.dead else {}
            mailboxes.write(box, now, last_error=str(refused)[:2000], **dead)
            return grant
        raise
    # Written before it is used: many providers take the old one back when they give a new one.
    ends = ends_at(box.provider, renewed, now)
    mailboxes.write(box, now, secret=renewed.sealed(), sign_in_ends_at=ends, sign_in_refused="")
    return renewed


def ends_at(provider: str, grant: Grant, now: datetime) -> datetime | None:
    """When a grant that was renewed now ends unless it is renewed again, as far as anybody can know."""
    idle = PROVIDERS[provider].idle_days
    ends = [now + timedelta(days=idle)] if idle else []
    if grant.dies_at:
        ends.append(datetime.fromtimestamp(grant.dies_at, UTC))
    return min(ends, default=None)


def outdated(box: Mailbox) -> str:
    """The sealed grant of a mailbox whose server has refused the token: the next try asks for another."""
    return replace(grant_of(box), expires_at=0.0).sealed()


def refresh(provider: Provider, grant: Grant, now: datetime) -> Grant:
    """A grant with a new access token. Raises NoToken."""
    asked = {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        "client_id": grant.client_id,
        "scope": provider.scope,
    }
    if grant.client_secret:
        asked["client_secret"] = grant.client_secret
    return given(grant, post(provider, provider.token_url.format(tenant=grant.tenant), asked), now)


def given(grant: Grant, said: Mapping[str, Any], now: datetime) -> Grant:
    """The grant with what a token server has given."""
    try:
        lasts = float(said.get("refresh_token_expires_in") or 0)
        expires = float(said.get("expires_in") or 3600)
        access = str(said["access_token"])
    except (KeyError, TypeError, ValueError):
        raise NoToken(say("The sign-in server gave an answer without a token that can be used.")) from None
    # An end that was told once holds until another is told, or until it has proved to be none.
    known = grant.dies_at if grant.dies_at and grant.dies_at > now.timestamp() else None
    return replace(
        grant,
        access_token=access,
        refresh_token=str(said.get("refresh_token") or grant.refresh_token),
        expires_at=now.timestamp() + expires,
        dies_at=now.timestamp() + lasts if lasts > 0 else known,
    )


def post(provider: Provider, url: str, asked: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Ask a provider's server. Raises NoToken with what it said."""
    request = urllib.request.Request(url, urlencode(asked).encode(), {"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 (addresses are our own data)
            return dict(json.loads(answer.read(_LARGEST_ANSWER)))
    except urllib.error.HTTPError as refused:
        with refused:
            raise _refusal(provider, refused) from refused
    except (OSError, ValueError) as broken:
        words = say(
            "The sign-in server of %(provider)s cannot be reached: %(error)s.", provider=provider.name, error=broken
        )
        raise NoToken(words) from broken


def _refusal(provider: Provider, refused: urllib.error.HTTPError) -> NoToken:
    try:
        said = json.loads(refused.read(_LARGEST_ANSWER))
        code, text = str(said.get("error", "")), str(said.get("error_description", ""))
    except (OSError, ValueError, AttributeError):
        code, text = "", ""
    lines = text.splitlines()
    named = {
        "provider": provider.name,
        "said": f"{code or refused.code} {lines[0][:300] if lines else ''}".rstrip(" ."),
    }
    if code not in ("invalid_grant", "invalid_client", "unauthorized_client"):
        return NoToken(say("%(provider)s gives no token: %(said)s.", **named), code=code)
    words = say("%(provider)s gives no token: %(said)s. Somebody has to sign in for this mailbox again.", **named)
    return NoToken(words, dead=True, code=code)
