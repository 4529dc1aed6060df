"""A change shows on open pages within a second, to those who may know of it, once and whole (SOP 6.1)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from forthwith.live import reading, stream
from forthwith.live.listener import MOST_WAITING
from forthwith.live.tail import MOST_REPLAYED
from forthwith.live.visitors import credentials
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record import links
from forthwith.record.models import Entry
from forthwith.steps import acts
from tests.live.desks import Desk
from tests.live.pages import elsewhere, opened, running, until

SOON_S = 1.0


@pytest.mark.sop("6.1")
def test_a_reply_shows_within_a_second(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie) as page, opened(streams, cookie) as other:
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in page.kinds and "Replied" in other.kinds, SOON_S)
            replied = next(heard for heard in page.events if heard.data["kind"] == "Replied")
            assert replied.event == "ticket"
            assert replied.data["ticket"] == desk.ticket
            entry = await elsewhere(lambda: Entry.objects.get(kind="Replied"))
            assert (replied.data["seq"], replied.id) == (entry.seq, entry.pk)

    asyncio.run(scene())


def test_every_fact_comes_once_and_in_order(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie) as page:
            before = await elsewhere(Entry.objects.count)
            await asyncio.gather(*[elsewhere(desk.ask) for _ in range(4)])
            after = await elsewhere(Entry.objects.count)
            await until(lambda: len(page.events) >= after - before)
            heard = [(event.data["ticket"], event.data["seq"]) for event in page.events]
            assert len(heard) == len(set(heard)) == after - before
            for number in {ticket for ticket, _ in heard}:
                seqs = [seq for ticket, seq in heard if ticket == number]
                assert sorted(seqs) == list(range(1, len(seqs) + 1))

    asyncio.run(scene())


@pytest.mark.sop("6.1")
def test_a_requester_hears_only_what_is_public_on_their_ticket(desk: Desk) -> None:
    token = links.token(desk.ticket, desk.requester.pk)
    agent, requester = desk.cookie(desk.agent), desk.cookie(desk.requester)

    async def scene() -> None:
        async with (
            running() as streams,
            opened(streams, agent) as desk_page,
            opened(streams, query=f"t={token}") as their_page,
            # An agent who looks at the requester's page sees what the requester sees.
            opened(streams, agent, query=f"t={token}") as peek,
            opened(streams, requester) as signed_in,
        ):
            assert (their_page.status, peek.status, signed_in.status) == (200, 200, 403)
            await elsewhere(desk.note)
            await elsewhere(desk.ask)
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in desk_page.kinds and "Replied" in their_page.kinds, SOON_S)
            await until(lambda: "Replied" in peek.kinds, SOON_S)
            assert "Noted" in desk_page.kinds
            assert [event.data for event in their_page.events] == [{"ticket": desk.ticket, "kind": "Replied"}]
            assert peek.kinds == ["Replied"]

    asyncio.run(scene())


@pytest.mark.sop("6.1")
def test_a_requester_hears_that_the_desk_waits_and_goes_on(desk: Desk) -> None:
    token, by = links.token(desk.ticket, desk.requester.pk), Actor.of(desk.agent)

    async def scene() -> None:
        async with running() as streams, opened(streams, query=f"t={token}") as page:
            await elsewhere(lambda: acts.hold(desk.ticket, by=by, now=timezone.now(), why="a spare part"))
            await elsewhere(lambda: acts.resume(desk.ticket, by=by, now=timezone.now(), why="it came"))
            await until(lambda: page.kinds == ["PutOnHold", "Resumed"], SOON_S)

    asyncio.run(scene())


def test_an_odd_cookie_of_another_program_hides_no_session() -> None:
    name = settings.SESSION_COOKIE_NAME
    assert credentials(f'prefs={{"a":1}}; {name}=abc; x', "").session == "abc"


@pytest.mark.parametrize(
    ("shown", "headers"),
    [
        ("nothing", {}),
        ("broken token", {}),
        ("token of no ticket", {}),
        ("auditor", {"sec_fetch_site": "cross-site"}),
        ("auditor", {"origin": "https://elsewhere.example"}),
        ("deactivated", {}),
        ("stale session", {}),
    ],
)
def test_nobody_else_hears_anything(desk: Desk, shown: str, headers: dict[str, str]) -> None:
    auditor = Person.objects.create_user("audit@desk.example", name="Eva", role="auditor")
    cookie = desk.cookie(auditor)
    query = ""
    if shown == "nothing":
        cookie = ""
    elif shown == "broken token":
        query = f"t={links.token(desk.ticket, desk.requester.pk)}x"
    elif shown == "token of no ticket":
        query = f"t={links.token(desk.ticket + 99, desk.requester.pk)}"
    elif shown == "deactivated":
        Person.objects.filter(pk=auditor.pk).update(is_active=False)
    elif shown == "stale session":
        auditor.set_password("another-secret-3")
        auditor.save(update_fields=["password"])

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie, query=query, **headers) as page:
            assert page.status == 403
            assert page.ended
            assert streams.tail.resting

    asyncio.run(scene())


def test_the_desks_own_pages_are_let_in(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with (
            running() as streams,
            opened(streams, cookie, sec_fetch_site="same-origin", origin="http://127.0.0.1:8000") as page,
            opened(streams, cookie, host="inside.example", origin=settings.PUBLIC_URL) as behind_proxy,
        ):
            assert (page.status, behind_proxy.status) == (200, 200)

    asyncio.run(scene())


@pytest.mark.parametrize("how", ["signed out", "deactivated", "no longer of the desk"])
def test_who_may_no_longer_listen_loses_the_stream(desk: Desk, how: str) -> None:
    cookie = desk.cookie(desk.agent)

    def shut_out() -> None:
        from django.contrib.sessions.models import Session

        if how == "signed out":
            Session.objects.all().delete()
        elif how == "deactivated":
            Person.objects.filter(pk=desk.agent.pk).update(is_active=False)
        else:
            Person.objects.filter(pk=desk.agent.pk).update(role="requester")

    async def scene() -> None:
        async with running(recheck_s=0.05) as streams, opened(streams, cookie) as page:
            await elsewhere(shut_out)
            await until(lambda: page.ended)
            await until(lambda: streams.tail.resting)

    asyncio.run(scene())


def test_a_quiet_stream_shows_that_it_lives(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running(heartbeat_s=0.02) as streams, opened(streams, cookie) as page:
            await until(lambda: page.comments >= 3)

    asyncio.run(scene())


def test_nothing_is_read_while_nobody_listens(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams:
            assert streams.tail.resting
            async with opened(streams, cookie):
                await until(lambda: streams.tail.reads > 0)
                assert not streams.tail.resting
            await until(lambda: streams.tail.resting)
            assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()
            # It wakes again for the next page.
            async with opened(streams, cookie) as page:
                await elsewhere(desk.reply)
                await until(lambda: "Replied" in page.kinds, SOON_S)

    asyncio.run(scene())


def test_a_slow_reader_is_told_to_load_afresh(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)
    actor = Actor.of(desk.agent)

    def much() -> None:
        for number in range(MOST_WAITING + 5):
            acts.note(desk.ticket, by=actor, now=timezone.now(), text=f"Note {number}")

    async def scene() -> None:
        async with (
            running() as streams,
            opened(streams, cookie, slow=True) as slow,
            opened(streams, cookie) as quick,
        ):
            await elsewhere(desk.note)
            await until(lambda: quick.events)
            await elsewhere(much)
            await until(lambda: len(quick.events) == MOST_WAITING + 6)
            slow.held.set()
            await until(lambda: "resync" in slow.kinds)
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in slow.kinds, SOON_S)
            assert len(slow.events) < MOST_WAITING
            assert "resync" not in quick.kinds

    asyncio.run(scene())


@pytest.mark.parametrize("by", ["header", "query"])
def test_a_page_that_comes_back_is_told_what_it_missed(desk: Desk, by: str) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams:
            async with opened(streams, cookie) as page:
                await elsewhere(desk.note)
                await until(lambda: "Noted" in page.kinds)
                last = page.events[-1].id
            await until(lambda: streams.tail.resting)
            await elsewhere(desk.reply)
            again = {"last_event_id": str(last)} if by == "header" else {}
            query = f"after={last}" if by == "query" else ""
            async with opened(streams, cookie, query=query, **again) as page:
                await until(lambda: "Replied" in page.kinds)
                await elsewhere(desk.note)
                await until(lambda: "Noted" in page.kinds)
                ids = [event.id for event in page.events]
                assert ids == sorted(set(ids))
                assert "resync" not in page.kinds

    asyncio.run(scene())


@pytest.mark.parametrize("last", ["1", str(10**12), "not a number"])
def test_a_page_that_was_away_for_long_loads_afresh(desk: Desk, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forthwith.live.tail.MOST_REPLAYED", 3)
    cookie = desk.cookie(desk.agent)
    assert MOST_REPLAYED == 500

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie, last_event_id=last) as page:
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in page.kinds, SOON_S)
            assert ("resync" in page.kinds) == last.isdigit()

    asyncio.run(scene())


def test_no_one_takes_all_the_streams(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_PER_PERSON", 2)
    monkeypatch.setattr(stream, "MOST_STREAMS", 3)
    other = Person.objects.create_user("bo@desk.example", name="Bo", role="team_leader")
    mine, theirs = desk.cookie(desk.agent), desk.cookie(other)

    async def scene() -> None:
        async with running() as streams, AsyncExitStack() as pages:

            async def status(cookie: str) -> int:
                return (await pages.enter_async_context(opened(streams, cookie))).status

            assert [await status(mine) for _ in range(3)] == [200, 200, 429]
            assert [await status(theirs) for _ in range(2)] == [200, 503]
            await pages.aclose()
            assert streams.count == 0

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("query", "headers"),
    [("&".join(f"p{n}=" for n in range(50)), {}), ("t=%ff%00", {}), ("", {"origin": "http://["})],
    ids=["many parameters", "no text", "no address"],
)
def test_a_request_that_makes_no_sense_is_refused_like_any_other(
    desk: Desk, query: str, headers: dict[str, str]
) -> None:
    async def scene() -> None:
        async with running() as streams, opened(streams, query=query, **headers) as page:
            assert page.status == 403

    asyncio.run(scene())


def test_stopping_ends_every_stream_at_once(desk: Desk) -> None:
    cookie = desk.cookie(desk.agent)

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie) as page, opened(streams, cookie) as other:
            await streams.close()
            await until(lambda: page.ended and other.ended, timedelta(seconds=2).total_seconds())
            async with opened(streams, cookie) as late:
                assert late.status == 503

    asyncio.run(scene())


@pytest.mark.parametrize("error", [OperationalError("the server went away"), RuntimeError("a mistake")])
def test_a_failing_read_loses_no_event(desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The database's errors are waited out; after any other the page is sent to ask again, and is told all."""
    cookie = desk.cookie(desk.agent)
    monkeypatch.setattr("forthwith.live.tail._RETRY_S", 0.01)
    real, failures = reading.news, [error]

    def news(last: int, gaps: list[int]) -> list[reading.Event]:
        if failures and Entry.objects.filter(kind="Replied").exists():
            raise failures.pop()
        return real(last, gaps)

    monkeypatch.setattr(reading, "news", news)

    async def scene() -> None:
        async with running() as streams, opened(streams, cookie) as page:
            await elsewhere(desk.note)
            await until(lambda: "Noted" in page.kinds)
            last = page.events[-1].id
            await elsewhere(desk.reply)
            if isinstance(error, OperationalError):
                await until(lambda: "Replied" in page.kinds)
                return
            await until(lambda: page.ended)
            async with opened(streams, cookie, last_event_id=str(last)) as again:
                await until(lambda: "Replied" in again.kinds)

    asyncio.run(scene())


@pytest.mark.sop("4.3")
def test_only_who_is_told_of_something_hears_that_they_were(desk: Desk) -> None:
    other = Person.objects.create_user("bo@desk.example", name="Bo Berg", role="agent")
    mine, theirs, requesters = desk.cookie(desk.agent), desk.cookie(other), links.token(desk.ticket, desk.requester.pk)

    def called_in() -> None:
        acts.note(desk.ticket, by=Actor.of(desk.agent), now=timezone.now(), text="@Bo Berg, please.")

    async def scene() -> None:
        async with (
            running() as streams,
            opened(streams, mine) as writer,
            opened(streams, theirs) as called,
            opened(streams, theirs) as called_too,
            opened(streams, query=f"t={requesters}") as asks,
        ):
            await elsewhere(called_in)
            await until(lambda: called.told and called_too.told, SOON_S)
            await elsewhere(desk.reply)
            await until(lambda: "Replied" in asks.kinds and called.told == 2)
            assert (writer.told, asks.told) == (0, 0)

    asyncio.run(scene())
