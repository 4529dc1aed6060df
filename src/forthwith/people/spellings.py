"""Under which keys a person is found: the words of name, addresses and organisation, and names with one letter wrong.

A name is kept as it is and once without each of its letters, and is looked up in the same ways. Two words that differ
by one letter, one too many, one missing, one wrong or two changed about, have a key in common (the "symmetric delete"
of spelling correctors), so that a slip costs a few exact look-ups, in an index that any database has.
"""

from __future__ import annotations

from collections.abc import Iterable

from forthwith.people.words import words

SHORTEST, LONGEST = 4, 16
"""Letters of a name in which one may be wrong: in a shorter one that makes another name."""
_WHOLE, _SHORTENED = b"=", b"-"
_BEYOND = b"\xff"


def keys_of(names: Iterable[str], addresses: Iterable[str]) -> list[bytes]:
    """Every key of a person, each once. Names may be mistyped; of addresses a beginning may be typed."""
    named = {word for name in names for word in words(name)}
    found = {whole(word) for word in named.union(*map(words, addresses))}
    return sorted(found.union(*(map(_shortened, without_a_letter(word)) for word in named if may_slip(word))))


def whole(word: str) -> bytes:
    """The key of the word itself. Those of what begins so are from here to before `beyond`."""
    return _WHOLE + word.encode()


def beyond(key: bytes) -> bytes:
    """Above every key that begins with this one."""
    return key + _BEYOND


def near(word: str) -> list[bytes]:
    """The keys that a name of nearly this spelling has."""
    if not may_slip(word):
        return []
    fewer = without_a_letter(word)
    return [_shortened(word), *map(whole, fewer), *map(_shortened, fewer)]


def may_slip(word: str) -> bool:
    """Whether one letter of the word may be wrong and it still be the word that was meant."""
    return SHORTEST <= len(word) <= LONGEST and not any(map(str.isdigit, word))


def without_a_letter(word: str) -> list[str]:
    """The word without each of its letters."""
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def one_apart(one: str, other: str) -> bool:
    """Whether two different words are one slip apart: a letter too many, missing or wrong, or two changed about."""
    if len(one) != len(other):
        longer, shorter = sorted((one, other), key=len, reverse=True)
        return shorter in without_a_letter(longer)
    differ = [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    if len(differ) == 2:
        first, second = differ
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(differ) == 1


def _shortened(word: str) -> bytes:
    return _SHORTENED + word.encode()
