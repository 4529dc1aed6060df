"""What the procedure's arithmetic says, and what the record keeps, in the language of the page."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from forthwith.procedure.said import Kept, Said, Small
from forthwith.record.stored import recorded


def spoken(said: object) -> str:
    """The sentence in the active language, with what it was made of; a name of the procedure stays as it is."""
    if isinstance(said, tuple):
        return ", ".join(map(spoken, said))
    if isinstance(said, Kept):
        return recorded(said)
    if isinstance(said, Small):
        return within(said.name)
    if not isinstance(said, Said):
        return str(said)
    text = gettext(said.text)
    return text % {name: _value(value) for name, value in said.values.items()} if said.values else text


def _value(value: object) -> object:
    return value if isinstance(value, int) else spoken(value)


def stays_english(said: object) -> bool:
    """Whether a text, or the one that a sentence is made around, is none that can be said in another language."""
    return not isinstance(said, Said) or ("says" in said.values and stays_english(said.values["says"]))


def inside(said: str) -> str:
    """The same within a sentence: its first letter small."""
    words = spoken(said)
    return words[:1].lower() + words[1:]


def headed(said: str) -> str:
    """The same as a heading: its first letter large."""
    words = spoken(said)
    return words[:1].upper() + words[1:]


def within(name: str) -> str:
    """A name of the procedure within a sentence: small in English, and elsewhere, where nouns may not be, as it is."""
    return name.lower() if (get_language() or "en").startswith("en") else name


def refusal(error: Exception) -> str:
    """Why something was not done, in the active language."""
    return spoken(error.args[0]) if error.args else str(error)
