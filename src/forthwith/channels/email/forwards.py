"""What somebody of the desk forwards for a user: who wrote it, what they wrote, and what was written above it.

Outlook, Gmail, Apple Mail and Thunderbird put the original's header fields above its text, each in its own words;
others attach the whole mail. Everything here is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forthwith.channels.email.headers import addresses
from forthwith.channels.email.mail import Address, Attachment, Mail, NotMail
from forthwith.channels.email.parse import parse
from forthwith.channels.email.reply_words import FORWARD_LINE, HEADER_KEY, SEPARATOR
from forthwith.channels.email.structure import whole

_SUBJECT = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|i|vb|vs|vl|pd|doorst|továbbítás|转发|轉寄|転送|перенапр|пересл)\s?[:：]\s*", re.IGNORECASE
)
_MAILTO = re.compile(r"[\[(<]{1,2}mailto:([^\s<>\[\]()]{3,254})[\])>]{1,2}", re.IGNORECASE)
_QUOTE = re.compile(r"[ \t]{0,3}> ?")
_DASHES = " \t*-_=‐‑–—>:"
_LOOK = 400
_MOST_LINES = 2_000
_FIELDS = 12
_MOST_BLOCKS = 20


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The original mail as far as it can be read, and the `comment` that stands above it."""

    sender: Address
    subject: str
    text: str
    comment: str
    html: str = ""
    message_id: str = ""
    attachments: tuple[Attachment, ...] = ()


def forwarded(mail: Mail) -> Forwarded | None:
    """The mail that this one passes on; None when it is no forward, or does not say who wrote the original."""
    mails = [file for file in mail.attachments if file.type == "message/rfc822"]
    if len(mails) == 1 and (_says_so(mail) or len(mail.reply_text.split()) < 60):
        return _attached(mail, mails[0])
    return _inline(mail)


def bare_subject(subject: str) -> str:
    """The subject without the mark of a forward in front."""
    return _SUBJECT.sub("", subject, count=1).strip()


def _says_so(mail: Mail) -> bool:
    return bool(_SUBJECT.match(mail.subject[:50]) or "x-forwarded-message-id" in mail.headers)


def _attached(mail: Mail, file: Attachment) -> Forwarded | None:
    try:
        inner = parse(whole(file.content))
    except NotMail:
        return None
    if not _fit(inner.sender.address):
        return None
    return Forwarded(
        sender=inner.sender,
        subject=inner.subject,
        text=inner.text,
        comment=mail.reply_text.strip(),
        html=inner.html,
        message_id=inner.message_id,
        attachments=(*inner.attachments, *(other for other in mail.attachments if other is not file)),
    )


def _inline(mail: Mail) -> Forwarded | None:
    lines = mail.text.split("\n")
    left = _MOST_BLOCKS
    for index, line in enumerate(lines[:_MOST_LINES]):
        marked = len(line) < _LOOK and _mark(line)
        begins = _key(line) == "sender" and _says_so(mail)
        if not marked and not begins:
            continue
        if not left:
            return None
        left -= 1
        block = _fields(lines[index + 1 if marked else index :])
        if block and (FORWARD_LINE.match(line) or _says_so(mail) or _named_forward(line)):
            fields, body = block
            return _read(mail, fields, body, comment="\n".join(lines[:index]))
    return None


def _mark(line: str) -> bool:
    """Whether a line says that a mail follows: between dashes, or in Apple Mail's words."""
    inside = line.strip(_DASHES)
    dashed = len(inside) <= 80 and line.lstrip(" \t*>")[:2] in ("--", "__", "==", "—")
    return bool((dashed and inside and SEPARATOR.search(inside)) or FORWARD_LINE.match(line))


def _named_forward(line: str) -> bool:
    return any(word in line.lower() for word in ("forward", "weitergeleitet", "transféré", "reenviado", "inoltrato"))


def _key(line: str) -> str:
    found = HEADER_KEY.match(line[:_LOOK])
    return (found.lastgroup or "") if found else ""


def _fields(lines: Sequence[str]) -> tuple[dict[str, str], list[str]] | None:
    """The header lines at the beginning, by what they say, and the lines behind them."""
    fields: dict[str, str] = {}
    last = ""
    lines = _from_first(lines)
    for index, line in enumerate(lines[: _FIELDS * 2]):
        plain = _QUOTE.sub("", line[:_LOOK])
        found = HEADER_KEY.match(plain)
        if found:
            last = found.lastgroup or ""
            fields.setdefault(last, plain[found.end() :].strip(" *_\t"))
        elif not plain.strip():
            if fields and not _more(lines[index + 1 : index + 2]):
                return _if_told(fields, lines[index + 1 :])
        elif last and (line[:1] in (" ", "\t") or (last == "sender" and "@" in plain)):
            fields[last] += " " + plain.strip()
        elif last not in ("to", "cc"):
            return _if_told(fields, lines[index:])
    return None


def _from_first(lines: Sequence[str]) -> Sequence[str]:
    """Without the blank lines in front."""
    first = next((index for index, line in enumerate(lines[:5]) if _QUOTE.sub("", line).strip()), 0)
    return lines[first:]


def _more(following: Sequence[str]) -> bool:
    """Some clients put a blank line between the fields."""
    return any(HEADER_KEY.match(_QUOTE.sub("", line[:_LOOK])) for line in following)


def _if_told(fields: dict[str, str], body: Sequence[str]) -> tuple[dict[str, str], list[str]] | None:
    return (fields, list(body)) if "sender" in fields and len(fields) > 1 else None


def _read(mail: Mail, fields: dict[str, str], body: list[str], *, comment: str) -> Forwarded | None:
    said = _MAILTO.sub(r"<\1>", fields["sender"])
    sender = next((one for one in addresses(said) if _fit(one.address)), None)
    if sender is None:
        return None
    filled = [line for line in body if line.strip()]
    if filled and all(_QUOTE.match(line) for line in filled):
        body = [_QUOTE.sub("", line, count=1) for line in body]
    return Forwarded(
        sender=sender,
        subject=fields.get("subject", "") or bare_subject(mail.subject),
        text="\n".join(body).strip(),
        comment=_without_rule(comment),
        attachments=mail.attachments,
    )


def _without_rule(comment: str) -> str:
    lines = comment.rstrip().split("\n")
    while lines and not lines[-1].strip(" _-*>\t\r"):
        lines.pop()
    return "\n".join(lines).strip()


def _fit(address: str) -> bool:
    return 3 <= len(address) <= 254 and address.count("@") == 1 and " " not in address
