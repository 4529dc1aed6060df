"""Bytes to text, whatever charset is claimed, missing, misspelt or untrue.

The order is: what the bytes prove (a byte order mark, ISO-2022 escapes, valid UTF-8), then what the sender claims,
then the most likely single-byte charset. Result never holds NUL or lone surrogates, which no database stores.
"""

from __future__ import annotations

import codecs
import re

from forthwith.channels.email.likely import likely_codec

# Labels found in real mail that Python does not know or reads more narrowly than mail clients do (WHATWG Encoding).
_LABELS = {
    "ascii": "ascii",
    "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "hz-gb-2312": "hz",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_2",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "koi8-ru": "koi8_u",
}
# Only true character sets: a mail must not choose among Python's other codecs (idna, punycode, unicode_escape ...).
_KNOWN = re.compile(
    r"(?:utf-?(?:7|8|16|32)(?:-?[bl]e)?|cp\d+|iso8859-\d+|koi8-[rut]|mac-\w+|gb\w+|big5\w*|euc[_-]\w+"
    r"|shift_jis\w*|iso2022_\w+|hz|johab|tis-620|ptcp154|kz1048|hp-roman8|ascii)\Z"
)
_MULTIBYTE = re.compile(r"(?:gb|big5|euc|shift_jis|cp932|cp949|cp950|johab|hz|iso2022|utf-?(?:7|16|32))")
_ESCAPED = re.compile(rb"\x1b\$[@B]|\x1b\(J|\x1b\$\([CD]")
# Characters that mean nothing to anybody else: the text is in another charset than its label says.
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# What reverses, hides or joins what stands around it (Unicode TR 36), and control characters but tab and line feed.
# The joiners are letters' own in Persian, Indian scripts and emoji; after an ASCII character they have nothing to join.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]|(?<=[\x00-\x7f])[\u200c\u200d]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def codec_of(label: str | None) -> str:
    """Name of Python's codec for a claimed charset; "" when the label names none that may be used."""
    name = (label or "").strip().strip("\"'<>").lower()
    if not name or len(name) > 40:
        return ""
    if name in _LABELS:
        return _LABELS[name]
    if name.startswith(("x-", "cs")) and name[2:] in _LABELS:
        return _LABELS[name[2:]]
    try:
        found = codecs.lookup(name.replace(" ", "")).name
    except (LookupError, ValueError):
        return _named_within(name)
    found = _LABELS.get(found, found)
    return found if _KNOWN.match(found) else ""


def _named_within(name: str) -> str:
    """The codec of a label that holds a known name among other words."""
    match = re.search(r"125\d(?!\d)|8859-\d{1,2}(?!\d)|utf-?8", name)
    if not match:
        return ""
    found = match[0] if match[0].startswith("utf") else ("cp" if match[0][0] == "1" else "iso") + match[0]
    try:
        return codec_of(codecs.lookup(found).name)
    except LookupError:
        return ""


def decode(data: bytes, claimed: str | None = None, *, hint: str | None = None) -> str:
    """Text of `data`; `hint` is a charset used elsewhere in the same mail, for bytes that claim none."""
    codec = codec_of(claimed) or codec_of(hint)
    return storable(_decode(data, codec))


def hint_for(data: bytes, claimed: str | None) -> str:
    """The charset of a body, for the raw 8-bit header fields above it: as claimed, or as its bytes are likely to be."""
    codec = codec_of(claimed)
    if codec not in ("", "ascii", "cp1252") or data.isascii() or _strictly(data, "utf-8") is not None:
        return claimed or ""
    return likely_codec(data)


def storable(text: str) -> str:
    """`text` without NUL and lone surrogates."""
    return _UNSTORABLE.sub("", text) if _UNSTORABLE.search(text) else text


def legible(text: str) -> str:
    """`text` as it is seen: lines end in a line feed, nothing turns, hides or overwrites what stands around it."""
    if text.isascii():
        return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text) if "\r" in text else text)
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def legible_line(text: str) -> str:
    """`text` as one legible line: a subject, a name, the name of a file."""
    if not text.isascii():
        text = legible(text)
    return _CONTROLS.sub(" ", text).strip()


def _decode(data: bytes, codec: str) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data.isascii():
        return _decode_ascii(data, codec)
    multibyte = bool(codec and _MULTIBYTE.match(codec))
    text = _strictly(data, codec) if multibyte else None
    if text is not None and _PRIVATE.search(text, 0, 4_000) and _MULTIBYTE.match(likely := likely_codec(data)):
        return data.decode(likely, "replace")
    text = text if text is not None else _strictly(data, "utf-8")
    return text if text is not None else _decode_broken(data, "" if codec == "utf-8" else codec, multibyte=multibyte)


def _decode_broken(data: bytes, codec: str, *, multibyte: bool) -> str:
    """Bytes that are not what they claim, nor valid UTF-8."""
    if _mostly_utf8(data):
        # A few broken bytes in honest UTF-8 (a cut in mid-character) must not turn the rest into mojibake.
        return data.decode("utf-8", "replace")
    if multibyte:
        claimed = data.decode(codec, "replace")
        # A few broken characters are the way's doing; many, or a better reading, tell of an untrue label.
        few = claimed.count("\ufffd") * 20 < len(claimed)
        return claimed if few and not _MULTIBYTE.match(likely_codec(data)) else _as_likely(data)
    if codec in ("", "ascii", "cp1252"):
        return _as_likely(data)
    text = _strictly(data, codec)
    return text if text is not None else data.decode(codec, "replace")


def _decode_ascii(data: bytes, codec: str) -> str:
    if _ESCAPED.search(data):
        codec = codec if codec.startswith("iso2022") else "iso2022_jp_2"
    elif not re.match(r"iso2022|hz|utf-?7|utf-?16|utf-?32", codec):
        return data.decode("ascii")
    text = _strictly(data, codec)
    if text is None and codec.startswith("iso2022_jp"):
        text = _strictly(data, "iso2022_jp_ext")
        return text if text is not None else _jis(data)
    return text if text is not None else data.decode(codec, "replace")


def _jis(data: bytes) -> str:
    """ISO-2022-JP with the characters that Japanese mail programs have beyond it: they are those of Windows."""
    out = bytearray()
    shift = b"(B"
    for piece in re.split(rb"(\x1b\$?\(?[@-Z])", data):
        if piece.startswith(b"\x1b"):
            shift = piece[1:]
        elif shift.startswith(b"$"):
            for first, second in zip(piece[::2], piece[1::2], strict=False):
                row = (first - 0x21) // 2 + 0x81
                odd = second + (0x1F if second < 0x60 else 0x20)
                out += bytes((min(row + 0x40 * (row > 0x9F), 0xFC), odd if first % 2 else min(second + 0x7E, 0xFC)))
        else:
            out += bytes(byte | 0x80 for byte in piece) if shift == b"(I" else piece
    return out.decode("cp932", "replace")


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _mostly_utf8(data: bytes) -> bool:
    high = sum(1 for byte in data[:20000] if byte >= 0x80)
    broken = data[:20000].decode("utf-8", "replace").count("\ufffd")
    return broken * 5 < high


def _as_likely(data: bytes) -> str:
    codec = likely_codec(data)
    return _as_cp1252(data) if codec == "cp1252" else data.decode(codec, "replace")


def _as_cp1252(data: bytes) -> str:
    # The five bytes that cp1252 leaves open stay C1 controls, as browsers read them: nothing is lost.
    text = _strictly(data, "cp1252")
    return text if text is not None else data.decode("latin-1").translate(_C1)


_C1 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}
