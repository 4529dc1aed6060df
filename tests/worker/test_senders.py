"""A mail as it reaches the relay, and how the relay's answers are understood."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from forthwith.config.environment import Relay as Named
from forthwith.outbox.models import Outgoing
from forthwith.outbox.senders import NO_RELAY, Accepted, Refused, Sender, compose
from tests.desk_fixtures import MONDAY
from tests.worker.relay import Relay


def letter(**of: Any) -> Outgoing:
    """An unsaved row."""
    said: dict[str, Any] = {
        "purpose": "acknowledgement",
        "address": "rui@customer.example",
        "name": "Rui Silva",
        "subject": "We have your request [#12]",
        "text": "Thank you. A person answers by noon.\n",
        "mail_id": "t12.aa@desk.example",
        "reply_to": "support+t12.sig@desk.example",
        "in_reply_to": "mail-1@customer.example",
        "references": "<mail-0@customer.example> <mail-1@customer.example>",
        "automatic": True,
        "queued_at": MONDAY,
        "next_at": MONDAY,
    }
    return Outgoing(**(said | of))


def text_of(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).replace("\r\n", "\n")


def send(row: Outgoing) -> Accepted | Refused:
    with Sender() as sender:
        return sender.send(row)


@pytest.mark.sop("2.2")
def test_an_automatic_mail_says_so_and_joins_its_thread(relay: Relay) -> None:
    assert send(letter()) == Accepted("250 2.0.0 taken")
    sender, to, mail = relay.taken[0]
    assert (sender, to) == ("support+t12.sig@desk.example", "rui@customer.example")
    assert mail["From"] == "Support <support@desk.example>"
    assert mail["To"] == "Rui Silva <rui@customer.example>"
    assert mail["Reply-To"] == "Support <support+t12.sig@desk.example>"
    assert mail["Message-ID"] == "<t12.aa@desk.example>"
    assert mail["In-Reply-To"] == "<mail-1@customer.example>"
    assert mail["References"].split() == ["<mail-0@customer.example>", "<mail-1@customer.example>"]
    assert mail["Date"].datetime == MONDAY
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "auto_reply"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert text_of(mail) == "Thank you. A person answers by noon.\n"


def test_a_mail_that_answers_nothing_is_generated_and_a_persons_reply_is_neither(relay: Relay) -> None:
    send(letter(in_reply_to="", references=""))
    send(letter(automatic=False))
    generated, personal = (mail for _, _, mail in relay.taken)
    assert generated["Auto-Submitted"] == "auto-generated"
    assert generated["In-Reply-To"] is None
    assert personal["Auto-Submitted"] is None
    assert personal["Precedence"] is None


def test_any_language_arrives_whole(relay: Relay) -> None:
    text = "Grüße aus Köln — 你好, мир\n.\n..dots\nFrom here on\n" + "ü" * 2000 + "\n"
    send(letter(subject="Drucker für Müller 你好 " * 8, name="Zoë Müller, Dr.", text=text))
    _, _, mail = relay.taken[0]
    assert mail["Subject"] == ("Drucker für Müller 你好 " * 8).strip()
    assert mail["To"].addresses[0].display_name == "Zoë Müller, Dr."
    assert text_of(mail) == text
    assert relay.raw[0].isascii()


def test_long_message_ids_are_folded_and_never_encoded(relay: Relay) -> None:
    ids = [f"<{'x' * 200}{n}@mail.example>" for n in range(9)]
    send(letter(references=" ".join(ids)))
    assert b"=?" not in relay.raw[0]
    assert max(map(len, relay.raw[0].splitlines())) < 998
    assert relay.taken[0][2]["References"].split() == ids


nasty = st.text(st.characters(), max_size=200) | st.sampled_from(
    ["a\r\nBcc: x@evil.example", "a\n\nbody", "a\rX-Evil: 1", "a\u2028Bcc: x@evil.example", "\0"]
)


@given(nasty, nasty, nasty, nasty)
def test_no_field_of_a_row_can_add_a_header(subject: str, name: str, ids: str, mail_id: str) -> None:
    try:
        raw = compose(letter(subject=subject, name=name, references=ids, in_reply_to=ids, mail_id=mail_id))
    except UnicodeEncodeError:
        pytest.fail("a lone surrogate must not stop a mail")
    allowed = {
        *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
        *("auto-submitted", "x-auto-response-suppress", "precedence", "mime-version"),
        *("content-type", "content-transfer-encoding"),
    }
    mail = message_from_bytes(raw, policy=policy.default)
    names = [header.lower() for header in mail.keys()]  # noqa: SIM118 (a message is no mapping)
    assert set(names) <= allowed
    assert len(names) == len(set(names))
    plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    assert plain.get_payload(decode=True).decode().split() == letter().text.split()


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "@x.example", "a@", "a b@x.example", "a@x.example\r\nRCPT TO:<b@y>", "<a@x>", "a@x, b@y"],
)
def test_what_is_no_address_is_refused_for_good(relay: Relay, address: str) -> None:
    outcome = send(letter(address=address))
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert "is no address" in outcome.words
    assert relay.connections == 0


def test_an_odd_but_possible_address_is_tried(relay: Relay) -> None:
    assert isinstance(send(letter(address="a..b@customer.example")), Accepted)


def test_a_domain_beyond_ascii_is_sent_in_its_ascii_form(relay: Relay) -> None:
    assert isinstance(send(letter(address="rui@bücher.example")), Accepted)
    assert relay.taken[0][1] == "rui@xn--bcher-kva.example"


def test_a_name_beyond_ascii_in_an_address_needs_smtputf8(relay: Relay) -> None:
    assert isinstance(send(letter(address="jürgen@customer.example")), Accepted)
    assert relay.taken[0][1] == "jürgen@customer.example"


@pytest.mark.parametrize(
    ("at", "answer", "permanent"),
    [
        ("rcpt", "550 5.1.1 no such user", True),
        ("rcpt", "450 4.2.1 mailbox busy", False),
        ("data", "554 5.7.1 looks like spam", True),
        ("data", "451 4.3.0 try later", False),
    ],
)
@pytest.mark.sop("2.2")
def test_a_refusal_keeps_the_relays_words(relay: Relay, at: str, answer: str, permanent: bool) -> None:
    setattr(relay, at, [answer])
    assert send(letter()) == Refused(answer, permanent=permanent)


def test_one_refusal_does_not_spoil_the_next_mail_on_the_same_connection(relay: Relay) -> None:
    relay.rcpt = ["550 no", "250 OK"]
    with Sender() as sender:
        assert isinstance(sender.send(letter()), Refused)
        assert isinstance(sender.send(letter(address="eva@customer.example")), Accepted)
        assert isinstance(sender.send(letter()), Accepted)
    assert relay.connections == 1


def test_a_relay_that_refuses_and_hangs_up_is_quoted(relay: Relay) -> None:
    relay.rcpt = ["421 4.3.2 closing down", "250 OK"]
    with Sender() as sender:
        assert sender.send(letter()) == Refused("421 4.3.2 closing down", permanent=False)
        assert isinstance(sender.send(letter()), Accepted)
    assert relay.connections == 2


def test_a_relay_that_hangs_up_is_tried_again_later_and_anew(relay: Relay) -> None:
    relay.data = ["hang up", "250 OK"]
    with Sender() as sender:
        first = sender.send(letter())
        assert isinstance(first, Refused)
        assert not first.permanent
        assert f"127.0.0.1:{relay.port}" in first.words
        assert isinstance(sender.send(letter()), Accepted)


def test_a_relay_that_is_away_is_no_permanent_failure(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.RELAY = Named("127.0.0.1", port)
    outcome = send(letter())
    assert isinstance(outcome, Refused)
    assert not outcome.permanent


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("greeting", ["554 5.3.2 closed for today", "421 4.3.2 busy"])
def test_a_relay_that_turns_everybody_away_fails_no_mail_for_good(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, greeting: str
) -> None:
    async def turned_away(self: SMTP) -> None:
        await self.push(greeting)
        self.transport.close()

    monkeypatch.setattr(SMTP, "_handle_client", turned_away)
    outcome = send(letter())
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert greeting in outcome.words


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("password", ["wrong", "schön"])
def test_a_password_that_is_refused_fails_no_mail_for_good_and_is_not_shown(relay: Relay, password: str) -> None:
    relay.asks_for = ("desk", "right")
    relay.user, relay.password = "desk", password
    outcome = send(letter())
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert "FORTHWITH_SMTP_URL" in outcome.words
    assert password not in outcome.words
    relay.password = "right"
    assert isinstance(send(letter()), Accepted)


@pytest.mark.sop("2.2")
def test_a_relay_that_wants_a_sign_in_first_fails_no_mail_for_good(relay: Relay) -> None:
    relay.asks_for = ("desk", "right")
    outcome = send(letter())
    assert isinstance(outcome, Refused)
    assert outcome.words.startswith("530 ")
    assert not outcome.permanent


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(relay: Relay, settings: Any) -> None:
    settings.RELAY = Named("127.0.0.1", relay.port, tls="starttls")
    outcome = send(letter())
    assert isinstance(outcome, Refused)
    assert relay.taken == []


def test_without_a_relay_the_mail_waits_and_says_what_to_do(settings: Any) -> None:
    settings.RELAY = None
    assert send(letter()) is NO_RELAY
    assert "FORTHWITH_SMTP_URL" in NO_RELAY.words
