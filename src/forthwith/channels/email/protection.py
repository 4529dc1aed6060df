"""Signed and encrypted mail (S/MIME: RFC 8551, PGP: RFC 3156 and inline), recognised by what it says of itself.

Nothing is verified or decrypted: the files are kept, and a reader is told what they are.
"""

from __future__ import annotations

import re

from forthwith.channels.email.mail import Mail
from forthwith.channels.email.structure import Part
from forthwith.procedure.said import say

_INLINE = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----", re.MULTILINE)
_CLEAR_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]{2,20}:[^\n]*\n){0,5}\n?")
_SIGNATURE_BEGINS = "\n-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_ENDS = "-----END PGP SIGNATURE-----"
_MOST_PARTS = 50
CMS_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
# The object identifiers of RFC 5652 with which the bytes of a CMS message begin.
_SIGNED_DATA, _ENVELOPED = (
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03",
)


def protection_of(root: Part, text: str) -> str:
    """One of the words of `Mail.protection`; encryption counts for more than a signature."""
    found = {word for part in _parts(root) if (word := _of_part(part))}
    inline = _INLINE.search(text)
    if inline and not found:
        found.add("signed PGP" if inline[1] else "encrypted PGP")
    return min(found, default="")


def _parts(root: Part) -> list[Part]:
    """The first parts of a mail, multiparts before what they hold."""
    found = [root]
    for part in found:
        found.extend(part.parts[: _MOST_PARTS - len(found)])
        if len(found) >= _MOST_PARTS:
            break
    return found


def _of_part(part: Part) -> str:
    protocol = part.type_parameters.get("protocol", "").lower()
    if part.type == "multipart/encrypted":
        return "encrypted S/MIME" if "pkcs7" in protocol else "encrypted PGP"
    if part.type == "multipart/signed" and ("pkcs7" in protocol or "pgp" in protocol):
        return "signed S/MIME" if "pkcs7" in protocol else "signed PGP"
    if part.type == "application/pgp-encrypted":
        return "encrypted PGP"
    if part.type == "application/pgp-signature":
        return "signed PGP"
    if part.type in ("application/pkcs7-signature", "application/x-pkcs7-signature"):
        return "signed S/MIME"
    return _of_cms(part) if part.type in CMS_TYPES else ""


def _of_cms(part: Part) -> str:
    kind = part.type_parameters.get("smime-type", "").lower()
    if not kind:
        begin = part.body()[:64] if part.end - part.start < 50_000_000 else b""
        kind = "signed" if _SIGNED_DATA in begin else "enveloped" if _ENVELOPED in begin else ""
    if kind.startswith(("certs", "compressed")):
        return ""
    return "signed S/MIME" if kind.startswith("signed") else "encrypted S/MIME"


def sentence(protection: str) -> str:
    """What stands in the place of the text when nothing of a protected mail can be read."""
    kind, _, how = protection.partition(" ")
    if not protection:
        return ""
    if kind == "encrypted":
        return f"[This mail is encrypted with {how}. The desk has no key for it; its content is in the attached file.]"
    return f"[This mail is signed with {how}, and its content is packed into the attached file.]"


def remarks(mail: Mail) -> list[str]:
    """What a reader of a mail should know: that it is protected, and what in it could not be read."""
    kind, _, how = mail.protection.partition(" ")
    said = {
        "signed": say("Signed with %(how)s; the desk has not checked the signature.", how=how),
        "encrypted": say("Encrypted with %(how)s; the desk has no key for it.", how=how),
    }.get(kind)
    return [said, *mail.notes] if said else list(mail.notes)


def without_armour(text: str) -> str:
    """The words of an inline signed mail (RFC 9580 7) without the lines that belong to the signature."""
    begin = _CLEAR_SIGNED.search(text)
    if not begin:
        return text
    end = text.find(_SIGNATURE_BEGINS, begin.end() - 1)
    if end < 0:
        return text
    after = text.find(_SIGNATURE_ENDS, end)
    said = re.sub(r"^- ", "", text[begin.end() : end], flags=re.MULTILINE)
    rest = text[after + len(_SIGNATURE_ENDS) :] if after >= 0 else ""
    return text[: begin.start()] + said + rest
