"""Tickets are judged after they changed, and when a due instant passes: the worker calls `turn` (SOP H1).

A ticket that wants judging has an instant in `judge_at`, so that an index finds the few that do. Nothing is locked
while facts are read: a ticket that changes meanwhile is judged again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction

from forthwith.procedure.case import Case, fold
from forthwith.procedure.marks import Marks, marks
from forthwith.record import door, procedures, queries
from forthwith.record.judgements import Judgement
from forthwith.record.models import Entry, Ticket

AT_ONCE = 50
RESTS_FOR = timedelta(seconds=30)
"""A ticket on which somebody is at work is judged once they are done, not after each fact."""
_KEPT = ("revision", "facts", "at", "steps", "clocks", "opened_at", "channel", "category", "priority", "team")

_log = logging.getLogger(__name__)


def turn(now: datetime) -> bool:
    """Judge the tickets that have wanted it longest, AT_ONCE at most; whether there may be more."""
    wanting = Ticket.objects.filter(judge_at__lte=now).order_by("judge_at", "pk")
    counts = dict(wanting.values_list("pk", "fact_count")[:AT_ONCE])
    if counts:
        _judge(counts, now)
    return len(counts) == AT_ONCE


def _judge(counts: dict[int, int], now: datetime) -> None:
    entries = Entry.objects.filter(ticket__in=counts).order_by("ticket", "seq")
    rows: list[Judgement] = []
    until: dict[int, datetime | None] = dict.fromkeys(counts)
    for number, of_one in groupby(entries, key=lambda entry: entry.ticket_id):
        try:
            row, until[number] = _judged(number, list(of_one), now)
            rows.append(row)
        except (queries.Unreadable, KeyError, TypeError, ValueError) as error:
            # `forthwith verify` and the ticket's page say what is wrong with it; it must not hold up the others.
            _log.warning("Ticket #%d cannot be judged: %s", number, error)
    with transaction.atomic():
        Judgement.objects.bulk_create(rows, update_conflicts=True, unique_fields=["ticket"], update_fields=_KEPT)
        for number, count in counts.items():
            door.judged(number, count, until[number])


def _judged(number: int, kept: list[Entry], now: datetime) -> tuple[Judgement, datetime | None]:
    revision = kept[-1].revision_id
    facts = queries.facts_of(kept)
    case = fold(facts)
    found = marks(facts, procedures.under(revision, case), now)
    row = Judgement(ticket_id=number, revision_id=revision, **columns(kept, case, found, now))
    return row, found.until


def columns(kept: list[Entry], case: Case, found: Marks, now: datetime) -> dict[str, Any]:
    """What is kept of the verdicts on a ticket, whatever revision they are under: the columns of `Judged`."""
    return {
        "facts": len(kept),
        "at": now,
        "steps": found.steps,
        "clocks": found.clocks,
        "opened_at": case.opened_at or kept[0].at,
        "channel": case.channel,
        "category": case.category or "",
        "priority": case.priority or "",
        "team": case.team or "",
    }
