"""A model as one file: a JSON head, then plain arrays that are read where they lie. No pickle: it would run code.

The head says where each array lies and the digest of all that follows it, so that a file that was cut off or damaged
is refused with a sentence.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import sys
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from forthwith.procedure.said import say

_MAGIC = b"forthwith-model\n"
_FORMAT = 1
_MOST_HEAD = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_ALIGNED = 8


class Unreadable(ValueError):
    """A file that is no model, or no whole one; the text says what to do."""


class ModelFile:
    """An open model: its head, and its arrays as views of the file's pages."""

    def __init__(self, head: dict[str, Any], content: mmap.mmap, begin: int) -> None:
        self.head = head
        self.content = content
        self._begin = begin

    def view(self, name: str) -> memoryview:
        """An array by its name, with items of the type it was written with. KeyError where there is none."""
        kind, offset, size = self.head["arrays"][name]
        whole = memoryview(self.content)[self._begin + offset : self._begin + offset + size]
        return whole.cast(kind)


def write(path: Path, head: Mapping[str, Any], arrays: Mapping[str, array[Any] | bytes]) -> None:
    """Write a model in the place of the one before: whole, or not at all."""
    places, offset, digest = {}, 0, hashlib.sha256()
    parts = []
    for name, values in arrays.items():
        kind = values.typecode if isinstance(values, array) else "B"
        content = values.tobytes() if isinstance(values, array) else values
        padded = content + bytes(-len(content) % _ALIGNED)
        places[name] = (kind, offset, len(content))
        offset += len(padded)
        digest.update(padded)
        parts.append(padded)
    full = {**head, "format": _FORMAT, "order": sys.byteorder, "arrays": places}
    full |= {"size": offset, "digest": digest.hexdigest()}
    text = json.dumps(full).encode()
    text += b" " * (-(len(_MAGIC) + 8 + len(text)) % _ALIGNED)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(_MAGIC + len(text).to_bytes(8, "little") + text)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path) -> ModelFile:
    """Open a model. Raises Unreadable for what is none, FileNotFoundError where there is no file."""
    with path.open("rb") as file:
        head, begin = _head(file)
        if head.get("format") != _FORMAT or head.get("order") != sys.byteorder:
            raise Unreadable(say("It was written by another version of Forthwith, or on another kind of machine."))
        _check(file, head)
        return ModelFile(head, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), begin)


def _head(file: BinaryIO) -> tuple[dict[str, Any], int]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise Unreadable(say("It is not a file of a model."))
    size = int.from_bytes(file.read(8), "little")
    text = file.read(size) if size <= _MOST_HEAD else b""
    try:
        head = json.loads(text)
    except ValueError:
        raise Unreadable(say("Its head is damaged or cut off.")) from None
    if not isinstance(head, dict):
        raise Unreadable(say("Its head is damaged or cut off."))
    return head, len(_MAGIC) + 8 + size


def _check(file: BinaryIO, head: Mapping[str, Any]) -> None:
    """The rest is what the head vouches for. It is read, not looked at as pages, which would stay in memory."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    if size != head.get("size"):
        raise Unreadable(say("It is cut off, or something was added to it."))
    if digest.hexdigest() != head.get("digest"):
        raise Unreadable(say("It is damaged: its content is not what was written."))
