"""`forthwith evidence --since DAY --until DAY FILE`: a bundle for an auditor."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from tempfile import TemporaryFile
from typing import IO

from forthwith.config.cli import Complaint
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk
from forthwith.config.written import write

_PIECE = 1 << 20


def run(asked: argparse.Namespace) -> int:
    """Write the tickets received in a period, whole days in UTC, with what it takes to check them elsewhere."""
    since, until = _midnight(asked.since), _midnight(asked.until) + timedelta(days=1)
    if until <= since:
        raise Complaint("The period ends before it begins: --until is the last day of it.")
    with set_up_desk(), TemporaryFile() as made:
        from django.utils import timezone

        from forthwith.record import evidence

        count = evidence.write(made, since, until, timezone.now())
        write(asked.file, _pieces(made))
    if asked.file != "-":
        tell([f"{count} tickets are in {asked.file}. To check it anywhere: unpack it, and run python verify.py there."])
    return 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _pieces(made: IO[bytes]) -> Iterator[bytes]:
    made.seek(0)
    while piece := made.read(_PIECE):
        yield piece
