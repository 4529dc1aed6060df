"""What mails say: the values that the wordings are filled with, from an open case, and whom they go to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from forthwith.outbox import post
from forthwith.outbox.models import Outgoing
from forthwith.outbox.post import Letter, Recipient, Thread
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case
from forthwith.procedure.clocks import NAMES, Clock
from forthwith.procedure.language import moment_in
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import TO_STAFF
from forthwith.record import formatting, links, traffic
from forthwith.record.door import OpenCase
from forthwith.record.models import Message, Ticket

ANSWERED_BY_MACHINES = ("escalation_notice", "closed")
"""What leaves by itself to a requester, some time after their request."""
_MOST_MAILS = 12


def desk_name() -> str:
    """What the desk calls itself."""
    return settings.DESK_NAME or "Support"


def language_of(case: OpenCase, *messages: str, details: Iterable[str] = ()) -> str:
    """The language of a mail to the requester that is made of these messages, and asks for these details."""
    return case.procedure.language_for(case.ticket.requester.language, *messages, details=details)


def when(at: datetime | None, procedure: Procedure, now: datetime, language: str = "") -> str:
    """An instant as the desk says it in a language, seen from `now`, in the zone of its business calendar."""
    spoken, phrases = procedure.spoken_as(language), procedure.phrases(language)
    if at is None:
        return phrases.soon
    name = procedure.calendar(procedure.closing.silence.calendar).timezone
    zone = ZoneInfo(name)
    return f"{moment_in(spoken, phrases, at.astimezone(zone), now.astimezone(zone))} ({name})"


class About(Protocol):
    """What is known of a ticket at an instant, whether or not it is held open."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def ticket(self) -> Ticket:
        """Its row."""

    @property
    def case(self) -> Case:
        """Its state."""

    @property
    def procedure(self) -> Procedure:
        """What it is handled by."""

    @property
    def now(self) -> datetime:
        """When that is."""


def of_ticket(case: About, person: int | None = None, language: str = "") -> dict[str, str]:
    """The values every wording may use, in a language; `link` is the signed one of that person, or the desk's page."""
    state, procedure = case.case, case.procedure
    requester, unnamed = case.ticket.requester, procedure.phrases(language).unnamed
    page = f"{settings.PUBLIC_URL}/tickets/{case.number}/"
    return {
        "number": f"#{case.number}",
        "subject": state.subject,
        "requester": requester.name or (unnamed if person == requester.pk else requester.email),
        "link": links.ticket_url(case.number, person) if person else page,
        "desk": desk_name(),
        "priority": procedure.named("priorities", state.priority or "", language),
        "category": procedure.named("categories", state.category or "", language),
        "team": procedure.named("teams", state.team or "", language),
    }


def as_mailed(message: Message) -> str:
    """The words of a message of the desk's as the text of a mail says them: what was formatted, in plain signs."""
    return formatting.plain(message.html) if message.html else message.text


def for_staff(case: OpenCase, clock: Clock | None, why: str, assignee: Person | None = None) -> dict[str, str]:
    """The values of a mail to people at the desk; `assignee` where the caller has them at hand."""
    assignee = assignee or directory.person(case.case.assignee)
    values = of_ticket(case)
    nothing = {name: f"no {name}" for name in ("priority", "category", "team") if not values[name]}
    return {
        **values,
        **nothing,
        "assignee": str(assignee) if assignee else "nobody",
        "clock": NAMES[clock.name].capitalize() if clock else "Ticket",
        "due": when(clock.due_at, case.procedure, case.now) if clock else "",
        "why": why,
    }


def to_requester(case: OpenCase, address: str = "") -> Recipient:
    """The requester, at the address they last wrote from, or their first."""
    requester = case.ticket.requester
    return Recipient(requester.pk, address or requester.email, requester.name)


