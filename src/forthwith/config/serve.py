"""Serving the pages and the live streams by uvicorn, until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import os
import signal
import socket

import uvicorn
from django.conf import settings

from forthwith.config import asgi

_FINISHES_WITHIN_S = 3
_KEEP_ALIVE_S = 30


class _Server(uvicorn.Server):
    """Says when it serves, and ends the live streams before it waits for connections to close."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for sock in sockets or []:
            host, port = sock.getsockname()[:2]
            print(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}/", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asgi.stop()
        await super().shutdown(sockets)


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
