"""The verdicts on documenting and closing a request (SOP 6 and 7)."""

from __future__ import annotations

from datetime import datetime

from forthwith.procedure import facts as f
from forthwith.procedure.case import WORK
from forthwith.procedure.conformance_file import File
from forthwith.procedure.fields import needed
from forthwith.procedure.lifecycle import CLOSED, RESOLVED
from forthwith.procedure.matrix import closes_at, silence_ends
from forthwith.procedure.said import Kept, say
from forthwith.procedure.verdict import Verdict


def documented(file: File) -> Verdict:
    """What was wrong and what was done (SOP 6.1)."""
    case, number = file.case, file.resolution
    if not number or file.unresolved:
        return Verdict("6.1", "not due", say("The record is kept; the resolution is not written yet."))
    said = (
        (say("what was wrong"), case.cause),
        (say("what was done"), case.solution),
        (say("a category"), case.category),
    )
    lacking = [name for name, text in said if not (text or "").strip()]
    if lacking:
        what, *more = lacking
        for one in more:
            what = say("%(one)s and %(other)s", one=what, other=one)
        why = say("The resolution lacks %(what)s.", what=what)
        return file.proof("6.1", "missing", why, (number,))
    if owed := needed(file.procedure, case.category or "", case.fields):
        why = say("The procedure needs this filled in to resolve it: %(fields)s.", fields=tuple(owed))
        return file.proof("6.1", "missing", why, (number,))
    record = file.numbers(*WORK, f.RequesterWrote, f.FieldSet, f.TimeSpent)
    return file.proof("6.1", "met", say("Cause, solution and category are on record."), (number, *record))


def known(file: File) -> Verdict:
    """What the knowledge base gained (SOP 6.2)."""
    numbers = file.numbers(f.KnowledgeReviewed, f.ArticleWritten)[::-1]
    if numbers:
        return file.proof(
            "6.2", "met", say("Knowledge base: %(decision)s.", decision=Kept(file.case.knowledge)), numbers
        )
    if not file.unresolved:
        return Verdict("6.2", "missing", say("Nobody decided whether an article is needed."))
    return Verdict("6.2", "not due", say("Decided when the ticket is resolved."))


def confirmed(file: File) -> Verdict:
    """By the requester, or by their silence (SOP 7.1)."""
    case = file.case
    if not case.from_person:
        return Verdict("7.1", "not applicable", say("Nobody is there to confirm."))
    if file.unresolved:
        return Verdict("7.1", "not due", say("The requester is asked once it is resolved."))
    asked, rated = file.numbers(f.ConfirmationAsked, after=file.resolution), file.numbers(f.Rated)
    confirmed = file.numbers(f.Confirmed, after=file.resolution)
    if confirmed:
        why = say("Confirmed: %(how)s.", how=Kept(case.confirmed_how))
        return file.proof("7.1", "met", why, (*confirmed, *asked, *rated))
    silence = silence_ends(case, file.procedure)
    if case.status == RESOLVED:
        why = say("The requester was asked, and may still answer.") if asked else say("The requester is to be asked.")
        return Verdict("7.1", "not due", why, facts=asked, due=silence)
    if not asked:
        return Verdict("7.1", "missing", say("The requester was never asked whether it is solved."), facts=rated)
    return _closed_unconfirmed(file, (*asked, *rated), silence)


def _closed_unconfirmed(file: File, asked: tuple[int, ...], silence: datetime | None) -> Verdict:
    closed = file.numbers(f.Closed)[-1:]
    fact = file.facts[closed[0] - 1]
    numbers, lost = (*asked, *closed), file.lost("confirmation", after=file.resolution)
    if fact.by is not None and fact.by == file.case.requester:
        return file.proof("7.1", "met", say("The requester closed it."), (*closed, *asked))
    if silence is not None and fact.at < silence:
        return file.proof("7.1", "missing", say("It was closed before the requester could answer."), numbers, silence)
    why = say("The requester was asked and kept silent.")
    if lost:
        why = say("The requester was asked, though it could not be delivered, and kept silent.")
    return file.proof("7.1", "met", why, (*numbers, *lost))


def closed(file: File) -> Verdict:
    """And why (SOP 7.2)."""
    if file.case.status == CLOSED:
        return file.proof(
            "7.2", "met", say("Closed: %(why)s.", why=Kept(file.case.closed_why)), file.numbers(f.Closed)[-1:]
        )
    closes = closes_at(file.case, file.procedure)
    if closes is not None and closes < file.now:
        return Verdict("7.2", "missing", say("Nothing was heard, and it was not closed."), due=closes)
    return Verdict("7.2", "not due", say("Not closed yet."), due=closes)
