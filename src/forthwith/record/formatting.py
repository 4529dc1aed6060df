"""What the desk types, with its few marks: Markdown read to safe HTML, and that HTML as plain text (SOP 4.3).

The text stays what was typed; the HTML is made once, when it is written down, and its digest vouches for both. Read
are emphasis, links, lists, quotes and code, and nothing that could take a word away: no HTML, no headings, no
backslash that escapes (a desk writes `\\\\server\\share`), no indented code, no pictures, no references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from forthwith.record.messages import storable

DEEPEST = 20
"""Lists and quotes within one another; what lies deeper is shown as it was typed."""

_MARKS = ["blockquote", "list", "fence", "emphasis", "backticks", "link", "newline"]
_TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LEADS_SOMEWHERE = re.compile(r"(?:https?://|mailto:|tel:)\S", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`/][^\s<>\"'`]*", re.ASCII | re.IGNORECASE)
_SCHEME_BEFORE = re.compile(r"(?:^|[^a-z0-9+.-])(https?)$", re.ASCII | re.IGNORECASE)
_AFTER = ".,;:!?)]}*_"
_OPENS_BLOCK = re.compile(r" {0,3}(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_PLAIN = frozenset({"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak"})


def addresses(line: str) -> Iterator[tuple[int, int]]:
    """Where web addresses stand in a text, without the sentence's own signs behind them."""
    for found in _ADDRESS.finditer(line):
        address = _bare(found[0])
        if address:
            yield found.start(), found.start() + len(address)


def html_of(text: str) -> str:
    """The text as safe HTML, or nothing where it has no marks and is best shown as it was typed. Linear in the text."""
    tokens = _READER.parse(_parted(storable(text)), {})
    if _is_plain(tokens) or any(token.level >= DEEPEST - 1 for token in tokens):
        return ""
    return clean(_READER.renderer.render(tokens, _READER.options, {}))


def paragraph(line: str) -> str:
    """A line that no mark is read in, as HTML."""
    return f"<p>{escape(line, quote=False)}</p>"


def shown(text: str) -> str:
    """The text as safe HTML, also where it has no marks."""
    if found := html_of(text):
        return found
    parts = re.split(r"\n[ \t]*\n", storable(text).replace("\r\n", "\n").strip("\n"))
    return clean("\n".join(paragraph(part).replace("\n", "<br>\n") for part in parts if part.strip()))


