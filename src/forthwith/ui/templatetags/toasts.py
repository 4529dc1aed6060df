"""What a toast offers besides its words: `{{ message.extra_tags|undo }}`."""

from __future__ import annotations

from typing import NamedTuple

from django import template
from django.urls import reverse

register = template.Library()


class Undo(NamedTuple):
    """Where the form of the toast goes, and the one value that it sends."""

    at: str
    name: str
    value: str


@register.filter
def undo(tags: str) -> Undo | None:
    """The deed that `undo <deed> <ticket> [<name> <value>]` names; None for other tags."""
    kind, *rest = f"{_part(tags, 'undo')}   ".split(" ")
    if kind != "undo":
        return None
    key, number, name, value = (*rest, "", "", "", "")[:4]
    if key == "take-back":
        return Undo(reverse("desk:take-back", kwargs={"number": int(number), "held": int(name)}), "", "")
    return Undo(reverse("desk:act", kwargs={"number": int(number), "key": key}), name, value)


@register.filter
def clears(tags: str) -> str:
    """The drafts that were sent, as `clears <draft> <draft>` names them."""
    return _part(tags, "clears").removeprefix("clears").strip()


def _part(tags: str, kind: str) -> str:
    """The part of a message's tags that begins with this word: parts are divided by semicolons."""
    return next((part for part in (tags or "").split(";") if part.split(" ")[0] == kind), "")
