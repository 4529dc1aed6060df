"""DKIM: which domains have signed a mail (RFC 6376), by dkimpy.

What would take dkimpy longer than the mail's length warrants is not given to it: it reads a mail line by line, looks
for each signed field among all, and for the end of each run of blanks from each of them.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import dkim

from forthwith.channels.email.vouching.names import Away, Names

MOST_SIGNATURES = 5
_MOST_HEADER_BYTES = 100_000
_MOST_FIELDS = 500
_LONGEST_SIGNATURE = 5_000
_MOST_LINES = 1_000_000
_MOST_BLANKS = 50_000_000
_LONGEST_KEY = 2_000
_BLANKS = re.compile(rb"[ \t]{16,}")
_HEAD = re.compile(rb"\r?\n\r?\n")
_SIGNATURE = re.compile(rb"^dkim-signature[ \t]*:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_BODY_LENGTH = re.compile(rb"(?:\A|;)\s*l\s*=")

# dkimpy tells a logger of everything that a stranger's mail makes it stumble over.
_quiet = logging.getLogger(f"{__name__}.quiet")
_quiet.disabled = True


def signed_by(raw: bytes, names: Names) -> tuple[str, list[str]]:
    """The result over all signatures, and the domains whose signature is good.

    A signature that leaves out the end of the text (`l=`) is worth nothing: anybody may add to such a mail.
    """
    found = _HEAD.search(raw)
    head = raw[: found.start() + 1] if found else raw
    signatures = [match[1] for match in _SIGNATURE.finditer(head[:_MOST_HEADER_BYTES])]
    if not signatures:
        return "none", []
    if not _is_bearable(raw, head):
        return "permerror", []
    results = [_verified(raw, place, signature, names) for place, signature in enumerate(signatures[:MOST_SIGNATURES])]
    good = [domain for result, domain in results if result == "pass"]
    said = [result for result, _ in results]
    return next((one for one in ("pass", "temperror", "fail") if one in said), said[0]), good


def _is_bearable(raw: bytes, head: bytes) -> bool:
    if len(head) > _MOST_HEADER_BYTES or head.count(b"\n") > 10 * _MOST_FIELDS or raw.count(b"\n") > _MOST_LINES:
        return False
    if len(re.findall(rb"^[!-9;-~]+:", head, re.MULTILINE)) > _MOST_FIELDS:
        return False
    blanks = 0
    for run in _BLANKS.finditer(raw):
        blanks += (run.end() - run.start()) ** 2
        if blanks > _MOST_BLANKS:
            return False
    return True


def _verified(raw: bytes, place: int, signature: bytes, names: Names) -> tuple[str, str]:
    if len(signature) > _LONGEST_SIGNATURE:
        return "permerror", ""
    if _BODY_LENGTH.search(signature):
        return "policy", ""

    def key(name: bytes, timeout: float = 0) -> bytes | None:
        said = names.look_up(name.decode("ascii", "replace"), "TXT")
        # A longer one holds a number that would be reckoned with for hours.
        return said[0].encode() if said and len(said[0]) <= _LONGEST_KEY else None

    try:
        checker: Any = dkim.DKIM(raw, logger=_quiet)
        good = checker.verify(idx=place, dnsfunc=key)
        domain = checker.domain.decode("ascii", "replace").lower() if checker.domain else ""
    except Away:
        return "temperror", ""
    except dkim.ValidationError:
        return "fail", ""
    except Exception:  # whatever a stranger's mail does to it says nothing good of the signature
        return "permerror", ""
    return ("pass" if good else "fail"), domain
