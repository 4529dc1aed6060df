"""Signed ways to a ticket: the requester's link, the reply address, and the Message-IDs that are ours."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.core.signing import BadSignature, Signer

_LINK = "forthwith.link"
_REPLY = "forthwith.reply"
_MAIL = "forthwith.mail"
_STOP = "forthwith.stop"
_SIGNATURE = 20
_REPLY_TAG = re.compile(r"^[^+@]+\+t(\d{1,18})\.([a-z0-9]{20})@", re.ASCII)
_STAFF = "forthwith.staff"
_STAFF_TAG = re.compile(r"^[^+@]+\+s(\d{1,18})-(\d{1,18})\.([a-z0-9]{20})@", re.ASCII)
# Whoever holds a requester's link acts as the requester: it is for them alone, and not for who reads along.
SIGNED = re.compile(r"(/t/)[^/\s]+/")
"""The requester's link in a text, to be shown without its token."""
_OURS = re.compile(r"^<?t(\d{1,18})\.([0-9a-f]{16})\.([a-z0-9]{20})@", re.ASCII)


def ticket_url(number: int, person: int) -> str:
    """The public address at which this person reads and answers this ticket without signing in."""
    return f"{settings.PUBLIC_URL}/t/{token(number, person)}/"


def token(number: int, person: int) -> str:
    """The signed part of `ticket_url`."""
    return Signer(salt=_LINK).sign(f"{number}-{person}")


def read_token(signed: str) -> tuple[int, int] | None:
    """The ticket and person of a `token`, or None when it was not signed here."""
    try:
        number, _, person = Signer(salt=_LINK).unsign(signed).partition("-")
        return int(number), int(person)
    except (BadSignature, ValueError):
        return None


def stop_url(number: int, address: str) -> str:
    """The public address at which somebody in copy says that they want no more mails of this ticket (RFC 8058)."""
    return f"{settings.PUBLIC_URL}/c/{stop_token(number, address)}/"


def stop_token(number: int, address: str) -> str:
    """The signed part of `stop_url`. The mail address itself is not in it."""
    return Signer(salt=_STOP).sign(f"{number}-{_mark(address)}")


def read_stop_token(signed: str) -> tuple[int, str] | None:
    """The ticket of a `stop_token` and the mark of an address, or None when it was not signed here."""
    try:
        number, _, mark = Signer(salt=_STOP).unsign(signed).partition("-")
        return int(number), mark
    except (BadSignature, ValueError):
        return None


def marked(mark: str, addresses: Iterable[str]) -> str:
    """That of the addresses which a mark stands for; nothing when none does."""
    return next((address for address in addresses if secrets.compare_digest(mark, _mark(address))), "")


def _mark(address: str) -> str:
    return _short(_STOP, address.strip().lower())


def reply_address(number: int) -> str:
    """The desk's address with the ticket signed into it, so that a reply finds its ticket."""
    local, _, domain = settings.DESK_ADDRESS.rpartition("@")
    return f"{local}+t{number}.{_short(_REPLY, str(number))}@{domain}"


def read_reply_address(address: str) -> int | None:
    """The ticket that a reply address names, or None when it was not signed here."""
    found = _REPLY_TAG.match(address.strip().lower())
    if not found or not secrets.compare_digest(found[2], _short(_REPLY, found[1])):
        return None
    return int(found[1])


def staff_address(number: int, person: int) -> str:
    """The desk's address with a ticket and somebody of the desk signed into it: only they are ever told it."""
    local, _, domain = settings.DESK_ADDRESS.rpartition("@")
    return f"{local}+s{number}-{person}.{_short(_STAFF, f'{number}-{person}')}@{domain}"


def read_staff_address(address: str) -> tuple[int, int] | None:
    """The ticket and person of a `staff_address`, or None when it was not signed here."""
    found = _STAFF_TAG.match(address.strip().lower())
    if not found or not secrets.compare_digest(found[3], _short(_STAFF, f"{found[1]}-{found[2]}")):
        return None
    return int(found[1]), int(found[2])


def new_mail_id(number: int) -> str:
    """A Message-ID, without brackets, that proves itself to be this desk's for this ticket."""
    nonce = secrets.token_hex(8)
    domain = settings.DESK_ADDRESS.rpartition("@")[2]
    return f"t{number}.{nonce}.{_short(_MAIL, f'{number}.{nonce}')}@{domain}"


def read_mail_id(mail_id: str) -> int | None:
    """The ticket of a Message-ID that this desk issued, or None."""
    found = _OURS.match(mail_id.strip().lower())
    if not found or not secrets.compare_digest(found[3], _short(_MAIL, f"{found[1]}.{found[2]}")):
        return None
    return int(found[1])


def _short(salt: str, value: str) -> str:
    """A signature that survives mail: lower case letters and digits, 100 bits."""
    raw = Signer(salt=salt).signature(value)
    return "".join(c for c in raw.lower() if c.isalnum()).ljust(_SIGNATURE, "0")[:_SIGNATURE]
