"""Whether a mail is from the domain that it says it is from, by the word of the mail server in front.

That server took the mail from its sender and wrote what it found about SPF, DKIM and DMARC into
Authentication-Results (RFC 8601). A domain vouches for an address of its own, of a domain below or right above it
(relaxed alignment, RFC 7489 3.1, without a list of public suffixes: none of them signs mail).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from forthwith.channels.email.headers import read_headers
from forthwith.record.content import Content

VERIFIED, NOT_VERIFIED = "verified", "not verified"
MOST_FIELDS = 5
_MOST_HEADER_BYTES = 200_000
_LONGEST_FIELD = 10_000
_COMMENT = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"(?:^|\s)([a-z0-9.-]{1,40})\s*=\s*\"?([^\s;\"]{1,255})", re.IGNORECASE)
# Which property of each method's result names the domain that vouches (RFC 8601 2.7).
_VOUCHES = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo")}


def by_trusted(raw: Content, sender: str, host: str) -> dict[str, Any]:
    """What the trusted `host` wrote of a mail from the address `sender`; empty when it wrote nothing.

    The host must strip such fields from mail that comes to it (RFC 8601 5): whoever names it relies on that.
    """
    domain = _domain(sender)
    said = read_headers(raw, 0, min(len(raw), _MOST_HEADER_BYTES))[0].all("authentication-results")
    found: dict[str, str] = {}
    vouched = False
    for field in said[:MOST_FIELDS]:
        server, _, results = _COMMENT.sub(" ", field[:_LONGEST_FIELD]).partition(";")
        if server.lower().split()[:1] != [host.lower()]:
            continue
        for method, outcome, domains in _results(results):
            found[method] = "pass" if "pass" in (outcome, found.get(method)) else outcome
            vouched = vouched or (outcome == "pass" and any(aligned(domain, one) for one in domains))
    if not found:
        return {}
    return {"verdict": VERIFIED if vouched else NOT_VERIFIED, "domain": domain, "by": host, **found}


def _results(said: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each method, its outcome, and the domains that it is about."""
    for result in said.split(";")[:20]:
        words = [(name.lower(), value) for name, value in _WORD.findall(result)[:20]]
        if words and words[0][0] in _VOUCHES:
            (method, outcome), about = words[0], dict(words[1:])
            yield method, outcome.lower(), [_domain(about[name]) for name in _VOUCHES[method] if name in about]


def aligned(domain: str, vouching: str) -> bool:
    """Whether one of the two domains is the other, or lies within it; a top-level domain vouches for nothing."""
    if "." not in domain or "." not in vouching:
        return False
    return domain == vouching or domain.endswith(f".{vouching}") or vouching.endswith(f".{domain}")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(".>").lower()
