"""Whom a note calls in: `@Ana Costa` in its text (SOP 6.1).

The text alone says who is meant, so that it can be kept as a draft, and nobody can be named by a number that no reader
sees. Of several people of one name each is written with their address: `@Ana Costa (ana@desk.example)`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.words import words as words_of

MOST = 50
_MOST_LOOKED_UP = 5
_LONGEST = 300
_LONGEST_NAME = 3
"""Words."""
_AT = re.compile(r"(?<![\w@.+/-])@(?=\w)")
_WORD = re.compile(r"[\w'’-]{1,100}")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Who is called in, and what the writer has to know: sentences on names that reach nobody."""

    people: tuple[Person, ...] = ()
    amiss: tuple[str, ...] = ()


NOBODY = Mentioned()


def handles(people: Iterable[Person]) -> list[tuple[str, Person]]:
    """How each is written after the `@`: by name, and with the address too where others have the same name."""
    named = [(one, " ".join(one.name.split()) or one.email) for one in people]
    often = Counter(name.casefold() for _, name in named)
    return [(name if often[name.casefold()] == 1 else f"{name} ({one.email})", one) for one, name in named]


def of(text: str) -> Mentioned:
    """Whom these words call in; nobody is looked up where there is no `@`."""
    pieces = [_piece(text, at.end()) for at in islice(_AT.finditer(text), MOST)]
    if not pieces:
        return NOBODY
    desk = directory.ever_readers()
    here = [one for one in desk if one.is_active]
    known = {handle.casefold(): one for handle, one in handles(here)}
    gone = {handle.casefold(): one for handle, one in handles(one for one in desk if not one.is_active)}
    found = [(piece, _called(piece, known)) for piece in pieces]
    lost = [piece for piece, person in found if person is None][:_MOST_LOOKED_UP]
    people = dict.fromkeys(person for _, person in found if person is not None)
    return Mentioned(tuple(people), tuple(dict.fromkeys(_reached_nobody(lost, here, gone))))


def _piece(text: str, start: int) -> str:
    return text[start : start + _LONGEST].partition("\n")[0]


def _called(piece: str, known: Mapping[str, Person]) -> Person | None:
    """Whose name the piece begins with, the longest that ends where a word ends."""
    folded = piece.casefold()
    for end in range(min(len(folded), max(map(len, known), default=0)), 0, -1):
        whole = end == len(folded) or not (folded[end - 1].isalnum() and folded[end].isalnum())
        if whole and folded[:end] in known:
            return known[folded[:end]]
    return None


def _reached_nobody(lost: Iterable[str], here: list[Person], gone: Mapping[str, Person]) -> Iterator[str]:
    """Why nobody was told by a name, where somebody may have been meant."""
    often = Counter(" ".join(one.name.split()).casefold() for one in here)
    several = {name: one for one in here if often[name := " ".join(one.name.split()).casefold()] > 1}
    firsts = {one.name.split()[0].casefold() for one in here if one.name.split()}
    for piece in lost:
        first = _WORD.match(piece)
        if twin := _called(piece, several):
            said = _("Several people are called %(name)s, so nobody was told. Choose one from the list that @ opens.")
            yield said % {"name": twin.name}
        elif former := _called(piece, gone):
            yield _("%(name)s does not work here any more, and was not told.") % {"name": former.name}
        elif stranger := _stranger(piece):
            yield _("%(name)s may not see this note, and was not told.") % {"name": stranger.name}
        elif first and first[0].casefold() in firsts:
            said = _("“@%(name)s” names nobody for certain, so nobody was told. Choose one from the list that @ opens.")
            yield said % {"name": first[0]}


def _stranger(piece: str) -> Person | None:
    """Somebody who is not of the desk and has this very name."""
    words = words_of(piece)[:_LONGEST_NAME]
    for many in range(len(words), 0, -1):
        for one in directory.named(words[:many], begins=False, most=5):
            if not one.reads_all and words_of(one.name) == words[:many]:
                return one
    return None
