"""The mails of what people of the desk are told: bundled, in their shift, about what they have not read (SOP 4.3).

What has happened on one ticket makes a mail in the thread of that ticket, which can be answered; news of several
tickets make one that lists them. The mails of the escalation matrix (SOP 5.1) leave by themselves and wait for nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from forthwith.outbox import notices, post
from forthwith.outbox.models import Outgoing
from forthwith.outbox.post import Letter, Recipient, Thread
from forthwith.outbox.told import Notice
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.procedure import document
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import TO_STAFF
from forthwith.record import door, procedures, queries
from forthwith.record.door import OpenCase
from forthwith.record.models import Message
from forthwith.record.stored import recorded
from forthwith.steps import words

TRY_AGAIN_AFTER = timedelta(minutes=10)
OWN_FAILURES = frozenset({"staff_not_sent", "staff_returned"})
"""Letters on what the person has just sent themselves: they believe that it left, so these wait for no shift."""
_MOST_LINES = 30
_MOST_REFERENCES = 10
_SHOWN_LINES = 8
_log = logging.getLogger(__name__)


def mail_due(now: datetime) -> bool:
    """Mail what has been due longest to one person, with all that waits for them; False when nothing is due.

    Claimed, written and marked in one transaction: a crash leaves all of it to the next worker.
    """
    with transaction.atomic():
        claimed = notices.claim(now)
        if claimed is None:
            return False
        person, waiting = claimed
        try:
            # In the desk's own language, as the words around them.
            with transaction.atomic(), translation.override(procedures.current().language):
                _mail(person, waiting, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # one person's news must not stop everybody's
            _log.exception("The news of person %s could not be mailed and are tried again later", person.pk)
            notices.put_off(waiting, now + TRY_AGAIN_AFTER)
    return True


_SAYS: dict[str, tuple[str, str]] = {
    "assigned": (gettext_noop("%(who)s assigned it to you"), gettext_noop("It is yours")),
    "mentioned": (gettext_noop("%(who)s mentioned you in a note"), gettext_noop("You are mentioned in a note")),
    "at_risk": (gettext_noop("Its time is running out"),) * 2,
    "late": (gettext_noop("It is late"),) * 2,
    "escalated": (gettext_noop("%(who)s escalated it"), gettext_noop("It was escalated")),
    "failed": (gettext_noop("A mail was not delivered"),) * 2,
    "reopened": (gettext_noop("%(who)s opened it again"), gettext_noop("It was opened again")),
    "rated": (gettext_noop("The requester rated it"),) * 2,
}
"""What happened, where somebody did it and where it came by itself."""


def says(notice: Notice) -> str:
    """What happened, in a sentence without its full stop."""
    who = {"who": str(notice.by) if notice.by else _("Somebody")}
    if notice.letter in OWN_FAILURES:
        return _("Your answer was not sent")
    if notice.event not in _SAYS:
        return _said(notice, who)
    by_somebody, by_itself = _SAYS[notice.event]
    return _(by_somebody if notice.by else by_itself) % who


def _said(notice: Notice, who: dict[str, str]) -> str:
    if is_inside(notice):
        return _("%(who)s wrote a note") % who
    if notice.event == "followed" and notice.by and notice.by.reads_all:
        return _("%(who)s answered the requester") % who
    return _("%(who)s has written") % who


def is_inside(notice: Notice) -> bool:
    """Whether it is about what the requester never sees."""
    return vars(notice).get("kind") == Message.INTERNAL


def place(notice: Notice) -> str:
    """The very place that it is about, on the page of its ticket."""
    page = f"/tickets/{notice.ticket_id}/"
    if notice.message_id:
        return f"{page}#message-{notice.message_id}"
    return f"{page}#fact-{notice.seq}" if notice.seq else page


def begins(notice: Notice) -> str:
    """How its message begins, else its reason, in the active language where the desk itself wrote it."""
    said = str(vars(notice).get("begins") or "").strip()
    if not said:
        return recorded(notice.why)
    return f"{said}…" if len(said) >= notices.LONGEST_SHOWN else said


def _mail(person: Person, waiting: list[Notice], now: datetime) -> None:
    ready = list(_ready(person, waiting, now))
    if not ready:
        return
    tickets = list(dict.fromkeys(one.ticket_id for one in ready))
    # The procedure in force speaks, of however many tickets under earlier revisions.
    procedure = procedures.current()
    if len(tickets) == 1:
        case = door.as_it_is(tickets[0], now=now)
        letter, team = _of_one(person, case, ready, procedure), case.case.team or case.case.sent_to or ""
    else:
        letter, team = _of_several(person, ready, procedure, now), ""
    # One that was written before there were words for this mail lends those of the standard.
    speaks = procedure if procedure.has_words(letter.purpose) else document.standard()
    mails = post.queue([letter], speaks, now, team=team)
    if mails and "{settings_link}" not in speaks.words(letter.purpose).text:
        post.add_words(mails[0], _("What you are told by mail: %(link)s") % {"link": settings_link()})
    notices.mailed(ready, now)


def _ready(person: Person, waiting: Sequence[Notice], now: datetime) -> Iterator[Notice]:
    """What can be mailed now: never what the person may not read any more; out of their shift nearly all waits."""
    tickets = {one.ticket_id for one in waiting}
    seen = set(queries.visible_to(person).filter(pk__in=tickets).values_list("pk", flat=True))
    gone = [one for one in waiting if one.ticket_id not in seen or not (person.is_active and person.reads_all)]
    notices.mailed(gone, now)
    left = [one for one in waiting if one not in gone]
    shift = directory.shift_begins(person, procedures.current(), now)
    if shift is None:
        yield from left
        return
    notices.put_off([one for one in left if one.letter not in OWN_FAILURES], shift)
    yield from (one for one in left if one.letter in OWN_FAILURES)


def _of_one(person: Person, case: OpenCase, news: list[Notice], procedure: Procedure) -> Letter:
    """News of one ticket, in its thread. An answer goes to the requester, or is a note where a note is among them."""
    first = news[0]
    alone = first.letter if len(news) == 1 and first.letter and procedure.has_words(first.letter) else ""
    inside = any(is_inside(one) and one.letter not in OWN_FAILURES for one in news)
    if alone:
        assignee = person if case.case.assignee == person.pk else None
        said = words.for_staff(case, words.next_clock(case), recorded(first.why), assignee)
    else:
        said = {**words.of_ticket(case), "news": "\n\n".join(_lines(news, procedure, case.now))}
    values = {**said, "link": f"{settings.PUBLIC_URL}{place(first)}", "settings_link": settings_link()}
    return Letter(
        purpose=alone or ("staff_news_inside" if inside else "staff_news"),
        ticket=case.number,
        message=None,
        to=Recipient(person.pk, person.email, person.name),
        values=values,
        thread=_thread(person.pk, case.number),
        inside=inside,
        closed=not person.works_here,
    )


def _of_several(person: Person, news: list[Notice], procedure: Procedure, now: datetime) -> Letter:
    by_ticket: dict[int, list[Notice]] = {}
    for one in news:
        by_ticket.setdefault(one.ticket_id, []).append(one)
    said = []
    for number, own in by_ticket.items():
        head = f"#{number} {own[0].ticket.subject}\n{settings.PUBLIC_URL}{place(own[0])}"
        said.append("\n\n".join((head, *_lines(own, procedure, now, most=max(1, _MOST_LINES // len(by_ticket))))))
    count = len(by_ticket)
    values = {
        "tickets": ngettext("%(count)d ticket", "%(count)d tickets", count) % {"count": count},
        "news": "\n\n".join(said),
        "link": f"{settings.PUBLIC_URL}/notices/",
        "settings_link": settings_link(),
        "desk": words.desk_name(),
    }
    return Letter(purpose="staff_news_several", to=Recipient(person.pk, person.email, person.name), values=values)


def settings_link() -> str:
    """Where a person says what they want to be told by mail."""
    return f"{settings.PUBLIC_URL}/notices/preferences/"


def _lines(news: Iterable[Notice], procedure: Procedure, now: datetime, most: int = _MOST_LINES) -> Iterator[str]:
    told = list(news)
    for one in told[:most]:
        head = f"{says(one)}, {words.when(one.at, procedure, now)}"
        text = [f"  {line.strip()}" for line in begins(one).splitlines() if line.strip()][:_SHOWN_LINES]
        yield "\n".join((f"{head}:", *text)) if text else f"{head}."
    if len(told) > most:
        yield ngettext("And %(count)d more.", "And %(count)d more.", len(told) - most) % {"count": len(told) - most}


def _thread(person: int, ticket: int) -> Thread:
    """The mails that the person has had of the ticket: each program then shows them together."""
    had = Outgoing.objects.filter(ticket=ticket, person=person, purpose__startswith=TO_STAFF).order_by("-pk")
    ids = list(had.values_list("mail_id", flat=True)[:_MOST_REFERENCES])
    return Thread(ids[0], tuple(reversed(ids))) if ids else Thread()
