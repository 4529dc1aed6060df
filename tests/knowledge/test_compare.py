"""What changed between two texts, as it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.knowledge.compare import MOST_LINES, MOST_WORDS, MOST_WORDS_IN_ALL, Line, compared
from tests.growth import TIMES, assert_in_proportion

LINES = st.lists(st.text("ab c", max_size=8), max_size=30).map("\n".join)


def text(line: Line) -> str:
    return "".join(said for said, _ in line.pieces)


def test_the_words_that_changed_stand_apart() -> None:
    removed, added = compared("Take the toner out.", "Take the old toner out.")
    assert (removed.kind, added.kind) == ("removed", "added")
    assert "".join(said for said, hit in added.pieces if hit).strip() == "old"
    assert all(not hit for _, hit in removed.pieces)


def test_nothing_changed_is_nothing() -> None:
    assert compared("a\nb", "a\nb") == []


def test_only_a_few_lines_around_are_shown() -> None:
    old = [f"line {place}" for place in range(40)]
    new = [*old[:20], "new", *old[20:]]
    lines = compared("\n".join(old), "\n".join(new))
    assert [line.left_out for line in lines if line.left_out] == [17, 17]
    assert len(lines) == 2 + 6 + 1


@given(LINES, LINES)
def test_what_is_left_and_added_is_the_new_text(old: str, new: str) -> None:
    lines = compared(old, new)
    if any(line.left_out for line in lines):
        return
    if old.splitlines() != new.splitlines():
        assert [text(line) for line in lines if line.kind != "removed"] == new.splitlines()
        assert [text(line) for line in lines if line.kind != "added"] == old.splitlines()


def test_what_is_very_long_is_compared_in_larger_pieces() -> None:
    many = "\n".join("x" for _ in range(MOST_LINES + 1))
    assert {line.kind for line in compared(many, f"{many}\ny")} == {"removed", "added"}
    assert compared(many, many) == []
    long = "w " * MOST_WORDS
    assert [line.pieces for line in compared(long, f"{long}x")] == [[(long, False)], [(f"{long}x", False)]]


@pytest.mark.parametrize(("old", "new"), [("aab", "abb"), ("ab", "aabb"), ("axayaz", "apaqar")])
def test_what_stands_there_again_and_again_takes_as_long_as_its_length_warrants(old: str, new: str) -> None:
    def work(size: int) -> object:
        before, after = ("\n".join(piece * (size // len(piece))) for piece in (old, new))
        return compared(before, after)

    assert_in_proportion(work, MOST_LINES // TIMES)


def test_only_so_many_words_are_compared_one_by_one() -> None:
    lines = [f"{place} " + "a b " * 40 for place in range(60)]
    found = compared("\n".join(lines), "\n".join(f"{line}c" for line in lines))
    with_words = sum(len(line.pieces) > 1 for line in found if line.kind == "added")
    assert 0 < with_words <= MOST_WORDS_IN_ALL // (2 * 160)
    assert [text(line) for line in found if line.kind == "removed"] == lines
