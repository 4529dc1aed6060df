"""What the scripts of a page say: `{% script_words as words %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from forthwith.ui import language

register = template.Library()


@register.simple_tag
def script_words() -> str:
    """Their texts in the active language, as JSON; nothing for English."""
    return language.script_words(get_language() or "en")
