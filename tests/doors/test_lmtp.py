"""Mail handed over by a server in front (LMTP, RFC 2033), and mail under TLS (STARTTLS, RFC 3207)."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from forthwith.channels.email.certificate import Certificate
from forthwith.channels.email.limits import Limits
from forthwith.config.cli import Complaint
from forthwith.config.commands.worker import at_path
from forthwith.config.environment import WrongVariable, read
from forthwith.record.models import RawItem, Ticket
from tests.desk_fixtures import Desk
from tests.receivers import DESK, letter, receiving

WITHIN_S = 20


@pytest.fixture
def desk(busy_desk: Desk) -> Desk:
    return busy_desk


@pytest.fixture
def lmtp(desk: None, tmp_path: Path) -> Iterator[Path]:
    """The path at which the desk takes LMTP."""
    path = tmp_path / "lmtp.sock"
    with receiving(lmtp=at_path(path, "No mail", "Choose another path.")):
        yield path


def certified(folder: Path, name: str = "desk.example") -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, which makes the certificates of these tests")
    folder.mkdir(exist_ok=True)
    chain, key = folder / "chain.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(chain)], check=True, capture_output=True)
    return chain, key


@pytest.mark.sop("1.2")
def test_a_server_in_front_hands_over_a_mail_by_a_socket_and_gets_an_answer_for_each_recipient(lmtp: Path) -> None:
    with smtplib.LMTP(str(lmtp)) as client:
        assert client.ehlo()[0] == 250
        assert client.has_extn("pipelining")
        client.mail("rui@customer.example")
        assert [client.rcpt(to)[0] for to in (DESK, "support+t1.x@desk.example", "other@desk.example")] == [
            250,
            250,
            550,
        ]
        assert client.data(letter().as_bytes())[0] == 250
        assert client.getreply()[0] == 250
        assert client.noop()[0] == 250
    assert Ticket.objects.count() == 1
    assert RawItem.objects.get().recipients == [DESK, "support+t1.x@desk.example"]


def test_a_whole_delivery_sent_in_one_go_is_understood(lmtp: Path) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(WITHIN_S)
        raw.connect(str(lmtp))
        said = b"LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%b>\r\nDATA\r\n" % DESK.encode()
        raw.sendall(said + b"From: a@b.example\r\nSubject: one go\r\n\r\nhello\r\n.\r\nQUIT\r\n")
        heard = b""
        while more := raw.recv(1000):
            heard += more
    assert heard.endswith(b"250 2.0.0 Stored (ticket)\r\n221 Bye\r\n")
    assert Ticket.objects.count() == 1


def test_lmtp_is_greeted_with_lhlo_and_smtp_with_ehlo(lmtp: Path) -> None:
    with smtplib.LMTP(str(lmtp)) as client:
        assert client.docmd("EHLO x")[0] == 500
        assert client.docmd("HELO x")[0] == 500
        code, words = client.docmd("MAIL FROM:<a@b.example>")
        assert (code, b"LHLO" in words) == (503, True)


def test_lmtp_on_a_port_has_no_limit_by_peer(desk: None) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    with receiving(Limits(per_peer=1, mails_a_minute=1), lmtp=listening):
        clients = [smtplib.LMTP("127.0.0.1", listening.getsockname()[1]) for _ in range(3)]
        for n, client in enumerate(clients):
            client.send_message(letter(f"number {n}"))
        for client in clients:
            client.quit()
    assert Ticket.objects.count() == 3


def test_a_socket_left_behind_is_taken_over_but_not_one_that_is_served_and_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "lmtp.sock"
    at_path(path, "No mail", "Choose another path.").close()
    with at_path(path, "No mail", "Choose another path."):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with pytest.raises(Complaint, match=r"No mail on .*in use.* Choose another path"):
            at_path(path, "No mail", "Choose another path.")
    other = tmp_path / "notes"
    other.write_text("mine")
    with pytest.raises(Complaint):
        at_path(other, "No mail", "Choose another path.")
    assert other.read_text() == "mine"


@pytest.fixture
def trusting(desk: None, settings: Any, tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext]]:
    """The port of a desk that has a certificate, and who trusts it."""
    chain, key = certified(tmp_path)
    settings.RECEIVING = replace(settings.RECEIVING, certificate=(chain, key))
    with receiving() as port:
        yield port, ssl.create_default_context(cafile=str(chain))


def encrypted(port: int, trust: ssl.SSLContext) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S)
    client._host = "desk.example"  # type: ignore[attr-defined]
    assert client.starttls(context=trust)[0] == 220
    return client


def test_mail_is_taken_under_tls_and_neither_tls_nor_a_login_is_offered_again(
    trusting: tuple[int, ssl.SSLContext],
) -> None:
    with encrypted(*trusting) as client:
        assert client.docmd("MAIL FROM:<a@b.example>")[0] == 503
        client.ehlo()
        assert not client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("STARTTLS")[0] == 454
        large = letter()
        large.add_attachment(b"\0" * 3_000_000, maintype="application", subtype="octet-stream", filename="a.bin")
        assert client.send_message(large) == {}
    assert Ticket.objects.count() == 1


def test_what_was_said_before_tls_or_slipped_in_with_the_command_is_forgotten(
    trusting: tuple[int, ssl.SSLContext],
) -> None:
    port, trust = trusting
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as raw:
        raw.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nSTARTTLS\r\nRCPT TO:<support@desk.example>\r\nNOOP\r\n")
        said = b""
        while b"220 2.0.0 Ready" not in said:
            said += raw.recv(1000)
        with trust.wrap_socket(raw, server_hostname="desk.example") as safe:
            safe.sendall(b"QUIT\r\n")
            assert safe.recv(1000) == b"221 Bye\r\n"


@pytest.mark.parametrize("said", [b"no handshake at all\r\n", b"", b"\x16\x03\x01"])
def test_a_handshake_that_fails_gives_its_place_back(desk: None, settings: Any, tmp_path: Path, said: bytes) -> None:
    settings.RECEIVING = replace(settings.RECEIVING, certificate=certified(tmp_path))
    with receiving(Limits(connections=1)) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as raw:
            raw.sendall(b"EHLO x\r\nSTARTTLS\r\n")
            while b"220 2.0.0 Ready" not in raw.recv(1000):
                pass
            raw.sendall(said)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(1000):
                pass
        with smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as client:
            client.send_message(letter())
    assert Ticket.objects.count() == 1


def test_without_a_certificate_tls_is_not_offered(desk: None) -> None:
    with receiving() as port, smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as client:
        client.ehlo()
        assert not client.has_extn("starttls")
        assert client.docmd("STARTTLS")[0] >= 450


def test_a_renewed_certificate_is_shown_and_a_broken_one_is_not(tmp_path: Path) -> None:
    chain, key = certified(tmp_path / "old")
    shown = Certificate(chain, key)
    first = shown.context()
    assert shown.context() is first
    for made, place in zip(certified(tmp_path / "new"), (chain, key), strict=True):
        made.replace(place)
    second = shown.context()
    assert second is not first
    chain.write_text("nothing")
    assert shown.context() is second


def test_half_a_certificate_or_one_that_does_not_fit_its_key_is_a_sentence(tmp_path: Path) -> None:
    chain, _ = certified(tmp_path / "one")
    _, other = certified(tmp_path / "two")
    cert, key = "FORTHWITH_SMTP_TLS_CERT", "FORTHWITH_SMTP_TLS_KEY"
    for given in (
        {cert: str(chain)},
        {key: str(other)},
        {cert: str(chain), key: str(other)},
        {cert: "/no", key: "/no"},
    ):
        with pytest.raises(WrongVariable, match="Example: FORTHWITH_SMTP_TLS_"):
            read(given)
    assert settings.RECEIVING.certificate is None
