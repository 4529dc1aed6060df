"""DMARC: whether the domain in From stands behind a mail, by its own published word.

The domain under whose word a domain stands is found by walking up the names and asking each (the tree walk of
DMARCbis, draft-ietf-dmarc-dmarcbis 4.10), so that no list of public suffixes has to be kept up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from forthwith.channels.email.vouching.names import Names

_MOST_QUESTIONS = 8


@dataclass(frozen=True, slots=True)
class _Word:
    """The record that counts for a domain, and the organisation's domain above it, or itself."""

    tags: Mapping[str, str]
    organisation: str


def check(author: str, *, spf: str, dkim: Iterable[str], names: Names) -> str:
    """The result for a mail whose From is of the domain `author`: `none` where that has published nothing.

    `spf` is the domain that SPF let pass, or empty; `dkim` are those with a good signature. Raises Away.
    """
    word = _word(author, names)
    if word is None:
        return "none"
    stands = partial(_aligned, author, word, names=names)
    if spf and stands(spf, strict=word.tags.get("aspf") == "s"):
        return "pass"
    strict = word.tags.get("adkim") == "s"
    return "pass" if any(stands(domain, strict=strict) for domain in dkim) else "fail"


def _aligned(author: str, word: _Word, domain: str, *, strict: bool, names: Names) -> bool:
    if domain == author:
        return True
    if strict or not f".{domain}".endswith(f".{word.organisation}"):
        return False
    theirs = _word(domain, names)
    return theirs is not None and theirs.organisation == word.organisation


def _word(domain: str, names: Names) -> _Word | None:
    """Ask the domain and those above it; the uppermost that answers is the organisation, unless one says otherwise."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for name in _upwards(domain):
        tags = _record(name, names)
        if tags is None:
            continue
        found.append((name, tags))
        if tags.get("psd") == "n":
            break
        if tags.get("psd") == "y" and name != domain:
            below = domain.split(".")[-len(name.split(".")) - 1 :]
            return _Word(found[0][1], ".".join(below))
    if not found:
        return None
    return _Word(found[0][1], found[-1][0])


def _upwards(domain: str) -> list[str]:
    labels = domain.split(".")
    starts = range(len(labels))
    if len(labels) >= _MOST_QUESTIONS:
        starts = range(len(labels) - _MOST_QUESTIONS + 1, len(labels))
        return [domain, *(".".join(labels[start:]) for start in starts)]
    return [".".join(labels[start:]) for start in starts]


def _record(name: str, names: Names) -> Mapping[str, str] | None:
    records = [_tags(one) for one in names.look_up(f"_dmarc.{name}", "TXT") if one.replace(" ", "")[:8] == "v=DMARC1"]
    return records[0] if len(records) == 1 else None


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record[:2_000].split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs if name.strip()}
