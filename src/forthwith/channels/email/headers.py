"""Header fields: found, unfolded and decoded (RFC 5322, 2047, 2231), however broken."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from forthwith.channels.email.charsets import codec_of, decode, legible_line, storable
from forthwith.channels.email.mail import Address
from forthwith.record.content import Content

MAX_HEADER_BYTES = 1_000_000
MAX_ADDRESSES = 2_000
_MAX_VALUE = 100_000

_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_BLANK_LINE = re.compile(rb"\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]*")
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bqBQ])\?([^?]*(?:\?(?!=)[^?]*)*)\?=")
_ID = re.compile(r"<\s*([^<>\s]+)\s*>")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_EXTENDED = re.compile(r"([^*]+)\*(\d{1,4})?(\*)?\Z")
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)
_MOST_LANGUAGES = 500
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(slots=True)
class Headers:
    """The fields of one part in their order; names are lower-case, values raw bytes."""

    fields: list[tuple[str, bytes]]
    charset_hint: str = ""

    def all(self, name: str) -> list[str]:
        """Every value of a field, unfolded, not yet decoded by RFC 2047."""
        return [self._unfold(value) for key, value in self.fields if key == name]

    def raw(self, name: str) -> str:
        """The first value of a field, unfolded; "" when absent."""
        for key, value in self.fields:
            if key == name:
                return self._unfold(value)
        return ""

    def text(self, name: str) -> str:
        """The first value of a field, decoded for people to read."""
        return decoded(self.raw(name), self.charset_hint)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.fields)

    def _unfold(self, value: bytes) -> str:
        return _FOLD.sub(" ", decode(value[:_MAX_VALUE], hint=self.charset_hint)).strip()


def read_headers(raw: Content, start: int, end: int) -> tuple[Headers, int]:
    """The header fields from `start`, and where the body begins.

    Lines that are no field (mbox "From ", stray text) are passed over while fields still follow; the block ends at
    the first blank line, at a delimiter line, or where the fields stop.
    """
    fields: list[tuple[str, bytes]] = []
    position, stop = start, min(end, start + MAX_HEADER_BYTES)
    while position < stop:
        blank = _BLANK_LINE.match(raw, position, stop)
        if blank:
            return Headers(fields), blank.end()
        if raw[position : position + 2] == b"--":
            break
        found = _FIELD.match(raw, position, stop)
        if found:
            fields.append((found[1].decode("ascii").lower(), found[2]))
            position = found.end()
            continue
        after = _after_strays(raw, position, stop)
        if after < 0:
            break
        position = after
    return Headers(fields), position


def _after_strays(raw: Content, position: int, stop: int) -> int:
    """Where fields go on after at most five lines that are none; -1 when they do not."""
    for _ in range(5):
        line_end = raw.find(b"\n", position, min(stop, position + 2_000))
        if line_end < 0 or _BLANK_LINE.match(raw, position, stop):
            return -1
        position = line_end + 1
        if _FIELD.match(raw, position, stop):
            return position
    return -1


def decoded(value: str, hint: str = "") -> str:
    """RFC 2047 decoded, with words split in mid-character joined before decoding."""
    if "=?" not in value:
        return legible_line(value)
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    position = 0
    # Behind the last end of a word none can begin; looking for its end anyway would cost the square of the length.
    for word in _WORD.finditer(value, 0, value.rfind("?=") + 2):
        between = value[position : word.start()]
        if between.strip() or not pending:
            out.append(_joined(pending))
            pending = []
            out.append(between)
        pending.append((word[1].lower(), _word_bytes(word[2], word[3])))
        position = word.end()
    out.append(_joined(pending))
    out.append(value[position:])
    return storable(legible_line("".join(out)))


def _joined(words: list[tuple[str, bytes]]) -> str:
    text: list[str] = []
    run = b""
    for index, (charset, data) in enumerate(words):
        run += data
        if index + 1 == len(words) or words[index + 1][0] != charset or codec_of(charset).startswith("iso2022"):
            text.append(decode(run, charset))
            run = b""
    return "".join(text)


def _word_bytes(encoding: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    packed = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(packed) % 4 == 1:
        packed = packed[:-1]
    return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; name*0*=utf-8''a%20b` -> ("text/plain", {"name": "a b"}), RFC 2231 pieces put together."""
    value = value[:_MAX_VALUE]
    main, _, rest = value.partition(";")
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(";" + rest):
        name, content = match[1].lower(), _unquoted(match[2].strip())
        extended = _EXTENDED.match(name)
        if extended:
            piece = (int(extended[2] or 0), bool(extended[3]) or not extended[2], content)
            pieces.setdefault(extended[1], []).append(piece)
        else:
            found.setdefault(name, decoded(content))
    for name, several in pieces.items():
        found[name] = _put_together(sorted(several, key=lambda piece: piece[0]))
    main = _COMMENT.sub("", main).strip().strip("\"'").lower()
    return re.sub(r"\s*/\s*", "/", main), found


