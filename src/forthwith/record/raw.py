"""Reading what arrived: small items lie in their row, large ones among the files (SOP 1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from forthwith.record import files
from forthwith.record.content import Content
from forthwith.record.models import RawItem


@contextmanager
def opened(item: RawItem) -> Iterator[Content]:
    """The bytes of an item as they came, to be read while this lasts."""
    if not item.filed:
        yield bytes(item.body)
        return
    with files.opened(item.digest) as content:
        yield content


def whole(item: RawItem) -> bytes:
    """All bytes of an item, in memory."""
    with opened(item) as content:
        return bytes(content)
