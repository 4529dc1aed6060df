"""What people do between tickets: link them, merge two, make one of some messages, and undo each (SOP 6.1).

Two tickets are always opened in the order of their numbers, so that two people who join the same two in opposite
directions wait for one another and do not lose both. What the acts raise is as in `acts.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.case_joining import unanswered_since
from forthwith.procedure.joining_facts import RELATIONS
from forthwith.procedure.lifecycle import CLOSED, MERGED, RESOLVED, UNRESOLVED, permit
from forthwith.procedure.said import Said, say
from forthwith.record import door, messages, procedures, queries
from forthwith.record.door import Conflict, NoSuchTicket, NotAllowed, OpenCase
from forthwith.record.models import Message, RawItem, Ticket
from forthwith.steps import acknowledge, respond, telling, triage, workflow
from forthwith.steps.opening import Refused, acting, opened
from forthwith.steps.request import Request

MOST_LINKS = 100
MOST_SPLIT = 100
MOST_PARTICIPANTS = 50
MOST_CHILDREN = 100
_LARGEST = 2**63


@contextmanager
def _both(number: int, other: int, by: Actor, now: datetime) -> Iterator[tuple[OpenCase, OpenCase]]:
    """Two tickets, locked in the order of their numbers, in one transaction. Refused where the other is not there."""
    if not 0 < other < _LARGEST or not Ticket.objects.filter(pk=other).exists():
        raise Refused(_("There is no ticket #%(other)s. Look at its number again.") % {"other": other})
    first, second = sorted((number, other))
    with opened(first, by, now) as low, opened(second, by, now) as high:
        yield (low, high) if number == first else (high, low)


def link(number: int, *, by: Actor, now: datetime, to: int, relation: str = "related") -> None:
    """Link another ticket, on both; `relation` says what it is to this one."""
    if relation not in RELATIONS:
        raise Refused(
            _("A link is one of: %(names)s; '%(relation)s' is not.")
            % {"names": ", ".join(RELATIONS), "relation": relation}
        )
    if number == to:
        raise Refused(_("A ticket cannot be linked to itself. Choose another one."))
    with _both(number, to, by, now) as (here, there):
        if there.number in {one.ticket for one in here.case.links}:
            raise Refused(_("#%(to)s is linked already. Remove that link first to say it otherwise.") % {"to": to})
        if any(len(case.case.links) >= MOST_LINKS for case in (here, there)):
            raise Refused(
                _("A ticket takes up to %(most)s links. Remove one that is not needed any more.") % {"most": MOST_LINKS}
            )
        _linked(here, there, relation)


def _linked(here: OpenCase, there: OpenCase, relation: str) -> None:
    here.log(f.Linked(at=here.now, by=here.by.person, ticket=there.number, relation=relation))
    there.log(f.Linked(at=here.now, by=here.by.person, ticket=here.number, relation=RELATIONS[relation][1]))


def unlink(number: int, *, by: Actor, now: datetime, to: int) -> None:
    """Take the link to another ticket away, on both."""
    with _both(number, to, by, now) as (here, there):
        found = [one for one in here.case.links if one.ticket == to]
        if not found:
            raise Refused(_("#%(to)s is not linked to this ticket any more.") % {"to": to})
        for one in found:
            here.log(f.Unlinked(at=now, by=by.person, ticket=to, relation=one.relation))
            there.log(f.Unlinked(at=now, by=by.person, ticket=number, relation=RELATIONS[one.relation][1]))


def merge(number: int, *, by: Actor, now: datetime, into: int) -> None:
    """Let another ticket go on for this one: its clocks end, and what it was about is answered there.

    Conflict when the other has just been merged into this one.
    """
    if number == into:
        raise Refused(_("A ticket cannot be merged into itself. Choose another one."))
    with _both(number, into, by, now) as (merged, kept):
        _may_merge(merged, kept)
        # Merged it has no alarm any more: what had fallen due until now is acted on before.
        workflow.settle(merged)
        came_along, joining = merged.case.holds, _who_joins(merged, kept)
        since = unanswered_since(merged.case)
        merged.log(f.MergedInto(at=now, by=by.person, ticket=into))
        fact = f.MergedFrom(
            at=now,
            by=by.person,
            ticket=number,
            came_along=came_along,
            participants=joining,
            unanswered_since=since,
            followers=_who_follows(merged, kept),
            tags=merged.case.tags,
        )
        kept.log(fact)


def _may_merge(merged: OpenCase, kept: OpenCase) -> None:
    permit(f.MergedInto, merged.case.own_status, merged.by.role)
    if kept.case.merged_into == merged.number:
        raise Conflict(
            _("%(who)s has just merged #%(number)s into #%(into)s. Look at it again.")
            % {"who": _who_merged(kept), "number": kept.number, "into": merged.number}
        )
    if merged.case.status == MERGED:
        raise Conflict(
            _("%(who)s has merged #%(number)s into #%(merged_into)s already.")
            % {"who": _who_merged(merged), "number": merged.number, "merged_into": merged.case.merged_into}
        )
    if kept.case.status == MERGED:
        into = kept.case.merged_into
        raise Refused(
            _("#%(number)s is merged into #%(into)s itself. Merge into #%(into)s instead.")
            % {"number": kept.number, "into": into}
        )
    if kept.case.status in (RESOLVED, CLOSED):
        said = _("#%(number)s is resolved. Reopen it first, or merge into a ticket that is open.")
        if kept.case.status == CLOSED:
            said = _("#%(number)s is closed. Reopen it first, or merge into a ticket that is open.")
        raise Refused(said % {"number": kept.number})
    if len(kept.case.holds) + len(merged.case.holds) >= queries.MOST_MERGED:
        raise Refused(
            _("A ticket goes on for up to %(most)s others. Link them instead.") % {"most": queries.MOST_MERGED}
        )


def _who_merged(case: OpenCase) -> str:
    merge = next(fact for fact in reversed(case.facts) if isinstance(fact, f.MergedInto))
    return str(directory.person(merge.by) or _("Somebody"))


def _who_joins(merged: OpenCase, kept: OpenCase) -> tuple[str, ...]:
    """Who follows the other ticket from now on: this one's requester, if that is somebody else, and who followed it."""
    theirs = merged.case.participants
    if merged.case.requester != kept.case.requester and merged.case.from_person:
        theirs = (merged.ticket.requester.email, *theirs)
    there = {*kept.case.own_participants, *kept.case.left, kept.ticket.requester.email}
    join = dict.fromkeys(one for one in theirs if one and one not in there)
    new = [one for one in join if one not in kept.case.participants]
    left_out = new[max(0, MOST_PARTICIPANTS - len(kept.case.participants)) :]
    return tuple(one for one in join if one not in left_out)


