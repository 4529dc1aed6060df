"""The same facts under another procedure: what would have been met, breached and escalated (SOP H1).

What people and requesters did is kept; what the system did by the old procedure's matrix is derived anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.matrix import Due, due
from forthwith.procedure.model import Procedure


@dataclass(frozen=True, slots=True)
class Replay:
    """One ticket under one procedure: its case, its clocks, and the rungs that fall due by `now`."""

    case: Case
    clocks: tuple[Clock, ...]
    rungs: tuple[Due, ...]


def replay(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> Replay:
    """Fold what people did under `procedure`: priorities come from its own matrix, rungs from its own ladder."""
    kept = [_reread(fact, procedure) for fact in facts if not _by_matrix(fact)]
    case = fold(kept)
    return Replay(case, clocks(case, procedure), tuple(due(case, procedure, now)))


def _by_matrix(fact: f.Fact) -> bool:
    return isinstance(fact, f.RequesterTold) or (isinstance(fact, f.Escalated) and bool(fact.rung))


def _reread(fact: f.Fact, procedure: Procedure) -> f.Fact:
    """A priority that the new matrix sets otherwise for the same impact and urgency is the new one."""
    if not isinstance(fact, f.Prioritised) or fact.by is not None:
        return fact
    row = procedure.matrix.get(fact.impact, {})
    return replace(fact, priority=row.get(fact.urgency, fact.priority))
