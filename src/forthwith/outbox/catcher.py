"""The demo's mail catcher: an SMTP server that takes every mail and keeps it as a file, for nobody to receive."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MOST_KEPT = 2000


class Catcher:
    """Keeps each mail as one `.eml` file whose name sorts by the instant it came."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.clock = clock

    def protocol(self) -> SMTP:
        """A server for one connection."""
        return SMTP(self, hostname="catcher.localhost", ident="Forthwith mail catcher", enable_SMTPUTF8=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer 250 once the file is there."""
        name = await asyncio.to_thread(keep, self.folder, bytes(envelope.original_content or b""), now=self.clock())
        return f"250 2.0.0 Caught as {name}"


def keep(folder: Path, mail: bytes, *, now: datetime) -> str:
    """Write a mail whole or not at all, and return its file name; the oldest give way beyond MOST_KEPT."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
    descriptor, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(descriptor, "wb") as file:
        file.write(mail)
    os.replace(temporary, folder / name)
    for old in sorted(folder.glob("*.eml"))[:-MOST_KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return name
