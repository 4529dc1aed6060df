"""The verdict on every step of the SOP for one ticket, with the facts that prove it.

A pure function of the facts and the procedure. `met` and `late` name their evidence; `missing` is a step
whose time has come without it; `not due` is one whose time has not come; `not applicable` will never be due.
A step without a target of its own has its time when a later step is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.case_state import Case
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.fields import needed
from forthwith.procedure.lifecycle import CLOSED, MERGED, RESOLVED, UNRESOLVED
from forthwith.procedure.matrix import closes_at, due, silence_ends
from forthwith.procedure.model import Procedure
from forthwith.procedure.verdict import Outcome, Verdict

__all__ = ["ACKNOWLEDGES", "STEPS", "Verdict", "judge"]

_SECTIONS = {1: 2, 2: 2, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2}
STEPS = tuple(f"{section}.{step}" for section, steps in _SECTIONS.items() for step in range(1, steps + 1))
ACKNOWLEDGES = ("acknowledgement", "split_notice")
"""The mails that tell a requester that the desk has their request."""
_WORK = (f.ArticleUsed, f.Ticked, f.Noted, f.Replied)
_Kind = TypeVar("_Kind", bound=f.Fact)


@dataclass(frozen=True)
class _File:
    """All that a judge looks at."""

    facts: Sequence[f.Fact]
    case: Case
    procedure: Procedure
    clocks: tuple[Clock, ...]
    now: datetime

    def numbers(self, *kinds: type[f.Fact], after: int = 0) -> tuple[int, ...]:
        """Numbers of the facts of some kinds, in order; only those after a number."""
        return tuple(i for i, fact in enumerate(self.facts, 1) if i > after and isinstance(fact, kinds))

    def each(self, kind: type[_Kind]) -> Iterator[tuple[int, _Kind]]:
        """The facts of one kind with their numbers, in order."""
        return ((i, fact) for i, fact in enumerate(self.facts, 1) if isinstance(fact, kind))

    def clock(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.name == name), None)

    def late(self, *names: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.name in names and clock.late_at(self.now)]

    def lost(self, *purposes: str, after: int = 0) -> tuple[int, ...]:
        """The facts, after a number, that say that a message of one of these purposes was not delivered."""
        return tuple(i for i, fact in self.each(f.DeliveryFailed) if i > after and fact.purpose in purposes)

    @cached_property
    def unresolved(self) -> bool:
        return self.case.status in UNRESOLVED

    @cached_property
    def resolution(self) -> int:
        """The number of the last resolution, 0 without one."""
        return max(self.numbers(f.Resolved), default=0)

    @cached_property
    def begun(self) -> bool:
        """Whether work on it has begun, so that what comes before work should have been done."""
        return bool(self.numbers(*_WORK)) or not self.unresolved

    def proof(
        self, step: str, outcome: Outcome, why: str, numbers: tuple[int, ...], due: datetime | None = None
    ) -> Verdict:
        """A verdict dated and signed by the first of its facts."""
        first = self.facts[numbers[0] - 1]
        return Verdict(step, outcome, why, first.at, first.by, numbers, due)


def judge(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> dict[str, Verdict]:
    """The verdict on each step of the SOP, by its id, as of `now`. ValueError when there is no request to judge."""
    case = fold(facts)
    if case.opened_at is None:
        raise ValueError("There is nothing to judge: the facts do not begin with a request received.")
    if case.status == MERGED:
        return _until_merged(facts, procedure, now)
    file = _File(facts, case, procedure, clocks(case, procedure), now)
    return {step: _JUDGES[step](file) for step in STEPS}


def _until_merged(facts: Sequence[f.Fact], procedure: Procedure, now: datetime) -> dict[str, Verdict]:
    """What had come to be done when the ticket was merged stands; what had not is the other ticket's affair."""
    number, merge = [(i, fact) for i, fact in enumerate(facts, 1) if isinstance(fact, f.MergedInto)][-1]
    why = f"Merged into #{merge.ticket} before its time had come."
    verdicts = judge(facts[: number - 1], procedure, min(now, merge.at))
    return {
        step: Verdict(step, "not applicable", why, merge.at, merge.by, (number,)) if one.outcome == "not due" else one
        for step, one in verdicts.items()
    }


def _watched(file: _File) -> Verdict:
    received = file.numbers(f.Received)
    channel = file.procedure.channels.get(file.case.channel)
    if not channel:
        return file.proof("1.1", "missing", f"No watch is kept on {file.case.channel}.", received)
    watch = "a machine" if channel.watch.by == "machine" else "people"
    return file.proof("1.1", "met", f"Taken in from {channel.name}, which {watch} watched.", received)


