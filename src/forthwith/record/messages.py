"""Writing down what was said: messages and their files, with the digest that facts vouch by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from forthwith.people.prepared import insert
from forthwith.record import chain, files, kinds
from forthwith.record.content import Pieces
from forthwith.record.models import Attachment, Message

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class File:
    """A file to be kept with a message."""

    name: str
    type: str
    content: bytes | Pieces
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message about to be written down."""

    kind: str
    text: str
    written_at: datetime
    author: int | None
    incoming: bool = False
    address: str = ""
    subject: str = ""
    new_text: str = ""
    html: str = ""
    mail_id: str = ""
    raw_item: int | None = None
    files: Sequence[File] = ()


def write(ticket: int, draft: Draft) -> Message:
    """Keep a message and its files; their digest is on the message."""
    message = Message(
        ticket_id=ticket,
        kind=draft.kind,
        incoming=draft.incoming,
        author_id=draft.author,
        address=storable(draft.address)[:320],
        subject=storable(draft.subject)[:998],
        text=storable(draft.text),
        new_text=storable(draft.new_text),
        html=storable(draft.html),
        mail_id=storable(draft.mail_id)[:998],
        written_at=draft.written_at,
        raw_item_id=draft.raw_item,
    )
    kept = [_attachment(message, file) for file in draft.files]
    message.digest = _digest(message, kept)
    insert([message])
    for file in kept:
        file.message = message
    if kept:
        Attachment.objects.bulk_create(kept)
    return message


def copied(message: Message, ticket: int) -> Message:
    """The same message, files and all, on another ticket: its digest is the same, so both records vouch for it."""
    kept = list(message.attachments.order_by("pk"))
    again = copy(message)
    again.pk, again.ticket_id = None, ticket
    insert([again])
    for file in kept:
        file.pk, file.message = None, again
    if kept:
        Attachment.objects.bulk_create(kept)
    return again


def storable(text: str) -> str:
    """The text as every database can keep it: PostgreSQL takes no NUL, and UTF-8 has no lone surrogates."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text) if _UNSTORABLE.search(text) else text


def name_of(file: File) -> str:
    """The name that a file is kept by."""
    return kinds.safe_name(storable(file.name))


def _attachment(message: Message, file: File) -> Attachment:
    digest = files.keep(file.content)
    with files.opened(digest) as content:
        return Attachment(
            message=message,
            name=name_of(file),
            type=storable(file.type)[:127],
            size=len(content),
            digest=digest,
            inline=file.inline,
            content_id=storable(file.content_id)[:255],
            looks=kinds.type_of(content)[:127],
            danger=kinds.danger_of(content, file.name),
        )


def _digest(message: Message, kept: Sequence[Attachment]) -> str:
    """What a fact vouches for: who said what, when, to whom it may be shown, and every file with its content."""
    content = {
        "kind": message.kind,
        "incoming": message.incoming,
        "author": message.author_id,
        "address": message.address,
        "subject": message.subject,
        "text": message.text,
        "new_text": message.new_text,
        "html": message.html,
        "mail_id": message.mail_id,
        "written_at": chain.instant(message.written_at),
        "files": sorted([f.digest, f.name, f.type, f.size, f.inline, f.content_id] for f in kept),
    }
    return chain.digest(content)


def intact(message: Message) -> bool:
    """Whether a message and its files, down to their bytes, are what the digest was taken of."""
    kept = list(message.attachments.all())
    return message.digest == _digest(message, kept) and all(files.intact(file.digest) for file in kept)
