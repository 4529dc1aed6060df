"""From the bytes of a mail to what it says (SOP 1.2). Pure: no database, no network, no clock.

Malformed mail is understood as far as it goes. Only bytes that are no mail at all are refused, by `NotMail`.
"""

from __future__ import annotations

import codecs
import re
from html import escape

from forthwith.channels.email.automatic import automatic_mail, own_mail
from forthwith.channels.email.bounces import read_bounce
from forthwith.channels.email.charsets import codec_of, decode, hint_for, legible
from forthwith.channels.email.contents import Contents, File, enriched_text, read_contents
from forthwith.channels.email.headers import Headers, addresses, instant, message_ids, read_headers
from forthwith.channels.email.html import LONGEST_READ, beginning, sanitise, texts
from forthwith.channels.email.invitations import told
from forthwith.channels.email.mail import NOBODY, Address, Attachment, Automatic, Bounce, Mail, NotMail
from forthwith.channels.email.protection import protection_of, sentence, without_armour
from forthwith.channels.email.replies import new_part
from forthwith.channels.email.structure import Part, read_structure, whole
from forthwith.procedure.said import say
from forthwith.record.content import Content

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
_MAX_TEXT_FOR_REPLY = 500_000
_HINT_BYTES = 8_000
_CUT = say(
    "Its formatted text has more than %(most)s characters. What is shown here is its beginning; "
    "the source has all of it.",
    most=f"{LONGEST_READ:,}",
)


def parse(raw: Content) -> Mail:
    """The mail in `raw` (RFC 5322 bytes, any line ends, an mbox "From " line allowed).

    Raises NotMail, with a sentence for people, when the bytes hold no mail; nothing else is ever raised on purpose
    of the sender. Time grows with the length of `raw` only.
    """
    raw = _checked(raw)
    root = read_structure(raw)
    headers = root.headers
    headers.charset_hint = _hint(root)
    found = read_contents(root)
    _cut(found)
    text, reply_text = _texts_of(found)
    html = _html_of(found)
    protection = protection_of(root, text)
    reply_text = new_part(without_armour(legible(reply_text[:_MAX_TEXT_FOR_REPLY])))
    if not text.strip():
        text = reply_text = _stand_in(found, protection)
    shown = {match.lower() for match in _CID.findall(html)}
    sender = sender_of(headers)
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
        reply_text=reply_text,
        html=sanitise(html),
        attachments=tuple(_attachment(file, shown) for file in found.files),
        automatic=automatic_mail(root, headers, sender=sender, subject=subject, bounce=bounce),
        bounce=bounce,
        headers={name: headers.text(name) for name in _KEPT_FIELDS if name in headers},
        protection=protection,
        notes=tuple(dict.fromkeys(found.notes)),
    )


def _hint(root: Part) -> str:
    """The charset for raw 8-bit header fields: that of the first part which names one, or has words."""
    for leaf in root.leaves():
        claimed = leaf.type_parameters.get("charset")
        if claimed or leaf.type.startswith("text/"):
            if codec_of(claimed).startswith(("utf-16", "utf-32")):
                return ""  # header fields are never written in these
            raw_fields = any(not value.isascii() for _, value in root.headers.fields)
            return hint_for(leaf.body()[:_HINT_BYTES], claimed) if raw_fields else claimed or ""
    return ""


def _checked(raw: Content) -> Content:
    head = raw[:1000]
    if not head.strip() and not bytes(raw).strip():
        raise NotMail(say("The file is empty: a mail has at least one header field, such as 'From:'."))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # A mail that an editor saved as "Unicode".
        raw = bytes(raw).decode("utf-16", "replace").encode()
        head = raw[:1000]
    if head.startswith((codecs.BOM_UTF8, b"\r", b"\n")):
        raw = bytes(raw).removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    if raw.find(b"\n") < 0:
        raw = bytes(raw).replace(b"\r", b"\n")
    headers, _ = read_headers(raw, 0, min(len(raw), 200_000))
    if any(_KNOWN_FIELD.match(name) for name, _ in headers.fields):
        return raw
    if b"\0" in raw[:1000] or sum(byte >= 0x7F or byte < 9 for byte in raw[:1000]) * 5 > len(raw[:1000]):
        raise NotMail(
            say("The file is binary data, not a mail: no header field such as 'From:' stands at its beginning.")
        )
    raise NotMail(
        say("The file is text, not a mail: no header field such as 'From:' or 'Subject:' stands at its beginning.")
    )


def sender_of(headers: Headers) -> Address:
    """Who the mail says it is from; NOBODY when it does not."""
    for name in ("from", "sender", "resent-from"):
        for value in headers.all(name):
            found = addresses(value, headers.charset_hint)
            if found:
                return next((address for address in found if address.address), found[0])
    return NOBODY


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    found = [address for value in headers.all(name)[:50] for address in addresses(value, headers.charset_hint)]
    return tuple(dict.fromkeys(found))


def _cut(found: Contents) -> None:
    """Leave of the formatted text what is read: to make HTML safe and legible takes long, and nobody reads so much."""
    left = LONGEST_READ
    for place, (plain, html) in enumerate(found.bodies):
        if html is None:
            continue
        kept, whole_text = beginning(html, left)
        left -= len(kept)
        found.bodies[place] = (plain, kept)
        if not whole_text and _CUT not in found.notes:
            found.notes.append(_CUT)


def _texts_of(found: Contents) -> tuple[str, str]:
    """The whole text, and the one in which the new part is looked for."""
    pieces = [(plain, plain) if plain is not None else texts(html or "") for plain, html in found.bodies]
    text, new = (
        ("\n".join(piece for piece in one if piece.strip()) for one in zip(*pieces, strict=True))
        if pieces
        else ("", "")
    )
    text = legible(text).strip("\n")
    return text, new if any(plain is None for plain, _ in found.bodies) else text


def _stand_in(found: Contents, protection: str) -> str:
    """What is told where a mail has no text: its invitation, or why there is none."""
    for file in found.files:
        if file.type == "text/calendar" and (said := told(decode(whole(file.content)))):
            return legible(said)
    return legible(enriched_text(found)).strip("\n") or sentence(protection)


def _html_of(found: Contents) -> str:
    if not any(html for _, html in found.bodies):
        return ""
    pieces = [html if html is not None else f"<pre>{escape(plain or '')}</pre>" for plain, html in found.bodies]
    return "\n".join(pieces)


def _attachment(file: File, shown: set[str]) -> Attachment:
    inline = file.disposition != "attachment" and file.type.startswith("image/") and file.container == "related"
    if file.content_id.lower() in shown or (file.disposition == "inline" and file.type.startswith("image/")):
        inline = True
    return Attachment(file.name, file.type, inline, file.content_id, file.content)
