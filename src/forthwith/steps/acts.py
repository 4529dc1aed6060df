"""What people do: each act opens the door once, calls the steps it takes, and is committed whole or not at all.

Every act takes who acts (`by`) and when (`now`), and `seen`, the number of facts that the person had seen,
where acting on an old picture would do harm. They raise NoSuchTicket, Conflict, NotAllowed (lifecycle or
role), and Refused with a sentence that says what to put right.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import CLOSED, RESOLVED, UNRESOLVED, WORKERS
from forthwith.procedure.said import say
from forthwith.record import links, procedures, queries
from forthwith.record.door import Conflict, NoSuchTicket, NotAllowed
from forthwith.record.messages import File
from forthwith.record.models import Ticket
from forthwith.steps import acknowledge, close, document, escalate, language, receive, respond, since, triage, workflow
from forthwith.steps.document import KNOWLEDGE
from forthwith.steps.joining import Told, answer_children, link, merge, merge_back, split, unlink, unmerge
from forthwith.steps.mentions import Mentioned
from forthwith.steps.opening import Refused
from forthwith.steps.opening import acting as _person
from forthwith.steps.opening import opened as _opened
from forthwith.steps.opening import spent as _spent
from forthwith.steps.request import Request
from forthwith.steps.since import Unread

__all__ = [
    "KNOWLEDGE",
    "Conflict",
    "NoSuchTicket",
    "NotAllowed",
    "Refused",
    "Told",
    "Unread",
    "answer_children",
    "link",
    "merge",
    "merge_back",
    "split",
    "unlink",
    "unmerge",
]


AFTER_REPLY = ("", "wait", "hold")
LONGEST_DETAIL = 5_000


def _said(text: str, empty: str) -> str:
    if not text.strip():
        raise Refused(empty)
    return text.strip()


def reply(  # noqa: PLR0913 - the fields of the composer
    number: int,
    *,
    by: Actor,
    now: datetime,
    text: str,
    next_step: str = "",
    minutes: int = 0,
    then: str = "",
    until: datetime | None = None,
    files: Sequence[File] = (),
    seen: int | None = None,
    macro: str = "",
    unread: tuple[type[f.Fact], ...] = (f.Replied, f.RequesterWrote),
) -> None:
    """Answer the requester, with files; then leave the ticket open, wait for them, or put it on hold until an instant.

    The first answer has to state a next step (SOP 4.3). Raises Unread when one of the kinds `unread` was written by
    somebody else after the first `seen` facts.
    """
    text = _said(text, _("The reply is empty. Write something first."))
    if then not in AFTER_REPLY:
        raise Refused(
            _("After a reply the ticket can be left as it is, or 'wait' or 'hold'; not '%(then)s'.") % {"then": then}
        )
    with _opened(number, by, now) as case:
        since.read(case, seen, by, unread)
        first, person, step = case.case.first_response_at is None, _person(by), next_step.strip()
        respond.reply(case, person, text, next_step=step, minutes=_spent(minutes), files=files, macro=macro)
        if first and not next_step.strip():
            raise Refused(_("Say what happens next, and by when: the first answer states a next step."))
        if case.case.assignee is None and case.case.status != RESOLVED:
            respond.take(case, _person(by))
        if then == "wait":
            respond.wait(case, next_step or say("waiting for an answer"))
        elif then == "hold":
            respond.hold(case, next_step or say("waiting for a third party"), until)


def send_again(number: int, *, by: Actor, now: datetime, mail: int, address: str = "") -> None:
    """Send a mail again that was not delivered, perhaps to another address of the requester's."""
    with _opened(number, by, now) as case:
        respond.send_again(case, mail, address.strip())


def note(number: int, *, by: Actor, now: datetime, text: str, minutes: int = 0) -> Mentioned:
    """Write an internal note (SOP 6.1)."""
    with _opened(number, by, now) as case:
        return respond.note(
            case, _person(by), _said(text, _("The note is empty. Write something first.")), _spent(minutes)
        )


def categorise(number: int, *, by: Actor, now: datetime, category: str, why: str = "", seen: int | None = None) -> None:
    """Choose the category (SOP 3.1); what was suggested, or had been chosen before, stays on record with it."""
    with _opened(number, by, now) as case:
        since.first(case, seen, f.Categorised, since.CATEGORISED)
        triage.categorise(case, category, why)


def prioritise(  # noqa: PLR0913 - the fields of the form
    number: int, *, by: Actor, now: datetime, impact: str, urgency: str, why: str, seen: int | None = None
) -> None:
    """Set impact and urgency; a priority that changes needs a reason (SOP 3.2)."""
    with _opened(number, by, now) as case:
        since.first(case, seen, f.Prioritised, since.PRIORITISED)
        row = case.procedure.matrix.get(impact, {})
        if row.get(urgency) != case.case.priority and not why.strip():
            raise Refused(_("Say why the priority changes: it moves the clocks, and the old due times stay on record."))
        triage.prioritise(case, impact, urgency, why.strip())


