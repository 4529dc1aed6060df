"""The resting memory of all that `forthwith up --demo` starts: resident sets, summed (Linux)."""

from __future__ import annotations

import contextlib
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
        # As after some use: pages have been made, the loops have turned.
        for _ in range(20):
            urllib.request.urlopen(f"http://127.0.0.1:{web}/account/login/", timeout=10).read()
        time.sleep(RESTS_S)
        return {_name(number): _resident(number) for number in (process.pid, *_children(process.pid))}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


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
