"""The face of a clock: what the clock component shows, the same in a row, on a ticket and in the composer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from forthwith.ui.times import clock_time, day, exact, length

SOON = 25
_AS_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Face:
    """A clock as it looks: `state` is calm, soon, late, paused, done or gone; lengths are counted seconds.

    `counting` says that the calendar is open and no pause stands, so that `left` shrinks as time passes. `made_at`
    is when it looked so, by the server's clock: the reader's may be wrong.
    """

    name: str
    state: str
    words: str
    title: str
    due: datetime | None = None
    left: int = 0
    total: int = 0
    counting: bool = False
    made_at: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether the page counts it down by itself."""
        return self.state in ("calm", "soon", "late") and self.made_at is not None

    @property
    def share(self) -> str:
        """How much of the ring is left, in percent with one decimal."""
        if self.state == "done" or self.total <= 0:
            return "100" if self.state == "done" else "0"
        return f"{max(0.0, min(100.0, 100 * self.left / self.total)):.1f}"


def time_left(due: datetime, now: datetime) -> str:
    """`48 min` within the hour, then `today 13:12`, `tomorrow 10:15`; `late 12 min` after."""
    if due <= now:
        return f"late {length((now - due).total_seconds())}"
    if due - now < _AS_LENGTH:
        return length((due - now).total_seconds())
    return f"{day(due, now)} {clock_time(due)}"


def running(name: str, *, due: datetime, left: int, total: int, counting: bool, now: datetime) -> Face:
    """A clock that has not ended, `left` of `total` counted seconds before it falls due."""
    state = "late" if due <= now else "soon" if left * 100 < total * SOON else "calm"
    title = f"{name.capitalize()} {'was' if state == 'late' else 'is'} due {exact(due)}"
    return Face(name, state, time_left(due, now), title, due, left, total, counting, now)


def paused(name: str, words: str = "paused") -> Face:
    """A clock that stands still."""
    return Face(name, "paused", words, "It stands still: no due time until work goes on.")


def ended(name: str, *, due: datetime | None, at: datetime, met: bool, now: datetime) -> Face:
    """A clock that has ended: in time, late, or made pointless by something else."""
    title = f"Ended {exact(at)}" + (f"; it was due {exact(due)}" if due else "")
    if due is not None and at > due:
        return Face(name, "late", f"{length((at - due).total_seconds())} late", title)
    return Face(name, "done", "met", title) if met else Face(name, "gone", "no longer needed", title)
