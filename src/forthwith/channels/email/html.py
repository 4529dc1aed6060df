"""HTML mail made safe, made readable, and its new part told from what it quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

import nh3

from forthwith.channels.email.charsets import legible

LONGEST_READ = 400_000
"""Characters of formatted text, without the pictures in it, that are read: several times what a long thread has."""

_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
    "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins",
    "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "title", "valign"},
    "a": {"href", "name"},
    "blockquote": {"cite", "type"},
    "font": {"size"},
    "img": {"alt", "height", "src", "width", "data-remote-src"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "width"},
    "th": {"colspan", "rowspan", "width"},
    "col": {"span", "width"},
}
# Colours and backgrounds are left out: they are what makes a mail unreadable on a dark page.
_STYLES = {
    "border-collapse", "font-style", "font-weight", "list-style-type", "margin-left", "padding-left", "text-align",
    "text-decoration", "text-indent", "vertical-align", "white-space",
}  # fmt: skip
_DROPPED = {
    "script",
    "style",
    "title",
    "head",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "math",
    "xml",
}

_IMG = re.compile(r"<img\b((?:[^<>\"]|\"[^\"]*\")*)>")
_SRC = re.compile(r'(?<![\w-])src="([^"]*)"')
_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9-]*)((?:[^<>\"]|\"[^\"]*\")*)>|([^<]+)|<")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_OPENED = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]{0,200})")
# A tag as an HTML5 parser might read it: up to the first ">" that no attribute's quotes hold. Nothing is tried twice.
_TAG = re.compile(r"<[a-zA-Z](?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|=)*+")
_BETWEEN_ATTRIBUTES = re.compile(r"[\s/\"']")
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_VOID = {"br", "hr", "img", "wbr", "col", "input", "meta", "link", "base", "area", "embed", "param", "source", "track"}
_EMBEDDED = re.compile(r"data:[a-z]{1,20}/[a-z0-9.+-]{1,60};base64,[a-z0-9+/=%\s]*+", re.IGNORECASE)
# An ampersand that begins no reference: an HTML5 parser reads all text before it once more.
_BARE = re.compile(r"&(?!#?[a-zA-Z0-9]{1,32};)")
_MAX_BARE = 10_000
_MAX_COST = 400_000
_MAX_ATTRIBUTES = 20_000
# A mail may have many texts, each of them read from its beginning.
_LONGEST_PARSED = 5 * LONGEST_READ
_LONGEST_CRUDE = 20_000_000
_ANY_TAG = re.compile(r"<[^<>]*>")


def beginning(html: str, most: int = LONGEST_READ) -> tuple[str, bool]:
    """As much of `html` as is read, never ending within a tag, and whether that is all. Pictures written into it, which
    are not shown, go first.
    """
    html = _EMBEDDED.sub("data:", html)
    if len(html) <= most:
        return html, True
    opened = html.find("<", html.rfind(">", 0, most) + 1, most)
    return html[: most if opened < 0 else opened], False


def sanitise(html: str) -> str:
    """`html` with nothing in it that runs, loads from afar, or reaches out of its place.

    Remote images keep their address in `data-remote-src`, so that a reader may ask for them; `cid:` images stay.
    """
    if not html.strip():
        return ""
    if not _bearable(html):
        return "<pre>" + escape(legible(_crude_text(html))) + "</pre>"
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        filter_style_properties=_STYLES,
    )
    return legible(_IMG.sub(_held_back, clean)).strip()


def _held_back(match: re.Match[str]) -> str:
    attributes = re.sub(r'\s*data-remote-src="[^"]*"', "", match[1])
    source = _SRC.search(attributes)
    if not source or source[1].lower().startswith("cid:"):
        return f"<img{attributes}>"
    return f"<img{_SRC.sub('data-remote-src=' + chr(34) + _safe(source[1]) + chr(34), attributes, count=1)}>"


def _safe(source: str) -> str:
    # A backslash in the replacement of `sub` is an instruction, not a character.
    return source.replace("\\", "\\\\")


def _bearable(html: str) -> bool:
    """Whether an HTML5 parser reads this in reasonable time.

    Formatting elements left open are opened again in every following block (HTML5 13.2.4.3), at most three of the
    same; every tag may search all that are open. Both are summed up here as the parser would meet them. Each attribute
    is compared with all before it in its tag (13.2.5.33).
    """
    if len(html) > _LONGEST_PARSED or _has_endless_tag(html):
        return False
    if html.count("&") > _MAX_BARE and len(_BARE.findall(html)) > _MAX_BARE:
        return False
    depth = reopened = cost = 0
    open_formats: dict[str, list[str]] = {}
    for closing, tag, rest in _OPENED.findall(html):
        name = tag.lower()
        if closing:
            depth = max(0, depth - 1)
            if open_formats.get(name):
                open_formats[name].pop()
                reopened -= 1
        elif name not in _VOID:
            depth += 1
            if name in _FORMATTING:
                formats = open_formats.setdefault(name, [])
                if formats[-3:] != [rest] * 3:
                    formats.append(rest)
                    reopened += 1
        cost += reopened + depth // 250
        if cost > _MAX_COST:
            return False
    return True


def _has_endless_tag(html: str) -> bool:
    long = (tag[0] for tag in _TAG.finditer(html) if len(tag[0]) > 2 * _MAX_ATTRIBUTES)
    return any(len(_BETWEEN_ATTRIBUTES.findall(tag)) > _MAX_ATTRIBUTES for tag in long)


def _crude_text(html: str) -> str:
    return unescape(_ANY_TAG.sub(" ", html[:_LONGEST_CRUDE]))


def to_text(html: str) -> str:
    """The whole of `html` as plain text; quoted blocks get "> " before their lines."""
    return _Clean(html).text(stop_at_history=False)


def new_part_html(html: str) -> str:
    """Plain text of `html` as `to_text`, ending where a mail client's mark says that the history begins."""
    return _Clean(html).text(stop_at_history=True)


