"""What a file is by its content, and which can do harm."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.record import kinds

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def packed(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b'\n<svg xmlns="x">', "image/svg+xml"),
        (b'<?xml version="1.0"?><svg>', "image/svg+xml"),
        ("Grüße".encode() * 2000, "text/plain"),
        (b"\0\1\2", kinds.UNKNOWN),
        (b"", kinds.UNKNOWN),
        (packed("a.txt"), "application/zip"),
        (packed("[Content_Types].xml", "word/document.xml"), kinds._PACKED[0][1]),
        (packed("META-INF/MANIFEST.MF", "A.class"), "application/java-archive"),
    ],
)
def test_a_file_is_what_its_content_shows(content: bytes, kind: str) -> None:
    assert kinds.type_of(content) == kind


@pytest.mark.parametrize(
    ("content", "name", "danger"),
    [
        (b"MZ\x90\0", "invoice.pdf", kinds.PROGRAM),
        (b"\x7fELF", "picture.png", kinds.PROGRAM),
        (b"#!/bin/sh\n", "notes", kinds.PROGRAM),
        (b"alert(1)", "invoice.pdf.js", kinds.PROGRAM),
        (b"x", "invoice.EXE. ", kinds.PROGRAM),
        (packed("META-INF/MANIFEST.MF"), "a.zip", kinds.PROGRAM),
        (packed("word/document.xml", "word/vbaProject.bin"), "letter.docx", kinds.MACROS),
        (b"x", "sheet.xlsm", kinds.MACROS),
        (OLE + "_VBA_PROJECT".encode("utf-16-le"), "old.doc", kinds.MACROS),
        (OLE, "old.doc", ""),
        (packed("word/document.xml"), "letter.docx", ""),
        (b"%PDF-1.7", "invoice.pdf", ""),
        (b"I will command you", "command", ""),
    ],
)
def test_programs_and_macros_are_known_by_content_and_by_name(content: bytes, name: str, danger: str) -> None:
    assert kinds.danger_of(content, name) == danger


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("holiday\u202egpj.exe", "holiday gpj.exe"),
        (".bashrc", "bashrc"),
        ("a\r\nb.txt", "a b.txt"),
        ("", "unnamed"),
        ("Grüße 見積.pdf", "Grüße 見積.pdf"),
    ],
)
def test_a_name_to_save_by_leads_nowhere_and_reads_as_it_is(name: str, safe: str) -> None:
    assert kinds.safe_name(name) == safe


@given(st.text(max_size=600))
def test_any_name_becomes_one_that_can_be_saved(name: str) -> None:
    safe = kinds.safe_name(name)
    assert 0 < len(safe) <= 255
    assert not set(safe) & set("/\\\0\n\r\u202e")
    assert kinds.safe_name(safe) == safe or safe.endswith((" ", "."))


@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_content_is_too_odd(content: bytes, name: str) -> None:
    assert kinds.type_of(content)
    assert kinds.danger_of(content, name) in ("", kinds.PROGRAM, kinds.MACROS)
