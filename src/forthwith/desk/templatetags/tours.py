"""The tour in templates: `{% hint_here as hint %}` is the hint for who looks at this page."""

from __future__ import annotations

from typing import Any

from django import template

from forthwith.desk.tour import QUEUE, TICKET, Hint, hint_for

register = template.Library()
_PAGES = {"desk:queue": QUEUE, "desk:ticket": TICKET}


@register.simple_tag(takes_context=True)
def hint_here(context: dict[str, Any]) -> Hint | None:
    """Read from the person who is signed in and the page's name, without a query."""
    request = context.get("request")
    page = _PAGES.get(getattr(request.resolver_match, "view_name", "")) if request else None
    return hint_for(request.user, page) if request and page else None


@register.simple_tag(takes_context=True)
def tour_page(context: dict[str, Any]) -> str:
    """What the tour calls this page."""
    request = context.get("request")
    return _PAGES.get(getattr(request.resolver_match, "view_name", ""), "") if request else ""
