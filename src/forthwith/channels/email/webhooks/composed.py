"""A mail put together again from the parts into which a provider took it apart.

The same parts give the same bytes, so that the same delivery twice is one item. What the standard library would
refuse, or take long over, is taken here: fields are written as they came.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote

from forthwith.channels.email.contents import File
from forthwith.channels.email.structure import whole

_NAME = re.compile(rb"[!-9;-~]{1,76}")
_TYPE = re.compile(r"[\w.+!#$&^-]{1,80}/[\w.+!#$&^-]{1,120}", re.ASCII)
_LINE_ENDS = re.compile(rb"[\r\n\0]+[ \t]*")


def compose(fields: Iterable[tuple[bytes, bytes]], *, plain: str, html: str, files: Iterable[File]) -> bytes:
    """The bytes of a mail with these fields; those that tell of its old structure are left out."""
    head = [
        name + b": " + _LINE_ENDS.sub(b" ", value).strip()
        for name, value in fields
        if _NAME.fullmatch(name) and name.lower() != b"mime-version" and not name.lower().startswith(b"content-")
    ]
    texts = [_text("text/plain", plain)] if plain or not html else []
    texts += [_text("text/html", html)] if html else []
    body = texts[0] if len(texts) == 1 else _joined("alternative", texts)
    attached = [_attached(file) for file in files]
    whole = _joined("mixed", [body, *attached]) if attached else body
    return b"\r\n".join([*head, b"MIME-Version: 1.0", whole])


def address(name: str, spec: str) -> str:
    """A name and an address as they stand in a field."""
    quoted = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{quoted}" <{spec}>' if name and name != spec else f"<{spec}>"


def _text(kind: str, text: str) -> bytes:
    return _part([f"Content-Type: {kind}; charset=utf-8"], text.encode("utf-8", "replace"))


def _attached(file: File) -> bytes:
    kind = file.type if _TYPE.fullmatch(file.type) else "application/octet-stream"
    if kind.startswith(("multipart/", "message/")) and kind != "message/rfc822":
        kind = "application/octet-stream"
    shown = "inline" if file.content_id else "attachment"
    head = [f"Content-Type: {kind}", f"Content-Disposition: {shown}; filename*=utf-8''{quote(file.name, safe='')}"]
    if file.content_id:
        head.append(f"Content-ID: <{re.sub(r'[<> ]|[^ -~]', '', file.content_id)}>")
    return _part(head, whole(file.content))


def _part(head: list[str], content: bytes) -> bytes:
    lines = [*head, "Content-Transfer-Encoding: base64", "", ""]
    return "\r\n".join(lines).encode("ascii", "replace") + encodebytes(content).replace(b"\n", b"\r\n")


def _joined(kind: str, parts: list[bytes]) -> bytes:
    # Of the contents themselves, therefore in none of them.
    boundary = f"={kind}_{sha256(b''.join(parts)).hexdigest()[:32]}".encode()
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
