"""Open pages: what reads a stream, in this process by ASGI and in others by HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connections

from forthwith.live.stream import Streams

T = TypeVar("T")
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Heard:
    """One event of a stream."""

    event: str
    data: dict[str, Any]
    id: int


@dataclass
class Reading:
    """The text of a stream, read into events."""

    events: list[Heard] = field(default_factory=list)
    present: dict[str, list[Any]] = field(default_factory=dict)
    comments: int = 0
    told: int = 0
    """How often its person was told of something."""
    _rest: str = ""

    def take(self, chunk: bytes) -> None:
        *blocks, self._rest = (self._rest + chunk.decode()).split("\n\n")
        for block in blocks:
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            self.comments += sum(line.startswith(":") for line in block.splitlines())
            if fields.get("event") == "presence":
                told = json.loads(fields["data"])
                self.present = {**({} if told["whole"] else self.present), **told["tickets"]}
            elif fields.get("event") == "notices":
                self.told += 1
            elif "event" in fields:
                self.events.append(Heard(fields["event"], json.loads(fields["data"]), int(fields["id"])))

    @property
    def kinds(self) -> list[str]:
        return [heard.data.get("kind", heard.event) for heard in self.events]


@dataclass
class Page(Reading):
    """A page open in this process. `held` keeps the server from sending more, as a slow network does."""

    status: int = 0
    ended: bool = False
    held: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if self.comments:
            await self.held.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.take(message.get("body", b""))
            self.ended = not message.get("more_body", False)

    @property
    def opened(self) -> bool:
        return self.comments > 0 or self.ended


@asynccontextmanager
async def opened(
    streams: Streams, cookie: str = "", *, query: str = "", slow: bool = False, **headers: str
) -> AsyncIterator[Page]:
    """A page that has opened its stream, or been refused."""
    page = Page()
    if not slow:
        page.held.set()
    given = {"host": "127.0.0.1:8000", "cookie": cookie, **headers}
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live/",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    }
    task = asyncio.create_task(streams(scope, page.receive, page.send))
    try:
        await until(lambda: page.opened)
        yield page
    finally:
        page.held.set()
        page.gone.set()
        await asyncio.wait_for(task, PATIENCE_S)


async def until(condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Wait for a condition; an assertion error when it does not come true in time."""
    end = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < end, f"not within {within_s} s"
        await asyncio.sleep(0.005)


async def elsewhere(act: Callable[[], T]) -> T:
    """The act, done in another thread with a database connection of its own."""

    def done() -> T:
        try:
            return act()
        finally:
            connections.close_all()

    return await asyncio.to_thread(done)


@asynccontextmanager
async def running(**options: float) -> AsyncIterator[Streams]:
    """The streams of a web process."""
    streams = Streams(**options)
    try:
        yield streams
    finally:
        await streams.close()
