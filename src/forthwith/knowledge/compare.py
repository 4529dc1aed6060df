"""Two texts side by side, line by line and, where a line was changed, word by word.

The comparison takes more than linear time, so that what is very long is compared in larger pieces only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_LINES, MOST_WORDS = 1_000, 400
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
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        found += _shortened(old[a:b], a == 0, b == len(old)) if kind == "equal" else _changed(old[a:b], new[c:d])
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


def _changed(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """Lines that took the place of others: as many as there are of both are compared word by word."""
    pairs = [_words(one, other) for one, other in zip(old, new, strict=False)]
    removed = [Line(REMOVED, pieces) for pieces, _ in pairs] + _whole(REMOVED, old[len(pairs) :])
    added = [Line(ADDED, pieces) for _, pieces in pairs] + _whole(ADDED, new[len(pairs) :])
    return removed + added


def _words(old: str, new: str) -> tuple[Pieces, Pieces]:
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(one), len(other)) > MOST_WORDS:
        return [(old, False)], [(new, False)]
    before: Pieces = []
    after: Pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        differs = kind != "equal"
        before += [("".join(one[a:b]), differs)] if b > a else []
        after += [("".join(other[c:d]), differs)] if d > c else []
    return before, after
