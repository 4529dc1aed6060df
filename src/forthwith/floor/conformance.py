"""How the procedure was kept in a period, step by step, and on which tickets it was not (SOP H1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from forthwith.floor.asked import BY, AskForm, named
from forthwith.floor.restated import of_report
from forthwith.procedure.conformance import STEPS
from forthwith.procedure.marks import OUTCOMES
from forthwith.procedure.model import Procedure
from forthwith.record import procedures, reports
from forthwith.record.reports import Group, Tally
from forthwith.steps.judging import RESTS_FOR
from forthwith.ui.gate import READERS, page_for

KINDS = (("csv", "CSV"), ("xlsx", "XLSX"), ("pdf", "PDF"))
"""As which files it can be taken away."""
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """How one step was kept: its id and words, and the tally."""

    step: str
    says: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Row:
    """One group of a split: what it is called, its tickets, all steps together, and the step that was kept least."""

    name: str
    group: Group
    whole: Tally
    worst: Line | None
    address: str


@require_safe
@page_for(*READERS)
def report(request: HttpRequest) -> HttpResponse:
    """The report of a period; the steps that were kept least come first."""
    procedure = procedures.current_or_none()
    if procedure is None:
        return render(request, "floor/conformance.html", {"procedure": None})
    now = timezone.now()
    form = AskForm(request.GET, procedure, timezone.localdate(now))
    context: dict[str, Any] = {"form": form, "procedure": procedure, "now": now}
    if not form.is_valid():
        return render(request, "floor/conformance.html", context, status=422)
    context |= of_report(form, procedure)
    total = reports.totals(form.scope)
    by = form.cleaned_data["by"]
    context |= {
        "total": total,
        "whole": total.whole,
        "lines": worst_first(lines_of(total, procedure)),
        "address": form.address,
        "days": urlencode({name: form.cleaned_data[name] for name in ("since", "until")}),
        "kinds": KINDS,
        "rows": list(_rows(form, by, procedure)) if by else [],
        "by": dict(BY).get(by, ""),
        "weeks": [(monday, one.tickets, one.whole) for monday, one in reports.weeks(form.scope, _zone())],
        "waiting": reports.waiting(now, RESTS_FOR),
    }
    return render(request, "floor/conformance.html", context)


@require_safe
@page_for(*READERS)
def drill(request: HttpRequest) -> HttpResponse:
    """The tickets of a period with one outcome of one step, the latest first."""
    procedure, now = procedures.current_or_none(), timezone.now()
    step, outcome = request.GET.get("step", ""), request.GET.get("outcome", "")
    if procedure is None or step not in STEPS or outcome not in OUTCOMES.values():
        raise Http404("no such step or outcome")
    form = AskForm(request.GET, procedure, timezone.localdate(now))
    if not form.is_valid():
        raise Http404("no such period")
    found = reports.tickets(form.scope, step, outcome, read_key(request))
    rows, more = found[: reports.PAGE], len(found) > reports.PAGE
    last = {"at": rows[-1].opened_at.isoformat(), "after": rows[-1].ticket_id} if more else {}
    context = {
        "now": now,
        "step": step,
        "says": procedure.steps.get(step, ""),
        "outcome": outcome,
        "restatement": form.restatement,
        "rows": rows,
        "address": form.address,
        "more": urlencode({"step": step, "outcome": outcome, **last}) if more else "",
        "names": named(procedure),
    }
    return render(request, "floor/conformance_tickets.html", context)


def lines_of(group: Group, procedure: Procedure) -> list[Line]:
    """The steps of the procedure in its order."""
    return [Line(step, procedure.steps.get(step, ""), group.steps[step]) for step in STEPS]


def worst_first(lines: list[Line]) -> list[Line]:
    """By the share that was met; what was never due comes last, in the procedure's order."""
    return sorted(lines, key=lambda line: 2.0 if line.tally.share is None else line.tally.share)


def _rows(form: AskForm, by: str, procedure: Procedure) -> Iterator[Row]:
    names = named(procedure)[by]
    kept = {name: str(value) for name, value in form.cleaned_data.items() if value and name != "by"}
    for group in reports.split(form.scope, by):
        worst = next((line for line in worst_first(lines_of(group, procedure)) if line.tally.missed), None)
        address = urlencode({**kept, by: group.key}) if group.key in names else ""
        yield Row(names.get(group.key, group.key), group, group.whole, worst, address)


def _zone() -> Any:
    return timezone.get_current_timezone()


def read_key(request: HttpRequest) -> tuple[datetime, int] | None:
    """After which ticket the page begins; nonsense begins at the first."""
    try:
        at, number = datetime.fromisoformat(request.GET["at"]), int(request.GET["after"])
    except (KeyError, ValueError):
        return None
    return (at, number) if at.tzinfo and 0 < number <= _LARGEST else None
