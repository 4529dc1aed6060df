"""From the bytes of a mail to what it says (SOP 1.2). Pure: no database, no network, no clock.

Malformed mail is understood as far as it goes. Only bytes that are no mail at all are refused, by `NotMail`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from forthwith.channels.email.automatic import automatic_mail, own_mail
from forthwith.channels.email.bounces import read_bounce
from forthwith.channels.email.charsets import decode
from forthwith.channels.email.headers import Headers, addresses, instant, message_ids, read_headers
from forthwith.channels.email.html import new_part_html, sanitise, to_text
from forthwith.channels.email.mail import NOBODY, Address, Attachment, Automatic, Bounce, Mail, NotMail
from forthwith.channels.email.replies import new_part
from forthwith.channels.email.structure import Part, read_structure

__all__ = ["Address", "Attachment", "Automatic", "Bounce", "Mail", "NotMail", "own_mail", "parse"]

_KNOWN_FIELD = re.compile(
    r"(?:from|to|cc|bcc|subject|date|sender|received|references|comments|keywords|precedence|status|priority"
    r"|importance|organization|encrypted|newsgroups|path|content-[a-z-]+|x-[\w-]+|[a-z]+(?:-[a-z0-9]+)+)\Z"
)
# What threading, loop protection and the ledger ask for; everything else stays in the stored bytes.
_KEPT_FIELDS = (
    "auto-submitted", "precedence", "return-path", "sender", "delivered-to", "x-original-to", "envelope-to", "x-loop",
    "x-auto-response-suppress", "list-id", "list-unsubscribe", "x-failed-recipients", "thread-topic", "thread-index",
    "x-priority", "importance", "priority", "authentication-results", "received-spf", "resent-from", "errors-to",
    "user-agent", "x-mailer", "content-language", "accept-language", "x-forwarded-message-id",
    "disposition-notification-to",
)  # fmt: skip
_CID = re.compile(r"cid:([^\s\"'<>)&]{1,250})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_PGP = re.compile(r"^-----BEGIN PGP (?:SIGNED )?MESSAGE-----", re.MULTILINE)
_QUOTE_DEPTH = re.compile(r">+")
_MAX_TEXT_FOR_REPLY = 500_000


@dataclass(slots=True)
class _Found:
    """What a walk over the parts gathers: each piece of body as (plain, html), either of which may be None."""

    bodies: list[tuple[str | None, str | None]] = field(default_factory=list)
    files: list[tuple[Part, str]] = field(default_factory=list)


def parse(raw: bytes) -> Mail:
    """The mail in `raw` (RFC 5322 bytes, any line ends, an mbox "From " line allowed).

    Raises NotMail, with a sentence for people, when the bytes hold no mail; nothing else is ever raised on purpose
    of the sender. Time grows with the length of `raw` only.
    """
    raw = _checked(raw)
    root = read_structure(raw)
    hint = next((said for leaf in root.leaves() if (said := leaf.type_parameters.get("charset"))), "")
    headers = root.headers
    headers.charset_hint = hint
    found = _Found()
    _walk(root, found, container="", first=True)
    text, html = _text_of(found), _html_of(found)
    sender = _sender(headers)
    subject = headers.text("subject")
    to, cc = _addresses(headers, "to"), _addresses(headers, "cc")
    bounce = read_bounce(root, sender=sender, subject=subject, known=[address.address for address in to])
    return Mail(
        sender=sender,
        to=to,
        cc=cc,
        reply_to=_addresses(headers, "reply-to"),
        subject=subject,
        message_id=next(iter(message_ids(headers.raw("message-id"))), headers.raw("message-id").strip("<> ")),
        in_reply_to=message_ids(" ".join(headers.all("in-reply-to"))),
        references=message_ids(" ".join(headers.all("references"))),
        date=instant(headers.raw("date") or headers.raw("resent-date")),
        text=text,
        reply_text=_reply_text(found, text),
        html=sanitise(html),
        attachments=_attachments(found, html),
        automatic=automatic_mail(root, headers, sender=sender, subject=subject, bounce=bounce),
        bounce=bounce,
        headers={name: headers.text(name) for name in _KEPT_FIELDS if name in headers},
        signed=_signed(root, text),
    )


def _checked(raw: bytes) -> bytes:
    if not raw.strip():
        raise NotMail("The file is empty: a mail has at least one header field, such as 'From:'.")
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    headers, _ = read_headers(raw, 0, min(len(raw), 200_000))
    if any(_KNOWN_FIELD.match(name) for name, _ in headers.fields):
        return raw
    if b"\0" in raw[:1000] or sum(byte >= 0x7F or byte < 9 for byte in raw[:1000]) * 5 > len(raw[:1000]):
        raise NotMail("The file is binary data, not a mail: no header field such as 'From:' stands at its beginning.")
    raise NotMail(
        "The file is text, not a mail: no header field such as 'From:' or 'Subject:' stands at its beginning."
    )


def _sender(headers: Headers) -> Address:
    for name in ("from", "sender", "resent-from"):
        for value in headers.all(name):
            found = addresses(value, headers.charset_hint)
            if found:
                return next((address for address in found if address.address), found[0])
    return NOBODY


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    found = [address for value in headers.all(name)[:50] for address in addresses(value, headers.charset_hint)]
    return tuple(dict.fromkeys(found))


def _walk(part: Part, found: _Found, *, container: str, first: bool) -> None:
    """Sort a part into bodies and files, as RFC 8621 4.1.4 does; never deeper than structure.MAX_DEPTH."""
    if not part.is_multipart:
        _take_leaf(part, found, container=container, first=first)
        return
    kind = part.type.partition("/")[2]
    if kind == "alternative":
        _take_alternative(part, found)
        return
    for index, child in enumerate(part.parts):
        # Of an Apple double only the file itself is of use, not the resource fork beside it (RFC 1740).
        if kind == "appledouble" and child.type == "application/applefile" and len(part.parts) > 1:
            continue
        _walk(child, found, container=kind, first=index == 0)


def _take_leaf(part: Part, found: _Found, *, container: str, first: bool) -> None:
    disposition, _ = part.disposition
    named = bool(_file_name(part))
    # A multipart whose parts could not be told apart is text that a person can still make out.
    broken = part.type.startswith("multipart/") and part.start < part.end
    readable = broken or (part.type in ("text/plain", "text/html") and disposition != "attachment")
    if readable and container != "encrypted" and (first or (container != "related" and not named)):
        if part.type == "text/html":
            found.bodies.append((None, _html_leaf(part)))
        else:
            found.bodies.append((_plain_leaf(part), None))
        return
    if part.type.startswith("multipart/") and part.start >= part.end:
        return
    found.files.append((part, container))


def _take_alternative(part: Part, found: _Found) -> None:
    """One body in several shapes: the last of each shape counts, whatever hangs beside it is kept as a file."""
    inner = _Found()
    for child in part.parts:
        _walk(child, inner, container="alternative", first=True)
    found.files.extend(inner.files)
    plain = "\n".join(text for text, _ in inner.bodies if text is not None) or None
    html = "\n".join(text for _, text in inner.bodies if text is not None) or None
    if plain is not None and not plain.strip() and html:
        plain = None
    if plain is not None or html is not None:
        found.bodies.append((plain, html))


def _plain_leaf(part: Part) -> str:
    text = _lines(decode(part.body(), part.type_parameters.get("charset")))
    if part.type_parameters.get("format", "").lower() == "flowed":
        return _unflowed(text, delsp=part.type_parameters.get("delsp", "").lower() == "yes")
    return text


def _html_leaf(part: Part) -> str:
    body = part.body()
    charset = part.type_parameters.get("charset")
    meta = None if charset else _META_CHARSET.search(body[:4_000])
    return _lines(decode(body, charset or (meta[1].decode("ascii") if meta else None)))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unflowed(text: str, *, delsp: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next line of the same quote depth."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        mark = _QUOTE_DEPTH.match(line)
        depth = mark.end() if mark else 0
        content = line[depth:]
        content = content[1:] if content.startswith(" ") else content
        signature = content == "-- "
        if open_depth == depth and not signature:
            out.append(content)
        else:
            if out:
                out.append("\n")
            out.append(">" * depth + (" " if depth else "") + content)
        flows = content.endswith(" ") and not signature
        if flows and delsp:
            out[-1] = out[-1][:-1]
        open_depth = depth if flows else -1
    return "".join(out)


def _text_of(found: _Found) -> str:
    pieces = [plain if plain is not None else to_text(html or "") for plain, html in found.bodies]
    return "\n".join(piece for piece in pieces if piece.strip()).strip("\n")


def _html_of(found: _Found) -> str:
    if not any(html for _, html in found.bodies):
        return ""
    pieces = [html if html is not None else f"<pre>{escape(plain or '')}</pre>" for plain, html in found.bodies]
    return "\n".join(pieces)


def _reply_text(found: _Found, text: str) -> str:
    if any(plain is None for plain, _ in found.bodies):
        pieces = [plain if plain is not None else new_part_html(html or "") for plain, html in found.bodies]
        text = "\n".join(piece for piece in pieces if piece.strip())
    return new_part(text[:_MAX_TEXT_FOR_REPLY])


def _file_name(part: Part) -> str:
    name = part.disposition[1].get("filename") or part.type_parameters.get("name") or ""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip()[:255]


def _attachments(found: _Found, html: str) -> tuple[Attachment, ...]:
    shown = {match.lower() for match in _CID.findall(html)}
    return tuple(_attachment(part, container, shown) for part, container in found.files)


def _attachment(part: Part, container: str, shown: set[str]) -> Attachment:
    content = part.body()
    name = _file_name(part)
    if not name and part.type == "message/rfc822":
        inner = content.lstrip(b"\r\n")
        subject = read_headers(inner, 0, len(inner))[0].text("subject")
        name = (re.sub(r"[\s/\\:]+", " ", subject).strip()[:100] or "message") + ".eml"
    content_id = part.headers.raw("content-id").strip("<> ")
    disposition, _ = part.disposition
    inline = disposition != "attachment" and part.type.startswith("image/") and container == "related"
    if content_id.lower() in shown or (disposition == "inline" and part.type.startswith("image/")):
        inline = True
    return Attachment(name, part.type, len(content), inline, content_id, content)


def _signed(root: Part, text: str) -> Literal["smime", "pgp"] | None:
    kinds = [root.type, root.type_parameters.get("protocol", "").lower()]
    kinds += [leaf.type for leaf in list(root.leaves())[:50]]
    if any("pkcs7" in kind for kind in kinds):
        return "smime"
    if any("application/pgp-" in kind and kind != "application/pgp-keys" for kind in kinds) or _PGP.search(text):
        return "pgp"
    return None
