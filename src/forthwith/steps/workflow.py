"""The SOP on one page: what happens by itself when a request, an answer, an alarm or a delivery comes.

Each function opens the door once, or joins one that is open, and calls the steps in the SOP's order.
What people do is in `acts.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from forthwith.outbox import post
from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure.conformance import ACKNOWLEDGES
from forthwith.procedure.lifecycle import CLOSED, RESOLVED
from forthwith.procedure.matrix import closes_at, due, unanswered_at, wakes_at
from forthwith.procedure.said import say
from forthwith.procedure.wording import TO_STAFF
from forthwith.record import door, queries
from forthwith.record.door import OpenCase
from forthwith.steps import acknowledge, close, escalate, language, mentions, receive, respond, telling, triage, watch
from forthwith.steps.request import Request

TRY_AGAIN_AFTER = timedelta(minutes=10)
_MOST_AT_ONCE = 200
AlarmCrashed = door.AlarmCrashed


def on_request(request: Request, *, now: datetime) -> int:
    """A request comes: log, check, acknowledge, categorise, prioritise, assign; the new ticket's number."""
    with receive.new_ticket(request, by=Actor.requester(request.author), now=now) as case:  # 1.2
        language.listen(case, request)
        suggestion = triage.suggest(case.procedure, request.subject, request.new_text)
        acknowledge.check(case, request, suggestion.category)  # 2.1
        triage.accept(case, suggestion)  # 3.1, 3.2
        # Queued after the priority is known, because the acknowledgement names the time of the first response.
        acknowledge.queue(case, request)  # 2.2
        respond.assign_available(case)  # 4.1
        return case.number


def on_reply(number: int, request: Request, *, now: datetime) -> int:
    """An answer comes to a ticket: log it there, reopen if need be, or open a linked ticket when it is too late.

    Returns the number of the ticket that it landed on.
    """
    if request.robot:
        with _surviving(number, by=THE_SYSTEM, now=now) as case:
            receive.add_automatic(case, request)
            return case.number
    with _surviving(number, by=Actor.requester(request.author), now=now) as case:
        if close.can_reopen(case):
            add_to(case, request)
            return case.number
        return on_request(request.following(case.number), now=now)  # 7.2


@contextmanager
def _surviving(number: int, *, by: Actor, now: datetime) -> Iterator[OpenCase]:
    """The ticket that goes on for this one, held open, also where it was merged while the mail was being read."""
    with door.opened(number, by=by, now=now) as case:
        if case.case.merged_into is None:
            yield case
            return
    # Let go of the first before the next is locked: a merge locks in the order of numbers.
    with _surviving(queries.survivor(number), by=by, now=now) as case:
        yield case


def add_to(case: OpenCase, request: Request) -> None:
    """Log what a person wrote on an open case, and what follows from it."""
    reopened = case.case.status in (RESOLVED, CLOSED)
    if reopened:
        close.reopen(case, say("the requester wrote again"), by_message=True)  # 7.1
    receive.add(case, request)  # 6.1
    language.listen(case, request)
    acknowledge.take_details(case, request)  # 2.1
    telling.answered(case, reopened=reopened)


def on_alarm(now: datetime) -> bool:
    """Act on the ticket whose alarm has been due longest; False when none is. Raises AlarmCrashed."""
    with door.claimed(now) as case:
        if case is not None:
            settle(case)
    return case is not None


def settle(case: OpenCase) -> None:
    """Let everything happen that has fallen due on an open case: rungs, the end of a hold, closing in silence."""
    if case.case.from_log:
        return
    for _ in range(_MOST_AT_ONCE):
        steps = due(case.case, case.procedure, case.now)
        unanswered = unanswered_at(case.case, case.procedure)
        if unanswered is not None and unanswered <= (steps[0].at if steps else case.now):
            # In its turn: nothing falls due on a ticket that has ended, also when the worker comes late.
            close.end_unanswered(case, unanswered)  # 7.2
            continue
        if steps:
            if escalate.act(case, steps[0]):  # 5.1, 5.2
                respond.assign_available(case)  # 4.1
            continue
        if not _time_has_come(case):
            return
    raise RuntimeError(f"Ticket #{case.number} does not come to rest.")


