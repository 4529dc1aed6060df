"""What the domain name system says, asked within a limited time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

import dns.exception
import dns.name
import dns.resolver

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR"]
ALL_WITHIN_S = 10.0
"""How long all questions about one mail may take (RFC 7208 4.6.4 asks for at least twenty seconds for SPF alone, of
servers that hold up the mail meanwhile; here nobody waits)."""
_MOST = 100


class Away(RuntimeError):
    """No name server gave an answer in time: nothing is known, and nothing is wrong with the mail."""


class Names(Protocol):
    """Whoever answers questions about names."""

    def look_up(self, name: str, kind: Kind) -> list[str]:
        """The records of a name: texts, addresses, or names (of MX the best first). Raises Away."""


class Dns:
    """The name servers, asked about one mail. `seconds` only grow."""

    def __init__(self, server: tuple[str, int] | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._seconds = seconds
        self._until = seconds() + ALL_WITHIN_S
        self._known: dict[tuple[str, str], list[str]] = {}

    def look_up(self, name: str, kind: Kind) -> list[str]:
        """Ask, or remember. A name that cannot exist has no records."""
        asked = (name.lower().rstrip("."), kind)
        if asked not in self._known:
            self._known[asked] = self._asked(*asked)
        return self._known[asked]

    def _asked(self, name: str, kind: str) -> list[str]:
        left = self._until - self._seconds()
        if left <= 0:
            raise Away("The name servers took too long.")
        try:
            answer = self._resolver().resolve(
                dns.name.from_text(name), kind, lifetime=left, search=False, raise_on_no_answer=False
            )
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return []
        except (dns.name.BadEscape, dns.name.IDNAException, UnicodeError):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise Away(f"No name server answers: {error}") from error
        return _told(answer)

    def _resolver(self) -> dns.resolver.Resolver:
        if self._server is None:
            return dns.resolver.Resolver()
        made = dns.resolver.Resolver(configure=False)
        made.nameservers, made.port = [self._server[0]], self._server[1]
        return made


def _told(answer: dns.resolver.Answer) -> list[str]:
    records: list[Any] = list(answer.rrset or ())[:_MOST]
    kind = answer.rdtype.name
    if kind == "TXT":
        return [b"".join(one.strings).decode("utf-8", "replace") for one in records]
    if kind == "MX":
        return [one.exchange.to_text(True) for one in sorted(records, key=lambda one: one.preference)]
    return [one.target.to_text(True) if kind == "PTR" else one.address for one in records]
