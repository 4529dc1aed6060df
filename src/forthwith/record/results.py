"""Files that can be made again: what a run was given and what came of it, by content hash, swept after some time.

They lie in a folder of their own, so that sweeping them needs not ask who else names such a file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings

KEPT_FOR = timedelta(days=90)
_INCOMING = "incoming-"
_ABANDONED_AFTER = timedelta(hours=1)


def keep(pieces: Iterable[bytes]) -> str:
    """Write a file as its pieces come, never all in memory, and return its SHA-256. Raises OSError."""
    return written(lambda file: file.writelines(pieces))


def written(write: Callable[[IO[bytes]], object]) -> str:
    """Have a file written, in whatever order, and return its SHA-256. Raises OSError, and what `write` raises."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=_INCOMING)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        # One that is there already is as young as this one then.
        os.replace(name, path_of(digest))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest


def path_of(digest: str) -> Path:
    """Where the file of that hash lies, or lay until it was swept."""
    return _folder() / digest


def sweep(now: datetime) -> int:
    """Remove what is older than KEPT_FOR, and what a process that was ended left half written; how many files."""
    folder, removed = _folder(), 0
    for path in folder.iterdir() if folder.is_dir() else ():
        kept_for = _ABANDONED_AFTER if path.name.startswith(_INCOMING) else KEPT_FOR
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - kept_for).timestamp():
                path.unlink()
                removed += 1
    return removed


def _folder() -> Path:
    return Path(settings.FILES) / "results"
