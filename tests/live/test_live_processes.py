"""Several web processes on one database: a change by any of them, or by the worker, shows on the pages of all."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from django.conf import settings

from forthwith.record import links
from tests.live.desks import Desk
from tests.live.pages import PATIENCE_S, Reading, elsewhere, until

STOPPED_WITHIN_S = 5.0


@contextmanager
def web_processes(desk: Desk, count: int) -> Iterator[list[tuple[int, subprocess.Popen[bytes]]]]:
    """Web processes that answer, each with its port."""
    environment = {
        **os.environ,
        "FORTHWITH_HOME": str(settings.HOME),
        "FORTHWITH_DATABASE_URL": desk.database,
    }
    started = []
    for _ in range(count):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "forthwith", "web", "--port", str(port)]
        started.append((port, subprocess.Popen(command, env=environment)))
    try:
        for port, _ in started:
            _wait_for(port)
        yield started
    finally:
        for _, process in started:
            process.kill()
            process.wait()


@asynccontextmanager
async def page_at(port: int, cookie: str) -> AsyncIterator[Reading]:
    """A page that follows the stream of the process at that port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
    writer.write(request.encode())
    page = Reading()
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    task = asyncio.create_task(_follow(reader, page))
    try:
        await until(lambda: page.comments)
        yield page
    finally:
        task.cancel()
        writer.close()
        await asyncio.gather(task, return_exceptions=True)


def _wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, "the web process does not answer"
            threading.Event().wait(0.02)


async def _follow(reader: asyncio.StreamReader, page: Reading) -> None:
    """Reads the chunks of a chunked response."""
    while size := int((await reader.readline()).strip() or b"0", 16):
        page.take((await reader.readexactly(size + 2))[:-2])


@pytest.mark.sop("6.1")
def test_a_change_shows_in_every_process_within_a_second(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene(ports: list[int]) -> None:
        async with page_at(ports[0], cookie) as one, page_at(ports[1], cookie) as two:
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in one.kinds and "Replied" in two.kinds, 1.0)
            await elsewhere(desk.note)
            await until(lambda: "Noted" in one.kinds and "Noted" in two.kinds, 1.0)
            assert one.events == two.events

    with web_processes(desk, 2) as started:
        asyncio.run(scene([port for port, _ in started]))


def test_a_process_with_open_streams_stops_when_told(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene(port: int, process: subprocess.Popen[bytes]) -> None:
        async with page_at(port, cookie), page_at(port, cookie):
            process.send_signal(signal.SIGTERM)
            await until(lambda: process.poll() is not None, STOPPED_WITHIN_S)

    with web_processes(desk, 1) as started:
        asyncio.run(scene(*started[0]))


def test_a_refusal_says_what_to_do(desk: Desk) -> None:
    async def scene(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        token = links.token(desk.ticket, desk.requester.pk)
        writer.write(f"GET /live/?t={token}x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 403")
        assert b"use the link from the mail" in answer

    with web_processes(desk, 1) as started:
        asyncio.run(scene(started[0][0]))
