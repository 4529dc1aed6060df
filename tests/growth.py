"""Whether work grows in proportion to its input: by processor time, the best of a few tries, with room to spare."""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 3
TIMES = 8
# Eight times the input: linear is a factor of 8, quadratic one of 64.
ALLOWED = 40
SHORTEST_S = 0.002


def assert_in_proportion(work: Callable[[int], object], size: int) -> None:
    """Compare the work for `size` with that for eight times as much."""
    work(max(1, size // 4))
    small = max(_seconds(work, size), SHORTEST_S)
    assert _seconds(work, size * TIMES) < ALLOWED * small


def _seconds(work: Callable[[int], object], size: int) -> float:
    return min(_once(work, size) for _ in range(TRIES))


def _once(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
