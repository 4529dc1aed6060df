"""Pauses of a clock, put in order. A hold takes out business time, not wall time (SOP 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from forthwith.procedure.instants import to_us

Pause = tuple[datetime, datetime | None] | tuple[datetime, datetime | None, str]
"""A span that does not count, half-open, with a reason if there is one. None is 'still going on'."""

NEVER = 10**18
"""After every instant, in epoch microseconds: the end of a pause that has none."""


class Hold(NamedTuple):
    """A pause in epoch microseconds, half-open."""

    begin: int
    until: int
    reason: str


def in_order(pauses: Sequence[Pause], lo: int, hi: int) -> list[Hold]:
    """Pauses clipped to `[lo, hi]`, sorted, none overlapping: what two share belongs to the earlier one.

    Raises ValueError for a pause that ends before it begins, or has no time zone.
    """
    spans = []
    for begin, until, *reason in pauses:
        first, last = to_us(begin), NEVER if until is None else to_us(until)
        if last < first:
            raise ValueError(f"a pause ends at {until}, before it begins at {begin}")
        spans.append((min(first, hi), last if last == NEVER else min(last, hi), reason[0] if reason else ""))
    holds: list[Hold] = []
    free = lo
    for first, last, why in sorted(spans):
        if max(first, free) < last:
            holds.append(Hold(max(first, free), last, why))
            free = last
    return holds
