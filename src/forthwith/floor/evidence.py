"""A bundle of evidence for an auditor: asked for, watched, stopped, and taken away (SOP 6.1, H1)."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forthwith.floor import running
from forthwith.floor.period import PeriodForm, usual
from forthwith.floor.running import ASKERS
from forthwith.record import procedures, results, runs
from forthwith.record.runs import Run
from forthwith.steps.evidencing import KIND, ask_for
from forthwith.ui.gate import READERS, page_for, person_of

_CHECKED_BY = "python3 -m zipfile -e {name} evidence && python3 evidence/verify.py evidence"


@require_safe
@page_for(*READERS)
def bundles(request: HttpRequest) -> HttpResponse:
    """What a bundle is, the form for the period that was in view, and the last bundles."""
    shown = usual(timezone.localdate())
    return _listed(request, PeriodForm(initial={name: request.GET.get(name) or shown[name] for name in shown}))


def _listed(request: HttpRequest, form: PeriodForm, status: int = 200) -> HttpResponse:
    found = runs.latest(KIND)
    context = {
        "form": form,
        "procedure": procedures.current_or_none(),
        "may_ask": person_of(request).role in ASKERS,
        "going": next((run for run in found if not run.over), None),
        "runs": [(run, *running.period_of(run), _has_file(run)) for run in found],
        "command": _CHECKED_BY.format(name="evidence.zip"),
        "now": timezone.now(),
        "kept_days": results.KEPT_FOR.days,
    }
    return render(request, "floor/evidence.html", context, status=status)


@require_POST
@page_for(*ASKERS)
def ask(request: HttpRequest) -> HttpResponse:
    """Queue a bundle of a period, and show how far it is."""
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _listed(request, form, 422)
    run = runs.ask(KIND, ask_for(*form.period), by=person_of(request), now=timezone.now())
    if run is None:
        messages.info(request, _("Another bundle waits or is being made. Stop it first, or wait until it is done."))
        return redirect("floor:evidence")
    return redirect("floor:evidence-run", run=run.pk)


@require_safe
@page_for(*READERS)
def bundle(request: HttpRequest, run: int) -> HttpResponse:
    """How far a bundle is, or where it can be taken away. While it is made, the page asks for itself each second."""
    found = running.run_or_404(KIND, run)
    since, until = running.period_of(found)
    context: dict[str, Any] = {
        "run": found,
        "since": since,
        "until": until,
        "command": _CHECKED_BY.format(name=_name(found)),
        "has_file": _has_file(found),
        "kept_until": found.ended_at and found.ended_at + results.KEPT_FOR,
        "may_stop": person_of(request).role in ASKERS and not found.over,
    }
    return render(request, "floor/evidence_run.html", context)


@require_POST
@page_for(*ASKERS)
def stop(request: HttpRequest, run: int) -> HttpResponse:
    """Stop a bundle that is being made."""
    running.stop(request, running.run_or_404(KIND, run))
    return redirect("floor:evidence-run", run=run)


@require_safe
@page_for(*READERS)
def download(request: HttpRequest, run: int) -> HttpResponse:
    """The ZIP, streamed from the desk's files."""
    found = running.run_or_404(KIND, run)
    try:
        file = results.path_of(found.result).open("rb") if found.state == Run.DONE else None
    except OSError:
        file = None
    if file is None:
        raise Http404("no such file")
    answer = FileResponse(file, as_attachment=True, filename=_name(found), content_type="application/zip")
    return cast(HttpResponse, answer)


def _has_file(run: Run) -> bool:
    return run.state == Run.DONE and results.path_of(run.result).is_file()


def _name(run: Run) -> str:
    since, until = map(timezone.localdate, running.period_of(run))
    return f"evidence-{since}-{until}.zip"
