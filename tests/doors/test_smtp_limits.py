"""What one sender may take of the receiver, and that mail of any shape is read within bounds (SOP 1.1, 1.2)."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress

import pytest

from forthwith.channels.email import session
from forthwith.channels.email.limits import Limits
from forthwith.record import raw
from forthwith.record.models import RawItem, Ticket
from tests.desk_fixtures import Desk
from tests.receivers import DESK, letter, receiving

WITHIN_S = 20


@pytest.fixture(autouse=True)
def desk(busy_desk: Desk) -> Desk:
    return busy_desk


def talked(port: int, *said: bytes) -> bytes:
    """Everything that is answered until the desk hangs up, or does not for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as raw:
        raw.sendall(b"".join(said))
        heard = b""
        with suppress(TimeoutError):
            while more := raw.recv(10_000):
                heard += more
        return heard


def begun(port: int) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S)
    client.ehlo()
    client.mail("rui@customer.example")
    client.rcpt(DESK)
    return client


def test_a_mail_that_is_too_large_is_refused_by_its_announced_and_by_its_real_size() -> None:
    body = b"Subject: large\r\n\r\n" + b"x" * 70 * 50 + b"\r\n"
    with receiving(Limits(largest=2000)) as port, smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "2000"
        assert client.mail("rui@customer.example", ["SIZE=2001"])[0] == 552
        client.mail("rui@customer.example")
        client.rcpt(DESK)
        code, words = client.data(body)
        assert code == 552
        assert b"2000 bytes" in words
        assert client.send_message(letter()) == {}
    assert RawItem.objects.count() == 1


@pytest.mark.parametrize("line", [b"x" * 300_000, b"x\r\n" * 100_000, b".\r\n" * 100_000, b"\r\n" * 150_000])
def test_a_mail_too_large_is_dropped_while_it_is_read_whatever_its_lines_are(line: bytes) -> None:
    with receiving(Limits(largest=200_000)) as port, begun(port) as client:
        assert client.data(line)[0] == 552
        assert client.noop()[0] == 250
    assert RawItem.objects.count() == 0


def test_lines_of_any_length_are_taken() -> None:
    body = b"Subject: long\r\n\r\n" + b"y" * 3_000_000 + b"\r\n"
    with receiving() as port, begun(port) as client:
        assert client.data(body)[0] == 250
    assert raw.whole(RawItem.objects.get()) == body


def test_only_a_dot_on_a_line_of_its_own_between_true_line_ends_ends_a_mail() -> None:
    smuggled = b"Subject: one\r\n\r\nhello\n.\nMAIL FROM:<a@b.example>\n.\r\nRSET\r\r\n.\r\n"
    with receiving() as port:
        heard = talked(
            port,
            b"EHLO x\r\nMAIL FROM:<a@b.example>\r\n",
            f"RCPT TO:<{DESK}>\r\n".encode(),
            b"DATA\r\n" + smuggled + b"QUIT\r\n",
        )
    assert heard.count(b"\r\n250 2.0.0 Stored") == 1
    assert bytes(RawItem.objects.get().body) == smuggled.removesuffix(b".\r\n")


def test_too_much_mail_in_memory_is_told_to_come_back_and_later_there_is_room() -> None:
    with receiving(Limits(in_flight=100_000)) as port, begun(port) as client:
        assert client.data(b"Subject: x\r\n\r\n" + b"x" * 200_000)[0] == 452
        assert client.mail("rui@customer.example", ["SIZE=200000"])[0] == 452
        for subject in ("one", "two"):
            large = letter(subject)
            large.add_attachment("x" * 70_000)
            assert client.send_message(large) == {}
    assert RawItem.objects.count() == 2


def test_too_many_connections_are_told_to_come_back() -> None:
    with (
        receiving(Limits(connections=2)) as port,
        smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S),
        smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as second,
    ):
        assert talked(port).startswith(b"421 ")
        second.send_message(letter())
    assert Ticket.objects.count() == 1


def test_one_address_has_few_connections_and_leaves_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "peer_group", lambda address: address)
    with receiving(Limits(per_peer=1)) as port:
        with smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as first:
            assert talked(port).startswith(b"421 ")
            with smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S, source_address=("127.0.0.2", 0)) as other:
                other.send_message(letter())
            first.noop()
        assert Ticket.objects.count() == 1
        with smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as again:
            assert again.noop()[0] == 250


def test_one_address_sends_so_many_mails_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "peer_group", lambda address: address)
    with receiving(Limits(mails_a_minute=2)) as port, smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as client:
        for subject in ("one", "two"):
            client.send_message(letter(subject))
        client.ehlo_or_helo_if_needed()
        code, words = client.mail("rui@customer.example")
        assert code == 451
        assert b"2 mails a minute" in words
        with smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S, source_address=("127.0.0.2", 0)) as other:
            other.send_message(letter("three"))
    assert Ticket.objects.count() == 3


def test_a_connection_that_says_nothing_is_soon_closed() -> None:
    with (
        receiving(Limits(first_word_s=0.2)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as silent,
    ):
        assert silent.recv(100).startswith(b"220 ")
        assert silent.recv(100) == b""


def test_whoever_has_said_something_may_think_longer() -> None:
    with receiving(Limits(first_word_s=0.2)) as port, socket.create_connection(("127.0.0.1", port), timeout=1) as slow:
        slow.sendall(b"NOOP\r\n")
        said = b""
        while b"250" not in said:
            said += slow.recv(100)
        with pytest.raises(TimeoutError):
            slow.recv(100)


def test_small_talk_holds_no_connection() -> None:
    with (
        receiving(Limits(idle_s=0.3)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as chatty,
    ):
        chatty.sendall(b"EHLO x\r\n" + b"NOOP\r\n" * 5)
        said = b""
        while more := chatty.recv(1000):
            said += more
    assert said.count(b"250 OK") == 5
    assert said.endswith(b"421 4.4.2 No mail came for too long. Goodbye.\r\n")


def test_endless_small_talk_is_ended() -> None:
    with receiving() as port:
        assert b"421 4.7.0 NOOP sent too many times" in talked(port, b"EHLO x\r\n", b"NOOP\r\n" * 31)


def test_a_mail_that_trickles_in_for_too_long_is_not_waited_for_and_its_memory_is_free_again() -> None:
    with receiving(Limits(data_s=0.3, in_flight=2200)) as port:
        begin = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<" + DESK.encode() + b">\r\nDATA\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as slow:
            slow.sendall(begin + b"Subject: slow\r\n.\r" + b"x" * 2000 + b".\r\nmore")
            while slow.recv(1000):
                pass
        with smtplib.SMTP("127.0.0.1", port, timeout=WITHIN_S) as client:
            client.send_message(letter())
    assert Ticket.objects.count() == 1
