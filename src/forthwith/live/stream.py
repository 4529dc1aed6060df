"""`/live/`: the tail as server-sent events, native ASGI beside the pages.

    GET /live/            everything, for people who read every ticket (session cookie)
    GET /live/?ticket=12  the same, and tells the desk that this person looks at the ticket
    GET /live/?t=<token>  the public events of one ticket, for its requester's link

    event: ticket
    data: {"ticket": 12, "kind": "Replied", "seq": 7}
    id: 345

`event: presence` tells people of the desk who looks at which ticket, and who writes there: `whole` says that it is
all of it, else only the tickets that it names have changed. `event: notices` tells a person that they were told of
something. `event: resync` tells a page to load itself afresh. A requester's events carry no `seq`. `Last-Event-ID`, or
`?after=<entry id>` on the first connection, replays what was missed. `startup` and `shutdown` are for the server: end
the streams before it waits for its connections to close.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error

from forthwith.live import visitors
from forthwith.live.listener import Listener
from forthwith.live.presence import Presence
from forthwith.live.reading import DatabaseThread
from forthwith.live.tail import Tail
from forthwith.live.visitors import Credentials, Visitor

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_PER_PERSON = 20
MOST_STREAMS = 1000
HEARTBEAT_S = 15.0
RECHECK_S = 60.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
_log = logging.getLogger(__name__)


class Refusal(Exception):
    """A stream that is not opened: the status and a sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Streams:
    """Every open stream of one web process, as an ASGI application."""

    def __init__(self, *, heartbeat_s: float = HEARTBEAT_S, recheck_s: float = RECHECK_S) -> None:
        self.tail = Tail()
        self.presence = Presence()
        self._thread = DatabaseThread("forthwith-visitors")
        self._open: Counter[Visitor] = Counter()
        self._ending = False
        self._heartbeat_s = heartbeat_s
        self._recheck_s = recheck_s

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._open.total()

    async def close(self) -> None:
        """End every stream at once and refuse new ones."""
        if self._ending:
            return
        self._ending = True
        await self.tail.close()
        await self.presence.close()
        await self._thread.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with a stream, or with a refusal."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode("latin-1")
        shown = visitors.credentials(headers.get("cookie", ""), query)
        try:
            visitor = await self._admitted(scope["method"], headers, shown)
        except Refusal as refusal:
            await _refuse(send, refusal)
            return
        listener = Listener(visitor.ticket, visitor.person)
        self._open[visitor] += 1
        try:
            await self._join(listener, _after(headers, query))
            if visitor.ticket is None:
                looks_at = _number(visitors.parameter(query, "ticket"))
                self.presence.join(listener, (visitor.person, looks_at) if looks_at else None)
            await self._stream(listener, shown, receive, send)
        except Refusal as refusal:
            await _refuse(send, refusal)
        finally:
            await self.tail.leave(listener)
            await self.presence.leave(listener)
            self._open[visitor] -= 1
            self._open += Counter()

    async def _admitted(self, method: str, headers: dict[str, str], shown: Credentials) -> Visitor:
        if method != "GET":
            raise Refusal(405, "Streams are read with GET.")
        if not _same_origin(headers):
            raise Refusal(403, "Streams are for this desk's own pages.")
        visitor = None if self._ending else await self._known(shown)
        if self._ending:
            raise Refusal(503, "The desk is stopping. Try again.")
        if visitor is None:
            raise Refusal(403, "Sign in, or use the link from the mail, to follow this live.")
        if self._open[visitor] >= MOST_PER_PERSON:
            raise Refusal(429, f"{MOST_PER_PERSON} pages are open already. Close some of them.")
        if self.count >= MOST_STREAMS:
            raise Refusal(503, "Too many pages are open on this desk. Try again later.")
        return visitor

    async def _join(self, listener: Listener, after: int | None) -> None:
        try:
            await self.tail.join(listener, after=after)
        except Error as error:
            _log.exception("A live stream could not be opened.")
            raise Refusal(503, "The desk cannot read its database just now. Try again.") from error

    async def _known(self, shown: Credentials) -> Visitor | None:
        try:
            return await self._thread.run(visitors.admit, shown)
        except Error:
            _log.exception("It could not be read who opens a live stream.")
            return None

    async def _stream(self, listener: Listener, shown: Credentials, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_end_when_gone(listener, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _send(send, b"retry: 1000\n: open\n\n")
            await self._feed(listener, shown, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            # A client that is gone is no error: its stream just ends.
            listener.end()
        finally:
            gone.cancel()

    async def _feed(self, listener: Listener, shown: Credentials, send: Send) -> None:
        recheck_at = time.monotonic() + self._recheck_s
        while True:
            patience_s = max(0.0, min(self._heartbeat_s, recheck_at - time.monotonic()))
            chunk = await listener.take(patience_s)
            if listener.ended:
                return
            if time.monotonic() >= recheck_at:
                recheck_at += self._recheck_s
                if await self._known(shown) is None:
                    return
            await _send(send, chunk or b": still here\n\n")


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _end_when_gone(listener: Listener, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def _refuse(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{refusal}\n".encode()})


def _same_origin(headers: dict[str, str]) -> bool:
    """Browsers say where a request comes from; what says nothing is no browser, and brings no stray cookie."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    ours = (headers.get("host"), urlsplit(settings.PUBLIC_URL).netloc)
    return origin is None or origin.partition("://")[2] in ours


def _after(headers: dict[str, str], query: str) -> int | None:
    return _number(headers.get("last-event-id") or visitors.parameter(query, "after"))


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


class _Process:
    """What this web process holds."""

    streams: Streams | None = None


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The streams of this web process."""
    if _Process.streams is None:
        await startup()
    await cast(Streams, _Process.streams)(scope, receive, send)


async def startup() -> None:
    """Make the process ready for streams. Until the first one opens, nothing runs."""
    _Process.streams = Streams()


async def shutdown() -> None:
    """End every stream within a moment, so that the server need not wait for them; refuse new ones."""
    if _Process.streams:
        await _Process.streams.close()
