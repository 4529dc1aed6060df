"""Where a ticket's words stand in the index: in the block of its number, so that no search reads more than it shows.

Each word is kept with the block of its ticket before it ("1f~printer"). A search asks the newest block first and goes
back until it has found enough: what a common word costs does not grow with the desk, a beginning of a word ("prin")
reads the few words of a block that begin so, and new words all land in one warm corner of the index. Older blocks are
asked in groups, as most of them hold nothing of a rare word.
"""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 13
"""Tickets in a block, as a power of two."""
PART = 16
"""Parts of a ticket, as a power of two: a long one is kept in several rows."""
PLACE = "#"
"""What stands for the block in a question, until it is asked of one. No word and no mark holds it."""
_GROUPS = (1, 1, 2, 4, 8)
_LARGEST = 16


def rows_of(ticket: int) -> tuple[int, int]:
    """The first number that a row of the ticket may have, and the last."""
    return ticket << PART, ((ticket + 1) << PART) - 1


def within(ticket: int, word: str) -> str:
    """The word as it is kept for that ticket."""
    return f"{ticket >> BLOCK:x}~{word}"


def bare(kept: str) -> str:
    """The word without its block."""
    return kept.partition("~")[2]


def anywhere(word: str) -> str:
    """The word as a question names it."""
    return f"{PLACE}~{word}"


def groups(newest: int) -> Iterator[range]:
    """The blocks from that of the newest ticket back to the first, in growing groups."""
    block, sizes = newest >> BLOCK, iter(_GROUPS)
    while block >= 0:
        size = next(sizes, _LARGEST)
        yield range(block, max(-1, block - size), -1)
        block -= size


def asked_of(question: str, group: range, either: str) -> str:
    """The question, put to every block of a group; `either` joins them in the database's language."""
    return either.join(f"({question.replace(PLACE, f'{block:x}')})" for block in group)
