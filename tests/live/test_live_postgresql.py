"""What only PostgreSQL does: ids that are committed out of order, the bell, and its failing."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection, transaction

from forthwith.live import bell
from forthwith.record import wake
from forthwith.record.models import Entry
from tests.live.desks import Desk
from tests.live.pages import elsewhere, opened, running, until

pytestmark = pytest.mark.postgresql
SOON_S = 1.0
_LISTENING = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'forthwith live'"
)


def test_an_id_that_is_committed_late_is_told_and_told_once(desk: Desk) -> None:
    """Two transactions: the first takes the lower id and commits last."""
    cookie = desk.cookie(desk.agent)
    first_has_its_id, second_is_committed = asyncio.Event(), asyncio.Event()

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        lower: list[int] = []

        def first() -> None:
            with transaction.atomic():
                lower.append(_log_by_hand(desk, seq=901))
                loop.call_soon_threadsafe(first_has_its_id.set)
                asyncio.run_coroutine_threadsafe(second_is_committed.wait(), loop).result(20)

        def second() -> int:
            with transaction.atomic():
                return _log_by_hand(desk, seq=902)

        async with running() as streams, opened(streams, cookie) as page:
            slow = asyncio.create_task(elsewhere(first))
            await first_has_its_id.wait()
            higher = await elsewhere(second)
            await until(lambda: 902 in _seqs(page.events), SOON_S)
            # Whoever reconnects now must still be told of what is not committed yet.
            assert page.events[-1].id < lower[0] < higher
            async with opened(streams, cookie, last_event_id=str(page.events[-1].id)) as back:
                second_is_committed.set()
                await slow
                await until(lambda: {901, 902} <= set(_seqs(page.events)), SOON_S)
                await until(lambda: {901, 902} <= set(_seqs(back.events)), SOON_S)
                await elsewhere(desk.reply)
                await until(lambda: "Replied" in page.kinds and "Replied" in back.kinds, SOON_S)
                for heard in (page, back):
                    assert [seq for seq in _seqs(heard.events) if seq > 900] in ([902, 901], [901, 902])
                assert page.events[-1].id > higher

    asyncio.run(scene())


def test_without_its_bell_the_tail_polls_and_finds_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # Deaf for as long as the test lasts, once cut off.
    monkeypatch.setattr(bell, "_FIRST_RETRY_S", 60.0)
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie) as page:
            await elsewhere(desk.note)
            await until(lambda: "Noted" in page.kinds, SOON_S)
            # The connection may only just be opening.
            while not await elsewhere(_cut):
                await asyncio.sleep(0.01)
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in page.kinds, bell.POLL_WITHOUT_BELL_S + SOON_S)

    asyncio.run(scene())


def test_the_bell_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_FIRST_RETRY_S", 0.01)
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie) as page:
            for _ in range(3):
                while not await elsewhere(_cut):
                    await asyncio.sleep(0.01)
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in page.kinds, bell.POLL_WITHOUT_BELL_S + SOON_S)

    asyncio.run(scene())


def _log_by_hand(desk: Desk, seq: int) -> int:
    """A row as the door would append it, so that a transaction can be held open between id and commit."""
    like = Entry.objects.filter(ticket_id=desk.ticket).order_by("seq").values().first()
    assert like
    row = Entry(**{**like, "id": None, "seq": seq})
    row.save(force_insert=True)
    wake.facts_appended(desk.ticket, row.pk)
    return row.pk


def _cut() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LISTENING)
        return bool(cursor.fetchall())


def _seqs(events: list) -> list[int]:  # type: ignore[type-arg]
    return [event.data["seq"] for event in events if event.event == "ticket"]
