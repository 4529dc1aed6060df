"""What wakes the tail: NOTIFY on PostgreSQL; a short poll where the database has no such bell."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from forthwith.record.wake import CHANNEL

POLL_S = 0.1
POLL_WITHOUT_BELL_S = 1.0
# NOTIFY may be swallowed on the way, by a pooler for instance: a slow poll finds what it did not announce.
POLL_WITH_BELL_S = 10.0
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 30.0
_OF_DJANGO_ALONE = ("cursor_factory", "context", "prepare_threshold", "server_side_binding")
_log = logging.getLogger(__name__)


class Bell:
    """Rings when facts were committed. One task, one connection of its own; open while somebody listens."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.connected = asyncio.Event()
        self._notifies = connection.vendor == "postgresql"
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen, where the database can notify."""
        if self._notifies:
            self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening and close the connection."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def wait(self) -> None:
        """Return when facts may have been committed: when rung, or when it is time to look."""
        try:
            async with asyncio.timeout(self._interval_s()):
                await self.woken.wait()
        except TimeoutError:
            pass
        self.woken.clear()

    def _interval_s(self) -> float:
        if not self._notifies:
            return POLL_S
        return POLL_WITH_BELL_S if self.connected.is_set() else POLL_WITHOUT_BELL_S

    async def _listen(self) -> None:
        retry_s = _FIRST_RETRY_S
        while True:
            try:
                await self._hear()
            except (psycopg.Error, OSError) as error:
                retry_s = _FIRST_RETRY_S if self.connected.is_set() else min(retry_s * 2, _LAST_RETRY_S)
                _log.warning("The live tail lost its listening connection and polls until it is back: %s", error)
            finally:
                self.connected.clear()
                self.woken.set()
            await asyncio.sleep(retry_s * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret

    async def _hear(self) -> None:
        async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as ear:
            await ear.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self.connected.set()
            # What was committed before LISTEN took hold was announced to nobody.
            self.woken.set()
            async for _ in ear.notifies():
                self.woken.set()
        raise psycopg.OperationalError("the server ended the connection")


def _parameters() -> dict[str, Any]:
    """Django's own way to the database, with a name that tells an administrator what this connection is."""
    given: dict[str, Any] = connection.get_connection_params()
    own = {name: value for name, value in given.items() if name not in _OF_DJANGO_ALONE}
    return {**own, "application_name": "forthwith live", "keepalives_idle": 30, "keepalives_interval": 10}