def _time_has_come(case: OpenCase) -> bool:
    wake, silent = wakes_at(case.case), closes_at(case.case, case.procedure)
    if wake is not None and wake <= case.now:
        respond.begin(case)
        return True
    if silent is not None and silent <= case.now:
        close.end_in_silence(case)  # 7.1, 7.2
        return True
    return False


def set_alarm_aside(number: int, error: str, now: datetime) -> None:
    """Show a crashed alarm on its ticket, and do not try it again at once."""
    door.set_aside(number, error, now)


def try_alarms_again(now: datetime) -> int:
    """Give alarms that crashed ten minutes ago another try; how many."""
    return door.give_another_try(now - TRY_AGAIN_AFTER)


def on_delivery(outgoing: Outgoing, *, now: datetime) -> None:
    """A mail left, or will not: log what that means for its ticket (2.2)."""
    if outgoing.ticket_id is None:
        return
    if outgoing.state == Outgoing.SENT and outgoing.purpose in ACKNOWLEDGES:
        with door.opened(outgoing.ticket_id, by=THE_SYSTEM, now=now) as case:
            acknowledge.delivered(case, outgoing)
    elif outgoing.state == Outgoing.FAILED:
        with door.opened(outgoing.ticket_id, by=THE_SYSTEM, now=now) as case:
            lost = _lost(outgoing)
            lost(case, outgoing, outgoing.error)


def _lost(outgoing: Outgoing) -> Callable[[OpenCase, Outgoing, str], None]:
    """What follows from the loss of a mail, by whom it was for."""
    if outgoing.purpose == "reply_to_others":
        return acknowledge.copy_lost
    return acknowledge.staff_unreachable if outgoing.purpose.startswith(TO_STAFF) else acknowledge.undelivered


def on_bounce(outgoing: Outgoing, *, why: str, now: datetime) -> None:
    """A mail of ours came back for good: what it was keeps its verdict, and is known not to have arrived (2.2)."""
    if outgoing.bounced_at:
        return
    post.mark_bounced(outgoing, why, now)
    if outgoing.ticket_id is not None:
        with door.opened(outgoing.ticket_id, by=THE_SYSTEM, now=now) as case:
            lost = _lost(outgoing)
            lost(case, outgoing, why)


def on_staff_mail(number: int, author: Person, request: Request, *, now: datetime) -> int:
    """Somebody of the desk answers one of its mails: kept as an internal note (6.1)."""
    with _surviving(number, by=Actor.of(author), now=now) as case:
        mentioned = mentions.of(request.new_text)
        respond.call_in(case, receive.add_note(case, request, mentioned), mentioned)
        return case.number


def on_unsent(number: int, author: Person, request: Request, *, why: str, now: datetime) -> None:
    """Somebody of the desk answered by mail, and it could not go out: it is kept as a note, and they are told (4.3)."""
    with _surviving(number, by=Actor.of(author), now=now) as case:
        message = receive.add_note(case, request)
        telling.noted(case, message)
        telling.not_sent(case, author, why, letter="staff_not_sent", message=message)


def on_doubtful(number: int, request: Request, *, now: datetime) -> int:
    """A mail says that it is from somebody of the desk and does not prove it: kept, shown, and answers nothing."""
    with _surviving(number, by=THE_SYSTEM, now=now) as case:
        receive.add_automatic(case, request)
        telling.answered(case)
        return case.number


def on_loop(address: str, why: str, now: datetime) -> None:
    """Mails of an address come above a rate of the procedure, and nobody knows yet (2.2)."""
    acknowledge.tell_of_loop(address, why, now)


def on_watch(now: datetime) -> int:
    """Look whether every channel is watched as it must be (1.1); how many new gaps there are."""
    gaps = len(watch.check(now))
    return gaps + watch.keep_canaries(now)