def _logged(file: _File) -> Verdict:
    return file.proof("1.2", "met", f"Logged from {file.case.channel}.", file.numbers(f.Received))


def _checked(file: _File) -> Verdict:
    checked = file.numbers(f.Checked)
    if not checked:
        if file.begun:
            return Verdict("2.1", "missing", "Completeness was never verified.")
        return Verdict("2.1", "not due", "Completeness is verified before work begins.")
    numbers = (*checked, *file.numbers(f.DetailsAsked, f.DetailsGiven))
    missing = file.case.missing
    if not missing:
        return file.proof("2.1", "met", "Complete: nothing is missing.", numbers)
    names = ", ".join(_detail(file, key) for key in missing)
    if set(missing) <= file.case.details_asked:
        return file.proof("2.1", "met", f"Verified; asked for what is missing: {names}.", numbers)
    if not file.case.from_person:
        return file.proof("2.1", "met", f"Verified; nobody is there to ask for what is missing: {names}.", numbers)
    why = f"Verified, but nobody asked for what is missing: {names}."
    return file.proof("2.1", "missing" if file.begun else "not due", why, numbers)


def _detail(file: _File, key: str) -> str:
    detail = file.procedure.details.get(key)
    return detail.name.lower() if detail else key


def _acknowledged(file: _File) -> Verdict:
    [clock] = (clock for clock in file.clocks if clock.name == "acknowledgement")
    if clock.ended_at is None:
        return _unended("2.2", clock, file, "acknowledgement", file.lost(*ACKNOWLEDGES))
    if clock.ending != "met":
        withheld = file.numbers(f.AcknowledgementWithheld)
        why = f"Not acknowledged: {file.case.acknowledgement_withheld}."
        return file.proof("2.2", "not applicable", why, withheld)
    deciding = next(i for i in file.numbers(f.Acknowledged, f.Replied) if file.facts[i - 1].at == clock.ended_at)
    lost = _lost_acknowledgement(file, deciding)
    how = {"reply": "by a person's reply", "by hand": "by hand"}.get(clock.detail, "automatically")
    why = f"Acknowledged {how}{', but it could not be delivered' if lost else ''}."
    outcome: Outcome = "late" if clock.late_at(file.now) else "met"
    return file.proof("2.2", outcome, why, (deciding, *lost), clock.due_at)


def _lost_acknowledgement(file: _File, deciding: int) -> tuple[int, ...]:
    """What says that the very message that acknowledged did not arrive; one given by hand did."""
    fact = file.facts[deciding - 1]
    if isinstance(fact, f.Replied):
        return tuple(i for i, failed in file.each(f.DeliveryFailed) if failed.message == fact.message)
    by_hand = isinstance(fact, f.Acknowledged) and fact.how == "by hand"
    return () if by_hand else file.lost(*ACKNOWLEDGES, after=deciding)


def _unended(step: str, clock: Clock, file: _File, name: str, numbers: tuple[int, ...] = ()) -> Verdict:
    failed = " An attempt could not be delivered." if numbers else ""
    if clock.late_at(file.now):
        return Verdict(step, "missing", f"The {name} is overdue.{failed}", facts=numbers, due=clock.due_at)
    return Verdict(step, "not due", f"The {name} is not due yet.{failed}", facts=numbers, due=clock.due_at)


def _categorised(file: _File) -> Verdict:
    numbers = file.numbers(f.Categorised)
    if numbers:
        return file.proof("3.1", "met", f"Categorised as {_category(file)}.", numbers)
    return _before_work("3.1", file, "No category was chosen.")


def _before_work(step: str, file: _File, why: str) -> Verdict:
    return Verdict(step, "missing" if file.begun else "not due", why)


def _category(file: _File) -> str:
    category = file.procedure.category_paths.get(file.case.category or "")
    return category.name if category else str(file.case.category)


def _prioritised(file: _File) -> Verdict:
    numbers = file.numbers(f.Prioritised)
    if not numbers:
        return _before_work("3.2", file, "No priority was set.")
    priority = file.procedure.priorities.get(file.case.priority or "")
    return file.proof("3.2", "met", f"Priority {priority.name if priority else file.case.priority}.", numbers)


def _assigned(file: _File) -> Verdict:
    assigned = file.numbers(f.Assigned)
    numbers = tuple(i for i, fact in file.each(f.Assigned) if fact.assignee is not None)
    if numbers:
        return file.proof("4.1", "met", "Assigned to an available agent.", numbers)
    if file.begun:
        return Verdict("4.1", "missing", "It was dealt with, but never assigned to an agent.", facts=assigned)
    return Verdict("4.1", "not due", "It waits in its team's queue for an available agent.", facts=assigned)


