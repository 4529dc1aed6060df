"""`forthwith up`: one command runs the desk, and one signal stops all of it."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes.desks import RunningDesk, alive, children, listens, wait_until


def answers(desk: RunningDesk) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", desk.web_port, timeout=5)
        connection.request("GET", "/account/login/")
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status == 200
    return False


def up(desk: RunningDesk) -> int:
    """Start everything; the supervisor's process id once pages and mail are served."""
    process = desk.start("up", "--port", str(desk.web_port))
    wait_until(lambda: process.poll() is not None or answers(desk), 40, "the pages are served")
    wait_until(lambda: process.poll() is not None or listens(desk.mail_port), 20, "mail is received")
    assert process.poll() is None, desk.said()
    return process.pid


SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "printer.eml"

# A session of the administrator, made where the desk's own database is.
_COOKIE = """
import django; django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from forthwith.people.models import Person
person = Person.objects.create_user("ada@desk.example", name="Ada", role="administrator")
session = SessionStore()
session[SESSION_KEY] = str(person.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = person.get_session_auth_hash()
session.create()
print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
"""


def cookie(desk: RunningDesk) -> bytes:
    variables = {**desk.variables, "DJANGO_SETTINGS_MODULE": "forthwith.config.settings"}
    return subprocess.run(
        [sys.executable, "-c", _COOKIE], env=variables, capture_output=True, check=True
    ).stdout.strip()


def test_one_signal_stops_all_of_it_also_with_open_connections(running_desk: RunningDesk) -> None:
    signed_in = cookie(running_desk)
    supervisor = up(running_desk)
    parts = children(supervisor)
    assert len(parts) == 2
    with (
        socket.create_connection(("127.0.0.1", running_desk.web_port)) as idle,
        socket.create_connection(("127.0.0.1", running_desk.web_port)) as half,
        socket.create_connection(("127.0.0.1", running_desk.web_port)) as stream,
        smtplib.SMTP("127.0.0.1", running_desk.mail_port, timeout=10) as mail,
    ):
        idle.sendall(b"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        half.sendall(b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nlogin=")
        stream.sendall(b"GET /live/ HTTP/1.1\r\nHost: localhost\r\nCookie: " + signed_in + b"\r\n\r\n")
        assert b"200 OK" in stream.recv(20)
        mail.ehlo()
        begun = time.monotonic()
        os.kill(supervisor, signal.SIGTERM)
        assert running_desk.started[0].wait(15) == 0
        assert time.monotonic() - begun < 10
        mail.close()
    assert [number for number in parts if alive(number)] == []
    assert not listens(running_desk.web_port)
    assert "Traceback" not in running_desk.said()
    assert f"Forthwith is running at http://127.0.0.1:{running_desk.web_port}/" in running_desk.said()


def test_what_dies_is_started_again(running_desk: RunningDesk) -> None:
    supervisor = up(running_desk)
    first = children(supervisor)
    for number in first:
        os.kill(number, signal.SIGKILL)
    wait_until(lambda: not set(first) & set(children(supervisor)), 10, "the dead are buried")
    wait_until(lambda: answers(running_desk) and listens(running_desk.mail_port), 40, "both are back")
    os.kill(supervisor, signal.SIGINT)
    assert running_desk.started[0].wait(15) == 0


def test_a_supervisor_that_is_killed_leaves_nothing_behind(running_desk: RunningDesk) -> None:
    supervisor = up(running_desk)
    parts = children(supervisor)
    os.kill(supervisor, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, parts)), 15, "its parts end by themselves")


def test_a_port_that_is_taken_is_said_before_anything_starts(running_desk: RunningDesk) -> None:
    for port, hint in ((running_desk.web_port, "--port"), (running_desk.mail_port, "FORTHWITH_SMTP_LISTEN")):
        with socket.create_server(("127.0.0.1", port)):
            process = running_desk.start("up", "--port", str(running_desk.web_port))
            assert process.wait(20) == 1
        assert f"127.0.0.1:{port}" in running_desk.said()
        assert hint in running_desk.said()
    assert "Traceback" not in running_desk.said()


@pytest.mark.sop("2.2")
def test_the_demo_takes_the_sample_mail_and_catches_its_acknowledgement(running_desk: RunningDesk) -> None:
    process = running_desk.start("up", "--demo", "--port", str(running_desk.web_port))
    wait_until(lambda: process.poll() is not None or "Stop with Ctrl-C" in running_desk.said(), 90, "the demo runs")
    wait_until(lambda: process.poll() is not None or listens(running_desk.mail_port), 20, "mail is received")
    assert "Administrator" in running_desk.said()
    before = set(caught(running_desk))
    with smtplib.SMTP("127.0.0.1", running_desk.mail_port, timeout=20) as client:
        client.sendmail("eva@customer.example", "support@desk.example", SAMPLE.read_bytes())
    wait_until(
        lambda: any(b"auto-replied" in mail.read_bytes() for mail in set(caught(running_desk)) - before),
        20,
        "the acknowledgement is caught",
    )
    process.terminate()
    assert process.wait(15) == 0


def caught(desk: RunningDesk) -> list[Path]:
    return list((desk.home / "caught").glob("*.eml"))
