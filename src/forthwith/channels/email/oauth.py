"""Tokens for mailboxes that take no password (OAuth 2, RFC 6749; device flow, RFC 8628; XOAUTH2)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from forthwith.record import mailboxes, sealed
from forthwith.record.mailboxes import Mailbox

TIMEOUT_S = 20
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
    device_url: str = ""
    authorize_url: str = ""
    idle_days: int | None = None
    """After so many days without use the provider forgets the consent."""


PROVIDERS = {
    "microsoft": Provider(
        name="Microsoft 365",
        host="outlook.office365.com",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 (an address)
        device_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
        authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        idle_days=90,
    ),
    "google": Provider(
        name="Google",
        host="imap.gmail.com",
        scope="https://mail.google.com/",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 (an address)
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        idle_days=180,
    ),
}


class NoToken(Exception):
    """No token is to be had; the text says why, and `dead` that somebody has to consent again."""

    def __init__(self, words: str, *, dead: bool = False) -> None:
        super().__init__(words)
        self.dead = dead


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


def grant_of(box: Mailbox) -> Grant:
    """The grant of a mailbox. Raises NoToken when there is none that can be read."""
    try:
        return Grant(**json.loads(sealed.unseal(box.secret)))
    except sealed.WrongKey as wrong:
        raise NoToken(f"The token of {box.name} cannot be read. {wrong}", dead=True) from wrong


def secret_of(box: Mailbox, now: datetime) -> str:
    """The password, or an access token that is still good for a while. Raises NoToken."""
    if box.method == Mailbox.XOAUTH2:
        return keep_fresh(box, now).access_token
    try:
        return sealed.unseal(box.secret)
    except sealed.WrongKey as wrong:
        raise NoToken(f"The password of {box.name} cannot be read. {wrong}") from wrong


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
            mailboxes.write(box, now, last_error=str(refused))
            return grant
        raise
    # Written before it is used: many providers take the old one back when they give a new one.
    mailboxes.write(box, now, secret=renewed.sealed())
    return renewed


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
    lasts = said.get("refresh_token_expires_in")
    return replace(
        grant,
        access_token=str(said["access_token"]),
        refresh_token=str(said.get("refresh_token") or grant.refresh_token),
        expires_at=now.timestamp() + float(said.get("expires_in") or 3600),
        dies_at=now.timestamp() + float(lasts) if lasts else grant.dies_at,
    )


def post(provider: Provider, url: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Ask a provider's server. Raises NoToken with what it said."""
    request = urllib.request.Request(url, urlencode(asked).encode(), {"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 (addresses are our own data)
            return dict(json.loads(answer.read(_LARGEST_ANSWER)))
    except urllib.error.HTTPError as refused:
        with refused:
            raise _refusal(provider, refused) from refused
    except (OSError, ValueError) as broken:
        raise NoToken(f"The sign-in server of {provider.name} cannot be reached: {broken}.") from broken


def _refusal(provider: Provider, refused: urllib.error.HTTPError) -> NoToken:
    try:
        said = json.loads(refused.read(_LARGEST_ANSWER))
        code, text = str(said.get("error", "")), str(said.get("error_description", ""))
    except (OSError, ValueError, AttributeError):
        code, text = "", ""
    lines = text.splitlines()
    words = f"{provider.name} gives no token: {code or refused.code} {lines[0][:300] if lines else ''}".rstrip()
    dead = code in ("invalid_grant", "invalid_client", "unauthorized_client")
    then = " Somebody has to sign in for this mailbox again." if dead else ""
    return NoToken(f"{words}.{then}", dead=dead)