def _worked(file: _File) -> Verdict:
    numbers = file.numbers(*_WORK)
    if numbers:
        counted = (("Runbook steps", len(file.case.ticked)), ("Articles", len(file.case.articles)))
        followed = " ".join(f"{what} followed: {count}." for what, count in counted if count)
        return file.proof("4.2", "met", followed or "Troubleshooting is on record.", numbers)
    if not file.unresolved:
        return Verdict("4.2", "missing", "No troubleshooting is on record.")
    return Verdict("4.2", "not due", "Troubleshooting has not begun.")


def _communicated(file: _File) -> Verdict:
    if not file.case.from_person:
        return Verdict("4.3", "not applicable", "Nobody waits for a first response.")
    clock, replies = file.clock("first_response"), file.numbers(f.Replied)
    due_at = clock.due_at if clock else None
    if not replies and not file.unresolved:
        return Verdict("4.3", "missing", "It was resolved without a word to the requester.", due=due_at)
    if clock is None and not (replies and file.case.priority):
        when = "under its priority" if file.case.priority else "until there is a priority"
        return Verdict("4.3", "not due", f"The first response has no target {when}.")
    if clock and not replies:
        return _unended("4.3", clock, file, "first response")
    if clock and clock.late_at(file.now):
        return file.proof("4.3", "late", "The first response came late.", replies[:1], due_at)
    return _next_steps(file, due_at, replies)


def _next_steps(file: _File, due_at: datetime | None, replies: tuple[int, ...]) -> Verdict:
    """A first response came in time: whether a next step was stated in time too."""
    stating = _stating(file)
    if not stating:
        overdue = due_at is not None and due_at < file.now
        why = "There is an answer, but it states no next step."
        return file.proof("4.3", "missing" if overdue else "not due", why, replies, due_at)
    if due_at is not None and file.facts[stating[0] - 1].at > due_at:
        return file.proof("4.3", "late", "The first response was in time; a next step came late.", stating, due_at)
    return _later_answers(file, due_at, tuple(dict.fromkeys((stating[0], *replies))))


def _later_answers(file: _File, due_at: datetime | None, replies: tuple[int, ...]) -> Verdict:
    """The first response was in time, with a next step: whether all that followed was in time too."""
    lost = file.lost("reply")
    numbers = (*replies, *lost)
    late = file.late("next_reply", "next_update")
    overdue = [clock for clock in late if clock.ended_at is None]
    if overdue:
        return file.proof("4.3", "missing", "The next answer is overdue.", numbers, overdue[0].due_at)
    if late:
        # Both clocks may have waited for the same answer.
        answers = len({clock.ended_at for clock in late})
        why = f"The first response was in time; later answers that were not: {answers}."
        return file.proof("4.3", "late", why, numbers, late[0].due_at)
    why = f"Every answer was given in time{', but not all could be delivered' if lost else ''}."
    return file.proof("4.3", "met", why, numbers, due_at)


def _stating(file: _File) -> tuple[int, ...]:
    """What states a next step: a reply that says one, or a resolution, which asks whether it is solved."""
    said = [i for i, fact in file.each(f.Replied) if fact.next_step]
    return tuple(sorted((*said, *file.numbers(f.Resolved))))


def _escalated(file: _File) -> Verdict:
    numbers = file.numbers(f.Escalated)
    owed = [step for step in due(file.case, file.procedure, file.now) if step.at < file.now]
    if owed:
        first = owed[0]
        why = f"The matrix asked for {_words(first.rung.key)}, and nobody acted on it."
        return Verdict("5.1", "missing", why, facts=numbers, due=first.at)
    if numbers:
        rungs = {fact.rung for _, fact in file.each(f.Escalated)}
        how = " and ".join(way for way, used in (("by the matrix", any(rungs)), ("by hand", "" in rungs)) if used)
        return file.proof("5.1", "met", f"Escalated {how}.", numbers)
    if file.unresolved:
        return Verdict("5.1", "not due", "No rung of the matrix has fallen due.")
    return Verdict("5.1", "not applicable", "Resolved without reaching a rung of the matrix.")


def _words(key: str) -> str:
    return f"'{key.replace('_', ' ')}'"


