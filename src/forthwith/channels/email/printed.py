"""A parsed mail as the JSON that `forthwith mail parse` prints; its keys are a contract with scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forthwith.channels.email.mail import Address, Mail, NotMail
from forthwith.channels.email.parse import own_mail, parse


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
        "date": mail.date.isoformat(timespec="seconds").replace("+00:00", "Z") if mail.date else None,
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
        "protection": mail.protection or None,
        "notes": list(mail.notes),
    }


def answer(raw: bytes, *, file: str, is_ours: Callable[[str], bool] = lambda mail_id: False) -> dict[str, Any]:
    """The mail in these bytes, or `{"file", "error"}` when they are none. Never an exception.

    `is_ours` tells whether this desk issued a Message-ID.
    """
    try:
        return as_json(own_mail(parse(raw), is_ours), file=file)
    except NotMail as wrong:
        return {"file": file, "error": str(wrong)}
    except Exception as error:  # a mail that breaks the parser must not keep those after it from being answered
        return {"file": file, "error": f"The parser failed; please report this mail: {type(error).__name__}: {error}."}


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}
