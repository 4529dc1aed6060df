"""Reading what the demo's mail catcher kept: files `<instant>-<random>.eml` in the home's folder `caught`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

_NAME = re.compile(r"(\d{8}T\d{12})-[0-9a-f]{8}\.eml", re.ASCII)
_HEADERS_WITHIN = 32 * 1024
LARGEST_SHOWN = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Caught:
    """A caught mail; `text` is empty in a list."""

    name: str
    at: datetime
    sender: str
    to: str
    subject: str
    automatic: bool
    text: str = ""


def newest(folder: Path, most: int) -> list[Caught]:
    """The latest mails, newest first, by their headers alone."""
    names = sorted((path.name for path in folder.glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)
    found = (_read(folder / name, _HEADERS_WITHIN, with_text=False) for name in names[:most])
    return [mail for mail in found if mail is not None]


def one(folder: Path, name: str) -> Caught | None:
    """One mail with its text; None when there is none of that name."""
    return _read(folder / name, LARGEST_SHOWN, with_text=True) if _NAME.fullmatch(name) else None


def _read(path: Path, size: int, *, with_text: bool) -> Caught | None:
    try:
        with path.open("rb") as file:
            mail = message_from_bytes(file.read(size), _class=EmailMessage, policy=policy.default)
    except OSError:
        return None
    body = mail.get_body(preferencelist=("plain",)) if with_text else None
    return Caught(
        name=path.name,
        at=datetime.strptime(path.name.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC),
        sender=str(mail["From"] or ""),
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        automatic="Auto-Submitted" in mail,
        text=_text(body) if body is not None else "",
    )


def _text(body: MIMEPart) -> str:
    # The desk writes UTF-8; a charset that another claims may not even exist.
    content = body.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
