"""Markup with its places filled and escaped, Markdown that was cleaned, text with links: the one module that declares
text safe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from django.utils.html import urlize
from django.utils.safestring import SafeString

from forthwith.record import formatting, markdown

NOTHING = SafeString("")
_LONGEST_LINK = 60
_MAY_LEAD = re.compile(r"://|@|\.\w")


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


def linked(text: str) -> SafeString:
    """The text escaped, with links where it names an address; a long one is shown cut.

    Django's own looks at every word, which takes longer than all else of a message; few lines name anything.
    """
    return SafeString("\n".join(map(_linked, text.split("\n"))))


def _linked(line: str) -> str:
    if not _MAY_LEAD.search(line):
        return escape(line)
    return urlize(line, trim_url_limit=_LONGEST_LINK, nofollow=True, autoescape=True)
