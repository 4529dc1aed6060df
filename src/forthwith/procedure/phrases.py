"""Which of a procedure's words a text says: whole words and phrases, the longest one at each place.

So `app` is not found in `happens`, and `not urgent` is not `urgent`. Linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def tokens(text: str) -> list[str]:
    """The words of a text, case folded; an apostrophe or a hyphen inside a word belongs to it."""
    return [token.replace("’", "'") for token in _TOKEN.findall(text.casefold())]


class Lexicon:
    """Keys and the words that speak for each; a word may speak for several keys."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        self._keys: dict[tuple[str, ...], list[str]] = {}
        for key, known in words.items():
            for phrase in filter(None, (tuple(tokens(word)) for word in known)):
                self._keys.setdefault(phrase, []).append(key)
        self._places = {key: place for place, key in enumerate(words)}
        self._longest = max(map(len, self._keys), default=0)

    def place(self, key: str) -> int:
        """Where a key stands in the procedure's order, 0 the first."""
        return self._places[key]

    def said(self, text: str) -> dict[str, list[str]]:
        """The keys that the text speaks for, each with the phrases that did, once, in the text's order."""
        found: dict[str, list[str]] = {}
        words = tokens(text)
        at = 0
        while at < len(words):
            phrase = self._phrase_at(words, at)
            for key in self._keys.get(phrase, ()):
                spoken = found.setdefault(key, [])
                if " ".join(phrase) not in spoken:
                    spoken.append(" ".join(phrase))
            at += len(phrase) or 1
        return found

    def _phrase_at(self, words: list[str], at: int) -> tuple[str, ...]:
        for length in range(min(self._longest, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + length])
            if phrase in self._keys:
                return phrase
        return ()
