"""SPF: whether a domain lets this address hand over its mail (RFC 7208)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal, NamedTuple
from urllib.parse import quote

from forthwith.channels.email.vouching.names import Away, Names

Result = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
MOST_LOOKUPS = 10
MOST_VOID = 2
_MOST_HOSTS = 10
_LONGEST_NAME = 253
_QUALIFIED: dict[str, Result] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_DIRECTIVE = re.compile(
    r"([-+?~]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^/\s][^\s]*?))?((?:/\d{1,2})?(?://\d{1,3})?)"
)
_NETWORK = re.compile(r"([-+?~]?)(ip4|ip6):([0-9a-fA-F.:]{1,45}(?:/\d{1,3})?)()")
_MODIFIER = re.compile(r"([a-zA-Z][\w.-]*)=(\S*)", re.ASCII)
_MACRO = re.compile(r"%(?:\{([slodiphcrtv])(\d{0,3})(r?)([-.+,/_=]*)\}|([%_-])|)", re.IGNORECASE)


class _Wrong(Exception):
    """The record cannot be understood: permerror."""


class _Term(NamedTuple):
    result: Result
    kind: str
    about: str
    lengths: str


@dataclass(slots=True)
class Sender:
    """Who hands over a mail: its address, the name that it greets with, and the envelope's sender."""

    ip: IPv4Address | IPv6Address
    helo: str
    mail_from: str

    @property
    def domain(self) -> str:
        """The domain that is asked: that of the envelope, or the greeting where that is empty (RFC 7208 2.4)."""
        return (self.mail_from.rpartition("@")[2] or self.helo).strip(".[]").lower()


def check(sender: Sender, names: Names) -> Result:
    """The result for a mail of this sender."""
    asking = _Asking(sender, names)
    try:
        return asking.host(sender.domain)
    except Away:
        return "temperror"
    except _Wrong:
        return "permerror"


class _Asking:
    """One check, which counts its look-ups (RFC 7208 4.6.4)."""

    def __init__(self, sender: Sender, names: Names) -> None:
        self._sender = sender
        self._names = names
        self._lookups = 0
        self._void = 0

    def host(self, domain: str) -> Result:
        """check_host() of RFC 7208 4."""
        record = self._record(domain)
        if record is None:
            return "none"
        terms, redirect = _terms(record)
        for term in terms:
            if self._matches(term, domain):
                return term.result
        if not redirect:
            return "neutral"
        self._count()
        found = self.host(self._expanded(redirect, domain))
        if found == "none":
            raise _Wrong("The record redirects to nothing.")
        return found

    def _record(self, domain: str) -> str | None:
        if not _is_name(domain):
            return None
        found = [one for one in self._names.look_up(domain, "TXT") if re.match(r"v=spf1(?: |\Z)", one, re.IGNORECASE)]
        if len(found) > 1:
            raise _Wrong("There are several records.")
        return found[0] if found else None

    def _matches(self, term: _Term, domain: str) -> bool:
        if term.kind == "all":
            return True
        if term.kind in ("ip4", "ip6"):
            return self._within(term.about)
        self._count()
        about = self._expanded(term.about, domain) if term.about else domain
        if term.kind == "include":
            return self._included(about)
        if term.kind == "exists":
            return bool(self._look_up(about, "A"))
        if term.kind == "ptr":
            return self._is_named(about)
        hosts = [about] if term.kind == "a" else self._mail_hosts(about)
        return any(self._is_at(host, term.lengths) for host in hosts)

    def _mail_hosts(self, domain: str) -> list[str]:
        hosts = self._look_up(domain, "MX")
        if len(hosts) > _MOST_HOSTS:
            raise _Wrong("There are too many mail servers.")
        return hosts

    def _included(self, domain: str) -> bool:
        found = self.host(domain)
        if found == "none":
            raise _Wrong("What is included has no record.")
        return found == "pass"

    def _is_at(self, host: str, lengths: str) -> bool:
        four, _, six = lengths.partition("//")
        length = four.strip("/") if self._sender.ip.version == 4 else six
        kind: Literal["A", "AAAA"] = "A" if self._sender.ip.version == 4 else "AAAA"
        slash = f"/{length}" if length else ""
        return any(self._within(f"{address}{slash}") for address in self._look_up(host, kind))

    def _within(self, network: str) -> bool:
        try:
            return self._sender.ip in ip_network(network, strict=False)
        except ValueError:
            raise _Wrong("An address is none.") from None

    def _is_named(self, domain: str) -> bool:
        """Whether a name of the address, that leads back to it, is in the domain (RFC 7208 5.5)."""
        try:
            hosts = self._look_up(self._sender.ip.reverse_pointer, "PTR")[:_MOST_HOSTS]
            hosts = [host for host in hosts if f".{host.lower()}".endswith(f".{domain.lower()}")]
            return any(self._is_at(host, "") for host in hosts)
        except Away:
            return False

    def _look_up(self, name: str, kind: Literal["A", "AAAA", "MX", "PTR"]) -> list[str]:
        found = self._names.look_up(name, kind) if len(name) <= _LONGEST_NAME else []
        self._void += not found
        if self._void > MOST_VOID:
            raise _Wrong("Too many names of the record have nothing behind them.")
        return found

    def _count(self) -> None:
        self._lookups += 1
        if self._lookups > MOST_LOOKUPS:
            raise _Wrong("The record asks for too many look-ups.")

    def _expanded(self, spec: str, domain: str) -> str:
        """Macros filled in (RFC 7208 7), a name that is too long cut from its left."""
        said = _MACRO.sub(lambda found: self._macro(found, domain), spec)
        while len(said) > _LONGEST_NAME and "." in said:
            said = said.partition(".")[2]
        return said

    def _macro(self, found: re.Match[str], domain: str) -> str:
        if found[5]:
            return {"%": "%", "_": " ", "-": "%20"}[found[5]]
        if not found[1]:
            raise _Wrong("A percent sign stands alone.")
        sender = self._sender
        local = sender.mail_from.rpartition("@")[0] or "postmaster"
        whole = sender.mail_from if "@" in sender.mail_from else f"postmaster@{sender.domain}"
        ip = str(sender.ip) if sender.ip.version == 4 else ".".join(sender.ip.exploded.replace(":", ""))
        values = {"s": whole, "l": local, "o": sender.domain, "d": domain, "i": ip, "h": sender.helo}
        values |= {"p": "unknown", "v": "in-addr" if sender.ip.version == 4 else "ip6", "c": str(sender.ip)}
        value = values.get(found[1].lower(), "unknown")[:_LONGEST_NAME]
        parts = re.split(f"[{re.escape(found[4] or '.')}]", value)
        parts = parts[::-1] if found[3] else parts
        kept = ".".join(parts[-int(found[2]) :] if found[2] and int(found[2]) else parts)
        return quote(kept, safe="") if found[1].isupper() else kept