def to_staff(case: OpenCase, purpose: str, people: list[Person], values: dict[str, str]) -> list[Letter]:
    """One mail of that purpose for each of the people."""
    return [
        Letter(purpose=purpose, ticket=case.number, to=Recipient(p.pk, p.email, p.name), values=values) for p in people
    ]


def queue(case: OpenCase, letters: list[Letter], *, after: datetime | None = None) -> bool:
    """Queue mails in the transaction of their cause, to leave at once or `after` an instant; whether any can go out."""
    if case.case.silent or case.case.from_log or (letters and goes_round(case, letters[0])):
        return False
    rows = post.rows(letters, case.procedure, case.now, team=case.case.team or case.case.sent_to or "")
    for row in rows:
        row.next_at = after or row.next_at
    case.keep_with(rows)
    return bool(rows)


def goes_round(case: OpenCase, letter: Letter) -> bool:
    """Whether an automatic mail would go to a machine that answers it: its address wrote above a rate of the procedure
    about when it opened the ticket, or has done so lately (SOP 2.2).

    Acknowledgements are not asked about: the request that they answer is known for what it is.
    """
    if not letter.automatic or letter.purpose not in ANSWERED_BY_MACHINES or case.ticket.opened_at is None:
        return False
    window, opened_at = timedelta(seconds=case.procedure.loops.quiet.within), case.ticket.opened_at
    return traffic.was_looping(letter.to.address, opened_at, opened_at + window, case.now - window)


def next_clock(case: OpenCase) -> Clock | None:
    """The running clock that falls due first, leaving the acknowledgement aside."""
    running = [clock for clock in case.clocks() if clock.ended_at is None and clock.name != "acknowledgement"]
    dated = [(clock.due_at, clock) for clock in running]
    known = [(due, clock) for due, clock in dated if due is not None]
    return min(known, key=lambda pair: pair[0])[1] if known else None


def clock_named(case: OpenCase, name: str) -> Clock | None:
    """The latest cycle of a clock of the case."""
    return next((clock for clock in reversed(case.clocks()) if clock.name == name), None)


def thread_of(case: OpenCase, leaving: str = "") -> tuple[Thread, str]:
    """What a mail to the requester answers, and the address it goes to: both from their latest mail.

    The thread is every mail that they wrote or had, up to the one that is answered; that is our own latest where
    they have written none. `leaving` is the Message-ID of the mail itself.
    """
    said = Message.objects.filter(ticket_id=case.number, kind=Message.PUBLIC).exclude(mail_id__in=["", leaving])
    wanted = ("written_at", "mail_id", "incoming", "address", "author_id")
    rows = list(said.order_by("-written_at", "-pk").values_list(*wanted)[:_MOST_MAILS])
    dated = [(row[0], row[1]) for row in rows]
    if len(rows) == _MOST_MAILS:
        dated += said.order_by("written_at", "pk").values_list("written_at", "mail_id")[:1]
    ours = Outgoing.objects.filter(ticket=case.number).exclude(purpose__startswith=TO_STAFF).exclude(mail_id=leaving)
    dated += ours.order_by("-pk").values_list("queued_at", "mail_id")[:_MOST_MAILS]
    ids = tuple(dict.fromkeys(mail_id for _, mail_id in sorted(dated)))
    latest = next((row[1] for row in rows if row[2]), ids[-1] if ids else "")
    if latest in ids:
        ids = ids[: ids.index(latest) + 1]
    theirs = next(((row[0], row[3]) for row in rows if row[2] and row[4] == case.case.requester), None)
    return Thread(latest, ids), _corrected(case, theirs[0] if theirs else None) or (theirs[1] if theirs else "")


def _corrected(case: OpenCase, heard_at: datetime | None) -> str:
    """The address that a person put right on a mail that was lost, unless the requester has written since."""
    moved = (fact for fact in reversed(case.facts) if isinstance(fact, f.SentAgain) and fact.address != fact.was)
    latest = next(moved, None)
    return latest.address if latest and (heard_at is None or latest.at > heard_at) else ""
