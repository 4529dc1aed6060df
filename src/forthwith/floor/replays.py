"""A draft of the procedure tried on the tickets of a period: asked for, watched, stopped, and read (SOP H1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forthwith.floor import running
from forthwith.floor.asked import named
from forthwith.floor.replay_form import ReplayForm
from forthwith.floor.running import ASKERS
from forthwith.procedure.clocks import NAMES
from forthwith.procedure.replayed import SIDES, WORST
from forthwith.record import procedures, results, runs
from forthwith.record.runs import Run
from forthwith.steps.replaying import KIND, ask_for
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import spoken

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_DAYS = 7


@require_safe
@page_for(*READERS)
def replays(request: HttpRequest) -> HttpResponse:
    """The form, and the last replays."""
    return _listed(request, ReplayForm(today=timezone.localdate(), of=request.GET.get("draft", "")))


def _listed(request: HttpRequest, form: ReplayForm, status: int = 200) -> HttpResponse:
    found = runs.latest(KIND)
    context = {
        "form": form,
        "procedure": procedures.current_or_none(),
        "may_ask": person_of(request).role in ASKERS,
        "going": next((run for run in found if not run.over), None),
        "runs": [(run, *running.period_of(run)) for run in found],
    }
    return render(request, "floor/replays.html", context, status=status)


@require_POST
@page_for(*ASKERS)
def ask(request: HttpRequest) -> HttpResponse:
    """Queue a replay of the draft that was sent, and show it."""
    form = ReplayForm(request.POST, request.FILES, today=timezone.localdate())
    if not form.is_valid():
        return _listed(request, form, 422)
    zone = timezone.get_current_timezone_name()
    asked = ask_for(form.text, *form.period, zone)
    run = runs.ask(KIND, asked, by=person_of(request), now=timezone.now())
    if run is None:
        messages.info(request, _("Another replay waits or goes on. Stop it first, or wait until it is done."))
        return redirect("floor:replays")
    return redirect("floor:replay", run=run.pk)


@require_safe
@page_for(*READERS)
def replay(request: HttpRequest, run: int) -> HttpResponse:
    """How far a replay is, or what came of it. While it goes on, the page asks for itself each second."""
    found = running.run_or_404(KIND, run)
    since, until = running.period_of(found)
    context: dict[str, Any] = {
        "run": found,
        "since": since,
        "until": until,
        "may_stop": person_of(request).role in ASKERS and not found.over,
        "now": timezone.now(),
    }
    if found.state == Run.DONE:
        context |= _shown(found) | {"has_file": results.path_of(found.result).is_file()}
    return render(request, "floor/replay.html", context)


@require_POST
@page_for(*ASKERS)
def stop(request: HttpRequest, run: int) -> HttpResponse:
    """Stop a replay."""
    running.stop(request, running.run_or_404(KIND, run))
    return redirect("floor:replay", run=run)


@require_safe
@page_for(*READERS)
def download(request: HttpRequest, run: int, kind: str) -> HttpResponse:
    """Every ticket that turns as CSV, or the sums as JSON. Their words are English, as programs read them."""
    found = running.run_or_404(KIND, run)
    path = results.path_of(found.result)
    if kind not in _TYPES or found.state != Run.DONE or (kind == "csv" and not path.is_file()):
        raise Http404("no such file")
    name = f"replay-{found.pk}.{kind}"
    if kind == "csv":
        file = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=_TYPES[kind])
        return cast(HttpResponse, file)
    response = HttpResponse(json.dumps(found.summary, indent=1), content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shown(run: Run) -> dict[str, Any]:
    found, procedure = run.summary, procedures.current()
    priorities = named(procedure)["priority"]
    clocks = [_clock_line(one, priorities) for one in found["clocks"]]
    late, saved = (sum(one["turned"][way] for one in found["clocks"]) for way in ("late", "saved"))
    whom = {
        "assignee": _("the agent who has the ticket"),
        "team": _("the team"),
        "team_leader": _("the team's leaders"),
        "administrators": _("the administrators"),
    }
    teams = {f"team {key}": name for key, name in named(procedure)["team"].items()}
    return {
        "sums": found,
        "late": late,
        "saved": saved,
        "clocks": sorted(clocks, key=lambda one: one["turned"]["saved"] - one["turned"]["late"]),
        "escalations": _named(found["escalations"], "rung", lambda key: key.replace("_", " ")),
        "told": _named(found["told"], "whom", lambda key: whom.get(key) or teams.get(key, key)),
        "mails": _named(found["mails"], "kind", _mail),
        "week": _week(found["hours"]),
        "worst": [_ticket(one, priorities) for one in found["worst"]],
        "most": WORST,
    }


def _clock_line(one: dict[str, Any], priorities: dict[str, str]) -> dict[str, Any]:
    name = spoken(NAMES.get(one["clock"], one["clock"]))
    return {**one, "name": name, "priority": priorities.get(one["priority"], one["priority"])}


def _named(lines: Iterable[dict[str, Any]], key: str, name: Callable[[str], str]) -> list[dict[str, Any]]:
    return [{**one, "name": name(one[key]), "more": one["after"] - one["before"]} for one in lines]


def _mail(kind: str) -> str:
    if kind == "acknowledgement":
        return _("acknowledgement of a request")
    if kind == "requester":
        return _("to the requester: it is escalated")
    return _("to the desk: %(rung)s") % {"rung": kind.removeprefix("rung ").replace("_", " ")}


def _week(hours: dict[str, list[int]]) -> list[tuple[int, list[tuple[int, int]]]]:
    """Each hour of the day with what falls due in it, before and after, from Monday to Sunday; empty hours left out."""
    found = []
    for hour in range(24):
        line = [tuple(hours[side][day * 24 + hour] for side in SIDES) for day in range(_DAYS)]
        if any(map(any, line)):
            found.append((hour, line))
    return found  # type: ignore[return-value]


def _ticket(one: dict[str, Any], priorities: dict[str, str]) -> dict[str, Any]:
    dues = {name: datetime.fromisoformat(one[name]) if one[name] else None for name in ("due_before", "due_after")}
    minutes = one["seconds"] // 60
    length = _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return {**_clock_line(one, priorities), **dues, "length": length}
