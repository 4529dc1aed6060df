"""Learning: closed tickets to a file that suggests, with its measures. Runs in a process of its own, which ends.

It is measured on the newest tickets, by a model that has seen the older ones only; then all of them are learnt.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from forthwith.procedure.said import say
from forthwith.suggestions import alike, measures, model_file
from forthwith.suggestions.examples import TARGETS, Example
from forthwith.suggestions.fitting import PARTS, Linear, Sureness, TooFew, Vocabulary, fit, sureness
from forthwith.suggestions.model import EMPTY, MIDDLE, Model

HELD_OUT = 5
"""One in so many tickets, the newest, is for measuring."""

Told = Callable[[str], None]
Arrays: TypeAlias = "dict[str, array[Any] | bytes]"


def learn(examples: Sequence[Example], at: Path, *, least: int, head: dict[str, Any], told: Told) -> dict[str, Any]:
    """Learn from tickets, newest first, and write the model to its place; the measures by target.

    A choice with fewer than `least` tickets is left out. Raises TooFew. `told` hears what is being done.
    """
    least = max(least, PARTS)
    draft = at.with_name(f"{at.name}.draft")
    try:
        newest = len(examples) // HELD_OUT
        told(say("learning from the older tickets"))
        sure: dict[str, Sureness] = {}
        trial = _written(draft, examples[newest:], PARTS, sure, {**head, "revision": 0})
        told(say("measuring on the newest"))
        found = {target: _measured(trial, target, examples[:newest]) for target in trial.head["targets"]}
        told(say("learning from all tickets"))
        whole = _written(draft, examples, least, sure, {**head, "measures": found})
        told(say("looking which tickets are alike"))
        similar = alike.arrays(
            len(whole.file.view("rarity")),
            (one.number for one in examples),
            (alike.telling(whole, one.bag) for one in examples),
        )
        arrays = {name: whole.file.view(name).tobytes() for name in whole.head["arrays"]}
        kinds = {name: kind for name, (kind, _, _) in whole.head["arrays"].items()}
        plain: Arrays = {name: array(kinds[name], content) for name, content in arrays.items()}
        model_file.write(at, whole.head, {**plain, **similar})
        return found
    finally:
        draft.unlink(missing_ok=True)


def _written(
    draft: Path, examples: Sequence[Example], least: int, sure: dict[str, Sureness], head: dict[str, Any]
) -> Model:
    """A model of these tickets, written and read again: what is measured is what will suggest."""
    vocabulary = Vocabulary.of([one.bag for one in examples])
    arrays, targets = _table(vocabulary), {}
    for target in TARGETS:
        chosen = _learnable(examples, target, least)
        if not chosen:
            continue
        bags, truth = [one.bag for one in chosen], [one.choices[target] for one in chosen]
        if target not in sure:
            sure[target] = sureness(bags, truth)
        targets[target] = _packed(target, fit(vocabulary.matrix(bags), truth), sure[target], arrays)
    if not targets:
        # Of the trial this is said of the older tickets alone, however the newest ended.
        raise TooFew(
            say(
                "Nothing can be told apart: of the %(count)s tickets that are learnt from, no two categories, no two "
                "priorities and no two teams have at least %(least)s each.",
                count=len(examples),
                least=least,
            )
        )
    model_file.write(draft, {**head, "targets": targets, "unknown": vocabulary.unknown}, arrays)
    return Model(model_file.read(draft))


def _learnable(examples: Sequence[Example], target: str, least: int) -> list[Example]:
    """Those whose choice comes often enough to be learnt; none where there is one choice only."""
    often = Counter(one.choices[target] for one in examples if one.choices[target])
    learnt = {choice for choice, count in often.items() if count >= least}
    return [one for one in examples if one.choices[target] in learnt] if len(learnt) > 1 else []


def _measured(trial: Model, target: str, newest: Sequence[Example]) -> dict[str, Any]:
    known = [one for one in newest if one.choices[target]]
    ranked = [trial.ranked(target, one.bag)[:3] for one in known]
    return measures.measured([one.choices[target] for one in known], ranked)


def _table(vocabulary: Vocabulary) -> Arrays:
    """Keys in a table with as many empty places as full ones: a key is looked for from the place that it names on."""
    size = 1 << max(4, int(2 * len(vocabulary.keys)).bit_length())
    keys, rows = array("I", bytes(4 * size)), array("I", [EMPTY]) * size
    for row, key in enumerate(vocabulary.keys.tolist()):
        at = key & (size - 1)
        while rows[at] != EMPTY:
            at = (at + 1) & (size - 1)
        keys[at], rows[at] = key, row
    return {"keys": keys, "rows": rows, "rarity": array("f", vocabulary.rarity.tolist())}


def _packed(target: str, line: Linear, sure: Sureness, arrays: Arrays) -> dict[str, Any]:
    """Weights as bytes, each row with its own scale; what the head says of the target."""
    scale = np.abs(line.weights).max(axis=1) / (MIDDLE - 1)
    steps = np.rint(line.weights / np.where(scale > 0, scale, 1.0)[:, None]) + MIDDLE
    arrays[f"{target}.scale"] = array("f", scale.tolist())
    arrays[f"{target}.weights"] = steps.astype(np.uint8).tobytes()
    return {
        "choices": line.choices,
        "bias": line.bias.tolist(),
        "largest": float(scale.max()) or 1.0,
        "temperature": sure.temperature,
        "sureness": (sure.slope, sure.of_known, sure.level),
    }
