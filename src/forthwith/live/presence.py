"""Who looks at which ticket, told to the desk's open pages by the streams that they hold anyway.

A page says with its stream which ticket it shows; no page asks again and again. Each process writes all its readers
in one statement every few seconds, and reads everybody's in another. While no page is open it rests.
See docs/decisions/0015-composer.md.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from datetime import datetime, timedelta

from django.db import Error
from django.utils import timezone

from forthwith.live.listener import Listener
from forthwith.live.reading import DatabaseThread
from forthwith.record import present
from forthwith.record.present import Here, Place

TURN_S = 2.5
SAID_EACH = timedelta(seconds=5)
_log = logging.getLogger(__name__)


class Presence:
    """The readers of one web process, and what they are told of the others. Lives in one event loop."""

    def __init__(self, *, turn_s: float = TURN_S) -> None:
        self._process = secrets.token_hex(8)
        self._listeners: dict[Listener, Place | None] = {}
        self._thread = DatabaseThread("forthwith-presence")
        self._known: Here = {}
        self._said: set[Place] = set()
        self._said_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._turn_s = turn_s
        # Held while the last one leaves: the thread must not end before that is said.
        self._leaving = asyncio.Lock()

    def join(self, listener: Listener, place: Place | None) -> None:
        """Tell a page of the desk from now on; `place` is who looks at which ticket through it."""
        self._listeners[listener] = place
        if self._known:
            listener.tell_presence(_encoded(self._known, whole=True))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())

    async def leave(self, listener: Listener) -> None:
        """This page is closed; with the last one gone, rest."""
        self._listeners.pop(listener, None)
        if self._listeners or self._task is None:
            return
        task, self._task, self._known = self._task, None, {}
        async with self._leaving:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            try:
                await self._thread.run(self._nobody, timezone.now())
            except Error:
                _log.exception("It could not be said that nobody looks at tickets here any more; it runs out.")

    async def close(self) -> None:
        """Stop, and give the connection back."""
        for listener in list(self._listeners):
            await self.leave(listener)
        async with self._leaving:
            await self._thread.close()

    async def _follow(self) -> None:
        while True:
            try:
                here = {place for place in self._listeners.values() if place}
                self._tell(await self._thread.run(self._turn, here, timezone.now()))
            except Error:
                _log.exception("Who looks at which ticket could not be read; it is tried again.")
            await asyncio.sleep(self._turn_s)

    def _turn(self, here: set[Place], now: datetime) -> Here:
        """Say who is here, where that is news or was said long ago; and read who is anywhere. Blocks."""
        there = present.existing({ticket for _, ticket in here})
        here = {place for place in here if place[1] in there}
        due = self._said_at is None or now - self._said_at >= SAID_EACH
        if due or here != self._said:
            fresh = here if due else here - self._said
            if fresh:
                present.say(self._process, fresh, now)
            if due or self._said - here:
                present.drop(self._process, self._said - here, now)
            self._said, self._said_at = here, now if due else self._said_at
        return present.everybody(now)

    def _nobody(self, now: datetime) -> None:
        present.drop(self._process, self._said, now)
        self._said, self._said_at = set(), None

    def _tell(self, everybody: Here) -> None:
        changed = {
            ticket: everybody.get(ticket, {})
            for ticket in everybody.keys() | self._known.keys()
            if everybody.get(ticket) != self._known.get(ticket)
        }
        self._known = everybody
        if changed:
            chunk = _encoded(changed, whole=False)
            for listener in self._listeners:
                listener.tell_presence(chunk)


def _encoded(here: Here, *, whole: bool) -> bytes:
    tickets = {ticket: [[person, *said] for person, said in people.items()] for ticket, people in here.items()}
    return f"event: presence\ndata: {json.dumps({'whole': whole, 'tickets': tickets})}\n\n".encode()
