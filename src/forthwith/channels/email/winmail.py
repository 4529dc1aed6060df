"""What Outlook packs into winmail.dat (MS-OXTNEF): files, and the text where the mail has no other.

One pass over the attributes, each looked at once; lengths that lie end the reading, and what was found until there
counts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from forthwith.channels.email.charsets import decode

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
MAX_FILES = 1_000
_SIGNATURE = b"\x78\x9f\x3e\x22"
# Attributes of MS-OXTNEF 2.1.3.3.
_NEW_FILE, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_MESSAGE_PROPERTIES, _CODEPAGE, _BODY = 0x00069003, 0x00069007, 0x0002800C
# Properties of MS-OXPROPS.
_BODY_TEXT, _BODY_HTML, _DATA = 0x1000, 0x1013, 0x3701
_LONG_NAME, _SHORT_NAME, _MIME_TYPE, _CONTENT_ID = 0x3707, 0x3704, 0x370E, 0x3712
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_TEXT8, _TEXT16, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_SEVERAL = 0x1000


@dataclass(slots=True)
class PackedFile:
    """A file in a winmail.dat; `type` is "" when it says none."""

    name: str = ""
    type: str = ""
    content_id: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Packed:
    """All that could be read; `text` and `html` are "" when there are none."""

    files: list[PackedFile] = field(default_factory=list)
    text: str = ""
    html: str = ""
    codepage: str = "cp1252"


def unpack(data: bytes) -> Packed | None:
    """The contents of a winmail.dat; None when the bytes are none."""
    if not data.startswith(_SIGNATURE):
        return None
    found = Packed()
    for name, value in _attributes(data):
        if name == _CODEPAGE and len(value) >= 4:
            found.codepage = f"cp{int.from_bytes(value[:4], 'little')}"
        elif name == _BODY:
            found.text = found.text or _narrow(value, found.codepage)
        elif name == _MESSAGE_PROPERTIES:
            _take_message(found, value)
        elif name == _NEW_FILE and len(found.files) < MAX_FILES:
            found.files.append(PackedFile())
        elif found.files:
            _take_of_file(found.files[-1], name, value, found.codepage)
    found.files = [file for file in found.files if file.content or file.name]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position + 9 <= len(data):
        name, length = struct.unpack_from("<II", data, position + 1)
        start = position + 9
        yield name, data[start : start + length]
        position = start + length + 2


def _take_message(found: Packed, value: bytes) -> None:
    for name, content in _properties(value, found.codepage):
        if name == _BODY_TEXT and isinstance(content, str):
            found.text = content
        elif name == _BODY_HTML:
            found.html = content if isinstance(content, str) else decode(content, found.codepage)


def _take_of_file(file: PackedFile, name: int, value: bytes, codepage: str) -> None:
    if name == _FILE_TITLE:
        file.name = file.name or _narrow(value, codepage)
    elif name == _FILE_DATA:
        file.content = value
    elif name == _FILE_PROPERTIES:
        for key, content in _properties(value, codepage):
            if key == _LONG_NAME and isinstance(content, str):
                file.name = content or file.name
            elif key == _SHORT_NAME and isinstance(content, str):
                file.name = file.name or content
            elif key == _MIME_TYPE and isinstance(content, str):
                file.type = content.lower()
            elif key == _CONTENT_ID and isinstance(content, str):
                file.content_id = content.strip("<> ")
            elif key == _DATA and isinstance(content, bytes) and not file.content:
                _take_object(file, content)


def _take_object(file: PackedFile, content: bytes) -> None:
    """An attached message or OLE object: a class id of 16 bytes, then its bytes."""
    file.content = content[16:]
    if file.content.startswith(_SIGNATURE):
        file.type = file.type or TYPES[0]
        file.name = (file.name or "message") + ".dat"


def _properties(data: bytes, codepage: str) -> Iterator[tuple[int, str | bytes]]:
    """The properties that are texts or bytes; of several values, the first."""
    position = 4
    while position + 4 <= len(data):
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        if name >= 0x8000:
            position = _after_name(data, position)
        single = kind & ~_SEVERAL
        if single in _SIZES and not kind & _SEVERAL:
            position += _SIZES[single]
            continue
        if position + 4 > len(data) or (single not in _SIZES and single not in (_TEXT8, _TEXT16, _BINARY, _OBJECT)):
            return
        count = int.from_bytes(data[position : position + 4], "little")
        position += 4
        if single in _SIZES:
            position += count * _SIZES[single]
            continue
        for index in range(count):
            if position + 4 > len(data):
                return
            length = int.from_bytes(data[position : position + 4], "little")
            position += 4
            if index == 0:
                yield name, _value(single, data[position : position + length], codepage)
            position += length + -length % 4


def _after_name(data: bytes, position: int) -> int:
    """Named properties: a GUID, then a number, or a name of so many bytes padded to four."""
    if data[position + 16 : position + 20] != b"\1\0\0\0":
        return position + 24
    length = int.from_bytes(data[position + 20 : position + 24], "little")
    return position + 24 + length + -length % 4


def _value(kind: int, data: bytes, codepage: str) -> str | bytes:
    if kind == _TEXT8:
        return _narrow(data, codepage)
    if kind == _TEXT16:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return data


def _narrow(data: bytes, codepage: str) -> str:
    return decode(data.rstrip(b"\0"), codepage)
