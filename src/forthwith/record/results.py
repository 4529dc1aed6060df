"""Files that can be made again: what a run was given and what came of it, by content hash, swept after some time.

They lie in a folder of their own, so that sweeping them needs not ask who else names such a file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

KEPT_FOR = timedelta(days=90)
_INCOMING = "incoming-"


def keep(pieces: Iterable[bytes]) -> str:
    """Write a file as its pieces come, never all in memory, and return its SHA-256. Raises OSError."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=_INCOMING)
    hashed = hashlib.sha256()
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                hashed.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        # One that is there already is as young as this one then.
        os.replace(name, path_of(hashed.hexdigest()))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return hashed.hexdigest()


def path_of(digest: str) -> Path:
    """Where the file of that hash lies, or lay until it was swept."""
    return _folder() / digest


def sweep(now: datetime) -> int:
    """Remove what is older than KEPT_FOR; how many files that were."""
    folder, removed, before = _folder(), 0, (now - KEPT_FOR).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def _folder() -> Path:
    return Path(settings.FILES) / "results"
