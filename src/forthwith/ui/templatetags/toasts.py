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
    kind, *rest = f"{tags or '-'}   ".split(" ")
    if kind != "undo":
        return None
    key, number, name, value = (*rest, "", "", "", "")[:4]
    return Undo(reverse("desk:act", kwargs={"number": int(number), "key": key}), name, value)
