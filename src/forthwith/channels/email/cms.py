"""The content of an opaque signed mail (RFC 5652 5), which nothing but its packing hides.

Only as much BER as leads there: definite lengths, and indefinite ones on the way down. Nothing is verified.
"""

from __future__ import annotations

_SEQUENCE, _IDENTIFIER, _TAGGED, _BYTES, _PIECES = 0x30, 0x06, 0xA0, 0x04, 0x24
_SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"


def signed_content(data: bytes) -> bytes | None:
    """The signed bytes in a CMS SignedData; None when it holds none, or is something else."""
    try:
        position = _into(data, 0, _SEQUENCE)
        if not data.startswith(_SIGNED_DATA, _into(data, position, _IDENTIFIER)):
            return None
        position = _into(data, _after(data, position), _TAGGED)
        position = _into(data, position, _SEQUENCE)
        # The version, and the algorithms of the digests.
        position = _after(data, _after(data, position))
        position = _into(data, position, _SEQUENCE)
        position = _into(data, _after(data, position), _TAGGED)
        return _octets(data, position)
    except (IndexError, ValueError):
        return None


def _head(data: bytes, position: int) -> tuple[int, int | None]:
    """Where the content begins that stands at `position`, and its length; None for one that ends by a mark."""
    first = data[position + 1]
    if first < 0x80:
        return position + 2, first
    if first == 0x80:
        return position + 2, None
    count = first & 0x7F
    if count > 8:
        raise ValueError("no length has so many bytes")
    return position + 2 + count, int.from_bytes(data[position + 2 : position + 2 + count], "big")


def _into(data: bytes, position: int, tag: int) -> int:
    if data[position] != tag:
        raise ValueError("something else stands here")
    return _head(data, position)[0]


def _after(data: bytes, position: int) -> int:
    start, length = _head(data, position)
    if length is None:
        raise ValueError("its end is not told")
    return start + length


def _octets(data: bytes, position: int) -> bytes:
    """A string of bytes, whole or in pieces one after the other."""
    if data[position] == _BYTES:
        start, length = _head(data, position)
        return data[start : start + (length or 0)]
    position = _into(data, position, _PIECES)
    pieces = []
    while position + 2 <= len(data) and data[position] == _BYTES:
        end = _after(data, position)
        pieces.append(data[_head(data, position)[0] : end])
        position = end
    return b"".join(pieces)
