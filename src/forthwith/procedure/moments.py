"""Lengths and moments as a person writes them: `15 min`, `75%`, `due + 30 min`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from forthwith.procedure.said import say

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_SPELLINGS = {
    "s": "s", "sec": "s", "second": "s", "seconds": "s",
    "m": "min", "min": "min", "minute": "min", "minutes": "min",
    "h": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d",
}  # fmt: skip
DAYS_OF_BUSINESS = re.compile(r"\bbd\b|[0-9]bd\b|(?:business|working) days?")
"""A length that only a calendar can turn into hours."""
_BD = re.compile(r"\s*(\d{1,4})\s*(?:bd|(?:business|working) days?)\b")
_PART = re.compile(r"\s*(\d{1,9})\s*([a-z]+)\s*")
_SHARE = re.compile(r"^(\d{1,4})\s*%$")
_AROUND = re.compile(r"^(due|start)\s*([+-])\s*(.+)$")
_ALLOWED = say("a length such as '15 min', '1 h' or '1 h 30 min' (units s, min, h, and d for 24 hours)")


def parse_duration(value: Any, *, day: int = 0) -> int:
    """Seconds of a written length. Raises ValueError with what is allowed.

    `bd`, a business day, has `day` seconds; without them it is not allowed: only a calendar knows how long it is.
    """
    if not isinstance(value, str):
        raise ValueError(say("is not %(length)s", length=_ALLOWED))
    total, at = 0, 0
    text = value.strip().lower()
    while at < len(text):
        if day and (days := _BD.match(text, at)):
            total += int(days[1]) * day
            at = days.end()
            continue
        part = _PART.match(text, at)
        if not part or part[2] not in _SPELLINGS:
            raise ValueError(say("is not %(length)s", length=_ALLOWED))
        total += int(part[1]) * UNITS[_SPELLINGS[part[2]]]
        at = part.end()
    if not text:
        raise ValueError(say("is empty; write %(length)s", length=_ALLOWED))
    return total


def format_duration(seconds: int) -> str:
    """The shortest exact writing that `parse_duration` reads back: hours, minutes and seconds."""
    parts = []
    for unit in ("h", "min", "s"):
        count, seconds = divmod(seconds, UNITS[unit])
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


def parse_percent(value: Any) -> int:
    """A share from `0%` to `100%` as a whole number. Raises ValueError with what is allowed."""
    written = _SHARE.match(str(value).strip()) if not isinstance(value, int) else None
    share = int(written[1]) if written else value
    if not isinstance(share, int) or isinstance(share, bool) or not 0 <= share <= 100:
        raise ValueError(say("is no share from 0% to 100%, such as '80%'"))
    return share


def format_percent(share: int) -> str:
    """What `parse_percent` reads back."""
    return f"{share}%"


@dataclass(frozen=True, slots=True)
class Moment:
    """When on a clock something falls due, in that clock's own open time.

    `share` is a percentage of the target, `due` seconds from the due instant (negative: before it),
    `start` seconds from the clock's start.
    """

    kind: Literal["share", "due", "start"]
    amount: int

    @classmethod
    def read(cls, value: Any) -> Moment:
        """Read `75%`, `due`, `due + 30 min`, `due - 15 min` or `start + 1 h`; ValueError otherwise."""
        if isinstance(value, Moment):
            return value
        text = str(value).strip().lower()
        if share := _SHARE.match(text):
            return cls("share", int(share[1]))
        if text == "due":
            return cls("share", 100)
        if around := _AROUND.match(text):
            seconds = parse_duration(around[3])
            if around[1] == "start" and around[2] == "-":
                raise ValueError(say("lies before the clock starts; write 'start + 1 h' or 'due - 15 min'"))
            kind: Literal["due", "start"] = "due" if around[1] == "due" else "start"
            return cls(kind, -seconds if around[2] == "-" else seconds)
        raise ValueError(say("is not a moment such as '75%', 'due', 'due + 30 min' or 'start + 1 h'"))

    def __str__(self) -> str:
        if self.kind == "share":
            return f"{self.amount}%"
        sign = "-" if self.amount < 0 else "+"
        return f"{self.kind} {sign} {format_duration(abs(self.amount))}"

    def after_start(self, target: int) -> int:
        """Seconds of open time after the clock's start, for a target of that many seconds."""
        if self.kind == "share":
            return max(0, target * self.amount // 100)
        return max(0, self.amount if self.kind == "start" else target + self.amount)
