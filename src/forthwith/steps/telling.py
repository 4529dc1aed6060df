"""Who of the desk is told of what happens on a ticket, each person once for one thing (SOP 4.3, 5.1).

Nobody is told of what they did themselves, and nobody who may not see the ticket. What a person is told is a row in the
transaction of its cause; `news.py` makes mails of what has not been read by the time that they leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from forthwith.outbox import notices
from forthwith.outbox.told import Notice
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import WORKERS
from forthwith.procedure.noticing import Event
from forthwith.record.door import OpenCase
from forthwith.record.models import Message

Told = tuple[Person, Event]
"""Somebody, and as what it is news to them."""

LONGEST_WHY = 500
MOST_FOLLOWERS = 100


def assigned(case: OpenCase, agent: Person, why: str) -> None:
    """The ticket was given to somebody (SOP 4.1)."""
    _tell(case, [(agent, "assigned")], why=why, letter="staff_assigned")


def answered(case: OpenCase, *, reopened: bool = False) -> None:
    """The requester has written, or somebody who says that they are of the desk; perhaps that opened it again."""
    seq, message = _latest(case, f.RequesterWrote, f.MachineWrote)
    event: Event = "reopened" if reopened else "answered"
    letter = "" if reopened else "staff_answered"
    _tell(case, _concerned(case, event, "answered"), seq=seq, message=message, letter=letter)


def replied(case: OpenCase, message: Message) -> None:
    """Somebody of the desk has answered the requester."""
    _tell(case, _concerned(case, "followed"), message=message.pk)


def noted(case: OpenCase, message: Message, mentioned: Iterable[Person] = ()) -> None:
    """Somebody of the desk has written a note, and perhaps called others in by name."""
    called: list[Told] = [(person, "mentioned") for person in mentioned]
    _tell(case, [*called, *_concerned(case, "followed")], message=message.pk)


def escalated(
    case: OpenCase, people: Iterable[Person], assignee: int | None, event: Event, why: str, *, unnamed: bool
) -> None:
    """The ticket was escalated: whom the procedure names has a mail of it already, and sees it in the app beside.

    `event` is what it is to who had the ticket then, `assignee`; `unnamed`: also where no rung names them.
    """
    told = list(people)
    _tell(case, [(one, event if one.pk == assignee else "escalated") for one in told], why=why, by_mail=False)
    if unnamed and assignee is not None and assignee not in {one.pk for one in told}:
        _tell(case, [(one, event) for one in directory.several([assignee])], why=why)


def failed(case: OpenCase, message: Message | None, why: str, leaders: Iterable[Person]) -> None:
    """A mail to the requester was lost: who wrote it is told; where nobody did, or they have left, who has the ticket.

    The leaders have had a mail.
    """
    author = message.author_id if message is not None else None
    told = _at_the_desk(author) or _at_the_desk(case.case.assignee)
    by_mail = not {one.pk for one in told} & {one.pk for one in leaders}
    _tell(case, [(one, "failed") for one in told], message=message.pk if message else None, why=why, by_mail=by_mail)


def _at_the_desk(person: int | None) -> list[Person]:
    """The person, if there is one and they have not left."""
    return [one for one in directory.several([person or 0]) if one.reads_all]


def not_sent(case: OpenCase, author: Person, why: str, *, letter: str, message: Message | None = None) -> None:
    """What somebody of the desk wrote did not go out: of that they are told themselves (SOP 4.3)."""
    _tell(case, [(author, "failed")], message=message.pk if message else None, why=why, letter=letter, own=True)


def reopened(case: OpenCase, why: str) -> None:
    """The ticket was opened again without a message of the requester's (SOP 7.1)."""
    _tell(case, [(one, "reopened") for one in directory.several([case.case.assignee or 0])], why=why)


def rated(case: OpenCase, score: int, comment: str) -> None:
    """The requester has rated the handling (SOP 7.1)."""
    most = case.procedure.closing.rating
    why = f"{score}/{most}: {comment}" if comment else f"{score}/{most}"
    _tell(case, [(one, "rated") for one in directory.several([case.case.assignee or 0])], why=why)


def _concerned(case: OpenCase, to_assignee: Event, otherwise: Event | None = None) -> list[Told]:
    """Who has the ticket, and who follows it. `otherwise` is what it is to the assignee who wants no such news."""
    wanted = dict.fromkeys([case.case.assignee or 0, *case.case.followers])
    people = {one.pk: one for one in directory.several(list(wanted))} if any(wanted) else {}
    found: list[Told] = []
    for number in wanted:
        if number in people:
            mine = number == case.case.assignee
            events = (to_assignee, otherwise or to_assignee) if mine else ("followed", "followed")
            found += [(people[number], event) for event in dict.fromkeys(events)]
    return found


def _latest(case: OpenCase, *kinds: type[f.RequesterWrote] | type[f.MachineWrote]) -> tuple[int, int]:
    """The place of the latest fact of these kinds on the record, and its message."""
    facts = enumerate(reversed(case.facts))
    back, fact = next((back, fact) for back, fact in facts if isinstance(fact, kinds))
    return len(case.facts) - back, fact.message


def _tell(  # noqa: PLR0913 - what a notice says
    case: OpenCase,
    told: Iterable[Told],
    *,
    seq: int | None = None,
    message: int | None = None,
    why: str = "",
    letter: str = "",
    by_mail: bool = True,
    own: bool = False,
) -> None:
    """One notice for each person, of the first event that they want to hear of.

    Unless said, `seq` is the latest fact's; of their `own` act that was refused the record has none, but for its note.
    """
    # An import tells nobody; what somebody of the desk does on such a ticket is told as ever.
    if case.case.silent and not own and case.by.role not in WORKERS:
        return
    rows: dict[int, Notice] = {}
    if seq is None and not (own and message is None):
        seq = len(case.facts)
    # Who sent something themselves believes that it left.
    mail_at = case.now + timedelta(seconds=0 if own else case.procedure.notices.bundle)
    for person, event in told:
        own_act = person.pk == case.by.person and not own
        if person.pk in rows or own_act or not (person.is_active and person.reads_all):
            continue
        shown, mailed = notices.wanted(person, event, case.procedure)
        if not (shown or (mailed and by_mail)):
            continue
        rows[person.pk] = Notice(
            person_id=person.pk,
            ticket_id=case.number,
            seq=seq,
            event=event,
            message_id=message,
            by_id=case.facts[seq - 1].by if seq and not own else None,
            why=why[:LONGEST_WHY],
            letter=letter if event != "followed" else "",
            at=case.now,
            shown=shown,
            mail_at=mail_at if mailed and by_mail else None,
        )
    case.keep_with(rows.values())
