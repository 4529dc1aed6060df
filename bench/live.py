"""From a commit to the event on open pages: 200 streams on one web process, over real connections.

And how long it takes until all of them know that somebody has opened a ticket, and that they have gone.
"""

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

STREAMS, PEOPLE, REPLIES, VISITS = 200, 10, 60, 6
PATIENCE_S = 30.0
Row = dict[str, Any]


def run() -> list[Row]:
    """Measure on each database, in a process of its own."""
    return [row for kind in ("sqlite", "postgresql") for row in _rows(kind)]


def _rows(kind: str) -> list[Row]:
    found = databases.measured(kind, __file__)
    note = "" if found else "no PostgreSQL server is named"
    commits = [
        {
            "name": f"commit to event on {STREAMS} open pages, {kind}, {share}",
            "value": found[share] if found else None,
            "unit": "ms",
            "target": "<= 300",
            "note": note,
        }
        for share in ("p50", "p95")
    ]
    says = {"seen": "a ticket is opened", "gone": "it is left"}
    presence = [
        {
            "name": f"{said} to {STREAMS} open pages knowing, {kind}, longest of {VISITS}",
            "value": found[of] if found else None,
            "unit": "s",
            "target": "<= 5",
            "note": note,
        }
        for of, said in says.items()
    ]
    return [*commits, *presence]


def measure() -> dict[str, float]:
    """Milliseconds from the commit of a reply to its event, over every stream; seconds until presence is known."""
    cookies, number, reply = _desk()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = subprocess.Popen([sys.executable, "-m", "forthwith", "web", "--port", str(port)], stdout=sys.stderr)
    try:
        took, seen, gone = asyncio.run(_follow(port, cookies, number, reply))
    finally:
        web.terminate()
        web.wait(PATIENCE_S)
    cuts = statistics.quantiles(took, n=20)
    return {"p50": statistics.median(took), "p95": cuts[-1], "seen": max(seen), "gone": max(gone)}


def _desk() -> tuple[list[str], int, Any]:
    """Who follows, a ticket, and an act on it that is committed when it returns."""
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
    # The last one visits; the others' pages are as many as one person may have open.
    emails = [f"agent{n}@desk.example" for n in range(PEOPLE + 1)]
    people = [Person.objects.create_user(email, name="A", role="agent") for email in emails]
    cookies = []
    for person in people:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        cookies.append(f"{name}={client.cookies[name].value}")

    def reply() -> float:
        acts.reply(number, by=Actor.of(people[0]), now=timezone.now(), text="We look.", next_step="We look.")
        return time.perf_counter()

    return cookies, number, reply


async def _follow(
    port: int, cookies: list[str], number: int, reply: Any
) -> tuple[list[float], list[float], list[float]]:
    came: list[list[float]] = [[] for _ in range(STREAMS)]
    there = [False] * STREAMS
    pages = [await _opened(port, cookies[n % PEOPLE]) for n in range(STREAMS)]
    tasks = [asyncio.create_task(_read(reader, n, came, there, number)) for n, (reader, _) in enumerate(pages)]
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
    seen, gone = await _visits(port, cookies[-1], number, there)
    for task, (_, writer) in zip(tasks, pages, strict=True):
        task.cancel()
        writer.close()
    return took, seen, gone


async def _visits(port: int, cookie: str, number: int, there: list[bool]) -> tuple[list[float], list[float]]:
    """Seconds until every page knows who looks at a ticket, and until every page knows that they have gone."""
    seen, gone = [], []
    for visit in range(VISITS):
        # So that the visits do not keep step with the turns.
        await asyncio.sleep(0.37 * visit)
        _, writer = await _opened(port, cookie, f"?ticket={number}")
        seen.append(await _until(lambda: all(there)))
        writer.close()
        gone.append(await _until(lambda: not any(there)))
    return seen, gone


async def _until(condition: Any) -> float:
    start = time.perf_counter()
    while not condition():
        assert time.perf_counter() < start + PATIENCE_S, "who looks at the ticket did not become known"
        await asyncio.sleep(0.01)
    return time.perf_counter() - start


async def _opened(port: int, cookie: str, query: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    end = time.perf_counter() + PATIENCE_S
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            assert time.perf_counter() < end, "the web process does not answer"
            await asyncio.sleep(0.05)
    writer.write(f"GET /live/{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
    head = await reader.readuntil(b": open\n\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return reader, writer


async def _read(
    reader: asyncio.StreamReader, page: int, came: list[list[float]], there: list[bool], number: int
) -> None:
    while line := await reader.readline():
        if b'"Replied"' in line:
            came[page].append(time.perf_counter())
        elif line.startswith(b"data: ") and b'"tickets"' in line:
            told = json.loads(line.removeprefix(b"data: "))["tickets"]
            there[page] = bool(told.get(str(number), there[page]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forthwith.config.settings")
    print(json.dumps(measure()))
