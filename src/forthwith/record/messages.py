"""Writing down what was said: messages and their files, with the digest that facts vouch by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forthwith.record import chain, files
from forthwith.record.models import Attachment, Message


@dataclass(frozen=True, slots=True)
class File:
    """A file to be kept with a message."""

    name: str
    type: str
    content: bytes
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
    kept = [(file, files.keep(file.content)) for file in draft.files]
    digest = chain.message_digest(
        subject=draft.subject[:998], text=draft.text, html=draft.html, files=[digest for _, digest in kept]
    )
    message = Message.objects.create(
        ticket_id=ticket,
        kind=draft.kind,
        incoming=draft.incoming,
        author_id=draft.author,
        address=draft.address[:320],
        subject=draft.subject[:998],
        text=draft.text,
        new_text=draft.new_text,
        html=draft.html,
        mail_id=draft.mail_id[:998],
        digest=digest,
        written_at=draft.written_at,
        raw_item_id=draft.raw_item,
    )
    if kept:
        Attachment.objects.bulk_create(_attachment(message, file, digest) for file, digest in kept)
    return message


def _attachment(message: Message, file: File, digest: str) -> Attachment:
    return Attachment(
        message=message,
        name=file.name[:255] or "unnamed",
        type=file.type[:127],
        size=len(file.content),
        digest=digest,
        inline=file.inline,
        content_id=file.content_id[:255],
    )


def intact(message: Message) -> bool:
    """Whether a message and its files still have the digest that was taken when it was written."""
    names = [file.digest for file in message.attachments.all()]
    return message.digest == chain.message_digest(
        subject=message.subject, text=message.text, html=message.html, files=names
    )
