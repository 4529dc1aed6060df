"""What changed from some lines to others, as a unified diff, in time that is bounded also for hostile texts.

`difflib` compares well and takes cubic time where many lines are alike. So it is asked only about the stretches
between lines that both sides have exactly once, and not at all where it would take too long: such a stretch is
said to be replaced as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

AROUND = 3
_EFFORT = 1_000
"""Steps that a line may cost."""


class _Bounded(SequenceMatcher[str]):
    """A matcher that finds its blocks piece by piece."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        # The base class would look at the whole of both, and would find blocks in them by itself.
        self.a, self.b, self.opcodes = old, new, None

    def get_matching_blocks(self) -> list[Match]:
        """The stretches that are the same, in their order, and an empty one at the end."""
        found: list[tuple[int, int]] = []
        here = there = 0
        for i, j in [*_anchors(self.a, self.b), (len(self.a), len(self.b))]:
            found += _between(self.a[here:i], self.b[there:j], here, there)
            if i < len(self.a):
                found.append((i, j))
            here, there = i + 1, j + 1
        return [*_joined(found), Match(len(self.a), len(self.b), 0)]


def unified(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Each stretch that changed: a line `@@ -12,5 +12,6 @@`, then lines that begin with a blank, `-` or `+`."""
    said: list[str] = []
    for group in _Bounded(old, new).get_grouped_opcodes(AROUND):
        said.append(f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@")
        for kind, a, b, c, d in group:
            if kind == "equal":
                said += [f" {line}" for line in old[a:b]]
            else:
                said += [*(f"-{line}" for line in old[a:b]), *(f"+{line}" for line in new[c:d])]
    return tuple(said)


def _range(start: int, end: int) -> str:
    """Lines as a unified diff counts them: from 1, and from before it where there are none."""
    count = end - start
    return f"{start + 1 if count else start},{count}" if count != 1 else f"{start + 1}"


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that stand once in each, as many as stand in the same order in both."""
    counts, others = Counter(old), Counter(new)
    places = {line: j for j, line in enumerate(new) if others[line] == 1}
    pairs = [(i, places[line]) for i, line in enumerate(old) if counts[line] == 1 and line in places]
    return [pairs[k] for k in longest_rising([j for _, j in pairs])]


def longest_rising(numbers: Sequence[int]) -> list[int]:
    """The places of the longest part of different numbers that rises, by patience sorting."""
    tops: list[int] = []
    piles: list[int] = []
    below: list[int] = []
    for place, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        below.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        piles[pile : pile + 1] = [place]
    chain = []
    place = piles[-1] if piles else -1
    while place >= 0:
        chain.append(place)
        place = below[place]
    return chain[::-1]


def _between(old: Sequence[str], new: Sequence[str], here: int, there: int) -> Iterator[tuple[int, int]]:
    """Pairs of lines that are the same between two anchors."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    one, other = old[head : len(old) - tail], new[head : len(new) - tail]
    yield from ((here + k, there + k) for k in range(head))
    if _takes(one, other) <= _EFFORT * (len(one) + len(other)):
        for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
            yield from ((here + head + block.a + k, there + head + block.b + k) for k in range(block.size))
    yield from ((here + len(old) - tail + k, there + len(new) - tail + k) for k in range(tail))


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines are the same at the beginning."""
    shorter = min(len(old), len(new))
    return next((k for k in range(shorter) if old[k] != new[k]), shorter)


def _takes(old: Sequence[str], new: Sequence[str]) -> int:
    """How many steps the library takes at most: each pair of like lines, in each block that it may find."""
    others = Counter(new)
    return (len(old) + sum(others[line] for line in old)) * min(len(old), len(new))


def _joined(pairs: Sequence[tuple[int, int]]) -> Iterator[Match]:
    """Pairs that follow one another, as one block."""
    start = 0
    for k in range(1, len(pairs) + 1):
        if k == len(pairs) or pairs[k] != (pairs[k - 1][0] + 1, pairs[k - 1][1] + 1):
            yield Match(*pairs[start], k - start)
            start = k
