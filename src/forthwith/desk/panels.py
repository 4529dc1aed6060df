"""What stands beside the conversation: the SOP's seven steps with their verdicts, and the clocks explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.desk.history import Line
from forthwith.desk.names import Names
from forthwith.desk.sources import SaidBy, Source
from forthwith.procedure.calendars import Span
from forthwith.procedure.clocks import NAMES as CLOCK_NAMES
from forthwith.procedure.clocks import Clock
from forthwith.procedure.conformance import STEPS, Verdict
from forthwith.procedure.lifecycle import MERGED
from forthwith.ui import clock as faces
from forthwith.ui.clock import Face
from forthwith.ui.said import spoken
from forthwith.ui.times import full_length

TITLES = {
    "1": _("Receive"),
    "2": _("Check and acknowledge"),
    "3": _("Categorise and prioritise"),
    "4": _("Respond"),
    "5": _("Escalate"),
    "6": _("Document"),
    "7": _("Confirm and close"),
}
_WORST_FIRST = ("missing", "late", "not due", "met", "not applicable")
MOST_SPANS, _SPANS_BESIDE = 200, 12
ANSWERED_BY_A_REPLY = ("first_response", "next_reply", "next_update")


@dataclass(frozen=True, slots=True)
class SubStep:
    """One line of the SOP with its verdict and what proves it."""

    text: str
    verdict: Verdict
    by: str
    proof: list[Line]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the seven steps: its outcome is the worst of its lines, its face a clock that still runs in it."""

    number: str
    title: str
    outcome: str
    lines: list[SubStep]


def steps(verdicts: Mapping[str, Verdict], lines: Sequence[Line], names: Names) -> list[Step]:
    """The seven steps in the SOP's order."""
    found = []
    for number, title in TITLES.items():
        ids = [step for step in STEPS if step.startswith(number)]
        outcome = min((verdicts[step].outcome for step in ids), key=_WORST_FIRST.index)
        subs = [
            SubStep(
                text=names.procedure.steps.get(step, ""),
                verdict=verdicts[step],
                by=names.person(verdicts[step].by) if verdicts[step].at else "",
                proof=[lines[fact - 1] for fact in verdicts[step].facts],
            )
            for step in ids
        ]
        found.append(Step(number, str(title), outcome, subs))
    return found


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time that counted on a clock, or did not, and why."""

    start: datetime
    end: datetime
    counted: bool
    lasted: str
    why: str
    kind: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A clock with everything that led to its due instant."""

    key: str
    face: Face
    detail: str
    target: str
    calendar: str
    start: datetime
    due: datetime | None
    spent: str
    stretches: list[Stretch]
    left_out: int
    strip: list[tuple[str, str]]
    """All of it as a picture: for each reason the shapes of its stretches, as one path 1000 wide and 10 high."""
    sources: list[Source]


def in_order(all_clocks: Sequence[Clock], now: datetime) -> tuple[list[Clock], list[Clock]]:
    """Clocks that run, the next due first, and those that have ended, the latest first."""
    going = [clock for clock in all_clocks if clock.ended_at is None]
    ended = [clock for clock in all_clocks if clock.ended_at is not None]
    going.sort(key=lambda clock: (clock.due_at is None, clock.due_at or now))
    ended.sort(key=lambda clock: clock.ended_at or now, reverse=True)
    return going, ended


def face(clock: Clock, now: datetime, name: str = "") -> Face:
    """How a clock looks now."""
    name = name or spoken(CLOCK_NAMES[clock.name])
    due = clock.due_at
    if clock.ended_at is not None:
        ended = faces.ended(name, due=due, at=clock.ended_at, met=clock.ending == "met", now=now)
        return replace(ended, words=gettext("ended by the merge")) if clock.state(now) == MERGED else ended
    if due is None or (clock.paused_at(now) and due > now):
        return faces.paused(name)
    return faces.running(
        name,
        due=due,
        left=clock.remaining(now),
        total=clock.basis.target,
        counting=clock.basis.calendar.is_open(now),
        now=now,
    )


def met_by_a_reply(all_clocks: Sequence[Clock], now: datetime) -> Face | None:
    """The clock that an answer sent now would meet; None when none of them runs."""
    waiting = [clock for clock in all_clocks if clock.ended_at is None and clock.name in ANSWERED_BY_A_REPLY]
    due = [clock for clock in waiting if clock.due_at is not None]
    first = min(due, key=lambda clock: clock.due_at or now, default=waiting[0] if waiting else None)
    return face(first, now, gettext("meets %(clock)s") % {"clock": spoken(CLOCK_NAMES[first.name])}) if first else None


def explained(clock: Clock, now: datetime, said_by: SaidBy, *, most: int = _SPANS_BESIDE) -> Explained:
    """How a clock was counted, with its first `most` stretches (SOP 4.3)."""
    spans = clock.explain(now)
    stretches = [
        Stretch(span.start, span.end, span.counted, _lasted(span.start, span.end), spoken(span.label), span.why)
        for span in spans[:most]
    ]
    return Explained(
        key=f"{clock.name}-{clock.cycle}",
        face=face(clock, now),
        detail=spoken(clock.detail) if clock.name in ("promise", "next_reply") else "",
        target=full_length(clock.basis.target),
        calendar=clock.basis.calendar.timezone,
        start=clock.started_at,
        due=clock.due_at,
        spent=full_length(clock.spent(now)),
        stretches=stretches,
        left_out=len(spans) - len(stretches),
        strip=_strip(spans[:MOST_SPANS]),
        sources=said_by.sources(clock, now),
    )


def _strip(spans: Sequence[Span]) -> list[tuple[str, str]]:
    """Wall time from left to right."""
    if not spans:
        return []
    begin, whole = spans[0].start, max(1.0, (spans[-1].end - spans[0].start).total_seconds())
    shapes: dict[str, str] = {}
    for span in spans:
        left = 1000 * (span.start - begin).total_seconds() / whole
        width = 1000 * (span.end - span.start).total_seconds() / whole
        shapes[span.why] = f"{shapes.get(span.why, '')}M{left:.1f} 0h{width:.1f}v10h-{width:.1f}z"
    return list(shapes.items())


def _lasted(start: datetime, end: datetime) -> str:
    # Whole seconds of the instants and not of their difference: only so do the parts add up to the whole.
    return full_length(int(end.timestamp()) - int(start.timestamp()))
