"""What the live streams read from the database. Everything here blocks: it runs in a `DatabaseThread`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections
from django.db.models import QuerySet

from forthwith.outbox import notices
from forthwith.record.models import Entry

BATCH = 500
LOOK_BACK = 200

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Event:
    """That a fact was appended: its entry's id, the ticket, the kind of fact, its place on the ticket."""

    id: int
    ticket: int
    kind: str
    seq: int

    def encoded(self, mark: int, *, with_seq: bool = True) -> bytes:
        """The event as it goes over the wire. `mark` is the id that a reconnecting stream names."""
        data: dict[str, int | str] = {"ticket": self.ticket, "kind": self.kind}
        if with_seq:
            data["seq"] = self.seq
        return f"event: ticket\ndata: {json.dumps(data)}\nid: {mark}\n\n".encode()


class DatabaseThread:
    """One thread with its own database connection, which keeps Django's ORM out of the event loop."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The call's result, from the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: _connected(call, *args, **kwargs))

    async def close(self) -> None:
        """Close the connection in the thread that owns it, and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._pool, connections.close_all)
        self._pool.shutdown(wait=False)


def _connected(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    # Outside of a request nobody else replaces a connection that was lost.
    close_old_connections()
    try:
        return call(*args, **kwargs)
    finally:
        close_old_connections()


def latest_ids() -> list[int]:
    """The highest ids, at most LOOK_BACK, highest first."""
    return list(Entry.objects.order_by("-pk").values_list("pk", flat=True)[:LOOK_BACK])


def news(last: int, gaps: Sequence[int]) -> list[Event]:
    """What was committed of the gaps, and what follows `last`, at most BATCH; by id."""
    late = _events(Entry.objects.filter(pk__in=gaps), len(gaps)) if gaps else []
    return [*late, *_events(Entry.objects.filter(pk__gt=last), BATCH)]


def told(events: Sequence[Event]) -> set[int]:
    """Who was told of something by these facts: their notices were committed with them."""
    places = {(event.ticket, event.seq) for event in events}
    return {person for _, _, person in notices.for_events(places)} if places else set()


def between(after: int, until: int, limit: int) -> list[Event]:
    """The events with ids in `(after, until]`, by id, at most `limit`."""
    return _events(Entry.objects.filter(pk__gt=after, pk__lte=until), limit)


def _events(found: QuerySet[Entry], limit: int) -> list[Event]:
    rows = found.order_by("pk").values_list("pk", "ticket_id", "kind", "seq")[:limit]
    return [Event(*row) for row in rows]
