"""Two texts side by side, line by line and, where a line was changed, word by word.

The comparison takes up to cubic time where the same stands again and again. So what is very long is compared in larger
pieces only, what stands often in a long text leads to no match by itself (difflib's `autojunk`), and only so many words
of one comparison are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_LINES, MOST_WORDS, MOST_WORDS_IN_ALL = 1_000, 400, 4_000
SAME, ADDED, REMOVED = "same", "added", "removed"
_TOKEN = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)
_AROUND = 3
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is the same, was added or was removed; its pieces, each with whether it is what changed.

    `left_out` is how many lines that are the same stand here unshown.
    """

    kind: str
    pieces: Pieces
    left_out: int = 0


def compared(before: str, after: str) -> list[Line]:
    """What changed from one text to the other, with a few lines around."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return [] if old == new else [*_whole(REMOVED, old), *_whole(ADDED, new)]
    found: list[Line] = []
    left = MOST_WORDS_IN_ALL
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            found += _shortened(old[a:b], a == 0, b == len(old))
        else:
            lines, left = _changed(old[a:b], new[c:d], left)
            found += lines
    return found if any(line.kind != SAME for line in found) else []


def _whole(kind: str, lines: Sequence[str]) -> list[Line]:
    return [Line(kind, [(line, False)]) for line in lines]


def _shortened(lines: list[str], first: bool, last: bool) -> Iterator[Line]:
    head, tail = (0 if first else _AROUND), (0 if last else _AROUND)
    if len(lines) <= head + tail:
        yield from _whole(SAME, lines)
        return
    yield from _whole(SAME, lines[:head])
    yield Line(SAME, [], len(lines) - head - tail)
    yield from _whole(SAME, lines[len(lines) - tail :])


def _changed(old: Sequence[str], new: Sequence[str], left: int) -> tuple[list[Line], int]:
    """Lines that took the place of others, in pairs word by word; and how many words may be looked at still."""
    pairs: list[tuple[Pieces, Pieces]] = []
    for one, other in zip(old, new, strict=False):
        before, after = _TOKEN.findall(one), _TOKEN.findall(other)
        left -= len(before) + len(after)
        few = left >= 0 and max(len(before), len(after)) <= MOST_WORDS
        pairs.append(_words(before, after) if few else ([(one, False)], [(other, False)]))
    removed = [Line(REMOVED, pieces) for pieces, _ in pairs] + _whole(REMOVED, old[len(pairs) :])
    added = [Line(ADDED, pieces) for _, pieces in pairs] + _whole(ADDED, new[len(pairs) :])
    return removed + added, left


def _words(one: list[str], other: list[str]) -> tuple[Pieces, Pieces]:
    before: Pieces = []
    after: Pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
        differs = kind != "equal"
        before += [("".join(one[a:b]), differs)] if b > a else []
        after += [("".join(other[c:d]), differs)] if d > c else []
    return before, after
