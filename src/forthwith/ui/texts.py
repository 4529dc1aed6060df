"""Text as it is read: lines that a mail program cut short are made whole again."""

from __future__ import annotations

import re
from itertools import pairwise

_WIDEST_CUT, _NARROWEST_CUT = 120, 60
_OWN_LINE = re.compile(r"[\s>\-*+•|#\d(\[<]")


def unwrapped(text: str) -> str:
    """The text with the line ends taken out at which a mail program cut a paragraph at its margin.

    A line end was such a cut when the next line's first word would not have fitted before the paragraph's margin.
    Lists, quotes, indented lines and paragraphs with longer lines are left alone. Linear in the text's length.
    """
    paragraphs = re.split(r"(\n[ \t]*\n)", text.replace("\r\n", "\n"))
    return "".join(_whole(part) if part.strip() else part for part in paragraphs)


def _whole(paragraph: str) -> str:
    lines = paragraph.split("\n")
    margin = max(len(line.rstrip()) for line in lines)
    if not _NARROWEST_CUT <= margin <= _WIDEST_CUT:
        return paragraph
    made = [lines[0]]
    for before, line in pairwise(lines):
        made.append(" " if _cut(before.rstrip(), line, margin) else "\n")
        made.append(line)
    return "".join(made)


def _cut(before: str, line: str, margin: int) -> bool:
    if not before or not line or _OWN_LINE.match(before) or _OWN_LINE.match(line) or "  " in before:
        return False
    return len(before) + 1 + len(line.split(" ", 1)[0]) > margin
