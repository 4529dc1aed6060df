"""A database that throws everybody out is no reason to stop: worker and receiver go on when it is back."""

from __future__ import annotations

import contextlib
import os
import smtplib
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.processes.desks import RunningDesk, listens, wait_until
from tests.worker.relay import Relay, running


def send(desk: RunningDesk, name: str) -> bool:
    body = f"From: {name}@customer.example\r\nSubject: {name}\r\nMessage-ID: <{name}@customer.example>\r\n\r\nHelp.\r\n"
    with contextlib.suppress(OSError, smtplib.SMTPException):
        with smtplib.SMTP("127.0.0.1", desk.mail_port, timeout=10) as client:
            client.sendmail(f"{name}@customer.example", "support@desk.example", body)
        return True
    return False


@pytest.mark.postgresql
def test_after_every_connection_was_cut_mail_comes_in_and_goes_out_again(running_desk: RunningDesk) -> None:
    database = urlsplit(running_desk.variables["FORTHWITH_DATABASE_URL"]).path.lstrip("/")
    with running(Relay()) as relay:
        running_desk.variables["FORTHWITH_SMTP_URL"] = f"smtp://127.0.0.1:{relay.port}"
        worker = running_desk.start("worker", "--receive")
        wait_until(lambda: listens(running_desk.mail_port), 30, "the receiver listens")
        assert send(running_desk, "before")
        wait_until(lambda: len(relay.taken) == 1, 20, "the first acknowledgement leaves")
        with psycopg.connect(os.environ["FORTHWITH_TEST_POSTGRES_URL"], autocommit=True) as server:
            cut = server.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", [database]
            ).fetchone()
            assert cut is not None
            assert cut[0] >= 3
        wait_until(lambda: send(running_desk, "after"), 20, "mail is taken again")
        wait_until(lambda: len(relay.taken) == 2, 30, "the second acknowledgement leaves")
        assert worker.poll() is None
    assert {mail["Subject"] for _, _, mail in relay.taken}
    assert len(running_desk.json("ticket", "list", "--json")) == 2
