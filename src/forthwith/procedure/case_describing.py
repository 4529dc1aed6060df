"""What tags, fields and time worked add to a case (SOP 3.1, 6.1). `case.fold` takes these steps like all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forthwith.procedure import facts as f
from forthwith.procedure.case_joining import said_here
from forthwith.procedure.case_state import Case


def worked(case: Case, person: int | None, minutes: int) -> None:
    """So many minutes more of somebody."""
    case.minutes += minutes
    if minutes:
        case.worked = {**case.worked, person: case.worked.get(person, 0) + minutes}


def _tagged(case: Case, fact: f.Tagged) -> None:
    case.own_tags |= {fact.tag}


def _untagged(case: Case, fact: f.Untagged) -> None:
    case.own_tags -= {fact.tag}
    said_here(case, "tags", fact.tag)


def _field_set(case: Case, fact: f.FieldSet) -> None:
    others = {key: value for key, value in case.fields.items() if key != fact.field}
    case.fields = {**others, fact.field: fact.value} if fact.value else others


def _time_spent(case: Case, fact: f.TimeSpent) -> None:
    worked(case, fact.by, fact.minutes)


STEPS: dict[type[f.Fact], Callable[[Case, Any], None]] = {
    f.Tagged: _tagged,
    f.Untagged: _untagged,
    f.FieldSet: _field_set,
    f.TimeSpent: _time_spent,
}
