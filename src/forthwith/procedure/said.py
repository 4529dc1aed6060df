"""What the procedure's arithmetic says: English, and remembered so that a page can say it in another language."""

from __future__ import annotations

from collections.abc import Mapping


class Said(str):
    """A sentence in English, with the text and the values that it was made of."""

    text: str
    values: Mapping[str, object]


class Kept(str):
    """A text of the record: what somebody typed, or one of those that the desk itself writes, in English."""


class Small(str):
    """A name of the procedure in an English sentence, in small letters; `name` is how it is written elsewhere."""

    name: str


def say(text: str, /, **values: object) -> Said:
    """The text with its `%(name)s` filled in; a tuple among the values is a list of names.

    Only a literal text can be found by those who translate.
    """
    filled = {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in values.items()}
    made = Said(text % filled if values else text)
    made.text, made.values = text, values
    return made


def small(name: str) -> Small:
    """A name within a sentence."""
    made = Small(name.lower())
    made.name = name
    return made
