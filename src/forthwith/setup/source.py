"""The source of a stored item for people: as text, and what a form can be filled in with from it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header

MOST_SHOWN = 64 * 1024
_MOST_READ = 256 * 1024
_MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Guess:
    """What an item that could not be understood may say; either may be empty."""

    subject: str = ""
    text: str = ""


def shown(body: bytes) -> tuple[str, bool]:
    """The beginning of an item as text, at most MOST_SHOWN bytes of it, and whether that is the whole."""
    return _text(body[:MOST_SHOWN]), len(body) <= MOST_SHOWN


def guessed(body: bytes) -> Guess:
    """Subject and first plain text of an item, by a reader that stops at nothing; a person sees what it found."""
    try:
        mail = message_from_bytes(body[:_MOST_READ])
        subject = " ".join(str(make_header(decode_header(str(mail["Subject"] or "")))).split())
        for place, part in enumerate(mail.walk()):
            if place > 50:
                break
            content = part.get_payload(decode=True) if part.get_content_type() == "text/plain" else None
            if isinstance(content, bytes) and content.strip():
                return Guess(_storable(subject)[:300], _storable(_text(content)).strip()[:_MOST_TEXT])
    except Exception:  # what could not be understood may break this reader too, in any way: then nothing is filled in
        return Guess()
    return Guess(_storable(subject)[:300])


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _storable(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c in "\n\t")