def _terms(record: str) -> tuple[list[_Term], str]:
    """The record's directives, and where it redirects to. A mistake anywhere spoils all of it (RFC 7208 4.6)."""
    terms: list[_Term] = []
    seen: dict[str, str] = {}
    for word in record.split(" ")[1:]:
        modifier = _MODIFIER.fullmatch(word)
        if modifier:
            name = modifier[1].lower()
            if name in seen and name in ("redirect", "exp"):
                raise _Wrong("A modifier comes twice.")
            seen[name] = modifier[2]
        elif word:
            terms.append(_term(word))
    if "redirect" in seen and not seen["redirect"]:
        raise _Wrong("The record redirects to nothing.")
    return terms, "" if any(term.kind == "all" for term in terms) else seen.get("redirect", "")


def _term(word: str) -> _Term:
    lower = word.lower()
    found = (
        _NETWORK.fullmatch(lower) or _DIRECTIVE.fullmatch(word[:1].lower() + word[1:]) or _DIRECTIVE.fullmatch(lower)
    )
    if not found:
        raise _Wrong(f"{word[:40]} is no directive.")
    sign, kind, about, lengths = found[1], found[2].lower(), found[3] or "", found[4] or ""
    if kind in ("ip4", "ip6"):
        if not re.fullmatch(r"[^/]+(?:/\d{1,3})?", about) or (":" in about) != (kind == "ip6"):
            raise _Wrong(f"{about[:60]} is no {kind} network.")
        try:
            ip_network(about, strict=False)
        except ValueError:
            raise _Wrong(f"{about[:60]} is no {kind} network.") from None
    needs, may = kind in ("include", "exists", "ip4", "ip6"), kind != "all"
    if (needs and not about) or (about and not may) or (lengths and kind not in ("a", "mx")):
        raise _Wrong(f"{word[:40]} is no directive.")
    four, _, six = lengths.partition("//")
    if int(four.strip("/") or 0) > 32 or int(six or 0) > 128:
        raise _Wrong(f"{word[:40]} has no such network.")
    return _Term(_QUALIFIED[sign or "+"], kind, about, lengths)


def _is_name(domain: str) -> bool:
    labels = domain.split(".")
    return len(domain) <= _LONGEST_NAME and len(labels) > 1 and all(0 < len(label) < 64 for label in labels)


def sender_of(ip: str, helo: str, mail_from: str) -> Sender | None:
    """The sender, or None where the address is none."""
    try:
        found = ip_address(ip)
    except ValueError:
        return None
    return Sender(getattr(found, "ipv4_mapped", None) or found, helo, mail_from)
