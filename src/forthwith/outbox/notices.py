"""The notices of a person: which there are, what they have read, and which are due to be mailed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, Substr

from forthwith.outbox.told import Notice
from forthwith.people.models import Person
from forthwith.procedure.model import Procedure

PAGE = 50
MOST_COUNTED = 100
MOST_IN_A_MAIL = 100
LONGEST_SHOWN = 400
"""Characters of a message that stand below its notice."""
_LOOKED_AT = 20
_SWEPT = 1000


def wanted(person: Person, event: str, procedure: Procedure) -> tuple[bool, bool]:
    """Whether a person wants such news in the app, and by mail: as they chose, else as the procedure says."""
    kept = person.wishes.get(event)
    if isinstance(kept, list) and len(kept) == 2:
        return bool(kept[0]), bool(kept[1])
    return True, event in procedure.notices.mail


def choose(person: Person, wishes: Mapping[str, tuple[bool, bool]], procedure: Procedure) -> None:
    """Keep what a person wants to hear of, in the app and by mail; only where it is not what the procedure says."""
    person.wishes = {}
    own = {event: list(wish) for event, wish in wishes.items() if wish != wanted(person, event, procedure)}
    person.wishes = own
    person.save(update_fields=["wishes"])


def unread(person: int) -> int:
    """How many notices a person has not read, at most MOST_COUNTED."""
    return _unread(person)[:MOST_COUNTED].count()


def read_tickets(person: int, tickets: Collection[int], now: datetime) -> None:
    """The person looks at a ticket and those merged into it: what they were told of them is read, and not mailed."""
    _read(Notice.objects.filter(person=person, ticket__in=tickets), now)


def read(person: int, now: datetime, *, number: int | None = None, until: int | None = None) -> None:
    """One notice of a person is read, or all of them up to a number: what came since they have not seen."""
    own = Notice.objects.filter(person=person)
    _read(own.filter(pk=number) if number is not None else own.filter(pk__lte=until or 0), now)


def page(person: int, *, after: str = "", by_time: bool = False) -> tuple[list[Notice], str]:
    """A page of notices, latest first, the unread before the read ones unless `by_time`; and where the next begins.

    `after` is that key: `n` or `r` and the number of the last one that was shown.
    """
    group, below = after[:1], int(after[1:]) if after[1:].isascii() and after[1:].isdigit() and len(after) < 19 else 0
    found: list[Notice] = []
    for key, rows in _groups(person, by_time):
        if key >= group and len(found) <= PAGE:
            later = rows.filter(pk__lt=below) if below and key == group else rows
            found += later[: PAGE + 1 - len(found)]
    more = found[PAGE:]
    found = found[:PAGE]
    return found, (f"{_key(found[-1], by_time)}{found[-1].pk}" if more else "")


def _groups(person: int, by_time: bool) -> list[tuple[str, QuerySet[Notice]]]:
    shown = told().filter(person=person, shown=True).order_by("-pk")
    if by_time:
        return [("n", shown)]
    return [("n", shown.filter(read_at__isnull=True)), ("r", shown.filter(read_at__isnull=False))]


def _key(notice: Notice, by_time: bool) -> str:
    return "n" if by_time or notice.read_at is None else "r"


def told() -> QuerySet[Notice]:
    """Notices with what their sentences say: who did it, on which ticket, and how the message begins."""
    begins = Substr(Coalesce("message__new_text", Value("")), 1, LONGEST_SHOWN)
    kind = Coalesce("message__kind", Value(""))
    rows = Notice.objects.select_related("ticket", "by").annotate(begins=begins, kind=kind)
    return rows.defer("ticket__missing", "ticket__alarm_error", "by__wishes", "by__skills")


def for_events(places: Collection[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Ticket, fact and person of the notices that are about these facts."""
    found = Notice.objects.filter(ticket__in={ticket for ticket, _ in places}, seq__in={seq for _, seq in places})
    rows = found.filter(shown=True).values_list("ticket_id", "seq", "person_id")
    return [(ticket, seq, person) for ticket, seq, person in rows if seq is not None and (ticket, seq) in places]


def waits_until() -> datetime | None:
    """When the next notice is due to be mailed (perhaps in the past), or None when none waits."""
    return _waiting().order_by("mail_at").values_list("mail_at", flat=True).first()


def claim(now: datetime) -> tuple[Person, list[Notice]] | None:
    """Whose mail has been due longest, locked for this worker until the transaction ends, and all that waits for them.

    The person is locked and not their notices: two workers that each hold some of these would wait for one another.
    """
    due = _waiting().filter(mail_at__lte=now).order_by("mail_at", "pk").values_list("person_id", flat=True)[:_LOOKED_AT]
    skips = connection.features.has_select_for_update_skip_locked
    free = Person.objects.select_for_update(skip_locked=skips, no_key=True)
    # One by one: a single query would lock all of them, or take them in the order of their numbers.
    person = next(filter(None, (free.filter(pk=number).first() for number in dict.fromkeys(due))), None)
    if person is None:
        return None
    # The due ones are among them however many wait; they are told in the order in which it happened.
    waiting = told().filter(person=person, mail_at__isnull=False).order_by("mail_at", "pk")[:MOST_IN_A_MAIL]
    return person, sorted(waiting, key=lambda one: one.pk)


def put_off(notices: Iterable[Notice], until: datetime) -> None:
    """Let these wait to be mailed."""
    Notice.objects.filter(pk__in=[one.pk for one in notices], mail_at__isnull=False).update(mail_at=until)


def mailed(notices: Iterable[Notice], now: datetime) -> None:
    """These are in a mail, or are to be in none: they wait no more."""
    ours = Notice.objects.filter(pk__in=[one.pk for one in notices])
    ours.update(mail_at=None)
    ours.filter(shown=False, read_at__isnull=True).update(read_at=now)


def sweep(before: datetime) -> int:
    """Delete notices of before an instant, at most a thousand; how many."""
    old = Notice.objects.filter(at__lt=before).order_by("at")
    return Notice.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_SWEPT])).delete()[0]


def _unread(person: int) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, shown=True, read_at__isnull=True)


def _waiting() -> QuerySet[Notice]:
    return Notice.objects.filter(mail_at__isnull=False)


def _read(notices: QuerySet[Notice], now: datetime) -> None:
    news = notices.filter(Q(read_at__isnull=True) | Q(mail_at__isnull=False))
    news.update(read_at=Coalesce("read_at", Value(now)), mail_at=None)
