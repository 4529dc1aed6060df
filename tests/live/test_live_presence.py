"""Who looks at a ticket and who writes there is told to the desk within seconds, and never to a requester."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from forthwith.live import presence
from forthwith.record import links, present, unsent
from forthwith.record.begun import Present
from tests.live.desks import Desk
from tests.live.pages import elsewhere, opened, running, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = presence.Presence.__init__
    monkeypatch.setattr(presence.Presence, "__init__", lambda self: turns(self, turn_s=0.05))


def test_who_looks_is_told_to_the_desk_and_goes_with_the_page(desk: Desk) -> None:
    cookie, key = desk.cookie(desk.agent), str(desk.ticket)
    token = links.token(desk.ticket, desk.requester.pk)

    async def scene() -> None:
        async with (
            running() as streams,
            running() as another,
            opened(streams, cookie) as queue,
            opened(another, cookie) as elsewhere_queue,
            opened(streams, query=f"t={token}") as theirs,
        ):
            async with opened(streams, cookie, query=f"ticket={desk.ticket}"):
                there = [[desk.agent.pk, str(desk.agent), False]]
                await until(lambda: queue.present.get(key) == there)
                await until(lambda: elsewhere_queue.present.get(key) == there)
                await elsewhere(
                    lambda: unsent.save(desk.agent.pk, desk.ticket, "reply", "We", base=0, now=timezone.now())
                )
                await until(lambda: queue.present.get(key) == [[desk.agent.pk, str(desk.agent), True]])
            await until(lambda: queue.present.get(key) == [] and elsewhere_queue.present.get(key) == [])
            assert theirs.present == {}
            assert not await elsewhere(Present.objects.exists)

    asyncio.run(scene())


def test_a_page_of_no_ticket_disturbs_nobody(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with (
            running() as streams,
            opened(streams, cookie, query="ticket=999999"),
            opened(streams, cookie, query=f"ticket={desk.ticket}") as page,
        ):
            await until(lambda: str(desk.ticket) in page.present)

    asyncio.run(scene())


def test_whose_process_died_is_gone_within_fifteen_seconds(desk: Desk) -> None:
    now = timezone.now()
    present.say("died", [(desk.agent.pk, desk.ticket)], now)
    assert desk.ticket in present.everybody(now)
    assert present.everybody(now + present.LASTS + timedelta(seconds=1)) == {}
    present.drop("alive", [], now + present.LASTS * 2)
    assert not Present.objects.exists()
