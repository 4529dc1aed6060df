"""Files by content hash, in the home folder. Written before the row that names them is committed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def keep(content: bytes) -> str:
    """Store content once and return its SHA-256; durable when this returns."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
    _sync(path.parent)
    return digest


def _sync(folder: Path) -> None:
    """Make the new name durable too: a file whose folder was not written is gone after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def intact(digest: str) -> bool:
    """Whether the content of that hash is there and still has it."""
    try:
        with path_of(digest).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def path_of(digest: str) -> Path:
    """Where the content of that hash lies."""
    return Path(settings.FILES) / digest[:2] / digest
