"""Solved tickets that are like a text (SOP 4.2): those that share its most telling words.

Of each ticket its MOST_TELLING words are kept, and of each word the newest MOST_HOLDING tickets that hold it, so that
looking takes a bounded time however many tickets were learnt from.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import Any

from forthwith.suggestions.model import Model
from forthwith.suggestions.vectors import Bag, bag_of

MOST_TELLING = 24
MOST_HOLDING = 1_000
STEPS = 255


def telling(model: Model, bag: Bag) -> dict[int, float]:
    """The rows of the words that tell most of a text, with what they weigh; together of length 1."""
    words = {model.row(key) for key in bag.words}
    found = sorted(((value, row) for row, value in model.vector(bag).features if row in words), reverse=True)
    best = found[:MOST_TELLING]
    size = sum(value * value for value, _ in best) ** 0.5 or 1.0
    return {row: value / size for value, row in best}


def like(model: Model, words: Sequence[str], most: int) -> list[tuple[int, float]]:
    """Numbers of tickets, the likest first, each with how alike it is from 0 to 1; at most so many."""
    numbers, starts = model.file.view("tickets"), model.file.view("holding.starts")
    holding, weights = model.file.view("holding.tickets"), model.file.view("holding.weights")
    found: defaultdict[int, float] = defaultdict(float)
    for row, value in telling(model, bag_of(words)).items():
        held = slice(starts[row], starts[row + 1])
        for place, weight in zip(holding[held].tolist(), weights[held].tolist(), strict=True):
            found[place] += value * weight
    least = min(nlargest(most, found.values()), default=0.0)
    best = sorted((-score, place) for place, score in found.items() if score >= least)[:most]
    return [(numbers[place], min(1.0, -score / STEPS)) for score, place in best]


def arrays(rows: int, numbers: Iterable[int], tickets: Iterable[dict[int, float]]) -> dict[str, array[Any]]:
    """What `like` reads, for tickets from the newest to the oldest with their telling words."""
    held: list[tuple[array[int], array[int]]] = [(array("I"), array("B")) for _ in range(rows)]
    for place, words in enumerate(tickets):
        for row, value in words.items():
            if len(held[row][0]) < MOST_HOLDING:
                held[row][0].append(place)
                held[row][1].append(max(1, round(value * STEPS)))
    starts, holding, weights = array("I", [0]), array("I"), array("B")
    for places, steps in held:
        holding.extend(places)
        weights.extend(steps)
        starts.append(len(holding))
    return {
        "tickets": array("Q", numbers),
        "holding.starts": starts,
        "holding.tickets": holding,
        "holding.weights": weights,
    }
