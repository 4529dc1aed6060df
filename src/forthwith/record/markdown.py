"""Markdown as HTML that is safe to show: the one way from text that somebody typed to formatted text.

Two fences, each enough by itself: the parser lets no HTML through, and what it makes is cleaned against a list of tags.
No pictures: a remote one tells its server who reads. Links lead to the web, to mail and to telephones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from forthwith.record.messages import storable

LONGEST = 40_000
"""Characters of one text; longer ones are shown as they were typed."""
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


def html(text: str) -> str:
    """The text as HTML with nothing but paragraphs, headings from the second level on, lists, tables and links."""
    text = storable(text)
    made = _parser().render(text) if len(text) <= LONGEST else f"<pre>{nh3.clean_text(text)}</pre>"
    return nh3.clean(
        made,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.disable(["image", "html_block", "html_inline"])
    for name in ("heading_open", "heading_close"):
        parser.add_render_rule(name, _heading)
    return parser


def _heading(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    # The page has its own heading of the first level.
    token = tokens[place]
    token.tag = f"h{max(2, int(token.tag[1]))}"
    return renderer.renderToken(tokens, place, options, env)
