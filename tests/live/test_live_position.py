"""The place in the fact table is exact, in whatever order ids are committed."""

from __future__ import annotations

import asyncio

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from forthwith.live import reading
from forthwith.live.listener import NOTICES, Listener
from forthwith.live.position import GIVE_UP_S, MOST_GAPS, Position
from forthwith.live.reading import Event
from forthwith.live.tail import Tail


class Table:
    """Committed ids, read as the tail reads them."""

    def __init__(self) -> None:
        self.committed: set[int] = set()
        self.told: list[int] = []

    def read(self, position: Position, batch: int) -> None:
        late = sorted(self.committed & set(position.gaps))
        fresh = sorted(id for id in self.committed if id > position.last)[:batch]
        position.take([*late, *fresh], at=0.0)
        self.told += [*late, *fresh]


@given(st.permutations(range(1, 25)), st.sets(st.integers(1, 24), max_size=5), st.data())
def test_every_committed_id_is_told_once(order: list[int], rolled_back: set[int], data: st.DataObject) -> None:
    table, position, mark = Table(), Position(0), 0
    for id in order:
        if id not in rolled_back:
            # Whoever has heard up to a mark has heard everything up to it: nothing comes later below.
            assert id > mark
            table.committed.add(id)
        if data.draw(st.booleans()):
            table.read(position, batch=data.draw(st.integers(1, 4)))
            mark = position.mark(position.last)
            assert {id for id in table.committed if id <= mark} <= set(table.told)
    while not table.committed <= set(table.told):
        table.read(position, batch=4)
    assert sorted(table.told) == sorted(table.committed)
    assert set(position.gaps) == rolled_back & set(range(1, position.last))


def test_a_gap_before_the_start_is_waited_for() -> None:
    position = Position(12, [12, 10, 9])
    assert position.gaps == [11]
    assert position.mark(13) == 10


def test_a_gap_is_given_up_once_no_transaction_can_fill_it() -> None:
    position = Position(1)
    position.take([3], at=100.0)
    position.give_up(at=100.0 + GIVE_UP_S - 1)
    assert position.gaps == [2]
    position.give_up(at=100.0 + GIVE_UP_S)
    assert position.gaps == []
    assert position.mark(3) == 3


def test_more_gaps_than_can_be_kept_are_said() -> None:
    position = Position(0)
    assert position.take([MOST_GAPS + 1], at=0.0)
    assert not position.take([MOST_GAPS + 3], at=0.0)
    assert len(position.gaps) == MOST_GAPS
    huge = Position(0)
    assert not huge.take([10**15], at=0.0)
    assert huge.gaps[-1] == 10**15 - 1


def test_what_the_position_has_passed_is_told_though_the_next_read_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("the server went away")

    monkeypatch.setattr(reading, "news", lambda last, gaps: [Event(2 * MOST_GAPS, 1, "Replied", 2)])
    monkeypatch.setattr(reading, "told", fails)

    async def scene() -> bytes:
        tail, listener = Tail(), Listener(person=1)
        tail._listeners.add(listener)
        try:
            with pytest.raises(OperationalError):
                await tail._read(Position(0))
            return await listener.take(1)
        finally:
            await tail.close()

    said = asyncio.run(scene())
    assert b"event: resync" in said
    assert NOTICES in said
