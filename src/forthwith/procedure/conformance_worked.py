"""The verdicts on working on a request: assigned, troubleshot, answered, escalated (SOP 4 and 5)."""

from __future__ import annotations

from datetime import datetime

from forthwith.procedure import facts as f
from forthwith.procedure.case import WORK
from forthwith.procedure.conformance_file import File
from forthwith.procedure.matrix import due
from forthwith.procedure.said import Said, say
from forthwith.procedure.verdict import Outcome, Verdict


def assigned(file: File) -> Verdict:
    """To somebody who is available (SOP 4.1)."""
    assigned = file.numbers(f.Assigned)
    numbers = tuple(i for i, fact in file.each(f.Assigned) if fact.assignee is not None)
    if numbers:
        return file.proof("4.1", "met", say("Assigned to an available agent."), numbers)
    if file.begun:
        return Verdict("4.1", "missing", say("It was dealt with, but never assigned to an agent."), facts=assigned)
    return Verdict("4.1", "not due", say("It waits in its team's queue for an available agent."), facts=assigned)


def worked(file: File) -> Verdict:
    """By the runbook, by articles, or as noted (SOP 4.2)."""
    numbers = file.numbers(*WORK)
    if numbers:
        return file.proof("4.2", "met", _followed(len(file.case.ticked), len(file.case.articles)), numbers)
    if not file.unresolved:
        return Verdict("4.2", "missing", say("No troubleshooting is on record."))
    return Verdict("4.2", "not due", say("Troubleshooting has not begun."))


def _followed(ticked: int, articles: int) -> Said:
    if ticked and articles:
        return say(
            "Runbook steps followed: %(steps)d. Articles followed: %(articles)d.", steps=ticked, articles=articles
        )
    if ticked:
        return say("Runbook steps followed: %(steps)d.", steps=ticked)
    if articles:
        return say("Articles followed: %(articles)d.", articles=articles)
    return say("Troubleshooting is on record.")


def communicated(file: File) -> Verdict:
    """In time, with a next step (SOP 4.3)."""
    if not file.case.from_person:
        return Verdict("4.3", "not applicable", say("Nobody waits for a first response."))
    clock, replies = file.clock("first_response"), file.numbers(f.Replied)
    due_at = clock.due_at if clock else None
    if not replies and not file.unresolved:
        return Verdict("4.3", "missing", say("It was resolved without a word to the requester."), due=due_at)
    if clock is None and not (replies and file.case.priority):
        why = say("The first response has no target until there is a priority.")
        if file.case.priority:
            why = say("The first response has no target under its priority.")
        return Verdict("4.3", "not due", why)
    if clock and not replies:
        overdue = say("The first response is overdue.")
        return file.unended("4.3", clock, (overdue, say("The first response is not due yet.")))
    if clock and clock.late_at(file.now):
        return file.proof("4.3", "late", say("The first response came late."), replies[:1], due_at)
    return _next_steps(file, due_at, replies)


def _next_steps(file: File, due_at: datetime | None, replies: tuple[int, ...]) -> Verdict:
    """A first response came in time: whether a next step was stated in time too."""
    stating = _stating(file)
    if not stating:
        overdue = due_at is not None and due_at < file.now
        why = say("There is an answer, but it states no next step.")
        return file.proof("4.3", "missing" if overdue else "not due", why, replies, due_at)
    if due_at is not None and file.facts[stating[0] - 1].at > due_at:
        return file.proof("4.3", "late", say("The first response was in time; a next step came late."), stating, due_at)
    return _later_answers(file, due_at, tuple(dict.fromkeys((stating[0], *replies))))


def _later_answers(file: File, due_at: datetime | None, replies: tuple[int, ...]) -> Verdict:
    """The first response was in time, with a next step: whether all that followed was in time too."""
    lost = file.lost("reply")
    numbers = (*replies, *lost)
    late = file.late("next_reply", "next_update")
    overdue = [clock for clock in late if clock.ended_at is None]
    if overdue:
        return file.proof("4.3", "missing", say("The next answer is overdue."), numbers, overdue[0].due_at)
    if late:
        # Both clocks may have waited for the same answer.
        answers = len({clock.ended_at for clock in late})
        why = say("The first response was in time; later answers that were not: %(answers)d.", answers=answers)
        return file.proof("4.3", "late", why, numbers, late[0].due_at)
    why = say("Every answer was given in time.")
    if lost:
        why = say("Every answer was given in time, but not all could be delivered.")
    return file.proof("4.3", "met", why, numbers, due_at)


def _stating(file: File) -> tuple[int, ...]:
    """What states a next step: a reply that says one, or a resolution, which asks whether it is solved."""
    said = [i for i, fact in file.each(f.Replied) if fact.next_step]
    return tuple(sorted((*said, *file.numbers(f.Resolved))))


def escalated(file: File) -> Verdict:
    """When the matrix asks for it (SOP 5.1)."""
    numbers = file.numbers(f.Escalated)
    owed = [step for step in due(file.case, file.procedure, file.now) if step.at < file.now]
    if owed:
        first = owed[0]
        rung = first.rung.key.replace("_", " ")
        why = say("The matrix asked for '%(rung)s', and nobody acted on it.", rung=rung)
        return Verdict("5.1", "missing", why, facts=numbers, due=first.at)
    if numbers:
        rungs = {fact.rung for _, fact in file.each(f.Escalated)}
        why = say("Escalated by the matrix.") if any(rungs) else say("Escalated by hand.")
        if any(rungs) and "" in rungs:
            why = say("Escalated by the matrix and by hand.")
        return file.proof("5.1", "met", why, numbers)
    if file.unresolved:
        return Verdict("5.1", "not due", say("No rung of the matrix has fallen due."))
    return Verdict("5.1", "not applicable", say("Resolved without reaching a rung of the matrix."))


def told(file: File) -> Verdict:
    """Told of it, with estimated timelines (SOP 5.2)."""
    owed = [i for i, fact in file.each(f.Escalated) if _owes_word(file, fact)]
    if not owed:
        outcome: Outcome = "not due" if file.unresolved else "not applicable"
        return Verdict("5.2", outcome, say("No escalation that the requester must hear of."))
    told = file.numbers(f.RequesterTold, after=owed[-1])
    if not told:
        why = say("The requester was not told of the escalation.")
        return Verdict("5.2", "missing", why, facts=tuple(owed))
    estimating = {i for i, fact in file.each(f.RequesterTold) if fact.next_update or fact.resolution_estimate}
    if not estimating.intersection(told):
        return file.proof("5.2", "missing", say("The requester was told, but without estimated timelines."), told)
    lost = file.lost("escalation_notice")
    why = say("The requester was told of the escalation.")
    if lost:
        why = say("The requester was told of the escalation, but it could not be delivered.")
    return file.proof("5.2", "met", why, (*told, *owed, *lost))


def _owes_word(file: File, fact: f.Escalated) -> bool:
    if fact.moot or not file.case.from_person:
        return False
    if not fact.rung:
        return True
    return any(rung.key == fact.rung and rung.tell_requester for rung in file.procedure.at(fact.at).escalation)
