"""The MIME structure of a mail (RFC 2045, 2046), in one pass over its lines.

The standard library's feed parser calls itself for every level and asks every open boundary about every line, so a
mail of a few kilobytes nested a thousand times exhausts the stack or the clock. Here the open boundaries are a
dictionary: each line is looked at once, at any depth.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forthwith.channels.email.headers import Headers, parameters, read_headers
from forthwith.channels.email.mail import NotMail
from forthwith.procedure.said import say
from forthwith.record.content import Content, Pieces

MAX_DEPTH = 50
MAX_PARTS = 10_000

_DELIMITER = re.compile(rb"--[^\r\n]*")
_LINE_END = re.compile(rb"\r?\n?")
_TYPE = re.compile(r"[\w.+!#$&^-]{1,80}/[\w.+!#$&^-]{1,120}\Z")
_LIKELY_BOUNDARY = re.compile(rb"^--([^\r\n]{4,70})\r?\n[A-Za-z-]{3,40}:", re.MULTILINE)
# A preamble longer than this is no preamble; without the bound, 10,000 untrue boundaries cost a search each.
_PREAMBLE = 65_536
LARGE = 1024 * 1024
"""The encoded bytes of a part that is decoded piece by piece."""
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


@dataclass(slots=True)
class Part:
    """One MIME part. `start` and `end` bound its undecoded body in the raw bytes; a multipart has `parts`.

    `unopened` is true for a multipart that lies deeper than MAX_DEPTH.
    """

    headers: Headers
    type: str
    type_parameters: dict[str, str]
    raw: Content = field(repr=False)
    start: int = 0
    end: int = 0
    parts: list[Part] = field(default_factory=list)
    unopened: bool = False

    @property
    def is_multipart(self) -> bool:
        return bool(self.parts)

    @property
    def disposition(self) -> tuple[str, dict[str, str]]:
        value, found = parameters(self.headers.raw("content-disposition"))
        return value, found

    def body(self) -> bytes:
        """The body with its transfer encoding undone; what cannot be undone is left as it is."""
        return undo_transfer_encoding(self.raw[self.start : self.end], self._encoding)

    def content(self) -> bytes | Undecoded:
        """The same for a file: one that is large is decoded piece by piece, whenever somebody reads it."""
        large = self.end - self.start > LARGE and self._encoding.startswith("base64")
        return Undecoded(self) if large else self.body()

    @property
    def _encoding(self) -> str:
        return self.headers.raw("content-transfer-encoding").strip().strip("\"';").lower()

    def leaves(self) -> Iterator[Part]:
        """Every part that is no multipart, in the order of the mail."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.parts:
                waiting.extend(reversed(part.parts))
            else:
                yield part


