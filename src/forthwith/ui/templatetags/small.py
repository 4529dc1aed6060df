"""A name within a sentence: `{{ heading|small }}`."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def small(name: object) -> str:
    """In small letters in English; as it is in other languages, where nouns may begin with a large one."""
    said = str(name)
    return said.lower() if (get_language() or "en").startswith("en") else said