def assign(  # noqa: PLR0913 - the fields of the form
    number: int,
    *,
    by: Actor,
    now: datetime,
    team: str,
    assignee: int | None,
    why: str = "",
    seen: int | None = None,
) -> None:
    """Give the ticket to a team, and to one of its people (SOP 4.1)."""
    with _opened(number, by, now) as case:
        since.first(case, seen, f.Assigned, since.ASSIGNED)
        person = Person.objects.filter(pk=assignee).first() if assignee else None
        if assignee and person is None:
            raise Refused(_("That person is not in the directory any more. Choose somebody else."))
        respond.assign(case, team, person, why)


def take(number: int, *, by: Actor, now: datetime, seen: int | None = None) -> None:
    """Take the ticket oneself (SOP 4.1)."""
    with _opened(number, by, now) as case:
        since.first(case, seen, f.Assigned, since.TAKEN)
        respond.take(case, _person(by))


def take_next(*, by: Actor, now: datetime) -> int | None:
    """Take the unassigned ticket that falls due first in one's teams and needs no skill that one lacks (SOP 4.1).

    None when none waits. Refused, with the reason, when one has no room for more, or lacks what all of them need.
    """
    person = _person(by)
    if person.role not in WORKERS:
        raise NotAllowed(_("Only people who work on tickets can take one."))
    _has_room(person)
    lacking: set[str] = set()
    for waiting in queries.waiting_for(person):
        if lacks := respond.skills_lacking(person, procedures.load(waiting.revision_id), waiting.category):
            lacking |= lacks
            continue
        with _opened(waiting.number, by, now) as case:
            if case.case.assignee is None and case.case.status in UNRESOLVED:
                respond.take(case, person)
                return waiting.number
    if lacking:
        raise Refused(
            _(
                "Nothing was taken: what waits for your teams needs skills that you are not listed with (%(names)s)."
                " An administrator lists them under 'People'."
            )
            % {"names": ", ".join(sorted(lacking))}
        )
    return None


def _has_room(person: Person) -> None:
    procedure = procedures.current_or_none()
    limit = person.capacity if person.capacity is not None or procedure is None else procedure.assignment.capacity
    load = queries.open_counts([person.pk]).get(person.pk, 0)
    if limit is not None and load >= limit:
        raise Refused(
            _(
                "Nothing was taken: you have %(load)s open already, and your capacity is %(limit)s."
                " Resolve one or give one away first; you can still take a particular ticket on its own page."
            )
            % {"load": load, "limit": limit}
        )


def wait(number: int, *, by: Actor, now: datetime, why: str = "") -> None:
    """Wait for the requester."""
    with _opened(number, by, now) as case:
        respond.wait(case, why)


def hold(number: int, *, by: Actor, now: datetime, why: str, until: datetime | None = None) -> None:
    """Put it on hold for a third party, until an instant if one is known."""
    with _opened(number, by, now) as case:
        respond.hold(case, why, until)


def resume(number: int, *, by: Actor, now: datetime, why: str = "") -> None:
    """Go on working after waiting."""
    with _opened(number, by, now) as case:
        respond.resume(case, why)


def tick(number: int, *, by: Actor, now: datetime, step: str, outcome: str = "") -> None:
    """Record a step of the runbook as done (SOP 4.2)."""
    with _opened(number, by, now) as case:
        respond.tick(case, step, outcome)


def acknowledge_by_hand(number: int, *, by: Actor, now: datetime) -> None:
    """Record an acknowledgement given in person (SOP 2.2)."""
    with _opened(number, by, now) as case:
        acknowledge.by_hand(case)


def escalate_by_hand(number: int, *, by: Actor, now: datetime, kind: str, why: str, to_team: str | None = None) -> None:
    """Escalate for complexity, with a reason (SOP 5.1)."""
    with _opened(number, by, now) as case:
        if escalate.by_hand(case, kind, why, to_team or None):
            respond.assign_available(case)


def promise(number: int, *, by: Actor, now: datetime, what: str, due: datetime) -> None:
    """Promise the requester something by an instant."""
    with _opened(number, by, now) as case:
        respond.promise(case, what, due)


def keep_promise(number: int, *, by: Actor, now: datetime, promise: str) -> None:
    """Record that a promise was kept."""
    with _opened(number, by, now) as case:
        respond.keep_promise(case, promise)


def withdraw_promise(number: int, *, by: Actor, now: datetime, promise: str, why: str) -> None:
    """Take a promise back, with a reason."""
    with _opened(number, by, now) as case:
        respond.withdraw_promise(case, promise, why)


