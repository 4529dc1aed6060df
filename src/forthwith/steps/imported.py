"""A case of another desk's event log becomes a ticket made of facts, with the instants at which they happened.

It comes through the same door as every request, and is kept raw like one (SOP 1.2). Nobody is told, now or later: what
is made from a log has no alarm, and no mail leaves because of it. What the log leaves out stays empty, and the verdicts
say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import CLOSED, NEW, ON_HOLD, OPEN, RESOLVED, UNRESOLVED, WAITING, NotAllowed
from forthwith.record.door import OpenCase
from forthwith.record.messages import Draft
from forthwith.record.models import Message, RawItem
from forthwith.steps import receive
from forthwith.steps.request import Request

CHANNEL = "eventlog"
"""Of the raw items; the ticket's own channel is that of the log."""
WORKING = ("assigned", "replied", "waiting", "on_hold", "escalated")
"""What is not done on a ticket that is solved: where the log does it, the ticket had been reopened."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: which act, when, by whom, and what else the log says of it; `to` is who was given it."""

    act: str
    at: datetime
    by: Person
    to: Person | None
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A case of a log, ready to become a ticket. `raw` is what the log says of it, as it says it."""

    log: str
    case: str
    raw: bytes
    received_at: datetime
    requester: Person
    channel: str
    subject: str
    events: Sequence[Event]


def known(log: str, cases: Sequence[str]) -> set[str]:
    """Of which of these cases tickets were made already."""
    return receive.known_among(CHANNEL, log, cases)


def take_in(story: Story, now: datetime) -> tuple[int, Counter[str]]:
    """Make a ticket of a case; its number, and what the log left out or told twice, counted by what it is."""
    item, _ = receive.keep(CHANNEL, story.raw, sender="", recipients=(), now=now, silent=True)
    receive.identify(item, story.log, story.case)
    text = f"Case {story.case} of the event log {story.log}."
    request = Request(
        channel=story.channel,
        received_at=story.received_at,
        author=story.requester.pk,
        person=story.requester,
        address=story.requester.email,
        subject=story.subject,
        text=text,
        new_text=text,
        log=f"{story.log}:{story.case}",
    )
    with receive.new_ticket(request, by=Actor.requester(story.requester.pk), now=now) as case:
        teller = _Teller(case)
        for event in story.events:
            teller.tell(event)
        number = case.number
    receive.settle(item, RawItem.TICKET, ticket=number)
    return number, teller.odd


class _Teller:
    """Logs events on a case, with what must have happened between them, and counts what does not fit."""

    def __init__(self, case: OpenCase) -> None:
        self.case = case
        self.odd: Counter[str] = Counter()

    def tell(self, event: Event) -> None:
        status = self.case.case.status
        if event.act in WORKING and status in (RESOLVED, CLOSED):
            self._implied("reopened", event)
        if event.act == "closed" and status in UNRESOLVED:
            self._implied("resolved", event)
        if self._tells_nothing(event):
            return
        try:
            _ACTS[event.act](self.case, event)
        except NotAllowed:
            self.odd[f"{event.act} while {self.case.case.status}: left out"] += 1

    def _implied(self, act: str, event: Event) -> None:
        self.odd[f"{act}, which the log does not say before '{event.act}': added"] += 1
        _ACTS[act](self.case, event)

    def _tells_nothing(self, event: Event) -> bool:
        """Whether it is so already."""
        status = self.case.case.status
        if event.act in ("resumed", "reopened"):
            return status in {"resumed": (NEW, OPEN, RESOLVED, CLOSED), "reopened": UNRESOLVED}[event.act]
        so = {"resolved": (RESOLVED, CLOSED), "closed": (CLOSED,), "waiting": (WAITING,), "on_hold": (ON_HOLD,)}
        twice = status in so.get(event.act, ())
        if twice:
            self.odd[f"{event.act} again: left out"] += 1
        return twice


def _by(event: Event) -> Actor:
    return Actor.of(event.by)


def _message(case: OpenCase, event: Event, kind: str) -> Message:
    text = f"The log says: {event.said.get('why') or event.act}."
    author = event.by
    draft = Draft(
        kind=kind, text=text, new_text=text, written_at=event.at, author=author.pk, address=author.email, subject=""
    )
    return case.write(draft)


def _acknowledged(case: OpenCase, event: Event) -> None:
    case.log(f.Acknowledged(at=event.at, by=event.by.pk, how="by hand"), by=_by(event))


def _categorised(case: OpenCase, event: Event) -> None:
    category = event.said.get("category") or case.procedure.assignment.category
    case.log(f.Categorised(at=event.at, by=event.by.pk, category=category), by=_by(event))


def _prioritised(case: OpenCase, event: Event) -> None:
    """As the log says; where it says only that it was done, as the procedure does for what says nothing."""
    defaults = case.procedure.assignment
    impact, urgency = event.said.get("impact") or defaults.impact, event.said.get("urgency") or defaults.urgency
    priority = event.said.get("priority") or case.procedure.priority_for(impact, urgency)
    fact = f.Prioritised(at=event.at, by=event.by.pk, priority=priority, impact=impact, urgency=urgency)
    case.log(fact, by=_by(event))


def _assigned(case: OpenCase, event: Event) -> None:
    team = event.said.get("team") or case.case.team or case.procedure.assignment.team
    fact = f.Assigned(at=event.at, by=event.by.pk, team=team, assignee=event.to.pk if event.to else None)
    case.log(fact, by=_by(event))


def _noted(case: OpenCase, event: Event) -> None:
    message = _message(case, event, Message.INTERNAL)
    case.log(f.Noted(at=event.at, by=event.by.pk, message=message.pk, digest=message.digest), by=_by(event))


def _replied(case: OpenCase, event: Event) -> None:
    message = _message(case, event, Message.PUBLIC)
    case.log(f.Replied(at=event.at, by=event.by.pk, message=message.pk, digest=message.digest), by=_by(event))


def _waiting(case: OpenCase, event: Event) -> None:
    case.log(f.WaitingOnRequester(at=event.at, by=event.by.pk, why=event.said.get("why", "")), by=_by(event))


def _on_hold(case: OpenCase, event: Event) -> None:
    case.log(f.PutOnHold(at=event.at, by=event.by.pk, why=event.said.get("why", "")), by=_by(event))


def _resumed(case: OpenCase, event: Event) -> None:
    case.log(f.Resumed(at=event.at, by=event.by.pk, why=event.said.get("why", "")), by=_by(event))


def _escalated(case: OpenCase, event: Event) -> None:
    fact = f.Escalated(at=event.at, by=event.by.pk, kind="functional", why=event.said.get("why", ""))
    case.log(fact, by=_by(event))


def _resolved(case: OpenCase, event: Event) -> None:
    cause, solution = event.said.get("cause", ""), event.said.get("solution", "")
    category = event.said.get("category") or case.case.category or case.procedure.assignment.category
    fact = f.Resolved(at=event.at, by=event.by.pk, cause=cause, solution=solution, category=category)
    case.log(fact, by=_by(event))


def _confirmed(case: OpenCase, event: Event) -> None:
    case.log(f.Confirmed(at=event.at, by=event.by.pk, how="told to an agent"), by=_by(event))


def _closed(case: OpenCase, event: Event) -> None:
    why = event.said.get("why") or "closed in the log"
    case.log(f.Closed(at=event.at, by=event.by.pk, why=why), by=_by(event))


def _reopened(case: OpenCase, event: Event) -> None:
    why = event.said.get("why") or "work went on in the log"
    case.log(f.Reopened(at=event.at, by=event.by.pk, why=why), by=_by(event))


_ACTS: dict[str, Callable[[OpenCase, Event], None]] = {
    "acknowledged": _acknowledged,
    "categorised": _categorised,
    "prioritised": _prioritised,
    "assigned": _assigned,
    "noted": _noted,
    "replied": _replied,
    "waiting": _waiting,
    "on_hold": _on_hold,
    "resumed": _resumed,
    "escalated": _escalated,
    "resolved": _resolved,
    "confirmed": _confirmed,
    "closed": _closed,
    "reopened": _reopened,
}
