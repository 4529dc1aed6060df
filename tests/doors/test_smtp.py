"""Mail over SMTP: a real receiver, a real client; 250 only for what is stored (SOP 1.2)."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from forthwith.channels.email import intake, limits
from forthwith.procedure.facts import AcknowledgementWithheld
from forthwith.record.models import RawItem, Ticket, Watch
from forthwith.steps import receive
from forthwith.worker import mail
from tests.desk_fixtures import Desk, facts, posted
from tests.receivers import DESK, letter, receiving


@pytest.fixture
def port(busy_desk: Desk) -> Iterator[int]:
    """The port of a receiver that runs while the test does."""
    with receiving() as number:
        yield number


@pytest.fixture
def client(port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as connected:
        yield connected


@pytest.mark.sop("1.2")
def test_a_mail_becomes_a_ticket_before_it_is_answered_250(client: smtplib.SMTP) -> None:
    assert client.send_message(letter()) == {}
    item = RawItem.objects.get()
    assert (item.outcome, item.sender, item.recipients) == ("ticket", "rui@customer.example", [DESK])
    assert item.ticket == Ticket.objects.get()
    assert b"Printer prints blank pages" in bytes(item.body)


@pytest.mark.sop("1.2")
def test_the_same_mail_sent_twice_is_one_ticket(client: smtplib.SMTP) -> None:
    client.send_message(letter())
    client.send_message(letter())
    assert Ticket.objects.count() == 1


def test_the_bytes_are_kept_as_they_came(client: smtplib.SMTP) -> None:
    body = b"From: rui@customer.example\r\nSubject: \xfc\xff\r\n\r\n.\r\n..\r\nbare\nfeed\r\n" + b"x" * 5000 + b"\r\n"
    client.sendmail("rui@customer.example", DESK, body)
    assert bytes(RawItem.objects.get().body) == body


def test_mail_that_nobody_can_understand_is_taken_and_kept(client: smtplib.SMTP) -> None:
    client.sendmail("rui@customer.example", DESK, b"\0\1\2\3 no mail at all")
    assert RawItem.objects.get().outcome == "unprocessed"


@pytest.mark.sop("1.1")
def test_the_mailbox_shows_that_it_is_watched(client: smtplib.SMTP) -> None:
    client.noop()
    client.send_message(letter())
    assert Watch.objects.filter(channel="email").exists()


@pytest.mark.sop("1.1")
def test_a_sign_of_life_that_failed_is_not_the_last(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    again = threading.Event()
    failures: list[Exception] = [InterfaceError("connection already closed"), RuntimeError("a mistake")]

    def heartbeat(channel: str, now: datetime) -> None:
        if failures:
            raise failures.pop()
        again.set()

    monkeypatch.setattr(receive, "heartbeat", heartbeat)
    monkeypatch.setattr(mail, "HEARTBEAT_S", 0.01)
    with receiving():
        assert again.wait(10)


@pytest.mark.parametrize(
    "address", [DESK, "Support@DESK.example", "support+t12.abc@desk.example", "support+a+b@desk.example"]
)
def test_the_desk_takes_mail_for_its_address_with_any_tag(client: smtplib.SMTP, address: str) -> None:
    client.ehlo()
    client.mail("rui@customer.example")
    assert client.rcpt(address)[0] == 250


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("address", ["postmaster@desk.example", "Abuse@DESK.example", "postmaster"])
def test_what_every_domain_must_take_is_taken_and_answered_for(client: smtplib.SMTP, address: str) -> None:
    client.sendmail("admin@elsewhere.example", address, letter().as_bytes())
    assert RawItem.objects.get().outcome == "ticket"


@pytest.mark.parametrize(
    "address",
    ["other@desk.example", "support@elsewhere.example", "supporter@desk.example", "support@desk.example.org"],
)
def test_the_desk_is_no_relay(client: smtplib.SMTP, address: str) -> None:
    client.ehlo()
    client.mail("rui@customer.example")
    code, words = client.rcpt(address)
    assert code == 550
    assert DESK.encode() in words


def test_a_bounce_with_an_empty_sender_is_taken(client: smtplib.SMTP) -> None:
    client.sendmail("", DESK, letter().as_bytes())
    assert RawItem.objects.get().sender == intake.NULL_SENDER


@pytest.mark.sop("2.2")
def test_a_mail_from_the_empty_sender_opens_a_ticket_that_is_not_acknowledged(client: smtplib.SMTP) -> None:
    client.sendmail("", DESK, letter().as_bytes())
    item = RawItem.objects.get()
    assert item.outcome == "ticket"
    assert item.ticket is not None
    [withheld] = facts(item.ticket.pk, AcknowledgementWithheld)
    assert "empty envelope sender" in withheld.why
    assert posted("acknowledgement") == []


@pytest.mark.sop("2.2")
def test_a_mail_with_a_sender_is_acknowledged(client: smtplib.SMTP) -> None:
    client.send_message(letter())
    assert len(posted("acknowledgement")) == 1


def test_a_sender_with_smtputf8_is_taken(client: smtplib.SMTP) -> None:
    client.sendmail("jürgen@customer.example", DESK, letter().as_bytes(), mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert RawItem.objects.get().sender == "jürgen@customer.example"


@pytest.mark.sop("1.2")
def test_what_cannot_be_stored_is_answered_451_and_taken_when_it_comes_again(
    client: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> intake.Receipt:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(intake, "receive_mail", away)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.send_message(letter())
    assert refused.value.smtp_code == 451
    assert RawItem.objects.count() == 0
    client.send_message(letter())
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("", ""),
    ],
)
def test_connections_are_counted_by_address_and_by_network_of_ipv6_but_not_those_of_a_relay_in_front(
    address: str, group: str
) -> None:
    assert limits.peer_group(address) == group


def test_a_client_that_vanishes_in_the_middle_leaves_nothing_half_done(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as half:
        half.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\nSubject: half")
        half.recv(100)
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.send_message(letter())
    assert RawItem.objects.count() == 1
