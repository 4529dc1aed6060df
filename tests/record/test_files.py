"""Files by their content's hash: kept once, whole or not at all."""

from __future__ import annotations

import hashlib
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
