"""One ASGI application: the live streams natively, every page through the WSGI application on threads.

A request's body is read whole before a thread is taken for it. So a slow or vanished client holds no thread,
and half of a form is never taken for all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from a2wsgi import WSGIMiddleware

from forthwith.config import wsgi
from forthwith.live import stream

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

THREADS = 8
LARGEST_BODY = 64 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_CHUNK = 64 * 1024
_readings: set[asyncio.Future[int | None]] = set()

# The two projects type the same protocol differently.
_application: Any = wsgi.application
_pages: Any = WSGIMiddleware(_application, workers=THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request, or follow the server's start and stop."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        raise ValueError(f"There is nothing here for {scope['type']} connections.")
    elif scope["path"].startswith("/live/"):
        await stream.application(scope, receive, send)
    else:
        await _page(scope, receive, send)


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    if not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
        await _pages(scope, receive, send)
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        size = await _read_unless_stopped(body, receive)
        if size is None:
            await _refuse(send, 503, "The desk is stopping, or you were gone. Try again.")
            return
        if size > LARGEST_BODY:
            most = LARGEST_BODY // 1024 // 1024
            await _refuse(send, 413, f"That is too large: at most {most} MiB can be sent at once.")
            return
        body.seek(0)

        async def replay() -> Message:
            chunk = body.read(_CHUNK)
            return {"type": "http.request", "body": chunk, "more_body": body.tell() < size}

        await _pages(scope, replay, send)


async def _read_unless_stopped(body: IO[bytes], receive: Receive) -> int | None:
    reading = asyncio.ensure_future(_read(body, receive))
    _readings.add(reading)
    try:
        await asyncio.wait([reading])
        return None if reading.cancelled() else reading.result()
    finally:
        _readings.discard(reading)
        reading.cancel()


async def _read(body: IO[bytes], receive: Receive) -> int | None:
    """Read a request's body to its end; its size, or None when the client went away before that."""
    size = 0
    while size <= LARGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size += len(message.get("body", b""))
        body.write(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return size


async def stop() -> None:
    """End what would keep connections open: the live streams, and requests that are still coming in."""
    for reading in list(_readings):
        reading.cancel()
    await stream.shutdown()


async def _refuse(send: Send, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{words}\n".encode()})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await stream.startup()
        else:
            await stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
