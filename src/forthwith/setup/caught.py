"""Reading what the demo's mail catcher kept: files `<instant>-<random>.eml` in the home's folder `caught`."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from html import escape
from pathlib import Path

_NAME = re.compile(r"(\d{8}T\d{12})-[0-9a-f]{8}\.eml", re.ASCII)
_HEADERS_WITHIN = 32 * 1024
LARGEST_SHOWN = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Caught:
    """A caught mail; `text` and `html` are empty in a list. `files` are the names of what is attached."""

    name: str
    at: datetime
    sender: str
    to: str
    subject: str
    automatic: bool
    text: str = ""
    html: str = ""
    files: tuple[str, ...] = ()


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
    plain = mail.get_body(preferencelist=("plain",)) if with_text else None
    html = mail.get_body(preferencelist=("html",)) if with_text else None
    parts = [part for part in mail.walk() if part.get_filename()] if with_text else []
    return Caught(
        name=path.name,
        at=datetime.strptime(path.name.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC),
        sender=str(mail["From"] or ""),
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        automatic="Auto-Submitted" in mail,
        text=_text(plain) if plain is not None else "",
        html=_with_pictures(_text(html), parts) if html is not None else "",
        files=tuple(str(part.get_filename()) for part in parts),
    )


def _with_pictures(html: str, parts: Sequence[EmailMessage]) -> str:
    """The page with the mail's own pictures in it, as a browser does not know what `cid:` is."""
    for part in parts:
        cid, content = str(part.get("Content-ID", "")).strip("<> "), part.get_payload(decode=True)
        if cid and part.get_content_maintype() == "image" and isinstance(content, bytes):
            inside = f"data:{part.get_content_type()};base64,{b64encode(content).decode()}"
            html = html.replace(f'"cid:{escape(cid)}"', f'"{inside}"')
    return html


def _text(body: MIMEPart) -> str:
    # The desk writes UTF-8; a charset that another claims may not even exist.
    content = body.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
