"""Where a ticket's page is, for lists that name many: `{{ row.number|ticket_at }}`."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.urls import reverse

register = template.Library()


@register.filter
@lru_cache(maxsize=4096)
def ticket_at(number: int | str) -> str:
    """The address of the ticket's page on the desk; kept, because to work one out takes longer than to show a row."""
    return reverse("desk:ticket", kwargs={"number": number})
