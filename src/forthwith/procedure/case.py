"""A ticket's state as the pure fold of its facts.

`fold` is the only way to a `Case`; `advance` takes one fact further. Nothing here asks what time it is.
The fold trusts that facts were legal: the door asks `lifecycle.permit` before a fact is appended. What no
table can know, such as whether a promise is there to be kept, it refuses itself with NotAllowed.

A fact may be recorded after one that was true later: what is due is dated when it fell due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime
from typing import Any

from forthwith.procedure import case_describing as describing
from forthwith.procedure import case_following as following
from forthwith.procedure import case_joining as joining
from forthwith.procedure import case_knowledge as knowledge
from forthwith.procedure import facts as f
from forthwith.procedure.case_state import Asks, Awaited, Case, Moved, Promise, Ranked, Standing, Update, Wait, Written
from forthwith.procedure.lifecycle import ACTS, BEFORE, CLOSED, MERGED, ON_HOLD, RESOLVED, WAITING, NotAllowed
from forthwith.procedure.said import say

__all__ = ["WORK", "Case", "Promise", "Ranked", "Standing", "Update", "Wait", "advance", "fold"]

WORK = (f.ArticleUsed, f.Ticked, f.Noted, f.Replied)
"""What is work on a ticket (SOP 4.2)."""
_LEADS: dict[tuple[type[f.Fact], str], str] = {
    (act.fact, status): act.to for act in ACTS if act.to for status in (act.froms or ("",))
}


def fold(facts: Iterable[f.Fact], but: Callable[[Case, f.Fact], bool] | None = None) -> Case:
    """The case that these facts, in the order they were recorded, add up to; without those that `but` leaves out."""
    case = Case()
    for fact in facts:
        if but is None or not but(case, fact):
            _apply(case, fact)
    return case


def advance(case: Case, fact: f.Fact) -> Case:
    """The case one fact later; the given one is left as it was."""
    after = copy(case)
    after.promises = dict(case.promises)
    _apply(after, fact)
    return after


def _apply(case: Case, fact: f.Fact) -> None:
    kind = type(fact)
    before = case.status
    to = _LEADS.get((kind, before), before)
    case.status = case.status_before if to == BEFORE else to
    if case.status == MERGED != before:
        case.status_before = before
    elif before not in (case.status, MERGED):
        _status_changed(case, before, fact)
    if case.work_began_at is None and kind in WORK:
        case.work_began_at = fact.at
    step = _STEPS.get(kind)
    if step:
        step(case, fact)
    case.count += 1
    case.last_at = fact.at


def _status_changed(case: Case, before: str, fact: f.Fact) -> None:
    """Begin and end the waits in which clocks may stand still."""
    if before in (WAITING, ON_HOLD):
        # A hold with a known end was over then, however late anybody noticed.
        case.waits = _ended(case.waits, min(fact.at, case.wait_until or fact.at))
        case.wait_until = None
    if case.status in (WAITING, ON_HOLD):
        case.waits = (*case.waits, Wait(fact.at, None, case.status))
    if case.status == RESOLVED:
        case.asleep = (*case.asleep, Wait(fact.at, None, RESOLVED))
    elif before in (RESOLVED, CLOSED) and case.status != CLOSED:
        case.asleep = _ended(case.asleep, fact.at)


def _goes_on(waits: tuple[Wait, ...]) -> bool:
    return bool(waits) and waits[-1].end is None


def _ended(waits: tuple[Wait, ...], at: datetime) -> tuple[Wait, ...]:
    if not _goes_on(waits):
        return waits
    last = waits[-1]
    return (*waits[:-1], last._replace(end=max(at, last.start)))


def _stands(case: Case, at: datetime) -> None:
    """Keep how the ticket stood before, so that a late worker finds what had fallen due by then."""
    standing = Standing(at, case.priority, case.category, case.team, case.assignee)
    case.standings = (*case.standings, standing)


def _stands_moved(case: Case, at: datetime) -> None:
    """A move is dated when it fell due: what the ticket came to be since then, it came to be where it went."""
    before = [standing for standing in case.standings if standing.at <= at]
    since = [standing for standing in case.standings if standing.at > at]
    moved = [*(standing._replace(at=at) for standing in before[-1:]), *since]
    case.standings = (*before, *(standing._replace(team=case.team, assignee=None) for standing in moved))


def _stands_found(case: Case, moved_at: datetime, assignee: int | None) -> None:
    """The agent looked for because of a move has the ticket from the move on, however late the worker came."""
    case.assignee = assignee
    case.standings = tuple(
        standing._replace(assignee=assignee) if standing.at >= moved_at else standing for standing in case.standings
    )


def _end_update(case: Case, at: datetime, *, answered: bool) -> None:
    if case.updates and case.updates[-1].end is None:
        start = case.updates[-1].start
        case.updates = (*case.updates[:-1], Update(start, max(at, start), answered))


def _public_message(case: Case, at: datetime, *, answered: bool) -> None:
    """The next-update clock runs from one public message to the next (design: Clocks)."""
    _end_update(case, at, answered=answered)
    if case.status not in (RESOLVED, CLOSED):
        case.updates = (*case.updates, Update(at))


def _received(case: Case, fact: f.Received) -> None:
    case.channel = fact.channel
    case.subject = fact.subject
    case.requester = fact.requester
    case.follows = fact.follows
    case.from_person = fact.from_person
    case.silent = fact.silent
    case.from_log = bool(fact.log)
    case.opened_at = fact.at
    case.asks = Asks(fact.organisation, fact.contract, fact.vip)
    case.sent_to = fact.team
    case.updates = (Update(fact.at),)
    case.unanswered = (Written(fact.message, fact.at),)
    _stands(case, fact.at)


def _checked(case: Case, fact: f.Checked) -> None:
    case.found = frozenset(fact.found)
    case.missing = fact.missing


def _details_asked(case: Case, fact: f.DetailsAsked) -> None:
    case.details_asked |= frozenset(fact.details)


def _details_given(case: Case, fact: f.DetailsGiven) -> None:
    case.found |= frozenset(fact.details)
    case.missing = tuple(name for name in case.missing if name not in fact.details)


def _acknowledged(case: Case, fact: f.Acknowledged) -> None:
    _told_of_receipt(case, fact.at, fact.how)


def _told_of_receipt(case: Case, at: datetime, how: str) -> None:
    if case.acknowledged_at is None or at < case.acknowledged_at:
        case.acknowledged_at = at
        case.acknowledged_how = how


def _acknowledgement_withheld(case: Case, fact: f.AcknowledgementWithheld) -> None:
    case.acknowledgement_withheld = fact.why
    case.acknowledgement_withheld_at = case.acknowledgement_withheld_at or fact.at


def _delivery_failed(case: Case, fact: f.DeliveryFailed) -> None:
    case.undelivered = (*case.undelivered, (fact.purpose, fact.address))


def _sent_again(case: Case, fact: f.SentAgain) -> None:
    case.undelivered = tuple(lost for lost in case.undelivered if lost != (fact.purpose, fact.was))


def _categorised(case: Case, fact: f.Categorised) -> None:
    case.category = fact.category
    _stands(case, fact.at)


def _prioritised(case: Case, fact: f.Prioritised) -> None:
    case.impact = fact.impact
    case.urgency = fact.urgency
    if fact.priority != case.priority:
        case.priority = fact.priority
        case.priorities = (*case.priorities, Ranked(fact.at, fact.priority))
        _stands(case, fact.at)


def _assigned(case: Case, fact: f.Assigned) -> None:
    case.silent = case.silent and fact.by is None
    # An agent whom the system finds in the ticket's own team says nothing of where it belongs.
    if fact.by is not None or fact.team != case.team:
        case.placed_at = fact.at
    moved_at, case.moved_at = case.moved_at, None
    if moved_at and fact.by is None and fact.team == case.team:
        _stands_found(case, moved_at, fact.assignee)
    else:
        case.team = fact.team
        case.assignee = fact.assignee
        _stands(case, fact.at)


def _ticked(case: Case, fact: f.Ticked) -> None:
    if fact.step not in case.ticked:
        case.ticked = (*case.ticked, fact.step)


def _noted(case: Case, fact: f.Noted) -> None:
    describing.worked(case, fact.by, fact.minutes)


def _replied(case: Case, fact: f.Replied) -> None:
    case.silent = False
    describing.worked(case, fact.by, fact.minutes)
    case.first_response_at = case.first_response_at or fact.at
    _told_of_receipt(case, fact.at, "reply")
    joining.answered(case, fact.at)
    case.promised_update = None
    _public_message(case, fact.at, answered=True)


def _requester_wrote(case: Case, fact: f.RequesterWrote) -> None:
    case.silent = False
    case.unanswered = (*case.unanswered, Written(fact.message, fact.at))
    if case.first_response_at is not None and not joining.awaits_own(case):
        case.replies_awaited = (*case.replies_awaited, Awaited(fact.at))
    _public_message(case, fact.at, answered=False)


def _participant_added(case: Case, fact: f.ParticipantAdded) -> None:
    joining.said_here(case, "participants", fact.address)
    if fact.address not in case.participants:
        case.participants = (*case.participants, fact.address)
    case.left = tuple(one for one in case.left if one != fact.address)


def _participant_removed(case: Case, fact: f.ParticipantRemoved) -> None:
    joining.said_here(case, "participants", fact.address)
    case.participants = tuple(one for one in case.participants if one != fact.address)
    if fact.address not in case.left:
        case.left = (*case.left, fact.address)


def _put_on_hold(case: Case, fact: f.PutOnHold) -> None:
    case.wait_until = fact.until


def _escalated(case: Case, fact: f.Escalated) -> None:
    if fact.rung:
        case.taken |= {(fact.rung, fact.cycle)}
        case.fell_at = {**case.fell_at, (fact.rung, fact.cycle): fact.at}
    if not fact.to_team or fact.moot:
        return
    # A person who names the team that has it already decided so too: a late worker moves it no more.
    case.placed_at = fact.at
    if fact.to_team != case.team:
        case.team = fact.to_team
        case.assignee = None
        case.moved_at = fact.at if fact.rung else None
        _stands_moved(case, fact.at)


def _requester_told(case: Case, fact: f.RequesterTold) -> None:
    case.promised_update = fact.next_update


def _promised(case: Case, fact: f.Promised) -> None:
    if fact.promise in case.promises:
        raise NotAllowed(
            say("There is already a promise '%(promise)s'; give the new one another name.", promise=fact.promise)
        )
    case.promises[fact.promise] = Promise(fact.what, fact.at, fact.due)


def _open_promise(case: Case, name: str) -> Promise:
    made = case.promises.get(name)
    if made is None:
        raise NotAllowed(say("There is no promise '%(promise)s' on this ticket.", promise=name))
    if made.kept_at:
        raise NotAllowed(say("The promise '%(promise)s' has already been kept.", promise=name))
    if made.withdrawn_at:
        raise NotAllowed(say("The promise '%(promise)s' has already been withdrawn.", promise=name))
    return made


def _promise_kept(case: Case, fact: f.PromiseKept) -> None:
    made = _open_promise(case, fact.promise)
    case.promises[fact.promise] = Promise(made.what, made.made_at, made.due, kept_at=fact.at)


def _promise_withdrawn(case: Case, fact: f.PromiseWithdrawn) -> None:
    made = _open_promise(case, fact.promise)
    case.promises[fact.promise] = Promise(made.what, made.made_at, made.due, withdrawn_at=fact.at)


def _resolved(case: Case, fact: f.Resolved) -> None:
    case.silent = False
    case.resolved_at = fact.at
    case.cause = fact.cause
    case.solution = fact.solution
    describing.worked(case, fact.by, fact.minutes)
    if fact.category != case.category:
        case.category = fact.category
        _stands(case, fact.at)
    case.confirmed_at = None
    case.confirmed_how = ""
    case.confirmation_asked_at = None
    joining.answered(case, fact.at, RESOLVED)
    _end_update(case, fact.at, answered=False)


def _knowledge_reviewed(case: Case, fact: f.KnowledgeReviewed) -> None:
    case.knowledge = fact.decision


def _confirmation_asked(case: Case, fact: f.ConfirmationAsked) -> None:
    case.confirmation_asked_at = fact.at


def _confirmed(case: Case, fact: f.Confirmed) -> None:
    case.confirmed_at = fact.at
    case.confirmed_how = fact.how


def _reopened(case: Case, fact: f.Reopened) -> None:
    case.reopened += 1
    case.resolved_at = None
    case.closed_at = None
    case.closed_why = ""
    case.confirmed_at = None
    case.confirmed_how = ""
    case.confirmation_asked_at = None
    case.updates = (*case.updates, Update(fact.at))


def _closed(case: Case, fact: f.Closed) -> None:
    case.closed_at = fact.at
    case.closed_why = fact.why


def _rated(case: Case, fact: f.Rated) -> None:
    case.rating = fact.score


def _moved_to_revision(case: Case, fact: f.MovedToRevision) -> None:
    case.moves = (*case.moves, Moved(fact.at, fact.was, fact.revision))


_STEPS: dict[type[f.Fact], Callable[[Case, Any], None]] = {
    f.Received: _received,
    f.Checked: _checked,
    f.DetailsAsked: _details_asked,
    f.DetailsGiven: _details_given,
    f.Acknowledged: _acknowledged,
    f.AcknowledgementWithheld: _acknowledgement_withheld,
    f.DeliveryFailed: _delivery_failed,
    f.SentAgain: _sent_again,
    f.Categorised: _categorised,
    f.Prioritised: _prioritised,
    f.Assigned: _assigned,
    f.Ticked: _ticked,
    f.Noted: _noted,
    f.Replied: _replied,
    f.RequesterWrote: _requester_wrote,
    f.ParticipantAdded: _participant_added,
    f.ParticipantRemoved: _participant_removed,
    f.PutOnHold: _put_on_hold,
    f.Escalated: _escalated,
    f.RequesterTold: _requester_told,
    f.Promised: _promised,
    f.PromiseKept: _promise_kept,
    f.PromiseWithdrawn: _promise_withdrawn,
    f.Resolved: _resolved,
    f.KnowledgeReviewed: _knowledge_reviewed,
    f.ConfirmationAsked: _confirmation_asked,
    f.Confirmed: _confirmed,
    f.Reopened: _reopened,
    f.Closed: _closed,
    f.Rated: _rated,
    f.MovedToRevision: _moved_to_revision,
    **following.STEPS,
    **joining.STEPS,
    **knowledge.STEPS,
    **describing.STEPS,
}
