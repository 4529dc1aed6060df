"""Content of any size, as it is read. Without Django: reading a mail needs no desk."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Protocol

Content = bytes | mmap.mmap
"""Content to be read: in memory, or a file of which the system fetches what is looked at."""


class Pieces(Protocol):
    """Content that is given piece by piece, as often as it is asked for."""

    def __iter__(self) -> Iterator[bytes]: ...
    def __len__(self) -> int: ...
