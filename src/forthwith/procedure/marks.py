"""The verdicts and clocks of a ticket as letters, so that a report can count them without reading a fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import STEPS, judge
from forthwith.procedure.matrix import next_alarm
from forthwith.procedure.model import CLOCKS, Procedure
from forthwith.procedure.verdict import Outcome, Verdict

OUTCOMES: Mapping[str, Outcome] = {
    "m": "met",
    "l": "late",
    "x": "missing",
    "n": "not due",
    "-": "not applicable",
}
"""What a letter of `Marks.steps` says."""
_LETTERS = {outcome: letter for letter, outcome in OUTCOMES.items()}
_AFTER_DUE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Marks:
    """A letter for each of `conformance.STEPS` (OUTCOMES says which), one for each of `model.CLOCKS`.

    A clock is `m` where each of its cycles was met in time, `l` where one was not, `r` while it runs, `-` where it
    never ran or nothing came of it. `until` is when a letter changes by time alone; None if only a fact changes any.
    """

    steps: str
    clocks: str
    until: datetime | None


def marks(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> Marks:
    """The letters of a ticket as of `now`. ValueError when there is no request to judge."""
    verdicts = judge(facts, procedure, now)
    case = fold(facts)
    counted = clocks(case, procedure)
    lines = [[clock for clock in counted if clock.name == name] for name in CLOCKS]
    return Marks(
        steps="".join(_LETTERS[verdicts[step].outcome] for step in STEPS),
        clocks="".join(_letter(cycles, now) for cycles in lines),
        until=_until((*_overdue_after(verdicts.values(), counted), next_alarm(case, procedure)), now),
    )


def _letter(cycles: Sequence[Clock], now: datetime) -> str:
    states = {clock.state(now) for clock in cycles}
    for letter, those in (("l", {"late"}), ("r", {"running", "paused"}), ("m", {"met"})):
        if states & those:
            return letter
    return "-"


def _overdue_after(verdicts: Iterable[Verdict], counted: Iterable[Clock]) -> Iterator[datetime]:
    """A step that is not due, or a clock that runs, is another once its due instant is past."""
    waiting = [one.due for one in verdicts if one.outcome == "not due"]
    waiting += [clock.due_at for clock in counted if clock.ended_at is None]
    return (due + _AFTER_DUE for due in waiting if due is not None)


def _until(instants: Iterable[datetime | None], now: datetime) -> datetime | None:
    return min((at for at in instants if at is not None and at > now), default=None)
