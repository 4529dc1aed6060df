"""Avatars in templates: `{{ name|avatar }}`; the name itself stands beside it."""

from __future__ import annotations

from django import template

from forthwith.ui import drawn

register = template.Library()


@register.filter
def avatar(name: str) -> str:
    """A person's initials; see `drawn.avatar`."""
    return drawn.avatar(name)
