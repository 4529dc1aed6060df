"""The past judged anew under a corrected revision: which restatements there are, and what turned by one (SOP H1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Substr

from forthwith.people.models import Person
from forthwith.procedure.conformance import STEPS
from forthwith.procedure.marks import OUTCOMES
from forthwith.record import reports, runs
from forthwith.record.judgements import Restated, Restatement
from forthwith.record.reports import LETTERS, Scope
from forthwith.record.runs import Run

KIND = "restate"
"""The kind of its runs."""
MOST = 50
_MISSED = ("l", "x")
SAVED, LOST = "saved", "lost"
"""The ways a step turns: it was late or missing and is met now, or the other way."""


@dataclass(slots=True)
class Turned:
    """On how many tickets a step turned each way."""

    saved: int = 0
    lost: int = 0


def ask(restatement: Restatement, by: Person | None, now: datetime, *, here: bool = False) -> Run | None:
    """Queue it for a worker, or begin it `here`, in this process; None when another one waits or goes on."""
    with transaction.atomic():
        run = (runs.begin if here else runs.ask)(KIND, {}, by=by, now=now)
        if run is not None:
            restatement.run = run
            restatement.save(force_insert=True)
    return run


def latest() -> list[Restatement]:
    """The newest, of whatever state, the newest first."""
    return list(_told().order_by("-pk")[: runs.SHOWN])


def one(number: int) -> Restatement | None:
    """The restatement of that number."""
    return _told().filter(pk=number).first()


def whole() -> list[Restatement]:
    """Those that are done, the newest first, MOST at most: a report may use them."""
    return list(_told().filter(run__state=Run.DONE).order_by("-pk")[:MOST])


def turned(scope: Scope) -> dict[str, Turned]:
    """Of the tickets of a restatement, how many turned on each step that turned on any."""
    found: dict[str, Turned] = {}
    rows = scope.judged.exclude(before=F("steps")).values_list("before", "steps").annotate(Count("pk")).order_by()
    for before, after, count in rows:
        for step, old, new in zip(STEPS, before, after, strict=False):
            if old in _MISSED and new == LETTERS["met"]:
                found.setdefault(step, Turned()).saved += count
            elif old == LETTERS["met"] and new in _MISSED:
                found.setdefault(step, Turned()).lost += count
    return {step: found[step] for step in STEPS if step in found}


def turned_tickets(scope: Scope, step: str, way: str, after: tuple[datetime, int] | None = None) -> list[Any]:
    """A page, and one more, of the tickets that turned one way on a step, the latest received first."""
    place = STEPS.index(step) + 1
    met, missed = ("new", "old") if way == SAVED else ("old", "new")
    found = scope.judged.annotate(old=Substr("before", place, 1), new=Substr("steps", place, 1))
    found = found.filter(**{met: LETTERS["met"], f"{missed}__in": _MISSED})
    return reports.page(found, after)


def not_held(scope: Scope) -> int:
    """How many judged tickets of a scope its restatement does not hold: they were open then, or came later."""
    held = Restated.objects.filter(restatement=scope.restatement, ticket=OuterRef("ticket"))
    return replace(scope, restatement=None).judged.exclude(Exists(held)).count()


def of_ticket(ticket: int) -> list[Restated]:
    """What the restatements that are done say of a ticket, the newest first, MOST at most."""
    found = Restated.objects.filter(ticket=ticket, restatement__run__state=Run.DONE)
    return list(found.select_related("restatement__run").order_by("-restatement")[:MOST])


def changed(row: Restated) -> Mapping[str, tuple[str, str]]:
    """The steps on which a ticket's verdict is another than it was: both outcomes."""
    pairs = zip(STEPS, row.before, row.steps, strict=False)
    return {step: (OUTCOMES[old], OUTCOMES[new]) for step, old, new in pairs if old != new}


def _told() -> QuerySet[Restatement]:
    return Restatement.objects.select_related("run__asked_by")
