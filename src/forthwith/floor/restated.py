"""Which verdicts a report uses, in words, and what turned where they were restated (SOP H1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from forthwith.floor.asked import AskForm
from forthwith.procedure.model import Procedure
from forthwith.record import restatements
from forthwith.record.judgements import Restatement
from forthwith.record.reports import Scope
from forthwith.record.restatements import LOST, SAVED

_COUNTS = [""] * 6


@dataclass(frozen=True, slots=True)
class Line:
    """A step that turned: its id and words, and on how many tickets it did each way."""

    step: str
    says: str
    saved: int
    lost: int

    @property
    def ways(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """Each way with how many."""
        return (SAVED, self.saved), (LOST, self.lost)


def of_report(form: AskForm, procedure: Procedure) -> dict[str, Any]:
    """What a report says of its verdicts; little where they are those under each ticket's own revision."""
    if form.restatement is None:
        return {"restatement": None}
    scope = form.scope
    return {
        "restatement": form.restatement,
        "not_held": restatements.not_held(scope),
        "turned": turned(scope, procedure),
    }


def turned(scope: Scope, procedure: Procedure) -> list[Line]:
    """The steps that turned on any ticket, in the procedure's order."""
    found = restatements.turned(scope)
    return [Line(step, procedure.steps.get(step, ""), one.saved, one.lost) for step, one in found.items()]


def lines_of_file(form: AskForm, procedure: Procedure) -> Iterator[list[Any]]:
    """The same as lines of the report's file. Their words are English."""
    one = form.restatement
    yield ["verdicts", one.pk if one else "", in_words(one), "", *_COUNTS]
    if one is None:
        return
    yield [
        "not restated",
        "",
        "tickets that the restatement does not hold",
        restatements.not_held(form.scope),
        *_COUNTS,
    ]
    for line in turned(form.scope, procedure):
        yield ["turned", line.step, "late or missing before, met now", line.saved, *_COUNTS]
        yield ["turned", line.step, "met before, late or missing now", line.lost, *_COUNTS]


def in_words(one: Restatement | None) -> str:
    """Which verdicts, for a file."""
    if one is None:
        return "as each ticket's own revision says"
    day = timezone.localdate(one.run.asked_at)
    return f"restated under revision {one.revision_id}, asked for on {day}: {one.reason}"
