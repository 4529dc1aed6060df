"""How a person lets the desk into a mailbox at a provider: by a page they come back from, or by a code they type there.

The page way is the authorisation code with PKCE and a state (RFC 6749 4.1, RFC 7636), the other the device flow
(RFC 8628). Either ends in a `Grant`, or in NoToken with a sentence.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from forthwith.channels.email import oauth
from forthwith.channels.email.oauth import PROVIDERS, Grant, NoToken, Provider
from forthwith.procedure.said import say

TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}", re.ASCII)
CODE_WITHIN_S = 8.0
"""Somebody waits before a page for the answer."""
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to a provider that is not answered yet: what it was asked with, and what must come back."""

    state: str
    verifier: str
    redirect: str

    @classmethod
    def anew(cls, redirect: str) -> Asking:
        """With a state and a verifier that nobody can guess."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(48), redirect)


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody types at the provider's own page, and where."""

    user_code: str
    address: str
    lasts_s: float


def address(provider: str, grant: Grant, asking: Asking, user: str) -> str:
    """The provider's page on which somebody lets the desk in. `grant` needs its client and tenant only."""
    known = PROVIDERS[provider]
    digest = hashlib.sha256(asking.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": grant.client_id,
        "redirect_uri": asking.redirect,
        "scope": known.scope,
        "state": asking.state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": user,
        **known.asks,
    }
    return f"{known.authorize_url.format(tenant=grant.tenant)}?{urlencode(asked)}"


def belongs(asking: Asking, said: Mapping[str, str]) -> bool:
    """Whether an answer is one to this question."""
    return hmac.compare_digest(said.get("state", "").encode(), asking.state.encode())


def came_back(provider: str, grant: Grant, asking: Asking, said: Mapping[str, str], now: datetime) -> Grant:
    """The grant that the provider's answer brings. Raises NoToken, also for an answer to another question."""
    known = PROVIDERS[provider]
    if not belongs(asking, said):
        raise NoToken(say("This answer belongs to another sign-in, or to one that is over. Please begin again."))
    if error := said.get("error"):
        described = " ".join(said.get("error_description", "").split())[:300]
        told = f"{' '.join(error.split())[:80]} {described}".rstrip(" .")
        raise NoToken(say("%(provider)s did not let the desk in: %(said)s.", provider=known.name, said=told))
    if not said.get("code"):
        raise NoToken(say("%(provider)s sent no code. Please begin again.", provider=known.name))
    asked = {
        "grant_type": "authorization_code",
        "code": said["code"],
        "redirect_uri": asking.redirect,
        "code_verifier": asking.verifier,
        "client_id": grant.client_id,
    }
    if grant.client_secret:
        asked["client_secret"] = grant.client_secret
    url = known.token_url.format(tenant=grant.tenant)
    return _lasting(known, oauth.given(grant, oauth.post(known, url, asked, timeout_s=CODE_WITHIN_S), now))


def pasted(address_or_code: str, state: str) -> dict[str, str]:
    """What stands in the address that a browser was sent to. A bare code was copied by hand by who asked for it."""
    text = address_or_code.strip()
    if "://" not in text and "=" not in text:
        return {"code": text, "state": state}
    try:
        query = urlsplit(text).query if "://" in text else text.lstrip("?")
        return {name: values[0] for name, values in parse_qs(query, max_num_fields=50).items()}
    except ValueError:
        return {}


def by_device(
    provider: str,
    grant: Grant,
    show: Callable[[Code], None],
    wait: Callable[[float], None],
    clock: Callable[[], datetime],
) -> Grant:
    """Ask for a code, have it shown, and ask again and again whether it was typed. Raises NoToken."""
    known = PROVIDERS[provider]
    if not known.device_url:
        raise NoToken(say("%(provider)s lets nobody read mail by a code that is typed elsewhere.", provider=known.name))
    asked = {"client_id": grant.client_id, "scope": known.scope}
    said = oauth.post(known, known.device_url.format(tenant=grant.tenant), asked)
    try:
        lasts, every = float(said.get("expires_in") or 900), float(said.get("interval") or 5)
        shown = str(said.get("verification_uri") or said["verification_url"])
        code, asked_with = Code(str(said["user_code"]), shown, lasts), str(said["device_code"])
    except (KeyError, TypeError, ValueError):
        words = say(
            "%(provider)s gave no code to type. Does the application allow public clients?", provider=known.name
        )
        raise NoToken(words) from None
    show(code)
    for pause in _pauses(every, lasts):
        wait(pause.seconds)
        given = _typed(known, grant, asked_with, pause)
        if given is not None:
            return _lasting(known, oauth.given(grant, given, clock()))
    raise NoToken(say("The code was not typed in time. Please begin again."))


@dataclass(slots=True)
class _Pause:
    seconds: float


def _pauses(every: float, lasts: float) -> Iterator[_Pause]:
    """One pause after another until the code has ended; whoever waits may make it longer."""
    pause, spent = _Pause(max(1.0, min(every, 60.0))), 0.0
    while spent < min(lasts, 3600.0):
        yield pause
        spent += pause.seconds


def _typed(known: Provider, grant: Grant, device_code: str, pause: _Pause) -> dict[str, object] | None:
    """What the token server gives, or None while nobody has typed the code (RFC 8628 3.5)."""
    asked = {"grant_type": _DEVICE, "device_code": device_code, "client_id": grant.client_id}
    try:
        return oauth.post(known, known.token_url.format(tenant=grant.tenant), asked)
    except NoToken as refused:
        if refused.code == "slow_down":
            pause.seconds += 5
        elif refused.code in ("expired_token", "code_expired"):
            raise NoToken(say("The code was not typed in time. Please begin again.")) from refused
        elif refused.code != "authorization_pending":
            raise
        return None


def _lasting(known: Provider, grant: Grant) -> Grant:
    """A grant without a refresh token would end within the hour."""
    if not grant.refresh_token:
        words = say(
            "%(provider)s gave no lasting token. "
            "Take the desk's access back in the account's settings, then sign in again.",
            provider=known.name,
        )
        raise NoToken(words)
    return grant
