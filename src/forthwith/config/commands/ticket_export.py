"""`forthwith ticket export N --json FILE|--pdf FILE`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint
from forthwith.config.commands.ticket import ticket_of
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.record.models import Ticket


def run(asked: argparse.Namespace) -> int:
    """Write one ticket to a file. A file that was there stays as it was until the new one is whole."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import exported

        ticket, now = ticket_of(asked.number), timezone.now()
        if asked.json:
            _write(asked.json, (piece.encode() for piece in exported.pieces(ticket, now)))
        else:
            _write(asked.pdf, _pdf(ticket, now))
    return 0


def _pdf(ticket: Ticket, now: datetime) -> Iterable[bytes]:
    from forthwith.desk import paper
    from forthwith.desk.printing import NotPrinted, NotThere, printed
    from forthwith.record.queries import Unreadable

    try:
        return [printed(paper.content_of(ticket, now))]
    except (NotThere, NotPrinted) as failed:
        raise Complaint(str(failed)) from None
    except Unreadable as damaged:
        raise Complaint(f"The record is damaged ({damaged}). --json writes all that is on record.") from None


def _write(file: str, pieces: Iterable[bytes]) -> None:
    if file == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    path = Path(file)
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as begun:
            _fill(begun.name, pieces, path)
    except OSError as failed:
        raise Complaint(f"{file} could not be written: {failed.strerror}.") from None


def _fill(begun: str, pieces: Iterable[bytes], path: Path) -> None:
    try:
        with open(begun, "wb") as out:
            out.writelines(pieces)
        os.replace(begun, path)
    except BaseException:
        os.unlink(begun)
        raise
