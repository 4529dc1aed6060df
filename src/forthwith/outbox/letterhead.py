"""The HTML part of a mail: its very words in one frame of tables, made when it is sent and kept nowhere.

Outlook lays out with Word, Gmail drops much of a style sheet, Apple Mail darkens what does not say how it looks
in the dark. So: tables, every style on its element, and one small sheet that only names the dark colours.
Nothing is fetched from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from django.conf import settings

from forthwith.record import formatting

WIDTH = 600
WIDEST_PICTURE = 536
_LONGEST_LABEL = 40
_TAG = re.compile(r"<(p|ul|ol|li|blockquote|pre|code|a)(?=[ >])")
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_INK, _SOFT, _LINE, _PAPER, _ACCENT = "#292724", "#5f5b55", "#e1deda", "#f7f5f2", "#2b57a0"

_FRAME = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
@media (prefers-color-scheme: dark) {{
  .paper {{ background-color: #1b1917 !important; }}
  .sheet {{ background-color: #272421 !important; border-color: #3d3a36 !important; }}
  .rule {{ border-color: #3d3a36 !important; }}
  .ink {{ color: #ece9e5 !important; }}
  .soft {{ color: #b0aba4 !important; }}
  .link {{ color: #9fc1f5 !important; }}
}}
</style>
</head>
<body class="paper" style="margin:0;padding:0;background-color:{paper}">
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:{paper}">
<tr><td align="center" style="padding:16px 8px">
<!--[if mso]><table role="presentation" width="{width}" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="sheet" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;max-width:{width}px;background-color:#ffffff;border:1px solid {line};border-radius:6px">
<tr><td class="ink rule" style="padding:16px 24px;border-bottom:1px solid {line};{font};font-size:16px;line-height:24px;font-weight:bold;color:{ink}">{desk}</td></tr>
<tr><td class="ink" dir="auto" style="padding:20px 24px 8px;{font};font-size:16px;line-height:24px;color:{ink};word-break:break-word;overflow-wrap:anywhere">
{words}</td></tr>
{foot}</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"""  # noqa: E501 (cut, the markup would be harder to read)
_PARAGRAPH = '<p dir="auto" style="margin:0 0 16px">{}</p>\n'
_LINK = '<a class="link" href="{}" style="color:{};text-decoration:underline">{}</a>'
_BUTTON = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px"><tr>'
    '<td style="background-color:{accent};border-radius:6px;padding:10px 18px">'
    '<a href="{href}" style="{font};font-size:16px;line-height:24px;font-weight:bold;color:#ffffff;'
    'text-decoration:none">{label}</a></td></tr></table>\n'
)
_STYLES = {
    "p": 'dir="auto" style="margin:0 0 16px"',
    "ul": 'style="margin:0 0 16px;padding:0 0 0 24px"',
    "ol": 'style="margin:0 0 16px;padding:0 0 0 28px"',
    "li": 'dir="auto" style="margin:0 0 4px"',
    "blockquote": f'class="soft rule" style="margin:0 0 16px;padding:0 0 0 12px;border-left:3px solid {_LINE};'
    f'color:{_SOFT}"',
    "pre": f'class="ink rule" style="margin:0 0 16px;padding:10px 12px;border:1px solid {_LINE};border-radius:6px;'
    'white-space:pre-wrap;font-family:Consolas,Menlo,monospace;font-size:14px;line-height:20px"',
    "code": 'style="font-family:Consolas,Menlo,monospace;font-size:14px"',
    "a": f'class="link" style="color:{_ACCENT};text-decoration:underline"',
}
_FOOT = (
    '<tr><td class="soft rule" style="padding:12px 24px 16px;border-top:1px solid {line};{font};font-size:14px;'
    'line-height:20px;color:{soft}">{says}</td></tr>\n'
)
_PICTURE = (
    '<p style="margin:0 0 16px"><img src="cid:{}" alt="{}" width="{}" '
    'style="max-width:100%;height:auto;border:0;display:block"></p>\n'
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is shown among the words; it travels with the mail under its content id. `width` in pixels."""

    content_id: str
    name: str
    width: int


@dataclass(frozen=True, slots=True)
class Head:
    """What stands around the words: the desk's name, the mail's title, the ticket's number; in which language."""

    desk: str
    title: str
    number: int | None = None
    language: str = ""
    request: str = "Request"
    open_request: str = "Open your request"


def page(text: str, head: Head, pictures: Sequence[Picture] = (), formatted: str = "") -> str:
    """The words as an HTML page: escaped, addresses clickable, the ticket one press away. Linear in the text.

    `formatted` is the HTML of those of its lines that somebody has formatted.
    """
    shown = "".join(
        _PICTURE.format(escape(p.content_id), escape(p.name), min(p.width or WIDEST_PICTURE, WIDEST_PICTURE))
        for p in pictures
    )
    return _FRAME.format(
        language=escape(head.language.replace("_", "-") or "en"),
        title=escape(head.title),
        desk=escape(head.desk),
        words="".join(_words(text, formatted)) + shown,
        foot=_foot(text, head),
        width=WIDTH,
        font=_FONT,
        ink=_INK,
        line=_LINE,
        paper=_PAPER,
    )


def _words(text: str, formatted: str) -> Iterator[str]:
    """The words, and in the place of those that were formatted their HTML."""
    before, said, after = text, "", ""
    if formatted:
        lines = formatting.plain(formatted)
        # A text that begins with them has lost what they are indented by.
        lines = lines if f"\n{lines}\n" in f"\n{text}" else lines.lstrip()
        before, said, after = f"\n{text}".partition(f"\n{lines}\n")
    yield from _paragraphs(before)
    if said:
        yield _TAG.sub(lambda found: f"<{found[1]} {_STYLES[found[1]]}", formatting.clean(formatted)) + "\n"
        yield from _paragraphs(after)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n").replace("\r\n", "\n")):
        lines = paragraph.split("\n")
        button = _button(lines)
        if button:
            yield button
        elif paragraph.strip():
            yield _PARAGRAPH.format("<br>\n".join(map(_line, lines)))


def _button(lines: list[str]) -> str:
    """A short line that ends in a colon and the desk's own address below it, as something to press."""
    if len(lines) != 2 or not _own(lines[1].strip()):
        return ""
    label = lines[0].strip()
    if not label.endswith(":") or len(label) > _LONGEST_LABEL:
        return ""
    return _BUTTON.format(href=escape(lines[1].strip()), label=escape(label[:-1]), accent=_ACCENT, font=_FONT)


def _own(word: str) -> bool:
    """Whether this is one address of the desk's, and nothing else."""
    return word.startswith(f"{settings.PUBLIC_URL}/") and [(0, len(word))] == list(formatting.addresses(word))


def _line(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return "&nbsp;" * indent + "".join(_linked(line[indent:]))


def _linked(line: str) -> Iterator[str]:
    at = 0
    for start, end in formatting.addresses(line):
        yield escape(line[at:start])
        yield _LINK.format(escape(line[start:end]), _ACCENT, escape(_shown(line[start:end])))
        at = end
    yield escape(line[at:])


def _shown(address: str) -> str:
    """Where a link leads; of the signed ones only as much as a person reads."""
    signed = (f"{settings.PUBLIC_URL}/{kind}/" for kind in ("t", "c"))
    return next((f"{one}\N{HORIZONTAL ELLIPSIS}" for one in signed if address.startswith(one)), address)


def _foot(text: str, head: Head) -> str:
    if head.number is None:
        return ""
    link, says = _way_back(text, head)
    said = f"{escape(head.request)} #{head.number}"
    if link:
        said += f" &middot; {_LINK.format(escape(link), _ACCENT, escape(says))}"
    return _FOOT.format(line=_LINE, font=_FONT, soft=_SOFT, says=said)


def _way_back(text: str, head: Head) -> tuple[str, str]:
    """The ticket's page as the words give it, and what it is called: no mail links further than its words do."""
    base = re.escape(str(settings.PUBLIC_URL))
    if found := re.search(rf"{base}/t/[\w:.-]+/", text, re.ASCII):
        return found[0], head.open_request
    desk = f"{settings.PUBLIC_URL}/tickets/{head.number}/"
    return (desk, "Open the ticket") if desk in text else ("", "")
