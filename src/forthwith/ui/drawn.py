"""The marks that a page holds by the hundred: clock, priority, moment.

They are drawn here and not in templates because a page has to be ready in milliseconds; where a component has the same
name, it draws through this module, so that there is one drawing of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zlib import crc32

from django.utils import timezone
from django.utils.translation import get_language, gettext

from forthwith.ui import times
from forthwith.ui.clock import Face
from forthwith.ui.filled import filled
from forthwith.ui.recorded import outcome_name

_BARS = ((1, 10, 3), (4.3, 7, 6), (7.6, 4, 9), (10.9, 1, 12))
_PRIORITY = (
    '<span class="priority"{}><svg viewBox="0 0 14 14" aria-hidden="true">'
    + "".join(f'<rect class="{{}}" x="{x}" y="{y}" width="2.4" height="{height}" rx=".6"/>' for x, y, height in _BARS)
    + "</svg>{}</span>"
)
_CLOCK = (
    '<time class="clock" data-state="{}" {}title="{}"><svg class="ring" viewBox="0 0 20 20" aria-hidden="true">'
    '<circle class="track" cx="10" cy="10" r="7.5"/>'
    '<circle class="left" cx="10" cy="10" r="7.5" pathLength="100" stroke-dasharray="{} 100"/>{}</svg>'
    '<span class="words">{}</span>{}{}</time>'
)
_RUNNING = 'datetime="{}" data-clock data-made="{}" data-left="{}" data-total="{}" {}'
_SIGNS = {
    "soon": "M10 6.4 13.4 12.6H6.6Z",
    "late": "M10 6v4.6M10 14v.1",
    "done": "m6.8 10.2 2.3 2.3 4.2-4.6",
    "paused": "M8.2 7.5v5M11.8 7.5v5",
    "gone": "M7 10h6",
}
# Every state's sign is there, because a clock turns late on the page by itself.
_ALL_SIGNS = filled(
    "{}{}{}{}{}", *(filled('<path class="sign {}-sign" d="{}"/>', state, path) for state, path in _SIGNS.items())
)

_SHAPES = {"check": "m3 8.4 3.3 3.3L13 4.8", "alert": "M8 2 1.7 13.2h12.6L8 2ZM8 6.5v3M8 11.4v.1", "dash": "M4 8h8"}
_CIRCLE = "M3 8a5 5 0 1 0 10 0a5 5 0 1 0-10 0"
_SHAPE_OF = {
    **dict.fromkeys(("met", "sent"), "check"),
    **dict.fromkeys(("late", "missing", "failed"), "alert"),
    "not applicable": "dash",
}
_MARK = (
    '<span class="mark" data-outcome="{}"><svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.7"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{}"/></svg><span>{}</span></span>'
)


THE_DESK = "Forthwith"
"""Who acts where no person does."""
_AVATAR = '<span class="avatar" data-hue="{}" aria-hidden="true">{}</span>'
_DESKS = (
    '<span class="avatar" data-desk aria-hidden="true"><svg viewBox="0 0 20 20"><circle cx="10" cy="10" r="5.5"/></svg>'
    "</span>"
)
_HUES = 6


@dataclass(frozen=True, slots=True)
class Rank:
    """A priority as it is drawn: bars that are on, of four, and whether it is the highest."""

    name: str
    bars: int
    top: bool


def clock(face: Face) -> str:
    """The signature: a ring that empties, the time left in words, and the clock's name."""
    running = ""
    if face.runs and face.due and face.made_at:
        counting = "data-counting " if face.counting else ""
        made = int(face.made_at.timestamp() * 1000)
        running = filled(_RUNNING, face.due.isoformat(), made, face.left, face.total, counting)
    elif face.due:
        running = filled('datetime="{}" ', face.due.isoformat())
    # It turns so on the page by itself, where a list shows the word.
    risk = _at_risk(get_language()) if running and face.runs else ""
    name = filled('<span class="name">{}</span>', face.name) if face.name else ""
    return filled(_CLOCK, face.state, running, face.title, face.share, _ALL_SIGNS, face.words, risk, name)


@lru_cache
def _at_risk(language: str | None) -> str:
    """The same in every row of a page that is in this `language`."""
    return filled('<span class="risk">{}</span>', gettext("at risk"))


@lru_cache(maxsize=64)
def priority(rank: Rank) -> str:
    """Bars that fill, and the word."""
    bars = ("on" if place < rank.bars else "off" for place in range(len(_BARS)))
    return filled(_PRIORITY, " data-top" if rank.top else "", *bars, rank.name)


def moment(at: datetime | None, now: datetime) -> str:
    """An instant as short as is clear, the exact one on hover; nothing for none."""
    return _moment(at, now, timezone.get_current_timezone_name(), get_language()) if at else ""


@lru_cache(maxsize=1024)
def _moment(at: datetime, now: datetime, zone: str, language: str | None) -> str:
    """The same instant stands on a page many times; it is shown in the active `zone` and `language`."""
    shown, exact = times.when(at, now), times.exact(at)
    return filled('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, shown)


def mark(outcome: str, says: str = "") -> str:
    """A verdict or the state of a mail: its shape and its word."""
    shape = _SHAPES.get(_SHAPE_OF.get(outcome, ""), _CIRCLE)
    return filled(_MARK, outcome, shape, says or outcome_name(outcome))


@lru_cache(maxsize=1024)
def avatar(name: str) -> str:
    """A person's initials on a colour that their name always has; a ring for the desk itself. The name is beside it."""
    return filled(_DESKS) if name == THE_DESK else filled(_AVATAR, crc32(name.encode()) % _HUES, initials(name))


def initials(name: str) -> str:
    """The first letters of the first and the last word, `?` for a name without letters."""
    firsts = [letter for word in name.partition("@")[0].split() if (letter := next(filter(str.isalnum, word), ""))]
    return "".join([*firsts[:1], *firsts[1:][-1:]]).upper() or "?"
