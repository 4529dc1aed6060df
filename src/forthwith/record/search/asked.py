"""What somebody typed into the box, taken apart: words, phrases, filters, what must not be there, and OR.

    printer "paper jam" from:wilma status:open -toner scanner OR copier

Nothing that can be typed is an error: what makes no sense as a filter is looked for as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from forthwith.people.words import folded, joined, unspaced, words
from forthwith.procedure.said import say

LONGEST = 300
MOST_PIECES = 12
SHORTEST_BEGINNING = 2
FILTERS = {
    "from": say("who asks: a name, an address, an organisation, or me"),
    "to": say("who is in copy"),
    "assignee": say("whose it is: a name, me, or nobody"),
    "team": say("a team of the procedure"),
    "status": say("new, open, waiting, hold, resolved, closed, or unresolved"),
    "priority": say("a priority of the procedure"),
    "category": say("a category of the procedure, with all below it"),
    "channel": say("email, portal, chat, phone"),
    "before": say("opened before a day: 2026-03-31, 2026-03, 2026, today"),
    "after": say("opened on a day or later"),
    "tag": say("a tag of the desk's"),
    "has": say("attachment"),
}
_OR = "OR"


@lru_cache(maxsize=16)
def _pieces(fields: tuple[str, ...]) -> re.Pattern[str]:
    """Filters of the desk, and of the procedure's fields by their keys."""
    named = "|".join((*FILTERS, *fields))
    return re.compile(rf'(-?)(?:({named}):)?(?:"([^"]*)("?)|([^\s"]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was typed. `text` is what stands behind the filter's colon, or the word or phrase itself."""

    text: str
    filter: str = ""
    negated: bool = False
    quoted: bool = False
    begins: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text as the index knows them."""
        return tuple(words(self.text, asked=True))

    @property
    def spellings(self) -> list[tuple[str, ...]]:
        """The words; and, of a hyphenated one, the word without its hyphens, as which it may be written too."""
        whole = joined(self.text)
        one = len(whole) == 1 and folded(self.text).replace("-", "") == whole[0] and not self.quoted
        return [self.words, tuple(whole)] if one else [self.words]


@dataclass(frozen=True, slots=True)
class Asked:
    """All groups must be met; of a group with several pieces, one. `left_out` counts pieces beyond MOST_PIECES."""

    typed: str
    groups: tuple[tuple[Piece, ...], ...] = ()
    left_out: int = 0

    @property
    def pieces(self) -> Iterator[Piece]:
        """Every piece, in its order."""
        return (piece for group in self.groups for piece in group)

    @property
    def plain(self) -> tuple[str, ...]:
        """The words outside filters that have to be there; nothing when anything else was asked for."""
        pieces = list(self.pieces)
        if any(piece.filter or piece.negated or piece.quoted for piece in pieces):
            return ()
        return tuple(word for piece in pieces for word in piece.words)


def read(typed: str, fields: tuple[str, ...] = ()) -> Asked:
    """What was typed, taken apart. `fields` are the keys of the procedure's: each is a filter too."""
    text = typed.replace("\x00", " ")[:LONGEST].strip()
    found: list[list[Piece]] = []
    alternative, count = False, 0
    for match in _pieces(fields).finditer(text):
        if match[0] == _OR:
            alternative = True
            continue
        piece = _piece(match, ends=match.end() == len(text) and not typed[:LONGEST][-1:].isspace())
        if not _says(piece, fields):
            continue
        count += 1
        if count > MOST_PIECES:
            continue
        if alternative and found and not piece.negated and not found[-1][0].negated:
            found[-1].append(piece)
        else:
            found.append([piece])
        alternative = False
    return Asked(text, tuple(map(tuple, found)), max(0, count - MOST_PIECES))


def _piece(match: re.Match[str], *, ends: bool) -> Piece:
    minus, key, phrase, closed, word = match.groups()
    text = word if phrase is None else phrase
    piece = Piece(text, filter=(key or "").lower(), negated=bool(minus), quoted=phrase is not None)
    # The last word may be unfinished; a star says so of any.
    open_end = text.endswith("*") or (ends and (phrase is None or (closed == "" and bool(text.strip()))))
    return Piece(piece.text, piece.filter, piece.negated, piece.quoted, begins=open_end and _may_begin(piece.words))


def _says(piece: Piece, fields: tuple[str, ...]) -> bool:
    """Whether there is anything to look for: not in mere signs, nor in a filter whose value is still to come."""
    if piece.filter:
        return bool(piece.text)
    return bool(piece.words) and not (piece.text.endswith(":") and piece.text[:-1].lower() in (*FILTERS, *fields))


def _may_begin(found: tuple[str, ...]) -> bool:
    return bool(found) and (len(found[-1]) >= SHORTEST_BEGINNING or unspaced(found[-1]))
