"""What a mail says, once it is read: the frozen values that the rest of the house works with (SOP 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from forthwith.record.content import Pieces

AutomaticKind = Literal["bounce", "auto-reply", "list", "feedback", "own"]


class NotMail(ValueError):
    """The bytes are no mail, or none that a mail program made; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an addr-spec (RFC 5322 3.4); either may be empty, never both."""

    name: str
    address: str


NOBODY = Address("", "")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the text; `inline` when the HTML shows it by its cid. A large content is read in pieces."""

    name: str
    type: str
    inline: bool
    content_id: str
    content: bytes | Pieces = field(repr=False)

    @property
    def size(self) -> int:
        """Its bytes after decoding."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Automatic:
    """Why no person wrote this mail for us: `why` names the header or words that tell."""

    kind: AutomaticKind
    why: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report (RFC 3464 or home-made).

    `status` is an enhanced code (RFC 3463) such as "5.1.1", or "" if nothing tells; `permanent` is true when the
    sender's server gave up for good with a class 5 reason, false for delays, for class 4 and for good news.
    `original_message_id` has no angle brackets.
    """

    recipients: tuple[str, ...]
    status: str
    permanent: bool
    original_message_id: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as understood. Message-IDs have no angle brackets; `date` is aware UTC or None.

    `text` is the whole plain text, `reply_text` only what is new in it, `html` is sanitised. `headers` holds the
    first value of the header fields that threading and loop protection ask for, by lower-case name. `protection` is
    "signed S/MIME", "encrypted S/MIME", "signed PGP", "encrypted PGP" or "": what the mail says, not what was verified.
    `notes` are sentences on what in the mail could not be read.
    """

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None
    text: str
    reply_text: str
    html: str
    attachments: tuple[Attachment, ...]
    automatic: Automatic | None
    bounce: Bounce | None
    headers: Mapping[str, str]
    protection: str = ""
    notes: tuple[str, ...] = ()
