"""What a report rests on, and the tickets on which most was missed: for who reads it without the desk (SOP H1)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Length, Replace

from forthwith.procedure.marks import OUTCOMES
from forthwith.record.reports import Scope

_MISSED = tuple(letter for letter, outcome in OUTCOMES.items() if outcome in ("late", "missing"))


def revisions(scope: Scope) -> list[tuple[int, int]]:
    """The revisions that the tickets of a report are judged under, and how many under each."""
    revision = "revision" if scope.restatement is None else "restatement__revision"
    return list(scope.judged.values_list(revision).annotate(Count("pk")).order_by(revision))


def worst(scope: Scope, most: int) -> tuple[list[Any], int]:
    """The tickets on which most steps were late or missing, with their tickets; and on how many there is any."""
    found = _missing_steps(scope)
    rows = found.select_related("ticket").order_by("-missed", "-opened_at", "-ticket")[:most]
    return list(rows), found.count()


def _missing_steps(scope: Scope) -> QuerySet[Any]:
    left: Any = F("steps")
    for letter in _MISSED:
        left = Replace(left, Value(letter), Value(""))
    judged: QuerySet[Any] = scope.judged.annotate(missed=Length("steps") - Length(left))
    return judged.filter(missed__gt=0)
