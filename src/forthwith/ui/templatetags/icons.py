"""Icons, out of the one set that the package `lucide` brings: `{% icon "lock" %}`."""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

register = template.Library()
# What an icon stands for on our pages, and what the set calls its drawing.
DRAWN = {
    "alert": "triangle-alert",
    "bell": "bell",
    "check": "check",
    "chevron": "chevron-down",
    "clip": "paperclip",
    "close": "x",
    "lock": "lock",
    "search": "search",
}


@register.simple_tag
@lru_cache
def icon(name: str) -> str:
    """The drawing of that name, as large as a line of text, read aloud by nobody; each is made once."""
    return lucide(DRAWN[name], size=16, stroke_width="2.4", aria_hidden="true")