def texts(html: str) -> tuple[str, str]:
    """Both at once, `to_text` and `new_part_html`."""
    clean = _Clean(html)
    return clean.text(stop_at_history=False), clean.text(stop_at_history=True)


class _Clean:
    """HTML brought into balance, to be walked over; or its words, where that would take too long."""

    def __init__(self, html: str) -> None:
        bearable = _bearable(html)
        self._crude = "" if bearable else re.sub(r"[ \t]+", " ", _crude_text(html)).strip()
        self._balanced = _balanced(html) if bearable else ""

    def text(self, *, stop_at_history: bool) -> str:
        return self._crude or _Reader(stop_at_history=stop_at_history).read(self._balanced)


_BLOCKS = {
    "address", "article", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tr", "ul", "tbody", "thead", "tfoot", "caption",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote"}
_TEXT_TAGS = _BLOCKS | {"a", "b", "strong", "br", "img", "td", "th", "span", "font", "wbr"}

# Marks by which clients set off what they quote: Gmail, Yahoo, Proton, Tutanota, Zoho, Yandex, Zimbra, Front, ...
_QUOTE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:x_|ecx)*(?:gmail_quote(?:_container)?|gmail_attr|yahoo_quoted(?:_begin)?|protonmail_quote"
    r"|tutanota_quote|moz-cite-prefix|moz-email-headers-table|outlookmessageheader|front-blockquote|zmail_extra_hr"
    r"|mail-quote|mailquote|email_quote|quotedtext|wisestamp_quote|replybody|hs_reply|freshdesk_quote|history_container"
    r"|nylas-quote|ntes-mailmaster-quote|missive_quote|bloop_original_html|js-helper|zd-quote|im_quoted|mail_quote_body|aolreplacedquote|aolmail_replied_body|ms-outlook-mobile-reference"
    r"-message)(?:\s|$)"
)
# Spark, GMX and NetEase name theirs in other attributes.
_QUOTE_NAME = {"messagereplysection", "quote", "isreplycontent"}
_HISTORY_ID = re.compile(
    r"(?:x_|ecx)*(?:appendonsend|divrplyfwdmsg|stopspelling|zwchr|mail-editor-reference-message-container|olk_src_body"
    r"_section|replysplit|reply-intro|_?origmsg_?|ms-outlook-mobile-body-separator-line|isforwardcontent|yahoo_quoted"
    r"_\d+|mailbox-conversation|yiv\d+yqt\d*|lineseparator|3d\"?stopspelling)\Z"
)
# Outlook and Windows Mail draw a line above the header block: a top border in one of their greys or blues.
_HISTORY_STYLE = re.compile(
    r"border(?:-top)?:\s*(?:none;\s*border-top:\s*)?solid\s+(?:#e1e1e1|#b5c4df|windowtext)\s+1\.0pt"
    r"|border-top-color:\s*rgb\(229,\s*229,\s*229\)|border-top:\s*1pt\s+solid\s+(?:#e1e1e1|#b5c4df)"
)
_INDENT_STYLE = re.compile(r"border:\s*(?:none|0)|webkit-indent")


