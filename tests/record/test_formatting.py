"""What the desk types with its few marks: safe HTML, the text of a mail, and no word lost (SOP 4.3)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forthwith.outbox.post import tidy
from forthwith.record import formatting
from tests.growth import assert_in_proportion

REL = 'rel="noopener noreferrer nofollow"'


class Seen(HTMLParser):
    """The tags, attributes and words of a page as a browser sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.sop("4.3")
@pytest.mark.parametrize(
    ("typed", "html", "mailed"),
    [
        ("**now**, *please*", "<p><strong>now</strong>, <em>please</em></p>", "**now**, *please*"),
        ("run `ipconfig /all`", "<p>run <code>ipconfig /all</code></p>", "run `ipconfig /all`"),
        (
            "a\n\n- b\n- c\nThanks",
            "<p>a</p>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n<p>Thanks</p>",
            "a\n\n- b\n- c\n\nThanks",
        ),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>', "3. c\n4. d"),
        ("> theirs\nmine", "<blockquote>\n<p>theirs</p>\n</blockquote>\n<p>mine</p>", "> theirs\n\nmine"),
        ("```\n  x < y\n\nz\n```", "<pre><code>  x &lt; y\n\nz\n</code></pre>", "      x < y\n\n    z"),
        (
            "````\n```\n- y\nz\n````",
            "<pre><code>```\n- y\nz\n</code></pre>",
            "    ```\n    - y\n    z",
        ),
        (
            "```dir```\n- a\nThanks",
            "<p><code>dir</code></p>\n<ul>\n<li>a</li>\n</ul>\n<p>Thanks</p>",
            "`dir`\n\n- a\n\nThanks",
        ),
        ("```sql and more\nx\n```", "<pre><code>sql and more\nx\n</code></pre>", "    sql and more\n    x"),
        (
            "see [the guide](https://x.example/a?b=1&c=2)",
            f'<p>see <a href="https://x.example/a?b=1&amp;c=2" {REL}>the guide</a></p>',
            "see the guide (https://x.example/a?b=1&c=2)",
        ),
        (
            "*a* https://x.example/_x_/b*c*d.",
            f'<p><em>a</em> <a href="https://x.example/_x_/b*c*d" {REL}>https://x.example/_x_/b*c*d</a>.</p>',
            "*a* https://x.example/_x_/b*c*d.",
        ),
        (
            "- a\n  > b\n- c",
            "<ul>\n<li>a\n<blockquote>\n<p>b</p>\n</blockquote>\n</li>\n<li>c</li>\n</ul>",
            "- a\n\n  > b\n- c",
        ),
        ("**one**\ntwo", "<p><strong>one</strong><br>\ntwo</p>", "**one**\ntwo"),
    ],
)
def test_marks_are_read_and_said_in_the_text_of_the_mail(typed: str, html: str, mailed: str) -> None:
    assert formatting.html_of(typed) == html
    assert formatting.plain(html) == mailed


@pytest.mark.parametrize("part", ["<strong>a</strong>", "b</a>"])
def test_any_html_is_said_as_text_in_proportion_to_its_length(part: str) -> None:
    assert_in_proportion(lambda size: formatting.plain(f'<p><a href="https://x.example/">{part * size}'), 8_000)


@pytest.mark.parametrize(
    "typed",
    [
        "Hello,\n\njust words. 2 * 3 * 4, 2*3*4, my_old_file, __init__, _so_",
        "\\\\server\\share\\* and C:\\users\\_x",
        "# no heading\n\nTitle\n---\n\n---\n\n***",
        "    four spaces\n\tand a tab",
        "<b>no HTML</b> &amp; &copy; <script>alert(1)</script>",
        "[words] (not a link), [a][b], ![picture](https://x.example/p.png\n[a]: https://x.example",
        "https://x.example/a_b_c, and http://y.example.",
        "-no list, 1.no list, 1986 was a year",
        "> " * 60 + "as deep as nobody quotes",
        "",
    ],
)
def test_what_has_no_marks_is_left_as_it_was_typed(typed: str) -> None:
    assert formatting.html_of(typed) == ""


@pytest.mark.parametrize(
    "evil",
    [
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x) [y](file:///etc/passwd) [z](//evil.example)",
        '[x](https://a.example/" onmouseover="alert(1))',
        '[x](https://a.example "t\\" onclick=\\"alert(1)")',
        "![x](https://a.example/p.png)",
        '```" onload="x\n</code></pre><script>alert(1)</script>\n```',
        "`</code><script>alert(1)</script>`",
        'https://a.example/"><script>alert(1)</script>',
        "<https://a.example/<script>>",
        "<style>*{display:none}</style><form action=//evil><input name=q>",
        "\x00<scr\x00ipt>alert(1)</scr\x00ipt>\ud800",
    ],
)
def test_nothing_hostile_comes_through(evil: str) -> None:
    for html in (formatting.html_of(f"**x** {evil}"), formatting.shown(evil), formatting.clean(evil)):
        seen = Seen(html)
        assert seen.tags <= {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
        assert {name for name, _ in seen.attributes} <= {"href", "title", "rel", "start"}
        for name, value in seen.attributes:
            assert name != "href" or re.match(r"https?://|mailto:|tel:", value)


marks = st.text(alphabet=st.sampled_from("ab \n*_`>-+1.)[](<&\\#~\t:/h"), max_size=120)


@given(st.lists(marks | st.sampled_from(["https://x.example/", "**", "- ", "> ", "```\n", "[a](", "1. "]), max_size=8))
@example(["- a\n", "```\n", "b\n- c"])
@example(["> - a\n>   b", "\n\n> c"])
def test_no_word_is_lost_and_nothing_but_the_few_tags_is_there(parts: list[str]) -> None:
    typed = "".join(parts)
    html = formatting.html_of(typed)
    if not html:
        return
    seen = Seen(html)
    # Where a link leads and what stands behind a fence are said elsewhere.
    wanted = "".join(re.findall(r"[a-gi-z]", re.sub(r"(?m)\]\(.*?\)|(?:```|~~~).*$", "", typed)))
    there = iter(seen.words)
    assert all(letter in there for letter in wanted), (typed, html)
    assert formatting.clean(html) == html, "what is stored is what is shown"
    mailed = formatting.plain(html)
    assert tidy(mailed).rstrip("\n") in (mailed, mailed.lstrip()), "the frame of a mail leaves it as it is"
    assert "<p>" not in mailed


@pytest.mark.parametrize(
    "long",
    [
        "[",
        "[a](",
        "*a* ",
        "**a* ",
        "`a``b",
        "> ",
        "- a\n",
        "> a\nb\n",
        "https://",
        "http://a:",
        "[*a* ",
        "1. a\n",
        "](",
        "<",
        "&",
    ],
)
def test_every_step_is_linear(long: str) -> None:
    def work(size: int) -> None:
        formatting.plain(formatting.html_of(long * (size // len(long))))

    assert_in_proportion(work, 4_000)
