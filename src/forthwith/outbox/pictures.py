"""Which files are pictures that every mail program shows, and how wide they are: by their content alone."""

from __future__ import annotations

import struct

_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_MOST_SEGMENTS = 200


def kind(content: bytes) -> str:
    """`image/png`, `image/jpeg` or `image/gif`; nothing for anything else, whatever its name says."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/gif" if content.startswith((b"GIF87a", b"GIF89a")) else ""


def width(content: bytes) -> int:
    """Width in pixels, 0 where the content does not say."""
    found = kind(content)
    if found == "image/png" and len(content) >= 24:
        return int(struct.unpack(">I", content[16:20])[0])
    if found == "image/gif" and len(content) >= 8:
        return int(struct.unpack("<H", content[6:8])[0])
    return _width_of_jpeg(content) if found == "image/jpeg" else 0


def _width_of_jpeg(content: bytes) -> int:
    """From the first frame header; the segments before it are passed over by their lengths (ITU T.81 B.1)."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if at + 9 > len(content) or content[at] != 0xFF:
            return 0
        if content[at + 1] in _JPEG_FRAMES:
            return int(struct.unpack(">H", content[at + 7 : at + 9])[0])
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return 0
