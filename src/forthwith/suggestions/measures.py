"""How good suggestions are, on tickets that the model did not learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

PRECISION = 0.9
"""The precision at which coverage is told: what share of tickets can be had with nine of ten right."""

Ranked = Sequence[tuple[str, float]]


def measured(truth: Sequence[str], ranked: Sequence[Ranked]) -> dict[str, Any]:
    """What is told of one target: the share right at once and among three, coverage, and each choice's own lines."""
    firsts = [one[0][0] for one in ranked]
    sure = [one[0][1] for one in ranked]
    right = [first == true for first, true in zip(firsts, truth, strict=True)]
    among = [true in (choice for choice, _ in one[:3]) for true, one in zip(truth, ranked, strict=True)]
    count = len(truth) or 1
    return {
        "tickets": len(truth),
        "top1": sum(right) / count,
        "top3": sum(among) / count,
        "coverage": coverage(sure, right),
        "lines": lines(truth, firsts),
        "reached": reached(sure, right),
    }


def coverage(sure: Sequence[float], right: Sequence[bool]) -> float:
    """The largest share of tickets, surest first, of which PRECISION are right. Equally sure ones go together."""
    order = sorted(range(len(sure)), key=lambda place: -sure[place])
    best = hits = 0
    for done, place in enumerate(order, 1):
        hits += right[place]
        whole = done == len(order) or sure[order[done]] != sure[place]
        if whole and hits >= PRECISION * done:
            best = done
    return best / (len(sure) or 1)


def reached(sure: Sequence[float], right: Sequence[bool]) -> list[tuple[int, float, float]]:
    """For each tenth of confidence from 10 to 90 %: the share of tickets at least so sure, and how many are right."""
    found = []
    for percent in range(10, 100, 10):
        those = [ok for share, ok in zip(sure, right, strict=True) if round(100 * share) >= percent]
        found.append((percent, len(those) / (len(sure) or 1), sum(those) / (len(those) or 1)))
    return found


def lines(truth: Sequence[str], firsts: Sequence[str]) -> list[tuple[str, int, float | None, float | None]]:
    """(choice, tickets of it, precision, recall), the most frequent first; None where there is nothing to divide."""
    are, said = Counter(truth), Counter(firsts)
    hits = Counter(true for true, first in zip(truth, firsts, strict=True) if true == first)
    order = sorted({*are, *said}, key=lambda choice: (-are[choice], choice))
    return [
        (
            choice,
            are[choice],
            hits[choice] / said[choice] if said[choice] else None,
            hits[choice] / are[choice] if are[choice] else None,
        )
        for choice in order
    ]
