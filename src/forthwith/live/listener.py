"""One open stream as the tail sees it: what it wants, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from forthwith.live.reading import Event

MOST_WAITING = 200
PUBLIC_KINDS = frozenset(
    {
        *("Replied", "RequesterWrote", "RequesterTold", "DetailsGiven"),
        *("WaitingOnRequester", "PutOnHold", "Resumed", "Resolved", "Reopened", "Closed"),
        *("MergedInto", "Unmerged", "MergedFrom", "MergeUndone"),
    }
)
"""Facts that change what the requester's own page shows."""


NOTICES = b"event: notices\ndata: {}\n\n"
"""Tell a page that its person was told of something."""


def resync(mark: int) -> bytes:
    """Tell a page to load itself afresh, as it was not told of everything up to `mark`."""
    return f"event: resync\ndata: {{}}\nid: {mark}\n\n".encode()


class Listener:
    """A bounded queue of what is to be sent. `ticket` None hears everything; else that ticket's public kinds.

    A reader that does not keep up costs no memory: what waits is dropped for one `resync`. `person` is who listens, and
    hears of their own notices, where they hear everything.
    """

    def __init__(self, ticket: int | None = None, person: int | None = None) -> None:
        self.ticket = ticket
        self.person = person if ticket is None else None
        self.ended = False
        self._waiting: deque[bytes] = deque()
        self._filled = asyncio.Event()

    def hears(self, event: Event) -> bool:
        """Whether this stream may be told of the event."""
        return self.ticket is None or (event.ticket == self.ticket and event.kind in PUBLIC_KINDS)

    def tell(self, event: Event, mark: int) -> None:
        """Queue an event, if it may be heard."""
        if self.hears(event):
            self._put(self._encoded(event, mark), mark)

    def tell_first(self, events: Iterable[tuple[Event, int]]) -> None:
        """Queue events with their marks, those that may be heard, before all that waits."""
        chunk = b"".join(self._encoded(event, mark) for event, mark in events if self.hears(event))
        if chunk:
            self._waiting.appendleft(chunk)
            self._filled.set()

    def tell_resync(self, mark: int) -> None:
        """Drop what waits and queue a resync in its place."""
        self._waiting.clear()
        self._waiting.append(resync(mark))
        self._filled.set()

    def tell_presence(self, chunk: bytes) -> None:
        """Queue who looks at tickets; whoever does not keep up is not told, as it is soon not true any more."""
        if self.ticket is None and len(self._waiting) < MOST_WAITING:
            self._waiting.append(chunk)
            self._filled.set()

    def tell_notices(self) -> None:
        """Queue that there are notices, once however many there are."""
        if len(self._waiting) < MOST_WAITING and NOTICES not in self._waiting:
            self._waiting.append(NOTICES)
            self._filled.set()

    def end(self) -> None:
        """Let the stream end at once."""
        self.ended = True
        self._filled.set()

    async def take(self, timeout_s: float) -> bytes:
        """Everything that waits; empty when nothing came in that time, or the stream has ended."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._filled.wait()
        except TimeoutError:
            return b""
        if self.ended:
            return b""
        self._filled.clear()
        chunk = b"".join(self._waiting)
        self._waiting.clear()
        return chunk

    def _encoded(self, event: Event, mark: int) -> bytes:
        # How many facts a ticket has would tell a requester of notes.
        return event.encoded(mark, with_seq=self.ticket is None)

    def _put(self, chunk: bytes, mark: int) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self.tell_resync(mark)
            return
        self._waiting.append(chunk)
        self._filled.set()
