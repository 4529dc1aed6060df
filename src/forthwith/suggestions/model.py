"""A model that was learnt, at work: what a text suggests, how sure that is, and which words spoke for it.

Everything is a sum of small weights, one for each feature and choice. A feature's weights for all choices lie side by
side, a byte each; they are added as the digits of one large number, 32 bits apart, which takes a few microseconds
where a loop over the choices would take milliseconds.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forthwith.suggestions.model_file import ModelFile
from forthwith.suggestions.vectors import Bag, bag_of, keys_of, pair_of, weight

MIDDLE = 128
"""The byte that stands for a weight of nothing."""
STEPS = 65_535
EMPTY = 0xFFFFFFFF
MOST_WORDS = 3
_MOST_PROBES = 64


@dataclass(frozen=True, slots=True)
class Guess:
    """One choice that a text suggests: its key, how sure (percent), and the text's own words that spoke for it."""

    choice: str
    confidence: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as the model knows it: (row, value) of each known feature, and the share of its words that are known."""

    features: Sequence[tuple[int, float]]
    known: float


class Model:
    """What a file of a model says, ready to be asked. Safe to use from several threads."""

    def __init__(self, file: ModelFile) -> None:
        self.head = file.head
        self.file = file
        self._keys, self._rows, self._rarity = file.view("keys"), file.view("rows"), file.view("rarity")
        self._mask = len(self._keys) - 1
        self._targets = {name: _Target(name, said, file) for name, said in self.head["targets"].items()}

    @property
    def revision(self) -> int:
        """Which model of this desk it is, counted from 1."""
        return int(self.head["revision"])

    def row(self, key: int) -> int | None:
        """The row of a feature; None for one that is not known."""
        at = key & self._mask
        for _ in range(_MOST_PROBES):
            row: int = self._rows[at]
            if row == EMPTY:
                return None
            if self._keys[at] == key:
                return row
            at = (at + 1) & self._mask
        return None

    def vector(self, bag: Bag) -> Vector:
        """A text's features with their values; what is not known makes the rest count for less."""
        found, size, unknown = [], 0.0, float(self.head["unknown"])
        for key, count in zip(bag.keys, bag.counts, strict=True):
            row = self.row(key)
            value = weight(count, unknown if row is None else self._rarity[row])
            size += value * value
            if row is not None:
                found.append((row, value))
        size = math.sqrt(size) or 1.0
        known = sum(self.row(key) is not None for key in bag.words) / (len(bag.words) or 1)
        return Vector([(row, value / size) for row, value in found], known)

    def guesses(
        self, words: Sequence[str], targets: Iterable[str] = (), *, least: int = 0, most: int = 3
    ) -> dict[str, list[Guess]]:
        """The best choices by target (all, where none is named), the surest first, the first of them with its words.

        A target is left out where the first choice is less sure than `least`, in percent, or no word speaks for it.
        """
        bag = bag_of(words)
        vector = self.vector(bag)
        if not vector.known:
            return {}
        said = _Said(self, words, bag, vector)
        asked = [name for name in self._targets if name in set(targets or self._targets)]
        found = {name: self._targets[name].ranked(vector)[:most] for name in asked}
        sure = {name: ranked for name, ranked in found.items() if _percent(ranked[0][1]) >= least}
        named = {name: _named(self._targets[name], ranked, said) for name, ranked in sure.items()}
        return {name: best for name, best in named.items() if best}

    def ranked(self, target: str, bag: Bag) -> list[tuple[str, float]]:
        """Every choice with its share, the best first, whether or not a word speaks for it: for measuring."""
        learnt = self._targets[target]
        return [(learnt.choices[place], share) for place, share in learnt.ranked(self.vector(bag))]


class _Said:
    """A text at hand, to find which of its words brought most to a choice."""

    def __init__(self, model: Model, words: Sequence[str], bag: Bag, vector: Vector) -> None:
        self._words = words
        self._rows = dict(zip(bag.keys, map(model.row, bag.keys), strict=True))
        self._times = dict(zip(bag.keys, bag.counts, strict=True))
        self._values = dict(vector.features)

    def for_choice(self, learnt: _Target, choice: int) -> tuple[str, ...]:
        """The words that brought most: themselves, with their pieces and half of each pair that they are in."""

        def of(key: int) -> float:
            row = self._rows[key]
            return 0.0 if row is None else learnt.weight(row, choice) * self._values[row] / self._times[key]

        spoken: dict[str, float] = {}
        before = ""
        for word in self._words:
            half = of(pair_of(before, word)) / 2 if before else 0.0
            if before:
                spoken[before] += half
            spoken[word] = spoken.get(word, 0.0) + half + sum(map(of, keys_of(word)))
            before = word
        best = sorted(spoken, key=lambda word: -spoken[word])[:MOST_WORDS]
        return tuple(word for word in best if spoken[word] > 0)


def _named(learnt: _Target, ranked: Sequence[tuple[int, float]], said: _Said) -> list[Guess]:
    spoke = said.for_choice(learnt, ranked[0][0])
    if not spoke:
        return []
    best = [Guess(learnt.choices[place], _percent(share)) for place, share in ranked]
    return [replace(best[0], words=spoke), *best[1:]]


def _percent(share: float) -> int:
    """Nothing that was learnt is certain."""
    return min(99, round(100 * share))


class _Target:
    """One thing that is suggested, such as the category: its choices and their weights."""

    def __init__(self, name: str, said: dict[str, Any], file: ModelFile) -> None:
        self.choices: list[str] = said["choices"]
        self._bias: list[float] = said["bias"]
        self._temperature: float = said["temperature"]
        self._sureness: tuple[float, float, float] = tuple(said["sureness"])
        self._scale = file.view(f"{name}.scale")
        self._weights = file.view(f"{name}.weights")
        self._unit: float = said["largest"] / STEPS
        self._count = len(self.choices)

    def weight(self, row: int, choice: int) -> float:
        """What a feature weighs for a choice."""
        stored: int = self._weights[row * self._count + choice]
        return float((stored - MIDDLE) * self._scale[row])

    def ranked(self, vector: Vector) -> list[tuple[int, float]]:
        """Places of choices with their share of 1, the best first."""
        scores = self._scores(vector)
        order = sorted(range(self._count), key=lambda place: -scores[place])
        top = scores[order[0]]
        odds = [math.exp((scores[place] - top) / self._temperature) for place in order]
        first = self._sure(1 / sum(odds), vector.known)
        rest = sum(odds[1:]) or 1.0
        shares = [first, *(min(first, (1 - first) * one / rest) for one in odds[1:])]
        return list(zip(order, shares, strict=True))

    def _sure(self, share: float, known: float) -> float:
        """How often such a first choice was right on tickets that the model had not seen."""
        slope, of_known, level = self._sureness
        share = min(max(share, 1e-6), 1 - 1e-6)
        odds = slope * math.log(share / (1 - share)) + of_known * known + level
        return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))

    def _scores(self, vector: Vector) -> list[float]:
        size, total, times = self._count, 0, 0
        lanes = bytearray(4 * size)
        for row, value in vector.features:
            step = int(value * self._scale[row] / self._unit + 0.5)
            if step:
                lanes[::4] = self._weights[row * size : (row + 1) * size]
                total += int.from_bytes(lanes, "little") * step
                times += step
        sums = struct.unpack(f"<{size}I", total.to_bytes(4 * size, "little"))
        middle = MIDDLE * times
        return [bias + self._unit * (one - middle) for bias, one in zip(self._bias, sums, strict=True)]