def _put_together(several: list[tuple[int, bool, str]]) -> str:
    charset, data = "", b""
    first = several[0][2]
    if several[0][1] and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
    for index, (_, encoded, content) in enumerate(several):
        piece = content if index else first
        data += unquote_to_bytes(piece) if encoded else piece.encode("utf-8", "replace")
    text = decode(data, charset or None)
    return decoded(text)


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        value = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
        # Old mailers send Windows paths unescaped: only a quote or a backslash can really have been escaped.
        return re.sub(r'\\(["\\])', r"\1", value)
    return value


def addresses(value: str, hint: str = "") -> tuple[Address, ...]:
    """An address list (RFC 5322 3.4) with groups dissolved; commas and semicolons both separate."""
    found = []
    for text in _separate(value[:_MAX_VALUE]):
        address = _one_address(text, hint)
        if address:
            found.append(address)
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)


def _separate(value: str) -> list[str]:
    """Cut at commas, semicolons and group names, but not inside quotes, comments and angle brackets."""
    pieces: list[str] = []
    current: list[str] = []
    quoted = angle = False
    depth = 0
    escaped = False
    # An opening quote that never closes is a character like any other.
    quotes_left = value.count('"')
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif char == '"' and not depth:
            quotes_left -= 1
            quoted = not quoted and quotes_left > 0
        elif not quoted:
            depth = max(0, depth + (char == "(") - (char == ")"))
            if not depth:
                angle = (angle or char == "<") and char != ">"
                # Inside brackets only a mail that forgot to close them has a separator (or an old source route).
                if char in ",;" and not (angle and _stays("".join(current[-200:]).rpartition("<")[2])):
                    pieces.append("".join(current))
                    current, angle = [], False
                    continue
                if char == ":" and not angle:
                    current = []
                    continue
        current.append(char)
    pieces.append("".join(current))
    return pieces


def _stays(bracketed: str) -> bool:
    """Whether a separator behind this belongs to what is in brackets: a route (RFC 5322 4.4), or no address yet."""
    return "@" not in bracketed or bracketed.lstrip().startswith("@")


# How archives of lists write an address, so that nobody finds it who should not.
_VEILED = re.compile(r"([\w.+-]{1,64}) at ([\w-]{1,63}(?:\.[\w-]{1,63})+)(?=\s*(?:\Z|\())", re.IGNORECASE)
_ANGLE = re.compile(r"<([^<>]*)>?")
_SPEC = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>(),;:\"]+")


def _one_address(text: str, hint: str) -> Address | None:
    text = text.strip()
    if not text:
        return None
    angle = _last_angle(text)
    if angle:
        spec = angle[1].rpartition(":")[2] if "@" in angle[1] else angle[1]
        name = text[: angle.start()] + " " + text[angle.end() :]
        comment = ""
    else:
        comment = " ".join(part[1:-1] for part in _COMMENT.findall(text[:2_000]))
        bare = _COMMENT.sub(" ", text) if comment else text
        if len(bare) < 2_000 and "@" not in bare:
            bare = _VEILED.sub(r"\1@\2", bare.strip())
        found = _SPEC.search(bare) if len(bare) < 2_000 else None
        if not found and "@" in bare and '"' in bare:
            spec, name = bare.strip(), ""
        elif not found:
            return Address(_name(text, hint), "")
        else:
            spec, name = found[0], bare[: found.start()] + bare[found.end() :]
    spec = decoded(re.sub(r"\s+", "", spec), hint).strip("'\"") if '"' not in spec[1:] else spec.strip()
    name = _name(name, hint) or _name(comment, hint)
    return Address("" if name == spec else name, spec) if name or spec else None


def _last_angle(text: str) -> re.Match[str] | None:
    opening = text.rfind("<")
    return _ANGLE.match(text, opening) if opening >= 0 else None


def _name(text: str, hint: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    text = re.sub(r"\\(.)", r"\1", text.replace('"', "") if "\\" not in text else text)
    text = decoded(text, hint).strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def message_ids(value: str) -> tuple[str, ...]:
    """Message-IDs in their order, without angle brackets; bare words are taken where nothing is bracketed."""
    found = _ID.findall(value)
    if not found:
        found = [word.strip("<>,;") for word in value.split() if "@" in word]
    return tuple(dict.fromkeys(word for word in found if word))


def languages_of(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The language tags that a mail's head names (RFC 3282): what it is in, then what its sender would have."""
    if "content-language" not in fields and "accept-language" not in fields:
        return ()
    written = fields.get("content-language", "")[:_MOST_LANGUAGES].split(",")
    wanted = [_weighed(part) for part in fields.get("accept-language", "")[:_MOST_LANGUAGES].split(",")]
    ranked = [tag for tag, weight in sorted(wanted, key=lambda one: -one[1]) if weight > 0]
    return tuple(dict.fromkeys(tag for tag in (*(_COMMENT.sub("", part).strip() for part in written), *ranked) if tag))


def _weighed(part: str) -> tuple[str, float]:
    tag, _, weight = _COMMENT.sub("", part).partition(";")
    found = _WEIGHT.fullmatch(weight.strip())
    return tag.strip(), float(found[1]) if found else 1.0


def instant(value: str) -> datetime | None:
    """A Date field as aware UTC; a missing zone counts as UTC, an impossible date as none at all."""
    value = decoded(value)[:200]
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
