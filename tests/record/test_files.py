"""Files by their content's hash: kept once, whole or not at all."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from forthwith.record import files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def test_content_is_kept_once_and_read_back(folder: Path) -> None:
    with override_settings(FILES=folder):
        digest = files.keep(b"content")
        assert files.keep(b"content") == digest == hashlib.sha256(b"content").hexdigest()
        assert files.path_of(digest).read_bytes() == b"content"
        assert files.intact(digest)
        assert [path for path in folder.rglob("*") if path.is_file()] == [files.path_of(digest)]


def test_a_crash_while_writing_leaves_no_file_of_that_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise OSError("disk full")

    with override_settings(FILES=folder):
        with monkeypatch.context() as full:
            full.setattr("os.replace", crash)
            with pytest.raises(OSError, match="full"):
                files.keep(b"content")
        digest = hashlib.sha256(b"content").hexdigest()
        assert not files.intact(digest)
        assert files.keep(b"content") == digest
        assert files.intact(digest)


def test_what_comes_in_pieces_is_hashed_as_it_comes_and_lies_on_the_disk_when_it_is_large(folder: Path) -> None:
    with override_settings(FILES=folder), files.Spool() as spool:
        pieces = [bytes([number]) * 300_000 for number in range(5)]
        for piece in pieces[:3]:
            spool.write(piece)
        assert spool.held() == b"".join(pieces[:3])
        assert not folder.exists()
        for piece in pieces[3:]:
            spool.write(piece)
        assert (spool.held(), spool.on_disk, spool.size) == (None, True, 1_500_000)
        assert spool.keep() == spool.digest == hashlib.sha256(b"".join(pieces)).hexdigest()
    with override_settings(FILES=folder), files.opened(spool.digest) as content:
        assert not isinstance(content, bytes), "it is looked at where it lies"
        assert content[:] == b"".join(pieces)
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / spool.digest[:2] / spool.digest]


def test_what_is_not_kept_leaves_nothing_and_what_was_abandoned_is_swept_after_a_day(folder: Path) -> None:
    with override_settings(FILES=folder):
        with files.Spool() as spool:
            spool.write(b"x" * (files.HELD + 1))
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        abandoned = folder / "incoming-abc"
        abandoned.write_bytes(b"half")
        written = datetime.fromtimestamp(abandoned.stat().st_mtime, UTC)
        assert files.sweep(written + timedelta(hours=23)) == 0
        assert files.sweep(written + timedelta(hours=25)) == 1
        assert not abandoned.exists()
