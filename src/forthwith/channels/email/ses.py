"""What Amazon SES reports by SNS: a mail whose text is JSON (Amazon SES Developer Guide, notification contents)."""

from __future__ import annotations

import json
import re
from typing import Any

from forthwith.channels.email.charsets import decode
from forthwith.channels.email.mail import Bounce
from forthwith.channels.email.structure import Part

SENDER = "no-reply@sns.amazonaws.com"
_MAX = 200_000
_MAX_RECIPIENTS = 500
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Long lines are broken by old servers with an exclamation mark.
_BROKEN_LINE = re.compile(r"!\r?\n ")


def notification(root: Part) -> dict[str, Any] | None:
    """The report in the first text of the mail, or None."""
    leaf = next((leaf for leaf in root.leaves() if leaf.type == "text/plain"), None)
    if leaf is None or leaf.end - leaf.start > _MAX:
        return None
    found = _object(decode(leaf.body(), leaf.type_parameters.get("charset")))
    if found and isinstance(found.get("Message"), str):
        found = _object(found["Message"])
    return found if found and isinstance(found.get("notificationType"), str) else None


def _object(text: str) -> dict[str, Any] | None:
    begin = text.find("{")
    if begin < 0:
        return None
    try:
        # The first object only: below it may stand a line on how to unsubscribe.
        found, _ = json.JSONDecoder(strict=False).raw_decode(_BROKEN_LINE.sub("", text[begin:]))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def bounce_of(said: dict[str, Any]) -> Bounce | None:
    """The delivery report that a notification is; None for a complaint."""
    kind = said["notificationType"]
    told = said.get(kind.lower())
    if kind not in ("Bounce", "Delivery") or not isinstance(told, dict):
        return None
    rows = [row for row in _list(told.get("bouncedRecipients")) if isinstance(row, dict)]
    addresses = [row.get("emailAddress") for row in rows] if kind == "Bounce" else _list(told.get("recipients"))
    permanent = kind == "Bounce" and told.get("bounceType") == "Permanent"
    status = next((str(row["status"])[:12] for row in rows if row.get("status")), "")
    if kind == "Delivery":
        said_status = _STATUS.search(str(told.get("smtpResponse", ""))[:500])
        status = said_status[0] if said_status else ""
    if not _STATUS.fullmatch(status):
        status = "2.0.0" if kind == "Delivery" else "5.0.0" if permanent else "4.0.0"
    diagnostic = next((str(row["diagnosticCode"]) for row in rows if row.get("diagnosticCode")), "")
    return Bounce(
        recipients=tuple(dict.fromkeys(str(one) for one in addresses if one))[:_MAX_RECIPIENTS],
        status=status,
        permanent=permanent and status.startswith("5"),
        original_message_id=_original_id(said.get("mail")),
        diagnostic=re.sub(r"\A[\w-]+\s*;\s*", "", diagnostic)[:1000],
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _original_id(mail: object) -> str:
    """The Message-ID that we gave, where the notification has the fields of our mail."""
    fields = _list(mail.get("headers")) if isinstance(mail, dict) else []
    for field in fields:
        if isinstance(field, dict) and str(field.get("name", "")).lower() == "message-id":
            return str(field.get("value", "")).strip("<> ")
    return ""
