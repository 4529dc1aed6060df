"""All three checks of a stored mail, and the verdict that is kept with it; nobody waits for them (SOP 1.2)."""

from __future__ import annotations

import logging
from ipaddress import ip_address, ip_network
from typing import Any

from forthwith.channels.email.headers import read_headers
from forthwith.channels.email.parse import sender_of
from forthwith.channels.email.verified import NOT_VERIFIED, VERIFIED, aligned
from forthwith.channels.email.vouching import dmarc, signatures, spf
from forthwith.channels.email.vouching.names import Away, Names
from forthwith.record import raw as raws
from forthwith.record.models import RawItem
from forthwith.steps import receive

BY = "this desk"
_MOST_AT_ONCE = 20
_MOST_HEADER_BYTES = 200_000
# Whoever hands over mail from here is no sender but a server in front, which knows who the sender was.
_NEAR = [
    ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128")
]

_log = logging.getLogger(__name__)


def waiting() -> list[RawItem]:
    """The mails that nobody has looked at yet, the oldest first."""
    return list(RawItem.objects.filter(unchecked=True).order_by("pk")[:_MOST_AT_ONCE])


def look_at(item: RawItem, names: Names) -> None:
    """Check one mail, and keep the verdict. What goes wrong says nothing about the mail, and is not tried again."""
    try:
        found = verdict(raws.whole(item), receive.hop_of(item), sender=item.sender, names=names)
    except Exception:
        _log.exception("The sender of mail item %s could not be checked.", item.pk)
        found = {}
    receive.checked(item, found)


def verdict(raw: bytes, hop: receive.Hop, *, sender: str, names: Names) -> dict[str, Any]:
    """What SPF, DKIM and DMARC say of a mail, in the words of `verified.by_trusted`."""
    headers = read_headers(raw, 0, min(len(raw), _MOST_HEADER_BYTES))[0]
    author = sender_of(headers).address.rpartition("@")[2].strip(".>").lower()
    if not author:
        return {}
    envelope = spf.sender_of(hop.peer, hop.helo, sender.strip("<>")) if not _is_near(hop.peer) else None
    passed = spf.check(envelope, names) if envelope else "none"
    let_by = envelope.domain if envelope and passed == "pass" else ""
    signed, domains = signatures.signed_by(raw, names)
    try:
        word = dmarc.check(author, spf=let_by, dkim=domains, names=names)
    except Away:
        word = "temperror"
    if word == "fail" and "temperror" in (passed, signed):
        word = "temperror"
    stands = word == "pass" or (word == "none" and any(aligned(author, one) for one in (let_by, *domains)))
    said = {"spf": passed, "dkim": signed, "dmarc": word}
    return {"verdict": VERIFIED if stands else NOT_VERIFIED, "domain": author, "by": BY, **said}


def _is_near(peer: str) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return True
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in _NEAR)
