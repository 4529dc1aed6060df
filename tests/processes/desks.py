"""A desk made of real processes, on a database and ports of its own, and ways to wait for what it does."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

POSTGRESQL = os.environ.get("FORTHWITH_TEST_DATABASE", "sqlite") == "postgresql"


def wait_until(condition: Callable[[], Any], within_s: float, what: str) -> Any:
    """The condition's first true value; fails when it does not come in time."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {within_s:g} s: {what}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def own_database(like: str = "") -> Iterator[str]:
    """The address of a database that nobody else uses, a copy of that one if given; empty for SQLite in the home."""
    if not POSTGRESQL:
        yield ""
        return
    server, name = os.environ["FORTHWITH_TEST_POSTGRES_URL"], f"processes_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        template = f" TEMPLATE {urlsplit(like).path.lstrip('/')}" if like else ""
        connection.execute(f"CREATE DATABASE {name}{template}")
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class RunningDesk:
    """The variables of a desk, and the processes started on it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.home = folder / "home"
        self.log = folder / "log"
        self.mail_port, self.web_port = free_port(), free_port()
        self.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FORTHWITH_")},
            "FORTHWITH_HOME": str(self.home),
            "FORTHWITH_DATABASE_URL": database,
            "FORTHWITH_SMTP_LISTEN": f"127.0.0.1:{self.mail_port}",
        }
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, own_group: bool = False) -> subprocess.Popen[bytes]:
        """A process of the desk; its output goes to the log. A signal can be sent to all of its own group."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "forthwith", *arguments],
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=own_group,
            )
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        command = [sys.executable, "-m", "forthwith", *arguments]
        done = subprocess.run(command, env=self.variables, capture_output=True, timeout=1800, check=False)
        assert done.returncode == 0, done.stderr.decode() + self.said()
        return done.stdout.decode()

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments))

    def said(self) -> str:
        """What the processes have written."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def end(self) -> None:
        """End what is still there, whatever state it is in."""
        for process in self.started:
            orphans = [] if process.poll() is not None else children(process.pid)
            for number in (*orphans, process.pid if process.poll() is None else 0):
                with contextlib.suppress(ProcessLookupError):
                    if number:
                        os.kill(number, signal.SIGKILL)
            process.wait(10)


def children(parent: int) -> list[int]:
    """The direct children of a process (Linux)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold anything.
            after_name = status.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == parent:
                found.append(int(status.parent.name))
    return found


def alive(number: int) -> bool:
    """Whether a process still runs; one that nobody has waited for yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
