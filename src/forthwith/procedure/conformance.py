"""The verdict on every step of the SOP for one ticket, with the facts that prove it.

A pure function of the facts and the procedure. `met` and `late` name their evidence; `missing` is a step
whose time has come without it; `not due` is one whose time has not come; `not applicable` will never be due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.lifecycle import CLOSED, RESOLVED, UNRESOLVED
from forthwith.procedure.model import Procedure

Outcome = Literal["met", "late", "missing", "not due", "not applicable"]
STEPS = ("1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7.1", "7.2")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one step: outcome, since when, by whom, and which facts (numbers from 1) prove it."""

    step: str
    outcome: Outcome
    why: str
    at: datetime | None = None
    by: int | None = None
    facts: tuple[int, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True)
class _File:
    """All that a judge looks at."""

    facts: Sequence[f.Fact]
    case: Case
    procedure: Procedure
    clocks: tuple[Clock, ...]
    now: datetime

    def numbers(self, *kinds: type[f.Fact]) -> tuple[int, ...]:
        return tuple(i for i, fact in enumerate(self.facts, 1) if isinstance(fact, kinds))

    def clock(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.name == name), None)

    def late(self, *names: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.name in names and clock.late_at(self.now)]

    def proof(self, step: str, outcome: Outcome, why: str, numbers: tuple[int, ...], due: datetime | None = None) -> Verdict:
        """A verdict dated and signed by the first of its facts."""
        first = self.facts[numbers[0] - 1]
        return Verdict(step, outcome, why, first.at, first.by, numbers, due)


