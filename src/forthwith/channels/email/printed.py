"""A parsed mail as the JSON that `forthwith mail parse` prints; its keys are a contract with scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from forthwith.channels.email.mail import Address, Mail, NotMail
from forthwith.channels.email.parse import parse


def as_json(mail: Mail, *, file: str) -> dict[str, Any]:
    """The keys in the order of the contract; Message-IDs without angle brackets, dates in UTC."""
    return {
        "file": file,
        "from": _address(mail.sender),
        "to": [_address(address) for address in mail.to],
        "cc": [_address(address) for address in mail.cc],
        "subject": mail.subject,
        "message_id": mail.message_id or None,
        "in_reply_to": mail.in_reply_to[0] if mail.in_reply_to else None,
        "references": list(mail.references),
        "date": mail.date.strftime("%Y-%m-%dT%H:%M:%SZ") if mail.date else None,
        "text": mail.text,
        "reply_text": mail.reply_text,
        "html": mail.html,
        "attachments": [
            {"name": file.name, "type": file.type, "size": file.size, "inline": file.inline}
            for file in mail.attachments
        ],
        "automatic": {"kind": mail.automatic.kind, "why": mail.automatic.why} if mail.automatic else None,
        "bounce": {
            "recipients": list(mail.bounce.recipients),
            "status": mail.bounce.status,
            "permanent": mail.bounce.permanent,
        }
        if mail.bounce
        else None,
    }


def parse_files(files: Iterable[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    """One answer for each (name, bytes): the mail, or `{"file", "error"}` for what is none."""
    for name, raw in files:
        try:
            yield as_json(parse(raw), file=name)
        except NotMail as wrong:
            yield {"file": name, "error": str(wrong)}


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}
