"""The words that a text is found by: one way of folding and splitting for every database and every index.

Case, accents, ligatures and widths are folded ("GRÜSSE", "Grüße" and "grusse" are one word). Whatever is no letter and
no digit parts words, so that an address, a path or a version is a row of words, found as a phrase. Scripts that put no
blanks between words are cut into overlapping pairs of characters. Every step is linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LONGEST = 200_000
"""Characters of one text that are looked at; more is a dump, not a message."""
LONGEST_WORD = 40
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")
_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
# Thai, Lao, Burmese, Khmer, kana, Han, and Hangul, whose words carry their particles.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_PARTS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_VOICED = "\u3099\u309a"
# Letters with a stroke, and pairs written as one, which no normal form takes apart.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
_STROKES = re.compile(f"[{''.join(_PLAIN)}]")


@cache
def _marks() -> re.Pattern[str]:
    """Every character that only adds a mark to the one before; the voicing of kana is no mere accent.

    Of the basic plane alone: with others in it, the pattern takes fifty times as long.
    """
    every = map(chr, range(0x300, 0x10000))
    found = "".join(one for one in every if unicodedata.category(one) == "Mn" and one not in _VOICED)
    return re.compile(f"[{found}]+")


def folded(text: str) -> str:
    """The text without case, accents and variant forms."""
    if text.isascii():
        return text.lower()
    plain = _marks().sub("", unicodedata.normalize("NFKD", text).casefold())
    # Several times as quick as `str.translate`, as texts hold few of these.
    return unicodedata.normalize("NFC", _STROKES.sub(lambda found: _PLAIN[found[0]], plain))


def words(text: str, *, asked: bool = False) -> list[str]:
    """The words of a text in their order. `asked`: of a question, whose last character begins no pair of its own."""
    plain = folded(text[:LONGEST])
    if plain.isascii():
        return [word[:LONGEST_WORD] for word in _ASCII_WORD.findall(plain)]
    found: list[str] = []
    for word in _WORD.findall(plain):
        if word.isascii() or not _IS_UNSPACED.search(word):
            found.append(word[:LONGEST_WORD])
            continue
        for part in _PARTS.findall(word):
            found += _pairs(part, asked) if _IS_UNSPACED.match(part) else [part[:LONGEST_WORD]]
    return found


def _pairs(run: str, asked: bool) -> list[str]:
    pairs = [run[place : place + 2] for place in range(len(run) - 1)]
    return pairs if asked and pairs else [*pairs, run[-1]]


def joined(text: str) -> list[str]:
    """Hyphenated words written as one: "wi-fi" is found by "wifi" too."""
    if "-" not in text:
        return []
    return [word.replace("-", "")[:LONGEST_WORD] for word in _HYPHENATED.findall(folded(text[:LONGEST]))]


def unspaced(word: str) -> bool:
    """Whether the word is of a script without blanks."""
    return bool(_IS_UNSPACED.match(word))
