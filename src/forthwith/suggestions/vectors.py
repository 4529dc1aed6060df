"""A text as numbers: its words, pairs of neighbours, and pieces of four letters, each known by a hash of 32 bits.

Learning and suggesting read a text by this module alone, so that both see the same. Linear in the text's size.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from forthwith.procedure.phrases import tokens

SUBJECT_READ = 300
TEXT_READ = 2_000
"""Characters. More of a text made no suggestion better on any of the sets of bench/suggestions.py."""
_WORD_READ = 40
_PIECE = 4


@dataclass(frozen=True, slots=True)
class Bag:
    """What a text holds: features with how often, and which of them are whole words."""

    keys: array[int]
    counts: array[int]
    words: array[int]


def words_of(subject: str, text: str) -> list[str]:
    """The words that are read of a request, in its order."""
    return [word[:_WORD_READ] for word in tokens(f"{subject[:SUBJECT_READ]}\n{text[:TEXT_READ]}")]


def bag_of(words: Iterable[str]) -> Bag:
    """Words with their pieces, and pairs of neighbours, counted."""
    counts: dict[int, int] = {}
    whole: dict[int, None] = {}
    before = ""
    for word in words:
        keys = keys_of(word)
        whole[keys[0]] = None
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
        if before:
            key = pair_of(before, word)
            counts[key] = counts.get(key, 0) + 1
        before = word
    return Bag(array("I", counts), array("H", counts.values()), array("I", whole))


@lru_cache(maxsize=4_096)
def keys_of(word: str) -> tuple[int, ...]:
    """The word itself first, then its pieces; where it begins and ends is part of them."""
    edged = f" {word} "
    pieces = {edged[at : at + _PIECE] for at in range(max(1, len(edged) - _PIECE + 1))}
    return (_hashed("w", word), *(_hashed("p", piece) for piece in sorted(pieces)))


def pair_of(before: str, word: str) -> int:
    """The key of two neighbours."""
    return _hashed("n", f"{before} {word}")


def weight(count: int, rarity: float) -> float:
    """What a feature weighs in a text before its length is evened out: how often it comes, and how rare it is."""
    return (1.0 + math.log(count)) * rarity


def rarity(tickets: int, within: int) -> float:
    """How much a feature says that `within` of so many tickets hold."""
    return math.log((1 + tickets) / (1 + within)) + 1.0


def _hashed(kind: str, text: str) -> int:
    return crc32(f"{kind}{text}".encode("utf-8", "surrogatepass"))