class Undecoded:
    """The content of a large base64 part, in pieces of about a megabyte; to be read while its mail is open."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._size = -1

    def __len__(self) -> int:
        if self._size < 0:
            self._size = sum(len(piece) for piece in self)
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        raw, end = self._part.raw, self._part.end
        rest = b""
        for begin in range(self._part.start, end, LARGE):
            *runs, rest = (rest + raw[begin : min(end, begin + LARGE)].translate(None, _NOT_BASE64)).split(b"=")
            whole = len(rest) - len(rest) % 4
            yield b"".join([*(_base64_run(run) for run in runs), binascii.a2b_base64(rest[:whole])])
            rest = rest[whole:]
        yield _base64_run(rest)


def whole(content: bytes | Pieces) -> bytes:
    """All of a content, in memory."""
    return content if isinstance(content, bytes) else b"".join(content)


def undo_transfer_encoding(data: bytes, encoding: str) -> bytes:
    """RFC 2045 section 6, forgiving: `encoding` is lower-case, unknown ones count as 8bit."""
    if encoding.startswith("base64"):
        return _base64(data)
    if encoding.startswith(("quoted-printable", "quoted printable", "qp")):
        return binascii.a2b_qp(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencoded(data)
    return data


def _base64(data: bytes) -> bytes:
    packed = data.translate(None, _NOT_BASE64)
    end = packed.find(b"=")
    if end >= 0 and packed[end:].strip(b"="):
        # Some senders encode line by line, each line with its own padding.
        return b"".join(_base64_run(run) for run in re.findall(rb"[^=]+", packed))
    return _base64_run(packed.rstrip(b"="))


def _base64_run(run: bytes) -> bytes:
    whole = len(run) - len(run) % 4 if len(run) % 4 == 1 else len(run)
    return binascii.a2b_base64(run[:whole] + b"=" * (-whole % 4))


def _uuencoded(data: bytes) -> bytes:
    found = []
    for line in data.splitlines():
        if line.startswith(b"begin ") or not line.strip():
            continue
        if line.strip() == b"end":
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            # A line whose length byte lies: decode as many bytes as the length byte says (CPython issue 1726).
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                found.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                return data
    return b"".join(found)


def read_structure(raw: Content) -> Part:
    """The tree of parts of a whole mail. Raises NotMail when it has more than MAX_PARTS."""
    root, body = _read_part(raw, 0, len(raw), "text/plain")
    _split(root, body)
    return root


def _read_part(raw: Content, start: int, end: int, default: str) -> tuple[Part, int]:
    headers, body = read_headers(raw, start, end)
    kind, found = parameters(headers.raw("content-type"))
    if not _TYPE.match(kind):
        # RFC 2045 5.2: what says nothing understandable about its type is read as if it said nothing.
        kind = ""
    part = Part(headers=headers, type=kind or default, type_parameters=found, raw=raw, start=body, end=end)
    return part, body


def _boundary_of(part: Part, raw: Content) -> bytes:
    if not part.type.startswith("multipart/"):
        return b""
    named = part.type_parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
    if named and raw.find(b"--" + named, part.start, min(part.end, part.start + _PREAMBLE)) >= 0:
        return named
    if part.start > 100_000:
        return b""
    # No boundary named, or one that never comes: the first line that looks like one is what the sender meant.
    found = _LIKELY_BOUNDARY.search(raw, part.start, min(part.end, part.start + 4_000))
    return found[1].rstrip() if found else b""


@dataclass(slots=True)
class _Open:
    part: Part
    boundary: bytes
    child: Part | None = None


def _split(root: Part, body: int) -> None:
    """Fill in `parts` below `root`, walking over the delimiter lines once."""
    raw = root.raw
    boundary = _boundary_of(root, raw)
    if not boundary:
        return
    stack = [_Open(root, boundary)]
    depth_of = {boundary: 0}
    count = 0
    position = body
    while stack:
        line = _next_delimiter(raw, position, root.end)
        if not line:
            break
        position = line.end()
        found, closing = _match(line[0][2:].rstrip(), depth_of)
        if found is None:
            continue
        _close_down_to(stack, depth_of, found, line.start())
        top = stack[-1]
        if closing:
            # The outermost stays open: parts after an early end are still parts of the mail.
            if len(stack) > 1:
                _pop(stack, depth_of)
            continue
        count += 1
        if count > MAX_PARTS:
            raise NotMail(
                say(
                    "The mail has more than %(most)s parts, which no mail program makes: "
                    "read its source, and make a ticket of it by hand if a person wrote it.",
                    most=f"{MAX_PARTS:,}",
                )
            )
        default = "message/rfc822" if top.part.type == "multipart/digest" else "text/plain"
        child, position = _read_part(raw, _after_line_end(raw, line.end()), root.end, default)
        top.child = child
        top.part.parts.append(child)
        child.unopened = len(stack) >= MAX_DEPTH and child.type.startswith("multipart/")
        inner = _boundary_of(child, raw) if not child.unopened else b""
        if inner and inner not in depth_of:
            depth_of[inner] = len(stack)
            stack.append(_Open(child, inner))
    _close_down_to(stack, depth_of, 0, root.end)


def _next_delimiter(raw: Content, position: int, end: int) -> re.Match[bytes] | None:
    """The next line that begins as a delimiter does. Found by its bytes: a pattern takes eight times as long."""
    if position == 0 and raw[:2] == b"--":
        return _DELIMITER.match(raw, 0, end)
    before = raw.find(b"\n--", max(0, position - 1), end)
    return _DELIMITER.match(raw, before + 1, end) if before >= 0 else None


def _after_line_end(raw: Content, position: int) -> int:
    found = _LINE_END.match(raw, position)
    return found.end() if found else position


def _match(text: bytes, depth_of: dict[bytes, int]) -> tuple[int | None, bool]:
    if text in depth_of:
        return depth_of[text], False
    if text.endswith(b"--") and text[:-2] in depth_of:
        return depth_of[text[:-2]], True
    return None, False


def _close_down_to(stack: list[_Open], depth_of: dict[bytes, int], depth: int, end: int) -> None:
    while stack:
        top = stack[-1]
        if top.child is not None:
            top.child.end = _before_line_break(top.child, end)
            top.child = None
        if len(stack) - 1 <= depth:
            return
        _pop(stack, depth_of)


def _pop(stack: list[_Open], depth_of: dict[bytes, int]) -> None:
    depth_of.pop(stack.pop().boundary, None)


def _before_line_break(part: Part, end: int) -> int:
    # The line break before a delimiter belongs to the delimiter (RFC 2046 5.1.1).
    if end > part.start and part.raw[end - 1 : end] == b"\n" and end < len(part.raw):
        end -= 1
        if end > part.start and part.raw[end - 1 : end] == b"\r":
            end -= 1
    return max(end, part.start)
