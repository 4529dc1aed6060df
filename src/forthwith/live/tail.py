"""The tail of the fact table: one a web process, handing every committed fact to the open streams once.

While no stream is open it rests: no task, no connection, no query. See docs/decisions/0007-live.md.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from django.db import Error

from forthwith.live import reading
from forthwith.live.bell import Bell
from forthwith.live.listener import Listener
from forthwith.live.position import Position
from forthwith.live.reading import DatabaseThread, Event

MOST_REPLAYED = 500
_RETRY_S = 1.0
_log = logging.getLogger(__name__)


class Tail:
    """Follows the facts for the listeners that have joined. Lives in one event loop."""

    def __init__(self) -> None:
        self.reads = 0
        self._listeners: set[Listener] = set()
        self._thread = DatabaseThread("forthwith-tail")
        self._position: Position | None = None
        self._task: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()

    @property
    def resting(self) -> bool:
        """Whether nobody listens, so that nothing is read."""
        return self._task is None

    async def join(self, listener: Listener, *, after: int | None = None) -> None:
        """Let a listener hear of every fact from now on, and first of those after the entry `after`.

        Raises Django's `Error` when the database cannot be read.
        """
        async with self._changing:
            if self._task is None or self._task.done() or self._position is None:
                self._position = await self._thread.run(_here)
                self._task = asyncio.create_task(self._follow(self._position))
            # What the listener is told from here on begins after `until`, and with what is still coming.
            until, coming = self._position.last, self._position.gaps
            self._listeners.add(listener)
        if after is not None:
            await self._replay(listener, after, until, coming)

    async def leave(self, listener: Listener) -> None:
        """Tell this listener no more; with the last one gone, rest."""
        self._listeners.discard(listener)
        async with self._changing:
            if not self._listeners and self._task:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
                self._task = self._position = None

    async def close(self) -> None:
        """End every stream, and what the tail holds open."""
        for listener in list(self._listeners):
            listener.end()
            await self.leave(listener)
        await self._thread.close()

    async def _follow(self, position: Position) -> None:
        bell = Bell()
        bell.start()
        try:
            while True:
                await bell.wait()
                try:
                    await self._read(position)
                except Error:
                    _log.exception("The live tail could not read the facts; it tries again.")
                    await asyncio.sleep(_RETRY_S)
                    bell.woken.set()
        except Exception:
            # A page that is no longer told anything must not look as if it were: it asks again, and that starts anew.
            _log.exception("The live tail broke; its streams are ended.")
            for listener in self._listeners:
                listener.end()
        finally:
            await bell.stop()

    async def _read(self, position: Position) -> None:
        fresh = reading.BATCH
        while fresh >= reading.BATCH:
            self.reads += 1
            now = time.monotonic()
            position.give_up(at=now)
            before = position.last
            events = await self._thread.run(reading.news, before, position.gaps)
            whole = position.take([event.id for event in events], at=now)
            # The position has moved on: what is told of it may not wait for another read, which may fail.
            self._tell(events, position)
            if not whole:
                self._tell_resync(position)
            await self._tell_persons(events)
            fresh = sum(event.id > before for event in events)

    def _tell(self, events: list[Event], position: Position) -> None:
        for event in events:
            mark = position.mark(event.id)
            for listener in self._listeners:
                listener.tell(event, mark)

    async def _tell_persons(self, events: list[Event]) -> None:
        """Let who was told of something see it, where anybody of the desk listens."""
        if not events or all(listener.person is None for listener in self._listeners):
            return
        try:
            told = await self._thread.run(reading.told, events)
        except Exception:
            # These are read no second time: everybody's bell may be behind, and asks.
            self._tell_notices({listener.person for listener in self._listeners})
            raise
        self._tell_notices(told)

    def _tell_notices(self, persons: Collection[int | None]) -> None:
        for listener in self._listeners:
            if listener.person is not None and listener.person in persons:
                listener.tell_notices()

    def _tell_resync(self, position: Position) -> None:
        for listener in self._listeners:
            listener.tell_resync(position.mark(position.last))

    async def _replay(self, listener: Listener, after: int, until: int, coming: list[int]) -> None:
        """What the listener missed before it joined; `coming` are gaps, which the tail tells if they appear."""
        missed = await self._thread.run(reading.between, after, until, MOST_REPLAYED + 1)
        safe = min(coming) - 1 if coming else until
        # An `after` far beyond the end is of another database, or of this one before it was restored.
        if len(missed) > MOST_REPLAYED or after > until + MOST_REPLAYED:
            listener.tell_resync(safe)
            return
        listener.tell_first([(event, min(event.id, safe)) for event in missed if event.id not in coming])


def _here() -> Position:
    latest = reading.latest_ids()
    return Position(latest[0] if latest else 0, latest, at=time.monotonic())
