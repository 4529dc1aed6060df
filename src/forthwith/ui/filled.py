"""Markup with its places filled and escaped, and Markdown that was cleaned: the one module that declares text safe."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString

from forthwith.record import formatting, markdown

NOTHING = SafeString("")


def filled(frame: str, *parts: object) -> SafeString:
    """The frame with its `{}` filled; each part is escaped unless it was filled here itself.

    The frame must be written in the code. It is Django's `format_html` without that one's care for lazy
    translations, which is most of what it costs where a page holds hundreds.
    """
    return SafeString(frame.format(*(part if isinstance(part, SafeString) else escape(str(part)) for part in parts)))


def joined(parts: Iterable[SafeString], between: str) -> SafeString:
    """What was filled, one after the other, with escaped text between."""
    return SafeString(escape(between).join(parts))


def with_marks(html: str) -> SafeString:
    """What the desk wrote to somebody, with its marks, through the sanitiser once more on its way to the page."""
    return SafeString(formatting.clean(html))


def formatted(text: str) -> SafeString:
    """What somebody typed as Markdown, as `record/markdown.py` cleans it."""
    return SafeString(markdown.html(text))
