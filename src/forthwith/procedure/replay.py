"""The same facts under another procedure: what would have been met, breached and escalated (SOP H1).

What people and requesters did is kept; what the system did by the old procedure's matrix is derived anew, each
rung acted on at the instant at which it falls due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, advance, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.matrix import Due, destination, due
from forthwith.procedure.model import Procedure


@dataclass(frozen=True, slots=True)
class Replay:
    """One ticket under one procedure: its case, its clocks, and the rungs that fall due by `now`, oldest first."""

    case: Case
    clocks: tuple[Clock, ...]
    rungs: tuple[Due, ...]


def replay(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> Replay:
    """Fold what people did under `procedure`: priorities come from its own matrix, rungs from its own ladder.

    Only what was recorded by `now` counts. A priority that a person chose stays, unless this procedure has none of
    that name: then its matrix decides. Where a ticket was under others before, what those did to it stays.
    """
    kept = _kept(facts, procedure, now)
    return _replayed(kept, _folded(kept), procedure, now)


def both(facts: Sequence[f.Fact], one: Procedure, other: Procedure, now: datetime) -> tuple[Replay, Replay]:
    """The same under two procedures; what they read alike is folded once."""
    kept, also = _kept(facts, one, now), _kept(facts, other, now)
    case = _folded(kept)
    alike = len(kept) == len(also) and all(mine is theirs for mine, theirs in zip(kept, also, strict=True))
    their_case = copy(case) if alike else _folded(also)
    return _replayed(kept, case, one, now), _replayed(also, their_case, other, now)


def _kept(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> list[f.Fact]:
    anew = (fact for fact in facts if fact.at <= now and not (_by_matrix(fact) and _under_it(fact, procedure)))
    return [_reread(fact, procedure) for fact in anew]


def _under_it(fact: f.Fact, procedure: Procedure) -> bool:
    """Whether the ticket was under this procedure by then, and not under an earlier one."""
    return procedure.since is None or fact.at >= procedure.since


def _replayed(kept: list[f.Fact], case: Case, procedure: Procedure, now: datetime) -> Replay:
    """The case, which is the fold of what is kept, taken on from rung to rung."""
    counted, again = clocks(case, procedure), True
    rungs = [*_acted_before(kept, counted, procedure)]
    while again:
        again = False
        for step in due(case, procedure, now, counted):
            rungs.append(step)
            acted = _act_on(step, kept, procedure)
            if acted.to_team is not None:
                # What else is due where the ticket is now has to be asked again.
                case = _folded(kept)
                counted, again = clocks(case, procedure), True
                break
            # Where nothing moves it changes no clock, wherever among the facts it belongs: it need not be folded anew.
            case = advance(case, acted)
            case.last_at = kept[-1].at
            # A reminder may have come more than once.
            again = again or bool(step.rung.every)
    return Replay(case, counted, tuple(rungs))


def _acted_before(kept: Sequence[f.Fact], counted: Sequence[Clock], procedure: Procedure) -> Iterator[Due]:
    """The rungs that an earlier procedure of the ticket acted on, as they are on record."""
    if not procedure.earlier:
        return
    by_cycle = {(clock.name, clock.cycle): clock for clock in counted}
    for fact in kept:
        if isinstance(fact, f.Escalated) and fact.rung:
            rung = next((one for one in procedure.at(fact.at).escalation if one.key == fact.rung), None)
            clock = by_cycle.get((fact.clock, fact.cycle))
            if rung and clock:
                yield Due(rung, clock, fact.at)


def _folded(facts: Sequence[f.Fact]) -> Case:
    """The facts folded, but for the agents whom the system found in a team to which nothing moves the ticket here."""
    return fold(facts, _found_elsewhere)


def _found_elsewhere(case: Case, fact: f.Fact) -> bool:
    return isinstance(fact, f.Assigned) and fact.by is None and case.team not in (None, fact.team)


def _place(kept: Sequence[f.Fact], at: datetime) -> int:
    """Where what fell due at an instant belongs: after all until then, but before the agent found after a move."""
    where = next((i for i, fact in enumerate(kept) if fact.at > at), len(kept))
    while where and kept[where - 1].at == at and _found_elsewhere(_folded(kept[: where - 1]), kept[where - 1]):
        where -= 1
    return where


def _act_on(step: Due, kept: list[f.Fact], procedure: Procedure) -> f.Escalated:
    """Put the rung's fact where it belongs."""
    rung, clock = step.rung, step.clock
    where = _place(kept, step.at)
    to_team = destination(rung, _folded(kept[:where]), procedure) if rung.move_to else None
    acted = f.Escalated(
        at=step.at,
        kind=rung.kind,
        why="replayed",
        rung=rung.key,
        clock=clock.name,
        cycle=clock.cycle,
        to_team=to_team,
    )
    kept.insert(where, acted)
    return acted


def _by_matrix(fact: f.Fact) -> bool:
    return isinstance(fact, f.RequesterTold) or (isinstance(fact, f.Escalated) and bool(fact.rung))


def _reread(fact: f.Fact, procedure: Procedure) -> f.Fact:
    """A priority that the new matrix sets otherwise for the same impact and urgency is the new one."""
    if not isinstance(fact, f.Prioritised):
        return fact
    procedure = procedure.at(fact.at)
    if fact.by is not None and fact.priority in procedure.priorities:
        return fact
    priority = procedure.matrix.get(fact.impact, {}).get(fact.urgency, fact.priority)
    return fact if priority == fact.priority else replace(fact, priority=priority)