def _told(file: _File) -> Verdict:
    owed = [i for i, fact in file.each(f.Escalated) if _owes_word(file, fact)]
    if not owed:
        outcome: Outcome = "not due" if file.unresolved else "not applicable"
        return Verdict("5.2", outcome, "No escalation that the requester must hear of.")
    told = file.numbers(f.RequesterTold, after=owed[-1])
    if not told:
        why = "The requester was not told of the escalation."
        return Verdict("5.2", "missing", why, facts=tuple(owed))
    estimating = {i for i, fact in file.each(f.RequesterTold) if fact.next_update or fact.resolution_estimate}
    if not estimating.intersection(told):
        return file.proof("5.2", "missing", "The requester was told, but without estimated timelines.", told)
    lost = file.lost("escalation_notice")
    why = f"The requester was told of the escalation{', but it could not be delivered' if lost else ''}."
    return file.proof("5.2", "met", why, (*told, *owed, *lost))


def _owes_word(file: _File, fact: f.Escalated) -> bool:
    if fact.moot or not file.case.from_person:
        return False
    if not fact.rung:
        return True
    return any(rung.key == fact.rung and rung.tell_requester for rung in file.procedure.escalation)


def _documented(file: _File) -> Verdict:
    case, number = file.case, file.resolution
    if not number or file.unresolved:
        return Verdict("6.1", "not due", "The record is kept; the resolution is not written yet.")
    said = (("what was wrong", case.cause), ("what was done", case.solution), ("a category", case.category))
    lacking = [name for name, text in said if not (text or "").strip()]
    if lacking:
        why = f"The resolution lacks {' and '.join(lacking)}."
        return file.proof("6.1", "missing", why, (number,))
    if owed := needed(file.procedure, case.category or "", case.fields):
        why = f"The procedure needs this filled in to resolve it: {', '.join(owed)}."
        return file.proof("6.1", "missing", why, (number,))
    record = file.numbers(*_WORK, f.RequesterWrote, f.FieldSet, f.TimeSpent)
    return file.proof("6.1", "met", "Cause, solution and category are on record.", (number, *record))


def _known(file: _File) -> Verdict:
    numbers = file.numbers(f.KnowledgeReviewed, f.ArticleWritten)[::-1]
    if numbers:
        return file.proof("6.2", "met", f"Knowledge base: {file.case.knowledge}.", numbers)
    if not file.unresolved:
        return Verdict("6.2", "missing", "Nobody decided whether an article is needed.")
    return Verdict("6.2", "not due", "Decided when the ticket is resolved.")


def _confirmed(file: _File) -> Verdict:
    case = file.case
    if not case.from_person:
        return Verdict("7.1", "not applicable", "Nobody is there to confirm.")
    if file.unresolved:
        return Verdict("7.1", "not due", "The requester is asked once it is resolved.")
    asked, rated = file.numbers(f.ConfirmationAsked, after=file.resolution), file.numbers(f.Rated)
    confirmed = file.numbers(f.Confirmed, after=file.resolution)
    if confirmed:
        why = f"Confirmed: {case.confirmed_how}."
        return file.proof("7.1", "met", why, (*confirmed, *asked, *rated))
    silence = silence_ends(case, file.procedure)
    if case.status == RESOLVED:
        why = "The requester was asked, and may still answer." if asked else "The requester is to be asked."
        return Verdict("7.1", "not due", why, facts=asked, due=silence)
    if not asked:
        return Verdict("7.1", "missing", "The requester was never asked whether it is solved.", facts=rated)
    return _closed_unconfirmed(file, (*asked, *rated), silence)


def _closed_unconfirmed(file: _File, asked: tuple[int, ...], silence: datetime | None) -> Verdict:
    closed = file.numbers(f.Closed)[-1:]
    fact = file.facts[closed[0] - 1]
    numbers, lost = (*asked, *closed), file.lost("confirmation", after=file.resolution)
    if fact.by is not None and fact.by == file.case.requester:
        return file.proof("7.1", "met", "The requester closed it.", (*closed, *asked))
    if silence is not None and fact.at < silence:
        return file.proof("7.1", "missing", "It was closed before the requester could answer.", numbers, silence)
    why = f"The requester was asked{', though it could not be delivered,' if lost else ''} and kept silent."
    return file.proof("7.1", "met", why, (*numbers, *lost))


def _closed(file: _File) -> Verdict:
    if file.case.status == CLOSED:
        return file.proof("7.2", "met", f"Closed: {file.case.closed_why}.", file.numbers(f.Closed)[-1:])
    closes = closes_at(file.case, file.procedure)
    if closes is not None and closes < file.now:
        return Verdict("7.2", "missing", "Nothing was heard, and it was not closed.", due=closes)
    return Verdict("7.2", "not due", "Not closed yet.", due=closes)


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
