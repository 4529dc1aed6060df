"""A web process that serves the streams alone: `python tests/live/web.py PORT`."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys

import django
import uvicorn


class Server(uvicorn.Server):
    """Ends the streams before it waits for its connections."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from forthwith.live import stream

        await stream.shutdown()
        await super().shutdown(sockets)


async def serve(port: int) -> None:
    from forthwith.live import stream

    await stream.startup()
    server = Server(uvicorn.Config(stream.application, port=port, lifespan="off", log_level="warning"))
    await server.serve()


if __name__ == "__main__":
    logging.basicConfig()
    django.setup()
    asyncio.run(serve(int(sys.argv[1])))
