"""The past judged anew under a corrected revision: asked for, watched, stopped, and what turned by it (SOP H1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forthwith.floor import running
from forthwith.floor.asked import AskForm
from forthwith.floor.conformance import read_key
from forthwith.floor.restated import turned
from forthwith.floor.restatement_form import RestatementForm
from forthwith.floor.running import ASKERS
from forthwith.procedure.conformance import STEPS
from forthwith.procedure.marks import OUTCOMES
from forthwith.record import procedures, reports, restatements
from forthwith.record.judgements import Restatement
from forthwith.record.reports import Scope
from forthwith.record.restatements import KIND, LOST, SAVED
from forthwith.record.runs import Run
from forthwith.ui.gate import READERS, page_for, person_of


@require_safe
@page_for(*READERS)
def overview(request: HttpRequest) -> HttpResponse:
    """The form, and the last restatements."""
    if procedures.current_or_none() is None:
        return render(request, "floor/restatements.html", {"form": None})
    return _listed(request, RestatementForm(today=timezone.localdate()))


def _listed(request: HttpRequest, form: RestatementForm, status: int = 200) -> HttpResponse:
    found = restatements.latest()
    context = {
        "form": form,
        "may_ask": person_of(request).role in ASKERS,
        "going": next((one for one in found if not one.run.over), None),
        "rows": [(one, _last_day(one)) for one in found],
        "now": timezone.now(),
    }
    return render(request, "floor/restatements.html", context, status=status)


@require_POST
@page_for(*ASKERS)
def ask(request: HttpRequest) -> HttpResponse:
    """Queue a restatement, and show it."""
    if procedures.current_or_none() is None:
        return redirect("floor:restatements")
    form = RestatementForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _listed(request, form, 422)
    run = restatements.ask(form.restatement, person_of(request), timezone.now())
    if run is None:
        messages.info(request, _("Another restatement waits or goes on. Stop it first, or wait until it is done."))
        return redirect("floor:restatements")
    return redirect("floor:restatement", run=run.pk)


@require_safe
@page_for(*READERS)
def restatement(request: HttpRequest, run: int) -> HttpResponse:
    """How far a restatement is, or what turned by it. While it goes on, the page asks for itself each second."""
    found = _one_or_404(run)
    context: dict[str, Any] = {
        "one": found,
        "run": found.run,
        "last_day": _last_day(found),
        "may_stop": person_of(request).role in ASKERS and not found.run.over,
        "now": timezone.now(),
    }
    if found.run.state == Run.DONE:
        scope = Scope(found.since, found.until, restatement=found.pk)
        days = {"since": timezone.localdate(found.since), "until": timezone.localdate(_last_day(found))}
        context |= {
            "turned": turned(scope, procedures.load(found.revision_id)),
            "address": urlencode({**days, "verdicts": found.pk}),
        }
    return render(request, "floor/restatement.html", context)


@require_POST
@page_for(*ASKERS)
def stop(request: HttpRequest, run: int) -> HttpResponse:
    """Stop a restatement: what it has written so far counts nowhere, and is taken away."""
    running.stop(request, running.run_or_404(KIND, run))
    return redirect("floor:restatement", run=run)


@require_safe
@page_for(*READERS)
def tickets(request: HttpRequest) -> HttpResponse:
    """The tickets of a report on which a step turned one way, the latest first, with both outcomes."""
    procedure, now = procedures.current_or_none(), timezone.now()
    step, way = request.GET.get("step", ""), request.GET.get("way", "")
    if procedure is None or step not in STEPS or way not in (SAVED, LOST):
        raise Http404("no such step or way")
    form = AskForm(request.GET, procedure, timezone.localdate(now))
    if not form.is_valid() or form.restatement is None:
        raise Http404("no such period or restatement")
    found = restatements.turned_tickets(form.scope, step, way, read_key(request))
    rows, more = found[: reports.PAGE], len(found) > reports.PAGE
    last = {"at": rows[-1].opened_at.isoformat(), "after": rows[-1].ticket_id} if more else {}
    context = {
        "now": now,
        "step": step,
        "says": procedure.steps.get(step, ""),
        "way": way,
        "restatement": form.restatement,
        "rows": [(row, OUTCOMES[row.old], OUTCOMES[row.new]) for row in rows],
        "address": form.address,
        "more": urlencode({"step": step, "way": way, **last}) if more else "",
    }
    return render(request, "floor/restated_tickets.html", context)


def _one_or_404(number: int) -> Restatement:
    found = restatements.one(number)
    if found is None:
        raise Http404("no such restatement")
    return found


def _last_day(one: Restatement) -> datetime:
    """An instant within the last day of its period."""
    return one.until - timedelta(seconds=1)
