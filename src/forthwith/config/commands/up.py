"""`forthwith up`: the whole desk as one process group, watched over by a process that does nothing else.

The supervisor loads neither Django nor the database. It starts the pages and the worker (which also receives
mail), puts their output on its own, starts again what dies, and stops all of it on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from tempfile import TemporaryFile

from forthwith.config import environment
from forthwith.config.cli import Complaint
from forthwith.config.supervised import SUPERVISOR

STOPS_WITHIN_S = 9.0
READY_WITHIN_S = 60.0
_LIVED_LONG_S = 30.0
_LONGEST_PAUSE_S = 15.0
_LOGINS = "Logins:\n"


@dataclass
class Child:
    """One part of the desk, and how it has fared."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = 0.0


class Supervisor:
    """Starts, watches and stops the children. A child's environment is this process's with `variables`."""

    def __init__(self, children: list[Child], variables: dict[str, str]) -> None:
        self.children = children
        self.variables = variables
        # No Event: a signal's handler may interrupt this thread anywhere, also while that holds the Event's lock.
        self.told_to_stop = False

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            self._start(child)

    def watch(self, poll_s: float = 0.2) -> None:
        """Start again what dies, later and later if it keeps dying, until told to stop."""
        while not self.told_to_stop:
            now = time.monotonic()
            for child in self.children:
                code = child.process.poll() if child.process else None
                if code is not None:
                    self._bury(child, code, now)
                if child.process is None and child.start_at <= now:
                    self._start(child)
            time.sleep(poll_s)

    def heed(self, *_: object) -> None:
        """Stop soon: what a signal calls."""
        self.told_to_stop = True

    def stop(self) -> None:
        """Ask every child to stop, wait, and end what is left, with whatever it started itself."""
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            _signal(process, signal.SIGTERM)
        until = time.monotonic() + STOPS_WITHIN_S
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
        for process in alive:
            if process.poll() is None:
                _signal(process, signal.SIGKILL)
                process.wait()

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            [sys.executable, "-m", "forthwith", *child.arguments],
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches the whole foreground group; the children are to hear it from here, once.
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        threading.Thread(target=_pass_on, args=(child.name, child.process), daemon=True).start()

    def _bury(self, child: Child, code: int, now: float) -> None:
        child.failures = 0 if now - child.started_at > _LIVED_LONG_S else child.failures + 1
        pause = min(_LONGEST_PAUSE_S, 0.25 * 2 ** min(child.failures, 10)) if child.failures else 0.0
        _say(f"{child.name} ended with code {code}; starting it again in {pause:.1f} s")
        child.process, child.start_at = None, now + pause


def run(asked: argparse.Namespace) -> int:
    """Set the desk up, run it, and return 0 when it was told to stop."""
    configured = environment.read()
    asked.port = asked.port or environment.port_of(configured.url)
    host, mail_port = configured.listen
    _refuse_taken(asked.host, asked.port, "The pages cannot be served", "Choose another port with --port.")
    _refuse_taken(host, mail_port, "Mail cannot be received", "Set FORTHWITH_SMTP_LISTEN to a free host:port.")
    catcher = _free_port() if asked.demo and configured.relay is None else None
    variables = _variables(asked, catcher)
    supervisor = Supervisor(_children(asked, catcher), variables)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, supervisor.heed)
    logins = _init(supervisor, demo=asked.demo)
    if supervisor.told_to_stop:
        return 0
    supervisor.start()
    teller = threading.Thread(target=_tell, args=(supervisor, asked, logins), daemon=True)
    teller.start()
    try:
        supervisor.watch()
    finally:
        supervisor.stop()
    _say("stopped")
    return 0


def _children(asked: argparse.Namespace, catcher: int | None) -> list[Child]:
    catch = ["--catch", str(catcher)] if catcher else []
    return [
        Child("web", ["web", "--host", asked.host, "--port", str(asked.port)]),
        # One process for both: the receiver needs all that the worker has loaded, and memory counts.
        Child("worker", ["worker", "--receive", *catch]),
    ]


def _variables(asked: argparse.Namespace, catcher: int | None) -> dict[str, str]:
    variables = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", SUPERVISOR: str(os.getpid())}
    if not os.environ.get("FORTHWITH_URL"):
        variables["FORTHWITH_URL"] = f"http://127.0.0.1:{asked.port}"
    if asked.demo:
        variables["FORTHWITH_DEMO"] = "1"
    if catcher:
        variables["FORTHWITH_SMTP_URL"] = f"smtp://127.0.0.1:{catcher}"
    return variables


def _init(supervisor: Supervisor, *, demo: bool) -> str:
    """Migrate and install; the logins of the demo desk, if it has some. Stops when told to."""
    command = [sys.executable, "-m", "forthwith", "init", *(["--demo"] if demo else [])]
    if demo:
        _say("setting the desk up; the first time takes a moment")
    with TemporaryFile("w+") as output:
        process = subprocess.Popen(command, env={**os.environ, **supervisor.variables}, stdout=output)
        while process.poll() is None:
            if supervisor.told_to_stop:
                process.terminate()
                process.wait()
                return ""
            time.sleep(0.05)
        if supervisor.told_to_stop:
            return ""
        output.seek(0)
        said, _, logins = output.read().partition(_LOGINS)
    if process.returncode:
        raise Complaint("The desk could not be set up; the reason is above.", max(1, process.returncode))
    print(said, end="", flush=True)
    return logins.rstrip("\n")


def _tell(supervisor: Supervisor, asked: argparse.Namespace, logins: str) -> None:
    """Once the pages answer, say where they are, who can sign in, and where mail goes."""
    until = time.monotonic() + READY_WITHIN_S
    while not _answers(asked.host, asked.port):
        if time.monotonic() > until or supervisor.told_to_stop:
            return
        time.sleep(0.1)
    configured = environment.read({**os.environ, **supervisor.variables})
    host, mail_port = configured.listen
    lines = ["", f"  Forthwith is running at {configured.url}/"]
    if logins:
        lines += ["", "  Sign in as", *(f"  {line}" for line in logins.splitlines())]
    lines += ["", f"  Mail to {configured.mail_from} is received on {host}:{mail_port}"]
    if "FORTHWITH_SMTP_URL" in supervisor.variables:
        lines.append(f"  What the desk sends is caught: {configured.url}/caught/")
    elif configured.relay:
        lines.append(f"  What the desk sends goes to {configured.relay.host}:{configured.relay.port}")
    else:
        lines.append("  What the desk sends waits: set FORTHWITH_SMTP_URL to a relay")
    lines += ["  Stop with Ctrl-C", ""]
    print("\n".join(lines), flush=True)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((_reachable(host), port), timeout=1):
            return True
    except OSError:
        return False


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _refuse_taken(host: str, port: int, what: str, advice: str) -> None:
    """Complain before anything starts when a port is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise Complaint(f"{what} on {host}:{port}: {error.strerror}. {advice}") from None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def _signal(process: subprocess.Popen[str], number: int) -> None:
    """Signal a child and whatever it started; its process group is its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _pass_on(name: str, process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        with contextlib.suppress(BrokenPipeError):
            print(f"{name:<6} | {line}", end="", flush=True)


def _say(words: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(f"forthwith: {words}", file=sys.stderr, flush=True)
