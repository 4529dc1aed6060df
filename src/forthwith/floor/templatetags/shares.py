"""Shares as people read them."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """`0.9321` as `93.2 %`; a dash where there is none. Only what is whole is 100 %, and only nothing is 0 %."""
    if share is None:
        return "–"
    shown = min(99.9, max(0.1, 100 * share)) if 0 < share < 1 else 100 * share
    return f"{number_format(shown, 1 if 0 < share < 1 else 0)} %"
