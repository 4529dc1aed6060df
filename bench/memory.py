"""The resting memory of all that `forthwith up --demo` starts, after some use: resident sets, summed (Linux)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import databases

RESTS_S = 3.0
READY_WITHIN_S = 120.0
ROUNDS = 20
_SIGN_IN = """
import django, json; django.setup()
from django.conf import settings
from django.test import Client
from forthwith.people.models import Person
from forthwith.record.models import Ticket
client = Client()
client.force_login(Person.objects.get(email="amara@desk.example"))
name = settings.SESSION_COOKIE_NAME
numbers = list(Ticket.objects.filter(unresolved=True).order_by("-pk").values_list("pk", flat=True)[:20])
print(json.dumps([f"{name}={client.cookies[name].value}", numbers]))
"""


def run() -> list[dict[str, Any]]:
    """One row for each database, with the parts in its note."""
    return [_row(kind) for kind in ("sqlite", "postgresql")]


def _row(kind: str) -> dict[str, Any]:
    row: dict[str, Any] = {"name": f"memory of `up`, {kind}", "value": None, "unit": "MiB", "target": "<= 250"}
    if not Path("/proc/self/statm").exists():
        return {**row, "note": "there is no /proc here"}
    with databases.empty(kind) as variables:
        if variables is None:
            return {**row, "note": "no PostgreSQL server is named"}
        parts = _measured(variables)
    note = ", ".join(f"{name} {size:.0f}" for name, size in parts.items())
    return {**row, "value": sum(parts.values()), "note": note}


def _measured(variables: dict[str, str]) -> dict[str, float]:
    web, mail = _free_port(), _free_port()
    variables = {**variables, "FORTHWITH_SMTP_LISTEN": f"127.0.0.1:{mail}"}
    command = [sys.executable, "-m", "forthwith", "up", "--demo", "--port", str(web)]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{web}/account/login/")
        _use(f"http://127.0.0.1:{web}", variables)
        time.sleep(RESTS_S)
        return {_name(number): _resident(number) for number in (process.pid, *_children(process.pid))}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _use(desk: str, variables: dict[str, str]) -> None:
    """What somebody at the desk looks at in an hour: the queue, tickets with their histories, the search, articles."""
    told = subprocess.run([sys.executable, "-c", _SIGN_IN], env=variables, check=True, stdout=subprocess.PIPE)
    cookie, numbers = json.loads(told.stdout.splitlines()[-1])
    for turn in range(ROUNDS):
        number = numbers[turn % len(numbers)]
        for path in (
            "/?list=all",
            f"/tickets/{number}/",
            f"/tickets/{number}/history/",
            "/search/?q=printer",
            "/articles/",
        ):
            request = urllib.request.Request(desk + path, headers={"Cookie": cookie})
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.url == desk + path, f"{path} led to {answer.url}"
                answer.read()


def _wait_for(url: str) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=5).read()
            return
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {READY_WITHIN_S:g} s")


def _children(parent: int) -> list[int]:
    stats = {int(path.parent.name): path for path in Path("/proc").glob("[0-9]*/stat")}
    found = []
    for number, path in stats.items():
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(number)
    return found


def _name(number: int) -> str:
    words = Path(f"/proc/{number}/cmdline").read_bytes().decode().split("\0")
    return words[words.index("forthwith") + 1]


def _resident(number: int) -> float:
    pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
