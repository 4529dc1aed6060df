"""What the parts of a mail are: bodies to read, and files to keep (RFC 8621 4.1.4, and what senders do instead)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from forthwith.channels.email import winmail
from forthwith.channels.email.charsets import decode, legible_line
from forthwith.channels.email.cms import signed_content
from forthwith.channels.email.headers import read_headers
from forthwith.channels.email.protection import CMS_TYPES
from forthwith.channels.email.structure import MAX_DEPTH, Part, Undecoded, read_structure, undo_transfer_encoding, whole
from forthwith.procedure.said import say

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_QUOTE_DEPTH = re.compile(r">+")
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?=[!-`])", re.MULTILINE)
_UUEND = re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_ENRICHED = ("text/enriched", "text/richtext")
_MOST_UUENCODED = 100


@dataclass(slots=True)
class File:
    """A file as found; `container` is the subtype of the multipart around it."""

    name: str
    type: str
    content: bytes | Undecoded = field(repr=False)
    content_id: str = ""
    disposition: str = ""
    container: str = ""


@dataclass(slots=True)
class Contents:
    """What a walk over the parts gathers: each piece of body as (plain, html), either of which may be None."""

    bodies: list[tuple[str | None, str | None]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    opened_signed: bool = False

    @property
    def has_words(self) -> bool:
        return any((plain or html or "").strip() for plain, html in self.bodies)


def read_contents(root: Part) -> Contents:
    """All that a mail holds, once through its parts; never deeper than structure.MAX_DEPTH."""
    found = Contents()
    _walk(root, found, container="", first=True)
    if any(file.type in winmail.TYPES or file.name.lower() == "winmail.dat" for file in found.files):
        _unpack(found)
    return found


def _walk(part: Part, found: Contents, *, container: str, first: bool) -> None:
    """Sort a part into bodies and files."""
    if not part.is_multipart:
        _take_leaf(part, found, container=container, first=first)
        return
    kind = part.type.partition("/")[2]
    if kind == "alternative":
        _take_alternative(part, found)
        return
    for index, child in enumerate(part.parts):
        # Of an Apple double only the file itself is of use, not the resource fork beside it (RFC 1740).
        if kind == "appledouble" and child.type == "application/applefile" and len(part.parts) > 1:
            continue
        _walk(child, found, container=kind, first=index == 0)


def _take_leaf(part: Part, found: Contents, *, container: str, first: bool) -> None:
    disposition, _ = part.disposition
    named = bool(_file_name(part))
    if part.unopened:
        found.notes.append(say("The parts nested deeper than %(most)s levels were not opened.", most=MAX_DEPTH))
    # A multipart whose parts could not be told apart is text that a person can still make out.
    broken = part.type.startswith("multipart/") and part.start < part.end
    readable = broken or (part.type in ("text/plain", "text/html") and disposition != "attachment")
    if readable and container != "encrypted" and (first or (container != "related" and not named)):
        if part.type == "text/html":
            found.bodies.append((None, _html_leaf(part)))
        else:
            found.bodies.append((_plain_leaf(part, found), None))
        return
    if part.type.startswith("multipart/") and part.start >= part.end:
        return
    found.files.append(_file(part, disposition, container))
    if part.type in CMS_TYPES:
        _take_signed(whole(found.files[-1].content), found)


def _take_signed(packed: bytes, found: Contents) -> None:
    """An opaque signed mail within the mail, whose signature is in the file beside; one in another is not opened."""
    content = signed_content(packed)
    if content and not found.opened_signed:
        found.opened_signed = True
        _walk(read_structure(content), found, container="", first=True)


def _take_alternative(part: Part, found: Contents) -> None:
    """One body in several shapes: the last of each shape counts, whatever hangs beside it is kept as a file."""
    inner = Contents()
    for child in part.parts:
        _walk(child, inner, container="alternative", first=True)
    found.files.extend(inner.files)
    found.notes.extend(inner.notes)
    plain = "\n".join(text for text, _ in inner.bodies if text is not None) or None
    html = "\n".join(text for _, text in inner.bodies if text is not None) or None
    if plain is not None and not plain.strip() and html:
        plain = None
    if plain is not None or html is not None:
        found.bodies.append((plain, html))


def _file(part: Part, disposition: str, container: str) -> File:
    content = part.content()
    name = _file_name(part)
    if not name and part.type == "message/rfc822":
        inner = whole(content).lstrip(b"\r\n")
        subject = read_headers(inner, 0, len(inner))[0].text("subject")
        name = (re.sub(r"[\s/\\:]+", " ", subject).strip()[:100] or "message") + ".eml"
    return File(name, part.type, content, part.headers.raw("content-id").strip("<> "), disposition, container)


def _file_name(part: Part) -> str:
    name = part.disposition[1].get("filename") or part.type_parameters.get("name") or ""
    return legible_line(name)[:255]


def _plain_leaf(part: Part, found: Contents) -> str:
    body = part.body()
    if b"\nbegin " in body or body.startswith(b"begin "):
        body = _without_uuencoded(body, found)
    text = _lines(decode(body, part.type_parameters.get("charset")))
    if part.type_parameters.get("format", "").lower() == "flowed":
        return _unflowed(text, delsp=part.type_parameters.get("delsp", "").lower() == "yes")
    return text


def _without_uuencoded(body: bytes, found: Contents) -> bytes:
    """Files from before MIME, which stand in the text between "begin 644 name" and "end"."""
    kept: list[bytes] = []
    position = 0
    for begin in _UUENCODED.finditer(body):
        end = _UUEND.search(body, begin.end()) if begin.start() >= position else None
        if not end or len(kept) >= _MOST_UUENCODED:
            if begin.start() >= position:
                break
            continue
        content = undo_transfer_encoding(body[begin.end() : end.start()], "uuencode")
        name = legible_line(decode(begin[1]))
        found.files.append(File(name, "application/octet-stream", content, disposition="attachment"))
        kept.append(body[position : begin.start()])
        position = end.end()
    return b"".join(kept) + body[position:]


def _html_leaf(part: Part) -> str:
    body = part.body()
    charset = part.type_parameters.get("charset")
    meta = None if charset else _META_CHARSET.search(body[:4_000])
    return _lines(decode(body, charset or (meta[1].decode("ascii") if meta else None)))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unflowed(text: str, *, delsp: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next line of the same quote depth."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        mark = _QUOTE_DEPTH.match(line)
        depth = mark.end() if mark else 0
        content = line[depth:]
        content = content[1:] if content.startswith(" ") else content
        signature = content == "-- "
        if open_depth == depth and not signature:
            out.append(content)
        else:
            if out:
                out.append("\n")
            out.append(">" * depth + (" " if depth else "") + content)
        flows = content.endswith(" ") and not signature
        if flows and delsp:
            out[-1] = out[-1][:-1]
        open_depth = depth if flows else -1
    return "".join(out)


def _unpack(found: Contents) -> None:
    """Put the files of a winmail.dat in its place, and its text where the mail has no other."""
    files: list[File] = []
    for file in found.files:
        is_packed = file.type in winmail.TYPES or file.name.lower() == "winmail.dat"
        packed = winmail.unpack(whole(file.content)) if is_packed else None
        if packed is None:
            if is_packed:
                found.notes.append(say("The file %(name)s could not be unpacked.", name=file.name or "winmail.dat"))
            files.append(file)
            continue
        took_text = not found.has_words and bool(packed.text.strip() or packed.html.strip())
        if took_text:
            found.bodies.append((packed.text or None, packed.html or None))
        files += [
            File(legible_line(one.name)[:255], one.type or "application/octet-stream", one.content, one.content_id)
            for one in packed.files
        ]
        if not packed.files and not took_text:
            files.append(file)
    found.files = files


def enriched_text(found: Contents) -> str:
    """The words of a text/enriched or text/richtext part (RFC 1896), for a mail that has no other text."""
    for file in found.files:
        if file.type in _ENRICHED:
            return re.sub(r"<[^<>\n]{0,200}>", "", decode(whole(file.content)).replace("<<", "\x01")).replace(
                "\x01", "<"
            )
    return ""
