"""Serving the pages and the live streams by uvicorn, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket

import uvicorn
from django.conf import settings
from django.db import connections
from django.utils import timezone

from forthwith.config import asgi
from forthwith.steps import receive

HEARTBEAT_S = 30.0
_FINISHES_WITHIN_S = 3
_KEEP_ALIVE_S = 30

_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Says when it serves, and ends the live streams before it waits for connections to close."""

    _beating: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for sock in sockets or []:
            host, port = sock.getsockname()[:2]
            self._beating = self._beating or asyncio.create_task(_beat())
            print(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}/", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._beating is not None:
            self._beating.cancel()
        await asgi.stop()
        await super().shutdown(sockets)


async def _beat() -> None:
    """Show that the portal is watched, from the very loop that takes its requests (SOP 1.1)."""
    while True:
        try:
            await asyncio.to_thread(_show_life)
        except Exception as away:  # a sign that failed once must not be the last: the portal would look unwatched
            _log.error("The web server's sign of life could not be written: %s", away)
        await asyncio.sleep(HEARTBEAT_S)


def _show_life() -> None:
    try:
        receive.heartbeat("portal", timezone.now())
    finally:
        connections.close_all()


def serve(sock: socket.socket) -> int:
    """Serve on a listening socket until told to stop."""
    server = _Server(configuration())
    # Until uvicorn listens to signals itself; and it raises the one that stopped it once more when it is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    server.run(sockets=[sock])
    logging.shutdown()
    # A page that is still being made for a client that is gone would keep its thread, and so the process.
    os._exit(0)


def configuration() -> uvicorn.Config:
    """How uvicorn is to serve the desk."""
    return uvicorn.Config(
        asgi.application,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Limits count by who asks. A proxy is believed about that where there must be one, for TLS; of the addresses
        # that it hands on only the last, which it has put there itself.
        proxy_headers=settings.SECURE_PROXY_SSL_HEADER is not None,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"),
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_FINISHES_WITHIN_S,
    )
