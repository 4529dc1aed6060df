"""Files by content hash, in the home folder. Written before the row that names them is committed."""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from django.conf import settings

from forthwith.record.content import Content, Pieces

HELD = 1024 * 1024
"""How many bytes of one content are held in memory; with more it is written to the disk while it comes."""

_INCOMING = "incoming-"
_ABANDONED_AFTER = timedelta(days=1)


class Stored:
    """Content that is among the kept files already."""

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def __len__(self) -> int:
        return path_of(self.digest).stat().st_size

    def __iter__(self) -> Iterator[bytes]:
        with path_of(self.digest).open("rb") as file:
            while piece := file.read(HELD):
                yield piece


class Spool:
    """Content that comes in pieces: counted and hashed as it comes, and never all in memory when it is large.

    Used in one `with`, at the end of which what was not kept is gone. Raises OSError when the disk takes no more.
    """

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._held = bytearray()
        self._file: BinaryIO | None = None
        self._path = Path()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.discard()

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self.size += len(piece)
        self._hash.update(piece)
        if self._file is None and len(self._held) + len(piece) > HELD:
            self._to_disk()
        if self._file is not None:
            self._file.write(piece)
        else:
            self._held += piece

    @property
    def digest(self) -> str:
        """The SHA-256 of what has come so far."""
        return self._hash.hexdigest()

    @property
    def on_disk(self) -> bool:
        """Whether it is too large to be held in memory."""
        return self._file is not None

    def held(self) -> bytes | None:
        """The content, where it is small enough to be held in memory."""
        return None if self._file is not None else bytes(self._held)

    def keep(self) -> str:
        """Put the content among the kept files, once; its SHA-256. Durable when this returns."""
        path = path_of(self.digest)
        if not path.exists():
            _settle(self._file or self._to_disk(), self._path, path)
            self._file = None
        return self.digest

    def discard(self) -> None:
        """Give back what is held in memory or on the disk."""
        file, self._file, self._held = self._file, None, bytearray()
        if file is not None:
            with suppress(OSError):
                file.close()
            self._path.unlink(missing_ok=True)

    def _to_disk(self) -> BinaryIO:
        folder = Path(settings.FILES)
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=_INCOMING)
        file = os.fdopen(descriptor, "wb")
        self._file, self._path = file, Path(name)
        file.write(self._held)
        self._held = bytearray()
        return file


def keep(content: bytes | Pieces) -> str:
    """Store content once, perhaps given in pieces, and return its SHA-256; durable when this returns."""
    if isinstance(content, Stored):
        return content.digest
    with Spool() as spool:
        for piece in (content,) if isinstance(content, bytes) else content:
            spool.write(piece)
        return spool.keep()


def _settle(file: BinaryIO, written: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with file:
        file.flush()
        os.fsync(file.fileno())
    os.replace(written, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the new name durable too: a file whose folder was not written is gone after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opened(digest: str) -> Iterator[Content]:
    """The content of that hash, to be read while this lasts. Raises FileNotFoundError when it is not there."""
    with path_of(digest).open("rb") as file:
        if os.fstat(file.fileno()).st_size <= HELD:
            yield file.read()
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


def sweep(now: datetime) -> int:
    """Remove what a process that was killed left half written; how many files that were."""
    folder, removed = Path(settings.FILES), 0
    for path in folder.glob(f"{_INCOMING}*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - _ABANDONED_AFTER).timestamp():
                path.unlink()
                removed += 1
    return removed


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