def _balanced(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TEXT_TAGS,
        clean_content_tags=_DROPPED,
        attributes={"*": {"class", "id", "name", "style", "type"}, "a": {"href"}, "img": {"alt"}},
        link_rel=None,
    )


class _Reader:
    """One walk over balanced tags with an explicit stack: no depth is too deep."""

    def __init__(self, *, stop_at_history: bool) -> None:
        self.stop_at_history = stop_at_history
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.preformatted = 0
        self.stopped = False
        self.has_text = False
        self.stack: list[tuple[str, bool, str]] = []

    def read(self, clean: str) -> str:
        for closing, name, attributes, text in self._tokens(clean):
            if self.stopped:
                break
            if text:
                self._text(text)
            elif closing:
                self._close(name)
            elif name:
                self._open(name, attributes)
        self._end_line()
        while self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        return "\n".join(self._tidied()).strip("\n")

    @staticmethod
    def _tokens(clean: str) -> Iterator[tuple[bool, str, str, str]]:
        for token in _TOKEN.finditer(clean):
            yield bool(token[1]), token[2] or "", token[3] or "", token[4] or ("" if token[2] else "<")

    def _text(self, text: str) -> None:
        text = unescape(text).replace("\xa0", " ").replace("\u200b", "")
        self.has_text = self.has_text or bool(not self.quotes and text.strip())
        if self.preformatted:
            first, *others = text.split("\n")
            self.line.append(first)
            for other in others:
                self._end_line(force=True)
                self.line.append(other)
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self.line.append(text)

    def _open(self, name: str, attributes: str) -> None:
        found = dict(_ATTRIBUTE.findall(attributes)) if attributes else {}
        if self._history_begins(found):
            return
        if name in _BLOCKS:
            self._end_line()
            if name in _SPACED:
                self._blank_line()
        quote = self._is_quote(name, found)
        if quote and not self.quotes:
            self._blank_line()
        if name == "br":
            self._end_line(force=True)
        elif name == "li":
            self.line.append("- ")
        elif name in ("td", "th") and self.line:
            self.line.append(" ")
        elif name == "img" and found.get("alt", "").strip() and len(found["alt"]) < 80:
            self.line.append(f"[{unescape(found['alt']).strip()}]")
        if name not in _VOID:
            self.quotes += quote
            self.preformatted += name == "pre"
            self.stack.append((name, quote, unescape(found.get("href", ""))))

    def _close(self, name: str) -> None:
        while self.stack:
            opened, quote, _ = self.stack.pop()
            if opened in _BLOCKS:
                self._end_line()
                if opened in _SPACED:
                    self._blank_line()
            self.quotes -= quote
            self.preformatted -= opened == "pre"
            if quote and not self.quotes:
                self._end_line()
                self._blank_line()
            if opened == name:
                return

    def _is_quote(self, name: str, found: dict[str, str]) -> bool:
        if name == "blockquote":
            return found.get("type") == "cite" or not _INDENT_STYLE.search(found.get("style", "").lower())
        named = {found.get("name", "").lower()[:50], found.get("id", "").lower()[:50]}
        return bool(named & _QUOTE_NAME or _QUOTE_CLASS.search(found.get("class", "").lower()[:300]))

    def _history_begins(self, found: dict[str, str]) -> bool:
        if not self.stop_at_history or not found or self.quotes:
            return False
        begins = bool(
            _HISTORY_ID.match(found.get("id", "").lower()[:100])
            or _HISTORY_STYLE.search(found.get("style", "").lower()[:1000])
        )
        # A mail that has nothing above its history is a forward: there the history is what it says.
        self.stopped = begins and self.has_text
        return self.stopped

    def _end_line(self, *, force: bool = False) -> None:
        text = "".join(self.line)
        if not self.preformatted:
            text = text.strip(" ")
        if text or force:
            mark = ">" * min(self.quotes, 20)
            self.lines.append(f"{mark} {text}".rstrip() if mark else text)
        self.line = []

    def _blank_line(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * min(self.quotes, 20))

    def _tidied(self) -> Iterator[str]:
        blanks = 0
        for line in self.lines:
            blanks = 0 if line.strip("> ") else blanks + 1
            if blanks < 3:
                yield line.rstrip()
