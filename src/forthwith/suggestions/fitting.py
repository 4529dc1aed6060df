"""Fitting: texts to weights, and how sure these may say they are. The one module that loads scikit-learn.

A linear support vector machine on TF-IDF, one for each target. The same tickets give the same weights.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from forthwith.procedure.said import say
from forthwith.suggestions import vectors
from forthwith.suggestions.vectors import Bag

PARTS = 3
"""Into so many parts tickets are put to see how sure a model may be; each choice needs as many."""
MOST_FEATURES = 120_000
LEAST_HOLDING = 2
_SEED = 1
_STIFFNESS = 1.0
_UNSEEN = -1.5

Floats = np.ndarray[Any, np.dtype[np.float64]]


class TooFew(ValueError):
    """There is not enough to learn from; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that are known: their keys in order, how rare each is, and how rare an unknown one counts."""

    keys: np.ndarray[Any, np.dtype[np.uint32]]
    rarity: Floats
    unknown: float

    @classmethod
    def of(cls, bags: Sequence[Bag]) -> Vocabulary:
        """Those that at least LEAST_HOLDING texts hold, the MOST_FEATURES most frequent. Raises TooFew for none."""
        every = np.concatenate([np.frombuffer(bag.keys, np.uint32) for bag in bags if bag.keys] or [np.zeros(0, "u4")])
        keys, within = np.unique(every, return_counts=True)
        keys, within = keys[within >= LEAST_HOLDING], within[within >= LEAST_HOLDING]
        if not len(keys):
            raise TooFew(say("The closed tickets have no words in common: there is nothing to learn from."))
        if len(keys) > MOST_FEATURES:
            chosen = np.sort(np.argsort(-within, kind="stable")[:MOST_FEATURES])
            keys, within = keys[chosen], within[chosen]
        rarity = np.log((1 + len(bags)) / (1 + within)) + 1.0
        return cls(keys, rarity, vectors.rarity(len(bags), 1))

    def matrix(self, bags: Sequence[Bag]) -> csr_matrix:
        """Texts as rows of length 1, or less where they hold what is not known."""
        places, values, ends = [], [], [0]
        for bag in bags:
            at, value = self._row(bag)
            places.append(at)
            values.append(value)
            ends.append(ends[-1] + len(at))
        shape = (len(bags), len(self.keys))
        return csr_matrix((np.concatenate(values), np.concatenate(places), np.array(ends)), shape=shape)

    def _row(self, bag: Bag) -> tuple[Any, Any]:
        at, known = self._places(bag.keys)
        often = 1.0 + np.log(np.frombuffer(bag.counts, np.uint16))
        value = often * self.unknown
        value[known] = often[known] * self.rarity[at[known]]
        size = np.sqrt((value * value).sum()) or 1.0
        return at[known].astype(np.int32), value[known] / size

    def known(self, bags: Sequence[Bag]) -> Floats:
        """The share of each text's words that are known."""
        return np.array([self._places(bag.words)[1].mean() if bag.words else 0.0 for bag in bags], dtype=np.float64)

    def _places(self, keys: array[int]) -> tuple[Any, Any]:
        """Where each key stands among those that are known, and whether it is one. By halving, for each text anew."""
        wanted = np.frombuffer(keys, np.uint32)
        at = np.searchsorted(self.keys, wanted)
        within = at < len(self.keys)
        known = within.copy()
        known[within] = self.keys[at[within]] == wanted[within]
        return at, known


@dataclass(frozen=True, slots=True)
class Linear:
    """One target as it was fitted: weights as (features, choices)."""

    choices: list[str]
    weights: Floats
    bias: Floats

    def scores(self, rows: csr_matrix) -> Floats:
        """A score for each row and choice."""
        return np.asarray(rows @ self.weights + self.bias)


@dataclass(frozen=True, slots=True)
class Sureness:
    """What makes scores to shares: see `_Target.ranked` and `_sure` in model.py."""

    temperature: float
    slope: float
    of_known: float
    level: float


def fit(rows: csr_matrix, truth: Sequence[str]) -> Linear:
    """A line between each choice and all others."""
    machine = LinearSVC(C=_STIFFNESS, random_state=_SEED).fit(rows, np.array(truth))
    weights, bias = machine.coef_.T, machine.intercept_
    if len(machine.classes_) == 2:
        weights, bias = np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return Linear([str(one) for one in machine.classes_], weights, bias)


def sureness(bags: Sequence[Bag], truth: Sequence[str]) -> Sureness:
    """How sure scores may say they are, from parts of the tickets that each were left out once."""
    choices = sorted(set(truth))
    scores = np.full((len(bags), len(choices)), _UNSEEN)
    known = np.zeros(len(bags))
    for inside, outside in StratifiedKFold(PARTS).split(truth, truth):
        seen, unseen = [bags[place] for place in inside], [bags[place] for place in outside]
        vocabulary = Vocabulary.of(seen)
        line = fit(vocabulary.matrix(seen), [truth[place] for place in inside])
        columns = np.searchsorted(choices, line.choices)
        scores[np.ix_(outside, columns)] = line.scores(vocabulary.matrix(unseen))
        known[outside] = vocabulary.known(unseen)
    return _calibrated(scores, np.searchsorted(choices, truth), known)


def _calibrated(scores: Floats, truth: Any, known: Floats) -> Sureness:
    every = np.arange(len(truth))

    def surprise(logarithm: float) -> float:
        return float(-np.log(_shares(scores, float(np.exp(logarithm)))[every, truth] + 1e-9).mean())

    temperature = float(np.exp(minimize_scalar(surprise, bounds=(-4.0, 1.0), method="bounded").x))
    shares = _shares(scores, temperature)
    first = np.clip(shares.max(axis=1), 1e-6, 1 - 1e-6)
    odds, right = np.log(first / (1 - first)), shares.argmax(axis=1) == truth

    def misfit(way: Floats) -> float:
        said = way[0] * odds + way[1] * known + way[2]
        # A little pull to the share as it is, for the case that all of them were right.
        return float(np.logaddexp(0, np.where(right, -said, said)).mean() + 1e-4 * ((way - [1, 0, 0]) ** 2).sum())

    # What is known can make surer, never less sure.
    found = minimize(misfit, np.array([1.0, 0.0, 0.0]), bounds=[(0.05, 5), (0, 10), (-20, 20)]).x
    return Sureness(temperature, *(float(one) for one in found))


def _shares(scores: Floats, temperature: float) -> Floats:
    raised = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
