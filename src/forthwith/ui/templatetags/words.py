"""What a page says beside its own words: `{{ verdict.why|said }}`, and the scripts' `{% script_words as words %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from forthwith.record.stored import recorded
from forthwith.ui import language
from forthwith.ui.said import spoken, within

register = template.Library()


@register.simple_tag
def script_words() -> str:
    """Their texts in the active language, as JSON; nothing for English."""
    return language.script_words(get_language() or "en")


@register.filter
def said(text: str) -> str:
    """What the procedure's arithmetic says, in the active language."""
    return spoken(text)


@register.filter
def kept(text: str) -> str:
    """A text of the record: in the active language where the desk itself wrote it, else as it was typed."""
    return recorded(text)


@register.filter
def small(name: object) -> str:
    """A name within a sentence."""
    return within(str(name))