def resolve(  # noqa: PLR0913 - the fields of the form
    number: int,
    *,
    by: Actor,
    now: datetime,
    cause: str,
    solution: str,
    category: str,
    knowledge: str,
    article: str = "",
    minutes: int = 0,
    macro: str = "",
    impact: str = "",
    urgency: str = "",
    seen: int | None = None,
) -> None:
    """Resolve: document it, send the solution, and ask the requester to confirm (SOP 6.1, 6.2, 7.1)."""
    with _opened(number, by, now, seen) as case:
        person, said = _person(by), _said(solution, _("The solution is empty. Write something first."))
        triage.along(case, {"macro": macro, "impact": impact, "urgency": urgency})
        message = respond.reply(case, person, said, purpose="confirmation", macro=macro)
        if case.case.assignee is None:
            respond.take(case, person)
        document.resolve(case, cause.strip(), solution.strip(), category, _spent(minutes))
        document.review_knowledge(case, knowledge, article.strip())
        close.ask(case, person, message)


def confirm(number: int, *, by: Actor, now: datetime) -> None:
    """Say that it is solved; that closes it (SOP 7.1, 7.2). An agent records what the requester said."""
    with _opened(number, by, now) as case:
        close.confirm(case, say("by the requester") if by.person == case.case.requester else say("told to an agent"))


def not_yet(number: int, *, by: Actor, now: datetime, text: str = "") -> int:
    """Say that it is not solved; that reopens it (SOP 7.1). The ticket's number, or that of the one that follows."""
    return requester_writes(number, by=by, now=now, text=text.strip() or _("It is not solved yet."))


def end(number: int, *, by: Actor, now: datetime, why: str) -> None:
    """Close a resolved ticket with a reason (SOP 7.2)."""
    with _opened(number, by, now) as case:
        close.end(case, why)


def reopen(number: int, *, by: Actor, now: datetime, why: str) -> None:
    """Reopen with a reason (SOP 7.1)."""
    with _opened(number, by, now) as case:
        if case.case.status == CLOSED and not close.can_reopen(case):
            raise Refused(_("It has been closed for too long to be reopened. Open a new ticket."))
        close.reopen(case, why)


def rate(number: int, *, by: Actor, now: datetime, score: int, comment: str = "") -> None:
    """Rate the handling, once (SOP 7.1)."""
    with _opened(number, by, now) as case:
        close.rate(case, score, comment)


def requester_writes(number: int, *, by: Actor, now: datetime, text: str) -> int:
    """Answer on one's own ticket; the number of the ticket it landed on (a new one after the reopening window)."""
    if not text.strip():
        raise Refused(_("Your message is empty. Write something first."))
    text = text.strip()
    person = _person(by)
    ticket = Ticket.objects.filter(pk=queries.survivor(number)).first()
    if ticket is None or not receive.is_participant(ticket, person):
        raise NoSuchTicket(_("There is no ticket #%(number)s.") % {"number": number})
    request = Request(
        channel="portal",
        received_at=now,
        author=person.pk,
        address=person.email,
        subject=ticket.subject,
        text=text,
        new_text=text,
    )
    return workflow.on_reply(ticket.number, request, now=now)


def give_details(number: int, *, by: Actor, now: datetime, details: dict[str, str]) -> None:
    """Fill in details that were missing, as one message (SOP 2.1)."""
    given = {key: value.strip() for key, value in details.items() if value.strip()}
    if not given:
        raise Refused(_("Nothing was filled in. Answer at least one question."))
    if any(len(value) > LONGEST_DETAIL for value in given.values()):
        said = _("An answer is longer than %(most)s characters. Shorten it, or send it as a mail.")
        raise Refused(said % {"most": number_format(LONGEST_DETAIL, force_grouping=True)})
    with _opened(number, by, now) as case:
        procedure, language = case.procedure, case.ticket.requester.language
        known = {key: value for key, value in given.items() if key in procedure.details}
        text = "\n\n".join(f"{procedure.asked(key, language).name}:\n{value}" for key, value in known.items())
        if not text:
            raise Refused(_("These are no details that we ask for."))
        if not close.can_reopen(case):
            raise Refused(_("It has been closed for too long to be reopened. Write us a new message."))
        person = _person(by)
        request = Request(
            channel="portal",
            received_at=now,
            author=person.pk,
            address=person.email,
            subject=case.case.subject,
            text=text,
            new_text=text,
        )
        workflow.add_to(case, request)
        acknowledge.give_details(case, given)


def choose_language(number: int, *, by: Actor, now: datetime, key: str) -> None:
    """Choose the language in which the requester is written to: they themselves, or somebody of the desk for them."""
    with _opened(number, by, now) as case:
        language.choose(case, key)


def stop_copies(number: int, *, mark: str, now: datetime) -> bool:
    """Take whoever the mark of a signed link stands for off the conversation; False when they are off it already.

    Of a ticket that was merged, it goes on in another.
    """
    with _opened(queries.survivor(number), THE_SYSTEM, now) as case:
        address = links.marked(mark, case.case.participants)
        if address:
            receive.leave(case, address)
        return bool(address)
