"""The mail servers of the worker on one event loop: the receiver, and in a demo the catcher."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier, BrokenBarrierError, Event

from django.conf import settings
from django.db import close_old_connections, connections

from forthwith.channels.email.certificate import Certificate
from forthwith.channels.email.limits import Limits
from forthwith.channels.email.smtp import Receiver
from forthwith.outbox.catcher import Catcher
from forthwith.steps import receive

HEARTBEAT_S = 30.0
_STORING_THREADS = 4
_LAST_MAILS_S = 4.0
_LOOK_S = 0.1

_log = logging.getLogger(__name__)


def serve(
    *,
    receiver_at: socket.socket | None,
    catcher_at: socket.socket | None,
    clock: Callable[[], datetime],
    stopping: Event,
    lmtp_at: socket.socket | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve on the given sockets until told to stop; a mail that is being stored is finished first.

    `limits` are those of the settings unless given.
    """
    asyncio.run(_serve(receiver_at, lmtp_at, catcher_at, _Serving(clock, stopping, limits or _limits())))


@dataclass(frozen=True, slots=True)
class _Serving:
    clock: Callable[[], datetime]
    stopping: Event
    limits: Limits


def _limits() -> Limits:
    said = settings.RECEIVING
    return Limits(connections=said.connections, per_peer=said.per_peer, mails_a_minute=said.mails_a_minute)


async def _serve(
    receiver_at: socket.socket | None,
    lmtp_at: socket.socket | None,
    catcher_at: socket.socket | None,
    serving: _Serving,
) -> None:
    pool = ThreadPoolExecutor(_STORING_THREADS, thread_name_prefix="store")
    shown = settings.RECEIVING.certificate
    receiver = Receiver(
        settings.DESK_ADDRESS,
        clock=serving.clock,
        pool=pool,
        limits=serving.limits,
        certificate=Certificate(*shown) if shown else None,
        checks=settings.RECEIVING.checks,
    )
    catcher = Catcher(settings.HOME / "caught", clock=serving.clock)
    wanted = ((receiver_at, receiver.protocol), (lmtp_at, receiver.lmtp_protocol), (catcher_at, catcher.protocol))
    servers = await _listening(wanted)
    beating = asyncio.create_task(_beat(serving.clock, pool)) if receiver_at or lmtp_at else None
    while not serving.stopping.is_set():
        await asyncio.sleep(_LOOK_S)
    for server in servers:
        server.close()
    if beating is not None:
        beating.cancel()
    await _finish(receiver)
    await asyncio.to_thread(_end, pool)


async def _listening(
    wanted: Sequence[tuple[socket.socket | None, Callable[[], asyncio.BaseProtocol]]],
) -> list[asyncio.Server]:
    loop = asyncio.get_running_loop()
    return [await loop.create_server(protocol, sock=at) for at, protocol in wanted if at is not None]


async def _finish(receiver: Receiver) -> None:
    """Let the mails at hand be stored and answered."""
    until = asyncio.get_running_loop().time() + _LAST_MAILS_S
    while receiver.storing and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(_LOOK_S)
    # The answer is written in the turn of the loop after the storing.
    await asyncio.sleep(_LOOK_S)


def _end(pool: ThreadPoolExecutor) -> None:
    """Let each of the pool's threads close its own connection to the database: nobody else may."""
    together = Barrier(_STORING_THREADS)

    def close() -> None:
        with suppress(BrokenBarrierError):
            together.wait(_LAST_MAILS_S / 5)
        connections.close_all()

    wait([pool.submit(close) for _ in range(_STORING_THREADS)], timeout=_LAST_MAILS_S / 5 + 1)
    pool.shutdown(wait=False, cancel_futures=True)


async def _beat(clock: Callable[[], datetime], pool: ThreadPoolExecutor) -> None:
    """Show that the mailbox is watched, from the very loop and threads that take the mail (SOP 1.1)."""
    while True:
        try:
            await asyncio.get_running_loop().run_in_executor(pool, _show_life, clock)
        except Exception as away:  # a sign that failed once must not be the last: the mailbox would look unwatched
            _log.error("The receiver's sign of life could not be written: %s", away)
        await asyncio.sleep(HEARTBEAT_S)


def _show_life(clock: Callable[[], datetime]) -> None:
    close_old_connections()
    receive.heartbeat("email", clock())
