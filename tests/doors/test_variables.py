"""The environment variables: what they mean, and that no slip in one shows a password or a traceback."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import dj_database_url
import pytest

from forthwith.config import environment
from forthwith.config.environment import Relay, Webhooks, WrongVariable

SECRET = "sesame"


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 25)),
        ("smtps://u%40x:p%3Aw@mail.example.org", Relay("mail.example.org", 465, "u@x", "p:w", "tls")),
        ("smtp+starttls://mail.example.org:2587", Relay("mail.example.org", 2587, tls="starttls")),
        ("smtp://[::1]:26", Relay("::1", 26)),
        ("", None),
    ],
)
def test_a_relay_is_read_from_its_address(url: str, relay: Relay | None) -> None:
    assert environment.read({"FORTHWITH_SMTP_URL": url}).relay == relay


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8100", 8100),
        ("http://localhost:9000/desk", 9000),
        ("http://[::1]:8200", 8200),
        ("http://127.0.0.1", 8000),
        # A proxy is in front of these.
        ("https://help.example.org", 8000),
        ("https://localhost:8443", 8000),
        ("http://help.example.org:8080", 8000),
    ],
)
def test_the_pages_are_served_where_the_address_says_when_it_is_on_this_machine(url: str, port: int) -> None:
    assert environment.port_of(url) == port


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FORTHWITH_SMTP_URL", f"smtp://desk:{SECRET}@mail.example.org:99999"),
        ("FORTHWITH_SMTP_URL", f"smtp://desk:{SECRET}@mail.example.org:\N{SUPERSCRIPT TWO}"),
        ("FORTHWITH_SMTP_URL", f"smtp://desk:{SECRET}@[::1:25"),
        ("FORTHWITH_SMTP_URL", f"desk:{SECRET}@mail.example.org:25"),
        ("FORTHWITH_SMTP_URL", f"smtp://desk:{SECRET}"),
        ("FORTHWITH_SMTP_URL", f"desk:{SECRET}"),
        ("FORTHWITH_SMTP_URL", "smtp://mail.example.org:0"),
        ("FORTHWITH_DATABASE_URL", f"mysql://desk:{SECRET}@localhost/desk"),
        ("FORTHWITH_DATABASE_URL", f"postgresql://desk:{SECRET}@localhost"),
        ("FORTHWITH_DATABASE_URL", f"postgresql://desk:{SECRET}@localhost:port/desk"),
        ("FORTHWITH_DATABASE_URL", "sqlite://"),
        ("FORTHWITH_DATABASE_URL", "sqlite://:memory:"),
        ("FORTHWITH_URL", "http://["),
        ("FORTHWITH_URL", "http://help.example.org:http"),
        ("FORTHWITH_URL", "https://help.example.org/?page=1"),
        ("FORTHWITH_URL", "https://help example.org"),
        ("FORTHWITH_SMTP_LISTEN", "127.0.0.1:\N{SUPERSCRIPT TWO}"),
        ("FORTHWITH_SMTP_LISTEN", "127.0.0.1:" + "9" * 5000),
        ("FORTHWITH_SMTP_LISTEN", ":2525"),
        ("FORTHWITH_LMTP_LISTEN", "lmtp.sock"),
        ("FORTHWITH_LMTP_LISTEN", "/run/" + "x" * 200),
        ("FORTHWITH_SMTP_CONNECTIONS", "0"),
        ("FORTHWITH_SMTP_CONNECTIONS_PER_PEER", "-1"),
        ("FORTHWITH_SMTP_MAILS_PER_PEER", "many"),
        ("FORTHWITH_CLAMD", "127.0.0.1"),
        ("FORTHWITH_MAIL_AUTH_TRUST", "mx.example.org, mx2.example.org"),
        ("FORTHWITH_MAIL_CHECK", "1"),
        ("FORTHWITH_MAIL_DNS", "ns.example.org:53"),
        ("FORTHWITH_MAIL_DNS", "192.0.2.53"),
        ("FORTHWITH_WEBHOOK_MAILGUN", SECRET),
        ("FORTHWITH_WEBHOOK_POSTMARK", f"desk:{SECRET}"),
        ("FORTHWITH_WEBHOOK_POSTMARK", f"{SECRET}{SECRET}{SECRET}"),
        ("FORTHWITH_WEBHOOK_SENDGRID", f"desk:{SECRET} {SECRET} {SECRET}"),
        ("FORTHWITH_WEBHOOK_SES", "desk-mail"),
        ("FORTHWITH_MAIL_FROM", "Support <support@..example.org>"),
        ("FORTHWITH_HOME", "~nobody-of-this-name/desk"),
    ],
)
def test_a_wrong_value_is_a_sentence_with_an_example_and_without_the_password(name: str, value: str) -> None:
    with pytest.raises(WrongVariable) as wrong:
        environment.read({name: value})
    assert str(wrong.value).startswith(f"{name}=")
    assert f"Example: {name}=" in str(wrong.value)
    assert SECRET not in str(wrong.value)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("127.0.0.1:2424", ("127.0.0.1", 2424)),
        ("[::1]:24", ("::1", 24)),
        ("/run/a.sock", Path("/run/a.sock")),
        ("", None),
    ],
)
def test_a_program_listens_on_a_port_or_at_a_path(value: str, place: object) -> None:
    read = environment.read({"FORTHWITH_LMTP_LISTEN": value, "FORTHWITH_CLAMD": value})
    assert (read.receiving.lmtp, read.clamd) == (place, place)


def test_what_is_for_mail_that_comes_is_read_as_it_is_given() -> None:
    assert environment.read({}).webhooks == Webhooks("", "", "", "")
    assert (environment.read({}).receiving.checks, environment.read({}).receiving.dns) == (False, None)
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:desk_mail-1"
    given = {
        "FORTHWITH_WEBHOOK_MAILGUN": "0123456789abcdef",
        "FORTHWITH_WEBHOOK_POSTMARK": "desk:a:long:password",
        "FORTHWITH_WEBHOOK_SENDGRID": "d:0123456789ab",
        "FORTHWITH_WEBHOOK_SES": topic,
        "FORTHWITH_MAIL_CHECK": "on",
        "FORTHWITH_MAIL_DNS": "[::1]:5353",
    }
    read = environment.read(given)
    assert read.webhooks == Webhooks("0123456789abcdef", "desk:a:long:password", "d:0123456789ab", topic)
    assert (read.receiving.checks, read.receiving.dns) == (True, ("::1", 5353))


@pytest.mark.parametrize("folder", ["a#b", "100%41", "what?", "a b", "köln"])
def test_the_database_is_in_the_home_whatever_that_is_called(folder: str) -> None:
    read = environment.read({"FORTHWITH_HOME": f"/srv/{folder}"})
    assert dj_database_url.parse(read.database_url)["NAME"] == f"/srv/{folder}/forthwith.sqlite3"


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    for home in (tmp_path / str(n) for n in range(20)):
        together, found = threading.Barrier(4), []

        def start(home: Path = home, together: threading.Barrier = together, found: list[str] = found) -> None:
            together.wait(10)
            found.append(environment.secret(home))

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert len(found) == 4
        assert len(set(found)) == 1
        assert len(found[0]) >= 50
        assert [path.name for path in home.iterdir()] == ["secret"]
        assert (home / "secret").stat().st_mode & 0o077 == 0


def test_a_crash_while_the_secret_is_made_leaves_none_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            environment.secret(tmp_path)
    assert environment.secret(tmp_path)


def test_an_empty_secret_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(OSError, match="is empty; remove it"):
        environment.secret(tmp_path)
