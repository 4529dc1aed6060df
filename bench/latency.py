"""From the SMTP 250 for a mail to its acknowledgement at the relay, at ten mails a second; and memory with a large one.

Real processes: a worker that receives, and a relay of the benchmark's own.
"""

from __future__ import annotations

import smtplib
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import databases
import intake

from tests.worker.relay import Relay, running

MAILS = 300
EACH_S = 0.1
LARGE_MIB = 25
PATIENCE_S = 60.0
_PREPARE = "import intake; from datetime import UTC, datetime; intake.prepare(datetime.now(UTC))"
Row = dict[str, Any]


def run() -> list[Row]:
    """Two rows for each database."""
    return [row for kind in ("sqlite", "postgresql") for row in _rows(kind)]


def _rows(kind: str) -> list[Row]:
    name = f"from 250 to acknowledged, 10 mails a second, {kind}, p99"
    latency: Row = {"name": name, "value": None, "unit": "s", "target": "<= 1"}
    name = f"receiver's most memory in a mail of {LARGE_MIB} MiB, above rest, {kind}"
    memory: Row = {"name": name, "value": None, "unit": "MiB", "target": f"<= {LARGE_MIB}"}
    with databases.empty(kind) as variables:
        if variables is None:
            return [{**row, "note": "no PostgreSQL server is named"} for row in (latency, memory)]
        subprocess.run([sys.executable, "-c", _PREPARE], env=variables, check=True, cwd=Path(__file__).parent)
        found = _measured(variables)
    return [
        {**latency, "value": found["p99"], "note": f"p50 {found['p50']:.2f} s"},
        {**memory, "value": found["grown"]},
    ]


def _measured(variables: dict[str, str]) -> dict[str, float]:
    with running(Relay()) as relay, _worker(variables, relay) as (process, port):
        took = _paced(port, relay)
        rest = _most_resident(process.pid)
        _send(port, "person999@customer.example", _large())
        _wait(lambda: _came(relay, "person999@customer.example"), "the large mail's acknowledgement")
        grown = _most_resident(process.pid) - rest
    return {"p50": statistics.median(took), "p99": statistics.quantiles(took, n=100)[-1], "grown": grown}


@contextmanager
def _worker(variables: dict[str, str], relay: Relay) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    given = {"FORTHWITH_SMTP_LISTEN": f"127.0.0.1:{port}", "FORTHWITH_SMTP_URL": f"smtp://127.0.0.1:{relay.port}"}
    command = [sys.executable, "-m", "forthwith", "worker", "--receive"]
    process = subprocess.Popen(command, env={**variables, **given, "MALLOC_ARENA_MAX": "2"}, stdout=sys.stderr)
    try:
        _wait(lambda: _listens(port), "the receiver")
        yield process, port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _paced(port: int, relay: Relay) -> list[float]:
    """Seconds from each mail's 250 until the relay had its acknowledgement."""
    taken: dict[str, float] = {}
    came: dict[str, float] = {}
    watching = threading.Event()

    def watch() -> None:
        seen = 0
        while not watching.wait(0.002):
            for _, to, _mail in relay.taken[seen:]:
                came.setdefault(to, time.perf_counter())
            seen = len(relay.taken)

    thread = threading.Thread(target=watch)
    thread.start()
    begin = time.perf_counter()
    for number in range(MAILS):
        time.sleep(max(0.0, begin + number * EACH_S - time.perf_counter()))
        address = f"person{number}@customer.example"
        _send(port, address, intake.mail(number))
        taken[address] = time.perf_counter()
    _wait(lambda: len(taken.keys() & came.keys()) == MAILS, "the last acknowledgement")
    watching.set()
    thread.join()
    return [max(0.0, came[address] - at) for address, at in taken.items()]


def _send(port: int, sender: str, mail: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE_S) as client:
        client.sendmail(sender, "support@desk.example", mail)


def _large() -> bytes:
    made = intake.MAIL.format(name="person999", subject="Scan", text="The scan.", number=999)
    return intake._with_file(made, 1, LARGE_MIB).replace("\n", "\r\n").encode()


def _came(relay: Relay, address: str) -> bool:
    return any(to == address for _, to, _ in list(relay.taken))


def _most_resident(number: int) -> float:
    """The most memory of a process so far, in MiB (Linux)."""
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait(condition: Any, what: str) -> None:
    until = time.perf_counter() + PATIENCE_S
    while not condition():
        if time.perf_counter() > until:
            raise TimeoutError(f"{what} did not come within {PATIENCE_S:g} s")
        time.sleep(0.01)
