"""What changed from some lines to others: right, and in time that grows with the lines only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.procedure.lines import longest_rising, unified
from tests.growth import assert_in_proportion

LINES = st.lists(st.sampled_from("abcdefg"), max_size=30)


def applied(old: Sequence[str], diff: Sequence[str]) -> list[str]:
    """The new lines, made of the old ones and what changed."""
    made: list[str] = []
    at = 0
    for line in diff:
        if found := re.match(r"@@ -(\d+)(?:,(\d+))? ", line):
            start = int(found[1]) - (found[2] != "0")
            made += old[at:start]
            at = start
            continue
        if line[0] != "+":
            assert old[at] == line[1:]
            at += 1
        if line[0] != "-":
            made.append(line[1:])
    return [*made, *old[at:]]


@pytest.mark.sop("H1")
@given(LINES, LINES)
def test_what_changed_makes_the_new_lines_of_the_old(old: list[str], new: list[str]) -> None:
    assert applied(old, unified(old, new)) == new


@given(LINES)
def test_of_equal_lines_nothing_changed(lines: list[str]) -> None:
    assert unified(lines, list(lines)) == ()


@given(st.lists(st.integers(0, 60), max_size=40, unique=True), st.integers(0, 40), st.integers(0, 40))
def test_lines_that_differ_are_compared_as_the_library_does(numbers: list[int], at: int, to: int) -> None:
    old, new = [str(n) for n in numbers], [str(n) for n in numbers]
    new[at:to] = ["x", "y"]
    assert list(unified(old, new)) == [*unified_diff(old, new, lineterm="")][2:]


@given(st.lists(st.integers(0, 100), max_size=9, unique=True))
def test_the_longest_part_that_rises(numbers: list[int]) -> None:
    def rises(bits: int) -> bool:
        chosen = [n for i, n in enumerate(numbers) if bits >> i & 1]
        return chosen == sorted(chosen)

    longest = max(bits.bit_count() for bits in range(2 ** len(numbers)) if rises(bits))
    found = [numbers[place] for place in longest_rising(numbers)]
    assert found == sorted(found)
    assert len(found) == longest


HOSTILE: dict[str, Callable[[int], tuple[list[str], list[str]]]] = {
    "all the same": lambda n: (["a"] * n, ["a"] * (n - 1) + ["b"]),
    "two in turn": lambda n: (["a", "b"] * (n // 2), ["b", "a"] * (n // 2 - 1)),
    "every second": lambda n: (
        [f"{i if i % 2 else 'u'}" for i in range(n)],
        [f"{i if i % 2 else 'v'}" for i in range(n)],
    ),
    "turned round": lambda n: ([*map(str, range(n))], [*map(str, range(n, 0, -1))]),
    "few words": lambda n: ([str(i * i % 97) for i in range(n)], [str(i * i * i % 89) for i in range(n)]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_lines_take_time_in_proportion(kind: str) -> None:
    assert_in_proportion(lambda n: unified(*HOSTILE[kind](n)), 1_000)
