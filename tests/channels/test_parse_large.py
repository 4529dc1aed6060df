"""Large mails are read where they lie and decoded piece by piece, with the same result (SOP 1.2)."""

from __future__ import annotations

import base64
import mmap
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.channels.email import structure
from forthwith.channels.email.parse import parse
from forthwith.channels.email.structure import Part, read_structure, undo_transfer_encoding
from forthwith.record.models import Attachment
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk

HEAD = (
    b"From: Rui <rui@customer.example>\r\nTo: support@desk.example\r\nSubject: Scan\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe scan.\r\n--b\r\n"
    b'Content-Type: image/tiff; name="scan.tif"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
)


def large(size: int) -> tuple[bytes, bytes]:
    content = b"II*\0" + random.Random(size).randbytes(size)
    return HEAD + base64.encodebytes(content).replace(b"\n", b"\r\n") + b"--b--\r\n", content


def encoded_part(body: bytes) -> Part:
    return read_structure(b"Content-Transfer-Encoding: base64\r\n\r\n" + body)


@given(
    lines=st.lists(st.binary(max_size=12).map(base64.b64encode), max_size=12),
    noise=st.lists(st.sampled_from([b"\r\n", b"", b" ", b"!", b"=", b"A", b"\r\n\r\n"]), min_size=13, max_size=13),
    at_once=st.integers(1, 9),
)
def test_a_part_decoded_piece_by_piece_is_what_it_is_decoded_whole(
    lines: list[bytes], noise: list[bytes], at_once: int
) -> None:
    body = b"".join(line + between for line, between in zip(lines, noise, strict=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, "LARGE", at_once)
        part = encoded_part(body)
        pieces = structure.Undecoded(part)
        assert b"".join(pieces) == undo_transfer_encoding(body, "base64")
        assert len(pieces) == len(b"".join(pieces))


def test_a_mail_in_a_file_is_read_as_one_in_memory(tmp_path: Path) -> None:
    raw, content = large(2_000_000)
    (tmp_path / "mail").write_bytes(raw)
    with (tmp_path / "mail").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lying:
        there, here = parse(lying), parse(raw)
        assert [(one.name, one.type, one.size) for one in there.attachments] == [
            ("scan.tif", "image/tiff", len(content))
        ]
        assert b"".join(there.attachments[0].content) == content
        assert (there.text, there.subject, there.sender) == (here.text, here.subject, here.sender)


@pytest.mark.sop("1.2")
def test_a_large_file_is_on_the_ticket_byte_for_byte(desk: Desk) -> None:
    raw, content = large(3_000_000)
    receipt = d.arrive(raw)
    kept = Attachment.objects.get(message__ticket=receipt.ticket)
    assert (kept.name, kept.size, kept.looks) == ("scan.tif", len(content), "image/tiff")
    answer = d.as_person(desk.ana).get(f"/tickets/{receipt.ticket}/files/{kept.pk}/")
    assert b"".join(answer.streaming_content) == content  # type: ignore[attr-defined]
