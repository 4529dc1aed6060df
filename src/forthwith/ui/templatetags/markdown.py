"""What somebody typed as Markdown, as a page shows it: `{{ text|markdown }}`."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from forthwith.ui.filled import formatted

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """The text as clean HTML."""
    return formatted(text)