def _who_follows(merged: OpenCase, kept: OpenCase) -> tuple[int, ...]:
    """Who of the desk follows the other ticket because of this one, as far as it takes more people."""
    join = [one for one in merged.case.followers if one not in kept.case.own_followers]
    new = [one for one in join if one not in kept.case.followers]
    left_out = new[max(0, telling.MOST_FOLLOWERS - len(kept.case.followers)) :]
    return tuple(one for one in join if one not in left_out)


def unmerge(number: int, *, by: Actor, now: datetime) -> None:
    """Let a merged ticket go on by itself again, as it stood; what was written since stays where it is."""
    ticket = Ticket.objects.filter(pk=number).first()
    if ticket is None:
        raise NoSuchTicket(_("There is no ticket #%(number)s.") % {"number": number})
    if ticket.merged_into_id is None:
        raise Refused(_("#%(number)s is not merged into another ticket.") % {"number": number})
    into = ticket.merged_into_id
    with _both(number, into, by, now) as (merged, kept):
        if merged.case.merged_into != into:
            raise Conflict(
                _("Somebody else took #%(number)s out of #%(into)s since you looked.")
                % {"number": number, "into": into}
            )
        if kept.case.status == MERGED:
            raise Refused(
                _("#%(into)s is merged into #%(merged_into)s itself. Undo that merge first.")
                % {"into": into, "merged_into": kept.case.merged_into}
            )
        merged.log(f.Unmerged(at=now, by=by.person, ticket=into))
        kept.log(f.MergeUndone(at=now, by=by.person, ticket=number))


