"""Step 7, close: is it solved, how was it, and the recorded end (SOP 7.1, 7.2)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.outbox.post import Letter
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import CLOSED
from forthwith.procedure.matrix import closes_at, reopens_until
from forthwith.procedure.said import say
from forthwith.record import links
from forthwith.record.door import OpenCase
from forthwith.record.models import Message
from forthwith.steps import telling, words

# On the record; the requester is told in the words of the procedure.
CONFIRMED = say("the requester confirmed that it is solved")
SILENCE = say("nothing was heard from the requester")


def ask(case: OpenCase, agent: Person, message: Message) -> None:
    """Ask the requester whether it is solved, in the mail that carries the solution (SOP 7.1)."""
    if not case.case.from_person:
        return
    case.log(f.ConfirmationAsked(at=case.now, by=case.by.person, message=message.pk))
    requester = case.case.requester
    link = links.ticket_url(case.number, requester)
    language = words.language_of(case, "confirmation")
    values = {
        **words.of_ticket(case, requester, language),
        "agent": agent.name,
        "solution": words.as_mailed(message),
        "solved_link": f"{link}solved/",
        "not_yet_link": f"{link}not-yet/",
        "closes_at": words.when(closes_at(case.case, case.procedure), case.procedure, case.now, language),
    }
    thread, address = words.thread_of(case, leaving=message.mail_id)
    letter = Letter(
        purpose="confirmation",
        ticket=case.number,
        message=message.pk,
        to=words.to_requester(case, address),
        values=values,
        mail_id=message.mail_id,
        thread=thread,
        automatic=False,
        language=language,
    )
    words.queue(case, [letter])


def confirm(case: OpenCase, how: str) -> None:
    """The requester says that it is solved: that closes the ticket (SOP 7.1, 7.2)."""
    case.log(f.Confirmed(at=case.now, by=case.by.person, how=how))
    end(case, CONFIRMED)


def end(case: OpenCase, why: str, by: Actor | None = None) -> None:
    """Close the ticket with its reason, and say until when it can be reopened (SOP 7.2). ValueError without one."""
    if not why.strip():
        raise ValueError(_("Say why the ticket is closed."))
    actor = by or case.by
    case.log(f.Closed(at=case.now, by=actor.person, why=why), by=actor)
    if case.case.from_person:
        _tell_closed(case, why)


def end_in_silence(case: OpenCase) -> None:
    """Nothing was heard for as long as the procedure waits: close it, dated when that was (SOP 7.1)."""
    at = closes_at(case.case, case.procedure) or case.now
    case.log(f.Closed(at=at, why=SILENCE), by=THE_SYSTEM)
    if case.case.from_person:
        _tell_closed(case, SILENCE)


def end_unanswered(case: OpenCase, at: datetime) -> None:
    """It waited for its requester for as long as the procedure lets it: it ends, with why (SOP 6.1, 7.2)."""
    unanswered = case.procedure.closing.unanswered
    if unanswered is None:
        return
    category = case.case.category or case.procedure.assignment.category
    said = f.Resolved(at=at, cause=unanswered.cause, solution=unanswered.solution, category=category)
    case.log(said, by=THE_SYSTEM)
    case.log(f.Closed(at=at, why=SILENCE), by=THE_SYSTEM)
    if case.case.from_person:
        _tell_closed(case, SILENCE)


def _tell_closed(case: OpenCase, why: str) -> None:
    requester = case.case.requester
    link = links.ticket_url(case.number, requester)
    language = words.language_of(case, "closed")
    phrases = case.procedure.phrases(language)
    known: dict[str, str] = {CONFIRMED: phrases.confirmed, SILENCE: phrases.silence}
    values = {
        **words.of_ticket(case, requester, language),
        "why": known.get(why, why),
        "rating_link": f"{link}rate/",
        "reopen_until": words.when(reopens_until(case.case, case.procedure), case.procedure, case.now, language),
    }
    thread, address = words.thread_of(case)
    letter = Letter(
        purpose="closed",
        ticket=case.number,
        to=words.to_requester(case, address),
        values=values,
        thread=thread,
        language=language,
    )
    words.queue(case, [letter])


def can_reopen(case: OpenCase) -> bool:
    """Whether an answer may still reopen the ticket, or has to open a new, linked one (SOP 7.2)."""
    until = reopens_until(case.case, case.procedure)
    return case.case.status != CLOSED or (until is not None and case.now < until)


def reopen(case: OpenCase, why: str, *, by_message: bool = False) -> None:
    """It is not solved (SOP 7.1). ValueError without a reason. The news is that of the message, where one did it."""
    if not why.strip():
        raise ValueError(_("Say why the ticket is reopened."))
    case.log(f.Reopened(at=case.now, by=case.by.person, why=why))
    if not by_message:
        telling.reopened(case, why)


def rate(case: OpenCase, score: int, comment: str) -> None:
    """The requester rates the handling, once (SOP 7.1). ValueError for a second time or a score off the scale."""
    if case.case.rating is not None:
        raise ValueError(_("Thank you, we have your rating already."))
    if not 1 <= score <= case.procedure.closing.rating:
        said = _("Choose a number from 1 to %(most)d.")
        raise ValueError(said % {"most": case.procedure.closing.rating})
    case.log(f.Rated(at=case.now, by=case.by.person, score=score, comment=comment[:2000]))
    telling.rated(case, score, comment)
