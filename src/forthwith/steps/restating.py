"""The settled tickets of a period judged anew under one revision, beside their own verdicts (SOP H1).

Nothing of a ticket changes. A batch is written only while its run goes on, in one transaction with the run's progress:
what a stopped one has left is never added to, no report counts it, and `sweep` takes it away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet

from forthwith.procedure.case import fold
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.procedure.marks import marks
from forthwith.record import procedures, queries, runs
from forthwith.record.judgements import Restated, Restatement
from forthwith.record.models import Entry, Ticket
from forthwith.record.runs import Run
from forthwith.steps.judging import columns

AT_ONCE = 100
_SWEPT_AT_ONCE = 5000
Progress = Callable[[int, int], None]


def do(run: Run, clock: Callable[[], datetime], told: Progress | None = None) -> None:
    """Do the run that a worker has claimed. Raises runs.Stopped when somebody stopped it."""
    restatement = Restatement.objects.get(pk=run.pk)
    # One whose process died is done again from its beginning.
    while _take_away(restatement.pk):
        continue
    done, found = 0, Counter({"restated": 0, "open": 0, "unreadable": 0})
    received = _received(restatement)
    total = received.filter(unresolved=False).count()
    found["open"] = received.filter(unresolved=True).count()
    runs.tell(run, clock(), 0, total)
    for numbers in _batches(received.filter(unresolved=False)):
        rows = _restated(restatement, numbers, clock(), found)
        done += len(numbers)
        # A ticket that was settled meanwhile is one more.
        total = max(total, done)
        with transaction.atomic():
            runs.tell(run, clock(), done, total)
            Restated.objects.bulk_create(rows)
        if told:
            told(done, total)
    runs.end(run, clock(), summary=dict(found))


def sweep() -> int:
    """Take away some of what restatements that came to nothing have left; how many rows."""
    over = Restatement.objects.filter(run__state__in=(Run.STOPPED, Run.FAILED))
    left = Restated.objects.filter(restatement__in=over)
    number = left.values_list("restatement", flat=True).first()
    return 0 if number is None else _take_away(number)


def _take_away(number: int) -> int:
    some = list(Restated.objects.filter(restatement=number).values_list("pk", flat=True)[:_SWEPT_AT_ONCE])
    return Restated.objects.filter(pk__in=some).delete()[0] if some else 0


def _received(restatement: Restatement) -> QuerySet[Ticket]:
    return Ticket.objects.filter(opened_at__gte=restatement.since, opened_at__lt=restatement.until)


def _batches(tickets: QuerySet[Ticket]) -> Iterator[list[int]]:
    last = 0
    while numbers := list(tickets.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        last = numbers[-1]
        yield numbers


def _restated(restatement: Restatement, numbers: list[int], now: datetime, found: Counter[str]) -> list[Restated]:
    """The rows of these tickets. What is wrong with one must not hold up the others."""
    rows: list[Restated] = []
    reopened = 0
    entries = Entry.objects.filter(ticket__in=numbers).order_by("ticket", "seq")
    for _, of_one in groupby(entries, key=lambda entry: entry.ticket_id):
        try:
            row = _of_one(restatement, list(of_one), now)
        except (queries.Unreadable, KeyError, TypeError, ValueError, AttributeError):
            continue
        if row is None:
            reopened += 1
        else:
            rows.append(row)
    found["open"] += reopened
    found["restated"] += len(rows)
    found["unreadable"] += len(numbers) - len(rows) - reopened
    return rows


def _of_one(restatement: Restatement, kept: list[Entry], now: datetime) -> Restated | None:
    """Its row; None where it is open by now."""
    facts = queries.facts_of(kept)
    case = fold(facts)
    if case.status in UNRESOLVED:
        return None
    before = marks(facts, procedures.under(kept[-1].revision_id, case), now)
    after = marks(facts, procedures.load(restatement.revision_id), now)
    of = {"restatement": restatement, "ticket_id": kept[0].ticket_id, "before": before.steps}
    return Restated(**of, **columns(kept, case, after, now))
