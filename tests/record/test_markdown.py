"""Markdown that anybody may have typed becomes HTML that does nothing but look."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.record.markdown import LONGEST, html
from tests.growth import assert_in_proportion

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "![x](https://tracker.example/p.png)",
    "![x][1]\n\n[1]: https://tracker.example/p.png",
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><script>alert(1)</script>\nx\n```',
    "``` onclick=alert(1)\nx\n```",
    "<style>*{display:none}</style>",
    "<form action=/account/logout/ method=post><button>x",
    "<iframe src=//evil.example>",
    "<!-- --><b onclick=x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "|a|\n|-|\n|<script>x</script>|",
    "\0<script>\ud800",
]
TAGS = {
    *("a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}


class Reader(HTMLParser):
    """Refuses whatever is not on the list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert (tag, name) in {("a", "href"), ("a", "rel"), ("ol", "start")}, (tag, name)
            if name == "href":
                assert re.match(r"(https?|mailto|tel):", value or "", re.IGNORECASE) or ":" not in (value or ""), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def assert_harmless(text: str) -> None:
    reader = Reader()
    reader.feed(html(text))
    reader.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_does_nothing(text: str) -> None:
    assert_harmless(text)


@given(st.text(st.sampled_from("<>\"'&;:()[]!`*_#|-~\\/\n ascriptjvhref=on1."), max_size=200))
def test_whatever_is_typed_is_harmless(text: str) -> None:
    assert_harmless(text)


def test_it_reads_as_it_was_meant() -> None:
    said = html(
        "# Drum\n\n1. Take it **out**\n2. `weigh` it\n\n- [us](https://a.example)\n\n|a|b|\n|-|-|\n|1|2|\n\n~~old~~"
    )
    for part in (
        "<h2>Drum</h2>",
        "<strong>out</strong>",
        "<code>weigh</code>",
        '<a href="https://a.example" rel="noopener noreferrer nofollow">us</a>',
        "<td>2</td>",
        "<s>old</s>",
    ):
        assert part in said
    assert html("<script>") == "<p>&lt;script&gt;</p>\n"


def test_what_is_too_long_is_shown_as_it_was_typed() -> None:
    said = html("**x** <b>" + "y" * LONGEST)
    assert said.startswith("<pre>**x** &lt;b&gt;")
    assert_harmless("<script>" + "y" * LONGEST)


@pytest.mark.parametrize(
    "part",
    ["[", "*a ", "> ", "`", "a**b", "[a](<b", "![[", "<a", "[a][b]", "_a*", "\\", "* a\n", "1. a\n\n", "((", "~~a"],
)
def test_the_work_grows_with_the_text(part: str) -> None:
    assert_in_proportion(lambda size: html(part * (size // len(part))), 4_000)
