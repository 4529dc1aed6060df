"""How many texts the reader has begun and not sent: `{% count_of_drafts as drafts %}`."""

from __future__ import annotations

from typing import Any

from django import template

from forthwith.record import unsent

register = template.Library()


@register.simple_tag(takes_context=True)
def count_of_drafts(context: dict[str, Any]) -> int:
    """The page's own count, or one query for it; 0 for who does not write here."""
    if "begun_count" in context:
        return int(context["begun_count"])
    user = context["user"]
    return unsent.count(user.pk) if user.works_here else 0
