"""A file that a command writes: whole, or left as it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from forthwith.config.cli import Complaint


def write(file: str, pieces: Iterable[bytes]) -> None:
    """Write to a file, or to standard output for `-`. A file that is there stays until the new one is whole."""
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
