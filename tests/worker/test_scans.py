"""Files are looked at by the virus scanner, by its own protocol, and the verdict is kept (SOP 6.1)."""

from __future__ import annotations

import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.record import clamd, scans
from forthwith.record.messages import Draft, File, write
from forthwith.record.models import Attachment, Message
from forthwith.worker import scans as turns
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

EICAR = b"this stands for the test virus"


class Scanner(socketserver.ThreadingUnixStreamServer):
    """A clamd that knows one virus, takes files up to `most` bytes, and may be slow."""

    daemon_threads = True
    most = 1_000_000
    slow = threading.Event()
    asked = 0


class Talk(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        self.server.asked += 1
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.server.most:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if self.server.slow.is_set():
            self.rfile.read(1)
            return
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@pytest.fixture
def scanner(tmp_path: Path, settings: Any) -> Iterator[Scanner]:
    path = tmp_path / "clamd.sock"
    Scanner.slow.clear()
    with Scanner(str(path), Talk) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings.CLAMD = path
        yield server
        server.shutdown()


def kept(desk: Desk, *contents: bytes) -> list[Attachment]:
    number = d.new_ticket(timezone.now())
    named = [File(f"{n}.bin", "application/x", content) for n, content in enumerate(contents)]
    draft = Draft(kind=Message.PUBLIC, text="Files", written_at=timezone.now(), author=desk.rui.pk, files=named)
    return list(write(number, draft).attachments.order_by("pk"))


def fetched(file: Attachment, who: Person, asked: str = "") -> Any:
    answer = as_person(who).get(f"/tickets/{file.message.ticket_id}/files/{file.pk}/{asked}")
    if answer.status_code == 200:
        assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return answer


@pytest.mark.broken_record
def test_new_files_are_looked_at_and_the_verdict_holds_for_all_of_the_same_content(
    desk: Desk, scanner: Scanner
) -> None:
    clean, bad, twin = kept(desk, b"fine" * 50_000, EICAR, EICAR)
    assert turns.turn(timezone.now, threading.Event()) == 0.0
    assert turns.turn(timezone.now, threading.Event()) == turns.LOOK_EACH_S
    for file in (clean, bad, twin):
        file.refresh_from_db()
    assert [file.scan for file in (clean, bad, twin)] == ["clean", "infected", "infected"]
    assert bad.found == "Eicar-Test-Signature"
    assert bad.scanned_at is not None


@pytest.mark.broken_record
def test_an_infected_file_is_for_an_administrator_who_insists_and_is_shown_as_such(
    desk: Desk, scanner: Scanner
) -> None:
    [bad] = kept(desk, EICAR)
    for who, asked, status in (
        (desk.ana, "", 403),
        (desk.ana, "?infected=yes", 403),
        (desk.adam, "", 403),
        (desk.adam, "?infected=yes", 200),
    ):
        answer = fetched(bad, who, asked)
        assert answer.status_code == status
    assert answer["X-Forthwith-Scan"] == "infected"
    assert answer["Content-Disposition"].startswith("attachment")
    shown = as_person(desk.ana).get(f"/tickets/{bad.message.ticket_id}/").content.decode()
    assert "infected: Eicar-Test-Signature" in shown


@pytest.mark.broken_record
def test_a_scanner_that_is_away_closes_nothing_and_is_asked_again(desk: Desk, settings: Any, tmp_path: Path) -> None:
    settings.CLAMD = tmp_path / "nobody.sock"
    [file] = kept(desk, b"fine")
    assert turns.turn(timezone.now, threading.Event()) == turns.AWAY_S
    assert fetched(file, desk.ana)["X-Forthwith-Scan"] == "not scanned"
    file.refresh_from_db()
    assert file.scan == Attachment.WAITING


@pytest.mark.broken_record
def test_a_file_too_large_for_the_scanner_is_not_asked_about_for_ever(desk: Desk, scanner: Scanner) -> None:
    scanner.most = 1000
    [file] = kept(desk, b"large" * 400_000)
    turns.turn(timezone.now, threading.Event())
    file.refresh_from_db()
    assert (file.scan, file.found) == ("skipped", "INSTREAM size limit exceeded. ERROR")
    assert scans.waiting() == []


def test_a_scanner_that_does_not_answer_is_not_waited_for(scanner: Scanner, tmp_path: Path, settings: Any) -> None:
    scanner.slow.set()
    (tmp_path / "file").write_bytes(b"fine")
    began = time.monotonic()
    with pytest.raises(clamd.Unreachable, match=r"did not answer: .*time"):
        clamd.scan(tmp_path / "file", at=settings.CLAMD, within_s=0.2)
    assert time.monotonic() - began < 5


@pytest.mark.broken_record
def test_without_a_scanner_nothing_is_said_of_viruses(desk: Desk) -> None:
    [file] = kept(desk, EICAR)
    assert fetched(file, desk.ana).status_code == 200
    assert file.warning == ""