def merge_back(number: int, *, by: Actor, now: datetime) -> None:
    """Undo a split: the ticket that was made of some messages is merged into the one that they came from."""
    with opened(number, by, now) as case:
        origin = case.case.split_from
    if origin is None:
        raise Refused(_("#%(number)s was not split from another ticket.") % {"number": number})
    merge(number, by=by, now=now, into=queries.survivor(origin))


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a split is made of: the messages, the first that is public, and who asks."""

    messages: list[Message]
    first: Message
    requester: Person
    from_person: bool


def split(number: int, *, by: Actor, now: datetime, messages: Sequence[int], subject: str = "") -> int:
    """Make some messages a ticket of their own, linked to this one; the new ticket's number.

    They stay here too. The new one is received when the first of them was written; what would be late by that counts
    from now. Its requester is told the number.
    """
    acting(by)
    with opened(number, by, now) as case:
        permit(f.SplitOff, case.case.status, by.role)
        # What had fallen due until now is acted on before the wait for an answer goes elsewhere.
        workflow.settle(case)
        origin = _origin(case, messages)
        with _made_of(case, origin, subject.strip()) as made:
            chosen = tuple(message.pk for message in origin.messages)
            case.log(f.SplitOff(at=now, by=by.person, ticket=made.number, messages=chosen))
            _linked(case, made, "related")
            return made.number


def _origin(case: OpenCase, chosen: Sequence[int]) -> _Origin:
    wanted = set(chosen)
    if not wanted:
        raise Refused(_("Choose at least one message: the new ticket is made of it."))
    if len(wanted) > MOST_SPLIT:
        raise Refused(
            _("A ticket can be made of up to %(most)s messages; these are %(count)s.")
            % {"most": MOST_SPLIT, "count": len(wanted)}
        )
    gone = next((part for part in case.case.parts if wanted.intersection(part.messages)), None)
    if gone:
        raise Refused(_("One of these messages is a ticket of its own already: #%(ticket)s.") % {"ticket": gone.ticket})
    kept = Message.objects.filter(ticket=case.number, pk__in=wanted).exclude(kind=Message.SYSTEM)
    found = list(kept.select_related("author").order_by("written_at", "pk"))
    public = [message for message in found if message.kind == Message.PUBLIC]
    if len(found) != len(wanted) or not public:
        raise Refused(_("Choose messages of this ticket, at least one of them to or from the requester."))
    first = next((message for message in public if message.incoming), public[0])
    asks = first.author if first.incoming and first.author else case.ticket.requester
    opening = next(fact.message for fact in case.facts if isinstance(fact, f.Received))
    return _Origin(found, public[0], asks, case.case.from_person or (first.incoming and first.pk != opening))


@contextmanager
def _made_of(case: OpenCase, origin: _Origin, subject: str) -> Iterator[OpenCase]:
    """The new ticket, worked like any request (SOP 1.2 to 4.1), held open."""
    request = _request(case, origin, subject)
    row = {
        "channel": request.channel,
        "subject": request.subject,
        "requester_id": request.author,
        "opened_at": request.received_at,
    }
    with door.new(procedures.in_force(case.now), row, by=case.by, now=case.now) as made:
        made.ticket.requester = origin.requester
        copies = [made.take_over(message) for message in origin.messages]
        _receive(made, request, copies[origin.messages.index(origin.first)], origin)
        suggestion = triage.suggest(made.procedure, request.subject, request.new_text)
        acknowledge.check(made, request, suggestion.category)
        triage.accept(made, suggestion)
        late = (clock.name for clock in made.clocks() if clock.due_at is not None and clock.due_at <= made.now)
        fact = f.SplitFrom(
            at=made.now,
            by=made.by.person,
            ticket=case.number,
            messages=tuple(message.pk for message in origin.messages),
            copies=tuple(message.pk for message in copies),
            digests=tuple(message.digest for message in copies),
            counted_anew=tuple(dict.fromkeys(late)),
        )
        made.log(fact)
        acknowledge.announce_split(made, request, case.number)
        respond.assign_available(made)
        yield made


def _receive(made: OpenCase, request: Request, first: Message, origin: _Origin) -> None:
    received = f.Received(
        at=request.received_at,
        by=request.author,
        channel=request.channel,
        requester=request.author,
        subject=request.subject,
        message=first.pk,
        digest=first.digest,
        from_person=origin.from_person,
        **directory.known_of(origin.requester)._asdict(),
    )
    made.log(received, by=Actor.requester(request.author))


def _request(case: OpenCase, origin: _Origin, subject: str) -> Request:
    first = origin.first
    public = [message for message in origin.messages if message.kind == Message.PUBLIC and message.incoming]
    text = "\n\n".join(message.new_text or message.text for message in public or [first])
    came_by = RawItem.objects.filter(messages=first).values_list("channel", flat=True).first()
    theirs = next((one.address for one in public if one.author_id == origin.requester.pk and one.address), "")
    return Request(
        channel=came_by or case.case.channel,
        received_at=first.written_at,
        author=origin.requester.pk,
        address=theirs or origin.requester.email,
        subject=messages.storable(subject or first.subject or case.case.subject).strip()[:300],
        text=text,
        new_text=text,
        mail_id=next((message.mail_id for message in public if message.mail_id), ""),
        robot="" if origin.from_person else say("a machine wrote it"),
    )


_DONE = {RESOLVED: say("it is resolved"), CLOSED: say("it is closed"), MERGED: say("it is merged")}


@dataclass(frozen=True, slots=True)
class Told:
    """How the answer to a parent's children went: how many have it, and why others have not."""

    sent: int
    left_out: tuple[Said, ...]


def answer_children(number: int, *, by: Actor, now: datetime, text: str, next_step: str = "") -> Told:
    """Send one public answer on every unresolved child of this ticket, each through the door by itself (SOP 4.3).

    At most MOST_CHILDREN; one that refuses it stops no other.
    """
    if not text.strip():
        raise Refused(_("The answer is empty. Write something first."))
    person = acting(by)
    with opened(number, by, now) as case:
        permit(f.Linked, case.case.status, by.role)
        children = [one.ticket for one in case.case.links if one.relation == "child"][:MOST_CHILDREN]
    if not children:
        raise Refused(_("This ticket has no children: link them first."))
    sent, left_out = 0, []
    for child in children:
        try:
            with opened(child, by, now) as case:
                if case.case.status not in UNRESOLVED:
                    raise Refused(_DONE[case.case.status])
                respond.reply(case, person, text.strip(), next_step=next_step.strip())
                sent += 1
        except (Refused, NotAllowed) as refusal:
            left_out.append(say("#%(ticket)d: %(why)s", ticket=child, why=refusal.args[0]))
    return Told(sent, tuple(left_out))
