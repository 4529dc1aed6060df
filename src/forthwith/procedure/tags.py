"""What the name of a tag may be: the one place that knows (SOP 3.1)."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40
"""Characters of a tag."""
MOST = 20
"""Tags on one ticket."""
_FIT = re.compile(r"\w(?:[\w.-]*\w)?")
_PARTED = re.compile(r"[,;\s]+")


def normal(typed: str) -> str:
    """What was typed as a tag is written: in lower case, nothing around it."""
    return unicodedata.normalize("NFC", typed.strip().lstrip("#").strip().lower())


def fits(tag: str) -> bool:
    """Whether it can be a tag: letters and digits, with `-`, `_` and `.` between them."""
    return tag == normal(tag) and len(tag) <= LONGEST and _FIT.fullmatch(tag) is not None


def several(typed: str) -> list[str]:
    """The tags in a line of them, parted by blanks or commas, each once and in its order."""
    return list(dict.fromkeys(tag for part in _PARTED.split(typed) if (tag := normal(part))))