def clean(html: str) -> str:
    """HTML with the few tags that formatting needs, and nothing that runs, loads, or looks like a part of the page."""
    found = nh3.clean(
        storable(html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return found.strip()


def plain(html: str) -> str:
    """HTML of `html_of` as the text of a mail: its marks as people write them, and where each link leads."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.text()


def _bare(address: str) -> str:
    kept = address.rstrip(_AFTER)
    kept = kept.rstrip("/:") if kept.endswith("//") else kept
    return kept if "://" in kept else ""


def _parted(text: str) -> str:
    """The text with an empty line where people see one: a line that is set flush ends the list or quote above it."""
    lines: list[str] = []
    inside, fence = False, ""
    for line in text.splitlines():
        opens, before = _OPENS_BLOCK.match(line), fence
        fence = _fence_after(line, before)
        if not before and not fence:
            if inside and line and not line[0].isspace() and not opens:
                lines.append("")
                inside = False
            inside = bool(line.strip()) and (inside or opens is not None)
        lines.append(line)
    return "\n".join(lines)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open behind a line; `fence` is the one before it. As CommonMark says, a longer one holds
    shorter ones, and signs that are closed on their own line are words in code."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    signs, rest = found[1], found[2]
    if not fence:
        return "" if signs[0] == "`" and "`" in rest else signs
    return "" if signs[0] == fence[0] and len(signs) >= len(fence) and not rest.strip() else fence


def _is_plain(tokens: Sequence[Token]) -> bool:
    for token in tokens:
        if token.type not in _PLAIN and token.info != "address":
            return False
        if token.children and not _is_plain(token.children):
            return False
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """An address that stands for itself leads where it says, and no mark is read within it."""
    at = state.pos
    if state.linkLevel > 0 or not state.src.startswith("://", at):
        return False
    scheme = _SCHEME_BEFORE.search(state.pending[-9:])
    found = _ADDRESS.match(state.src, at - len(scheme[1])) if scheme else None
    address = _bare(found[0]) if found else ""
    if scheme is None or not address:
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        opened = state.push("link_open", "a", 1)
        opened.attrs, opened.info = {"href": address}, "address"
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1).info = "address"
    state.pos = at + len(address) - len(scheme[1])
    return True


def _stars(state: StateInline, silent: bool) -> bool:
    """`*emphasis*` and `**strong**` around words only: `2*3*4`, `__init__` and `_old_` are what they are."""
    if silent or state.src[state.pos] != "*":
        return False
    run = state.scanDelims(state.pos, False)
    for _ in range(run.length):
        state.push("text", "", 0).content = "*"
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord("*"), run.length, place, -1, run.can_open, run.can_close))
    state.pos += run.length
    return True


class _Renderer(RendererHTML):
    """The HTML of the marks; words behind a fence are words, not the name of a language alone."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code as it was typed."""
        said = tokens[idx].info.strip()
        first = f"{said}\n" if len(said.split()) > 1 else ""
        return f"<pre><code>{escape(first + tokens[idx].content, quote=False)}</code></pre>\n"


def _reader() -> MarkdownIt:
    options = {"breaks": True, "maxNesting": DEEPEST}
    made = MarkdownIt("zero", options, renderer_cls=_Renderer).enable(_MARKS)
    made.inline.ruler.at("emphasis", _stars)
    made.inline.ruler.before("text", "address", _address)
    made.validateLink = lambda url: bool(_LEADS_SOMEWHERE.match(url))  # type: ignore[method-assign]
    return made


_READER = _reader()


@dataclass(slots=True)
class _Around:
    """What stands before the first line within a quote, an item or code, and before the others."""

    first: str
    rest: str
    begun: bool = False


class _Writer(HTMLParser):
    """Writes HTML of ours as text."""

    _AROUND = {"strong": "**", "em": "*", "code": "`"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._words: list[str] = []
        self._around: list[_Around] = []
        self._numbers: list[int | None] = []
        self._gap = self._in_code = False
        self._link = ("", 0)

    def text(self) -> str:
        """All of it, with no more than one empty line at a place, as mails are written."""
        self._end_line()
        kept = [line for before, line in pairwise(("", *self._lines)) if line or before]
        return "\n".join(kept).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What begins."""
        said = dict(attrs)
        if tag == "br":
            self._words.append("\n")
        elif tag == "a":
            self._link = (said.get("href") or "", len(self._words))
        elif tag in self._AROUND and not self._in_code:
            self._words.append(self._AROUND[tag])
        elif tag in ("p", "blockquote", "pre", "ul", "ol"):
            self._begin(tag, said.get("start") or "1")
        elif tag == "li":
            self._end_line()
            number = self._numbers[-1] if self._numbers else None
            mark = "- " if number is None else f"{number}. "
            if number is not None:
                self._numbers[-1] = number + 1
            self._around.append(_Around(mark, " " * len(mark)))

    def handle_endtag(self, tag: str) -> None:
        """What ends."""
        if tag == "a":
            (href, at), self._link = self._link, ("", len(self._words))
            leads = href.removeprefix("mailto:").removeprefix("tel:")
            if href and "".join(self._words[at:]) not in (href, leads):
                self._words.append(f" ({leads})")
        elif tag in self._AROUND and not self._in_code:
            self._words.append(self._AROUND[tag])
        elif tag in ("p", "li", "blockquote", "pre", "ul", "ol"):
            self._end_line()
            self._finish(tag)

    def handle_data(self, data: str) -> None:
        """Words; a line ends where a tag says so, but within code."""
        self._words.append(data if self._in_code else data.replace("\n", ""))

    def _begin(self, tag: str, start: str) -> None:
        self._end_line()
        self._gap = self._gap or not (self._numbers and tag in ("ul", "ol"))
        if tag == "blockquote":
            self._around.append(_Around("> ", "> "))
        elif tag == "pre":
            self._around.append(_Around("    ", "    "))
            self._in_code = True
        elif tag in ("ul", "ol"):
            self._numbers.append(int(start) if tag == "ol" and start.isdecimal() else None if tag == "ul" else 1)

    def _finish(self, tag: str) -> None:
        if tag in ("li", "blockquote", "pre") and self._around:
            self._around.pop()
        elif tag in ("ul", "ol") and self._numbers:
            self._numbers.pop()
        self._in_code = self._in_code and tag != "pre"

    def _end_line(self) -> None:
        words = "".join(self._words).strip("\n")
        self._words = []
        if not words.strip():
            return
        if self._gap and self._lines:
            self._lines.append("".join(one.rest for one in self._around if one.begun).rstrip())
        self._gap = False
        for line in words.splitlines():
            beginning = "".join(one.rest if one.begun else one.first for one in self._around)
            self._lines.append((beginning + line).rstrip())
            for one in self._around:
                one.begun = True
