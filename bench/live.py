"""From a commit to the event on open pages: 200 streams on one web process, over real connections."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from typing import Any

import databases

STREAMS, PEOPLE, REPLIES = 200, 10, 60
PATIENCE_S = 30.0
Row = dict[str, Any]


def run() -> list[Row]:
    """Measure on each database, in a process of its own."""
    return [row for kind in ("sqlite", "postgresql") for row in _rows(kind)]


def _rows(kind: str) -> list[Row]:
    found = databases.measured(kind, __file__)
    note = "" if found else "no PostgreSQL server is named"
    return [
        {
            "name": f"commit to event on {STREAMS} open pages, {kind}, {share}",
            "value": found[share] if found else None,
            "unit": "ms",
            "target": "<= 300",
            "note": note,
        }
        for share in ("p50", "p95")
    ]


def measure() -> dict[str, float]:
    """Milliseconds from the commit of a reply to its event, over every stream."""
    cookies, reply = _desk()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = subprocess.Popen([sys.executable, "-m", "forthwith", "web", "--port", str(port)], stdout=sys.stderr)
    try:
        took = asyncio.run(_follow(port, cookies, reply))
    finally:
        web.terminate()
        web.wait(PATIENCE_S)
    cuts = statistics.quantiles(took, n=20)
    return {"p50": statistics.median(took), "p95": cuts[-1]}


def _desk() -> tuple[list[str], Any]:
    """Who follows, and an act that is committed when it returns."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from forthwith.people.models import Person
    from forthwith.people.permits import THE_SYSTEM, Actor
    from forthwith.procedure import document
    from forthwith.record import procedures
    from forthwith.steps import acts, workflow
    from forthwith.steps.request import Request

    call_command("migrate", verbosity=0)
    procedures.install(document.standard_text(), by=THE_SYSTEM, now=timezone.now())
    rui = Person.objects.create_user("rui@customer.example", name="Rui")
    asked = {"channel": "email", "received_at": timezone.now(), "author": rui.pk, "address": rui.email}
    said = {"subject": "Blank pages", "text": "It prints blank pages.", "new_text": "It prints blank pages."}
    number = workflow.on_request(Request(**asked, **said), now=timezone.now())
    people = [Person.objects.create_user(f"agent{n}@desk.example", name="A", role="agent") for n in range(PEOPLE)]
    cookies = []
    for person in people:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        cookies.append(f"{name}={client.cookies[name].value}")

    def reply() -> float:
        acts.reply(number, by=Actor.of(people[0]), now=timezone.now(), text="We look.", next_step="We look.")
        return time.perf_counter()

    return cookies, reply


async def _follow(port: int, cookies: list[str], reply: Any) -> list[float]:
    came: list[list[float]] = [[] for _ in range(STREAMS)]
    pages = [await _opened(port, cookies[n % PEOPLE]) for n in range(STREAMS)]
    tasks = [asyncio.create_task(_read(reader, came[n])) for n, (reader, _) in enumerate(pages)]
    took = []
    for round_number in range(1, REPLIES + 1):
        committed = await asyncio.to_thread(reply)
        end = time.perf_counter() + PATIENCE_S
        while min(map(len, came)) < round_number:
            assert time.perf_counter() < end, "an event did not come"
            await asyncio.sleep(0.002)
        took += [max(0.0, arrivals[-1] - committed) * 1000 for arrivals in came]
        # So that the commits do not keep step with a poll.
        await asyncio.sleep(0.013 * (round_number % 17))
    for task, (_, writer) in zip(tasks, pages, strict=True):
        task.cancel()
        writer.close()
    return took


async def _opened(port: int, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    end = time.perf_counter() + PATIENCE_S
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            assert time.perf_counter() < end, "the web process does not answer"
            await asyncio.sleep(0.05)
    writer.write(f"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
    head = await reader.readuntil(b": open\n\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return reader, writer


async def _read(reader: asyncio.StreamReader, came: list[float]) -> None:
    while line := await reader.readline():
        if b'"Replied"' in line:
            came.append(time.perf_counter())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forthwith.config.settings")
    print(json.dumps(measure()))