def judge(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> dict[str, Verdict]:
    """The verdict on each step of the SOP, by its id, as of `now`."""
    case = fold(facts)
    file = _File(facts, case, procedure, clocks(case, procedure), now)
    return {step: _JUDGES[step](file) for step in STEPS}


def _watched(file: _File) -> Verdict:
    received = file.numbers(f.Received)
    channel = file.procedure.channels.get(file.case.channel)
    if not channel:
        return file.proof("1.1", "missing", f"No watch is kept on {file.case.channel}.", received)
    return file.proof("1.1", "met", f"{channel.name} was watched and the request taken in.", received)


def _logged(file: _File) -> Verdict:
    return file.proof("1.2", "met", f"Logged from {file.case.channel}.", file.numbers(f.Received))


def _checked(file: _File) -> Verdict:
    checked = file.numbers(f.Checked)
    if not checked:
        return Verdict("2.1", "missing", "Completeness was never verified.")
    numbers = (*checked, *file.numbers(f.DetailsAsked, f.DetailsGiven))
    missing = file.case.missing
    if not missing:
        return file.proof("2.1", "met", "Complete: nothing is missing.", numbers)
    names = ", ".join(_detail(file, key) for key in missing)
    if set(missing) <= file.case.details_asked:
        return file.proof("2.1", "met", f"Verified; asked for what is missing: {names}.", numbers)
    return file.proof("2.1", "met", f"Verified; missing: {names}.", numbers)


def _detail(file: _File, key: str) -> str:
    detail = file.procedure.details.get(key)
    return detail.name.lower() if detail else key


def _acknowledged(file: _File) -> Verdict:
    if file.case.acknowledgement_withheld and file.case.acknowledged_at is None:
        numbers = file.numbers(f.AcknowledgementWithheld)
        return file.proof("2.2", "not applicable", f"Not acknowledged: {file.case.acknowledgement_withheld}.", numbers)
    clock = file.clock("acknowledgement")
    assert clock is not None
    failed = file.numbers(f.DeliveryFailed) if _undelivered(file) else ()
    if clock.ended_at is None:
        return _unended("2.2", clock, file.now, "acknowledgement")
    numbers = file.numbers(f.Acknowledged) or file.numbers(f.Replied)[:1]
    how = {"reply": "by a person's reply", "by hand": "by hand"}.get(clock.detail, "automatically")
    lost = ", but it could not be delivered" if failed else ""
    outcome: Outcome = "late" if clock.late_at(file.now) else "met"
    return file.proof("2.2", outcome, f"Acknowledged {how}{lost}.", (*numbers, *failed), clock.due_at)


def _undelivered(file: _File) -> bool:
    return any(purpose == "acknowledgement" for purpose, _ in file.case.undelivered)


def _unended(step: str, clock: Clock, now: datetime, name: str) -> Verdict:
    if clock.late_at(now):
        return Verdict(step, "missing", f"The {name} is overdue.", due=clock.due_at)
    return Verdict(step, "not due", f"The {name} is not due yet.", due=clock.due_at)


def _categorised(file: _File) -> Verdict:
    numbers = file.numbers(f.Categorised)
    if not numbers:
        return Verdict("3.1", "missing", "No category was chosen.")
    return file.proof("3.1", "met", f"Categorised as {_category(file)}.", numbers)


def _category(file: _File) -> str:
    category = file.procedure.category_paths.get(file.case.category or "")
    return category.name if category else str(file.case.category)


def _prioritised(file: _File) -> Verdict:
    numbers = file.numbers(f.Prioritised)
    if not numbers:
        return Verdict("3.2", "missing", "No priority was set.")
    priority = file.procedure.priorities.get(file.case.priority or "")
    return file.proof("3.2", "met", f"Priority {priority.name if priority else file.case.priority}.", numbers)


def _assigned(file: _File) -> Verdict:
    numbers = tuple(
        i for i, fact in enumerate(file.facts, 1) if isinstance(fact, f.Assigned) and fact.assignee is not None
    )
    if numbers:
        return file.proof("4.1", "met", "Assigned to an available agent.", numbers)
    if file.case.status not in UNRESOLVED:
        return Verdict("4.1", "missing", "It was never assigned to an agent.")
    return Verdict("4.1", "not due", "It waits in its team's queue for an available agent.")


def _worked(file: _File) -> Verdict:
    numbers = file.numbers(f.Ticked, f.Noted, f.Replied)
    if numbers:
        ticked = len(file.case.ticked)
        why = f"{ticked} runbook steps followed." if ticked else "Troubleshooting is on record."
        return file.proof("4.2", "met", why, numbers)
    if file.case.status not in UNRESOLVED:
        return Verdict("4.2", "missing", "No troubleshooting is on record.")
    return Verdict("4.2", "not due", "Troubleshooting has not begun.")


def _communicated(file: _File) -> Verdict:
    clock = file.clock("first_response")
    if not file.case.from_person or clock is None:
        return Verdict("4.3", "not applicable", "Nobody waits for a first response.")
    if clock.ended_at is None:
        return _unended("4.3", clock, file.now, "first response")
    numbers = file.numbers(f.Replied)
    if not numbers:
        return Verdict("4.3", "missing", "It was closed without a word to the requester.", due=clock.due_at)
    if clock.late_at(file.now):
        return file.proof("4.3", "late", "The first response came late.", numbers[:1], clock.due_at)
    late = file.late("next_reply", "next_update")
    if late:
        why = f"The first response was in time, but {len(late)} later answers were not."
        return file.proof("4.3", "late", why, numbers, late[0].due_at)
    return file.proof("4.3", "met", "The first response, and every one since, came in time.", numbers, clock.due_at)


def _escalated(file: _File) -> Verdict:
    numbers = file.numbers(f.Escalated)
    if numbers:
        return file.proof("5.1", "met", "Escalated by the matrix or by hand.", numbers)
    breached = [c for c in file.clocks if c.late_at(file.now) and _has_rung(file, c)]
    if breached:
        return Verdict("5.1", "missing", f"The {breached[0].name.replace('_', ' ')} was breached without escalation.")
    if file.case.status in UNRESOLVED:
        return Verdict("5.1", "not due", "No rung of the matrix has fallen due.")
    return Verdict("5.1", "not applicable", "Resolved without reaching a rung of the matrix.")


def _has_rung(file: _File, clock: Clock) -> bool:
    return any(
        rung.clock == clock.name and (not rung.priorities or file.case.priority in rung.priorities)
        for rung in file.procedure.escalation
    )


def _told(file: _File) -> Verdict:
    owed = [i for i, fact in enumerate(file.facts, 1) if isinstance(fact, f.Escalated) and _owes_word(file, fact)]
    told = file.numbers(f.RequesterTold)
    if not owed:
        later = "not due" if file.case.status in UNRESOLVED else "not applicable"
        outcome: Outcome = "not due" if later == "not due" else "not applicable"
        return Verdict("5.2", outcome, "No escalation that the requester must hear of.")
    after = tuple(i for i in told if i > owed[0]) or tuple(i for i in file.numbers(f.Replied) if i > owed[0])
    if after:
        return file.proof("5.2", "met", "The requester was told of the escalation.", after)
    return Verdict("5.2", "missing", "The requester was not told of the escalation.")


def _owes_word(file: _File, fact: f.Escalated) -> bool:
    if fact.moot or not file.case.from_person:
        return False
    rung = next((rung for rung in file.procedure.escalation if rung.key == fact.rung), None)
    return rung.tell_requester if rung else True


def _documented(file: _File) -> Verdict:
    numbers = file.numbers(f.Resolved)
    if not numbers:
        return Verdict("6.1", "not due", "The record is kept; the resolution is not written yet.")
    case = file.case
    if case.cause and case.solution:
        return file.proof("6.1", "met", "Cause, solution and category are on record.", numbers)
    return file.proof("6.1", "missing", "The resolution does not say what was wrong and what was done.", numbers)


def _known(file: _File) -> Verdict:
    numbers = file.numbers(f.KnowledgeReviewed)
    if numbers:
        return file.proof("6.2", "met", f"Knowledge base: {file.case.knowledge}.", numbers)
    if file.case.status in (RESOLVED, CLOSED):
        return Verdict("6.2", "missing", "Nobody decided whether an article is needed.")
    return Verdict("6.2", "not due", "Decided when the ticket is resolved.")


def _confirmed(file: _File) -> Verdict:
    case = file.case
    if not case.from_person:
        return Verdict("7.1", "not applicable", "Nobody is there to confirm.")
    numbers = file.numbers(f.ConfirmationAsked, f.Confirmed, f.Rated)
    if case.confirmed_at:
        return file.proof("7.1", "met", f"The requester confirmed: {case.confirmed_how}.", numbers)
    if case.status == CLOSED and case.confirmation_asked_at:
        return file.proof("7.1", "met", "The requester was asked and kept silent.", numbers)
    if case.status == CLOSED:
        return Verdict("7.1", "missing", "The requester was never asked whether it is solved.")
    return Verdict("7.1", "not due", "The requester is asked once it is resolved.")


def _closed(file: _File) -> Verdict:
    if file.case.status == CLOSED:
        return file.proof("7.2", "met", f"Closed: {file.case.closed_why}.", file.numbers(f.Closed)[-1:])
    return Verdict("7.2", "not due", "Not closed yet.")


_JUDGES: dict[str, Callable[[_File], Verdict]] = dict(
    zip(
        STEPS,
        (
            _watched, _logged, _checked, _acknowledged, _categorised, _prioritised, _assigned, _worked,
            _communicated, _escalated, _told, _documented, _known, _confirmed, _closed,
        ),
        strict=True,
    )
)  # fmt: skip
