"""What was written down in English, in the language of the page: `{{ item.reason|stored }}`."""

from __future__ import annotations

from django import template

from forthwith.ui import stored as sentences

register = template.Library()


@register.filter
def stored(said: str) -> str:
    """The sentence in the active language, if the desk itself wrote it down; else as it is."""
    return sentences.shown(said)
