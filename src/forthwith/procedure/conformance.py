"""The verdict on every step of the SOP for one ticket, with the facts that prove it.

A pure function of the facts and the procedure. `met` and `late` name their evidence; `missing` is a step
whose time has come without it; `not due` is one whose time has not come; `not applicable` will never be due.
A step without a target of its own has its time when a later step is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from forthwith.procedure import conformance_ended as ended
from forthwith.procedure import conformance_taken as taken
from forthwith.procedure import conformance_worked as worked
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import clocks
from forthwith.procedure.conformance_file import ACKNOWLEDGES, File
from forthwith.procedure.lifecycle import MERGED
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.procedure.verdict import Verdict

__all__ = ["ACKNOWLEDGES", "STEPS", "Verdict", "judge"]

_SECTIONS = {1: 2, 2: 2, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2}
STEPS = tuple(f"{section}.{step}" for section, steps in _SECTIONS.items() for step in range(1, steps + 1))


def judge(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> dict[str, Verdict]:
    """The verdict on each step of the SOP, by its id, as of `now`. ValueError when there is no request to judge."""
    case = fold(facts)
    if case.opened_at is None:
        raise ValueError(say("There is nothing to judge: the facts do not begin with a request received."))
    if case.status == MERGED:
        return _until_merged(facts, procedure, now)
    file = File(facts, case, procedure, clocks(case, procedure), now)
    return {step: _JUDGES[step](file) for step in STEPS}


def _until_merged(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> dict[str, Verdict]:
    """What had come to be done when the ticket was merged stands; what had not is the other ticket's affair."""
    number, merge = [(i, fact) for i, fact in enumerate(facts, 1) if isinstance(fact, f.MergedInto)][-1]
    why = say("Merged into #%(ticket)d before its time had come.", ticket=merge.ticket)
    verdicts = judge(facts[: number - 1], procedure, min(now, merge.at))
    return {
        step: Verdict(step, "not applicable", why, merge.at, merge.by, (number,)) if one.outcome == "not due" else one
        for step, one in verdicts.items()
    }


_JUDGES: dict[str, Callable[[File], Verdict]] = dict(
    zip(
        STEPS,
        (
            taken.watched, taken.logged, taken.checked, taken.acknowledged, taken.categorised, taken.prioritised,
            worked.assigned, worked.worked, worked.communicated, worked.escalated, worked.told,
            ended.documented, ended.known, ended.confirmed, ended.closed,
        ),
        strict=True,
    )
)  # fmt: skip
