"""What the procedure's arithmetic says, in the language of the page."""

from __future__ import annotations

from django.utils.translation import gettext

from forthwith.procedure.said import Said


def spoken(said: object) -> str:
    """The sentence in the active language, with what it was made of; a name of the procedure stays as it is."""
    if isinstance(said, tuple):
        return ", ".join(map(spoken, said))
    if not isinstance(said, Said):
        return str(said)
    text = gettext(said.text)
    return text % {name: spoken(value) for name, value in said.values.items()} if said.values else text


def inside(said: str) -> str:
    """The same within a sentence: its first letter small."""
    words = spoken(said)
    return words[:1].lower() + words[1:]


def refusal(error: Exception) -> str:
    """Why something was not done, in the active language."""
    return spoken(error.args[0]) if error.args else str(error)
