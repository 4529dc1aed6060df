"""What a file is by its first bytes, whatever its name claims, and whether to open it can do harm (SOP 6.1)."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from forthwith.record.content import Content

UNKNOWN = "application/octet-stream"
PROGRAM, MACROS = "program", "macros"
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
"""Pictures that a browser draws and never runs; SVG is not among them."""

_HEAD = 4096
_ZIP = "application/zip"
_OLE = "application/x-ole-storage"
# The signatures are those that the formats' own documents give.
_BEGINS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\1\0", "image/x-icon"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"PK\3\4", _ZIP),
    (b"PK\5\6", _ZIP),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\7", "application/vnd.rar"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"BZh", "application/x-bzip2"),
    (b"MSCF", "application/vnd.ms-cab-compressed"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"L\0\0\0\1\x14\2\0", "application/x-ms-shortcut"),
    (b"#!", "text/x-script"),
)
_RUNS = {
    "application/vnd.microsoft.portable-executable",
    "application/x-elf",
    "application/x-mach-binary",
    "application/java-vm",
    "application/x-ms-shortcut",
    "text/x-script",
}
# What systems run, or mount and then run, when it is opened by its name.
_RUNNING_NAMES = {
    "ade", "adp", "app", "appimage", "application", "appref-ms", "appx", "bat", "chm", "cmd", "com",
    "command", "cpl", "deb", "desktop", "dll", "dmg", "exe", "gadget", "hta", "img", "inf", "ins", "iso", "jar",
    "js", "jse", "lnk", "mde", "msc", "msi", "msix", "msp", "mst", "pif", "ps1", "ps1xml", "psm1", "reg", "rpm",
    "scf", "scr", "sct", "settingcontent-ms", "sh", "shb", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "wsc",
    "wsf", "wsh", "xbap", "xll",
}  # fmt: skip
_MACRO_NAMES = {
    "docm", "dotm", "ppam", "potm", "ppsm", "pptm", "sldm", "xlam", "xlm", "xlsb", "xlsm", "xltm",
}  # fmt: skip
_PACKED: tuple[tuple[bytes, str], ...] = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
)
_VBA_IN_ZIP = b"vbaProject.bin"
_VBA_IN_OLE = "_VBA_PROJECT".encode("utf-16-le")
_MARKUP = re.compile(rb"\s*<(!doctype\s+html|html|head|body|script|svg|\?xml|!--)", re.IGNORECASE)
# Marks that turn the direction of writing, so that "gpj.exe" reads "exe.jpg"; and what no file system wants.
_UNFIT = re.compile("[\x00-\x1f\x7f/\\\\\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_LONGEST_NAME = 255


def type_of(content: Content) -> str:
    """The media type that the content shows; UNKNOWN when nothing tells."""
    head = content[:_HEAD]
    found = next((kind for begin, kind in _BEGINS if head.startswith(begin)), "")
    if found == _ZIP:
        return _packed(content)
    if found:
        return found
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in (b"heic", b"heix", b"mif1") else "video/mp4"
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "image/bmp"
    return _text(head)


def _packed(content: Content) -> str:
    # A package names its parts in clear, at its beginning and again in the directory at its end.
    names = content[:_HEAD] + content[-16 * _HEAD :]
    if names[30:38] == b"mimetype":
        return names[38:120].split(b"PK", 1)[0].decode("ascii", "ignore").strip() or _ZIP
    return next((kind for part, kind in _PACKED if part in names), _ZIP)


def _text(head: bytes) -> str:
    marked = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf"))
    if marked:
        word = marked[1].lower()
        return "image/svg+xml" if b"<svg" in head[:1000] else "text/xml" if word == b"?xml" else "text/html"
    if b"\0" in head or not head:
        return UNKNOWN
    try:
        # The last character may be cut in two.
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return UNKNOWN
    return "text/plain"


def danger_of(content: Content, name: str) -> str:
    """PROGRAM for what takes over the computer when it is opened, MACROS for a document with a program in it, or ""."""
    kind = type_of(content)
    # Windows drops dots and blanks at the end of a name: "a.exe. " is a program.
    ending = name.lower().rstrip(". ").rpartition(".")[2].strip() if "." in name else ""
    if kind in _RUNS or ending in _RUNNING_NAMES or kind == "application/java-archive":
        return PROGRAM
    if ending in _MACRO_NAMES or (content[:2] == b"PK" and content.find(_VBA_IN_ZIP) >= 0):
        return MACROS
    return MACROS if kind == _OLE and content.find(_VBA_IN_OLE) >= 0 else ""


def safe_name(name: str) -> str:
    """A name to save a file by: no path, no control or direction marks, not hidden, its ending kept."""
    clean = _UNFIT.sub(" ", name).strip().lstrip(". ") or "unnamed"
    if len(clean) <= _LONGEST_NAME:
        return clean
    stem, dot, ending = clean.rpartition(".")
    tail = f"{dot}{ending}" if stem and len(ending) <= 20 else ""
    return clean[: _LONGEST_NAME - len(tail)] + tail
