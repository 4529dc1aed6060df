"""What was learnt from closed tickets and how good it is (SOP 3.1), for who leads, administers or audits the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.record import procedures
from forthwith.suggestions import drift, examples, kept, trainings
from forthwith.suggestions.models import Training
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import spoken

TEACHERS = (ADMINISTRATOR, LEADER)
_TITLES = {
    "category": gettext_lazy("Category"),
    "priority": gettext_lazy("Impact and urgency"),
    "team": gettext_lazy("Team"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One choice with its tickets in the measured part, and its precision and recall in percent, if there are any."""

    name: str
    tickets: int
    precision: int | None
    recall: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One target: shares in percent. `shown` and `decided` are (share of tickets, share right) at the procedure's
    confidences."""

    key: str
    title: str
    tickets: int
    top1: str
    top3: str
    coverage: str
    shown: tuple[str, str]
    decided: tuple[str, str]
    lines: list[Line]


@require_safe
@page_for(*READERS)
def suggestions(request: HttpRequest) -> HttpResponse:
    """The model and its measures, agreement by week, and the last trainings."""
    now, procedure = timezone.now(), procedures.current_or_none()
    context: dict[str, Any] = {
        "now": now,
        "procedure": procedure,
        "may_teach": person_of(request).role in TEACHERS,
        "trainings": trainings.latest(),
        "weeks": drift.weeks(now, timezone.get_current_timezone()),
        **state(procedure),
    }
    context["going"] = any(one.state in (Training.ASKED, Training.GOING) for one in context["trainings"])
    model = kept.model()
    if model is not None and procedure is not None:
        context["head"] = model.head
        context["learnt_at"] = datetime.fromisoformat(model.head["learnt_at"])
        context["measured"] = list(_measured(model.head["measures"], procedure))
    return render(request, "setup/suggestions.html", context)


@require_POST
@page_for(*READERS)
def train(request: HttpRequest) -> HttpResponse:
    """Queue a training for the worker."""
    person = person_of(request)
    if person.role not in TEACHERS:
        raise Http404("not for this role")
    if not kept.can_learn():
        messages.error(request, spoken(kept.NEEDS))
    elif trainings.ask(timezone.now(), by=person, why=say("asked for on this page")):
        messages.success(request, _("Queued. A worker begins within half a minute."))
    else:
        messages.info(request, _("It is queued already."))
    return redirect("suggestions")


def state(procedure: Procedure | None) -> dict[str, Any]:
    """Whether there is a model, what is wrong with it, and what is missing for one."""
    model, least = kept.model(), procedure.suggestions.minimum_tickets if procedure else 0
    return {
        "model": model,
        "trouble": spoken(kept.trouble()),
        "needs": "" if kept.can_learn() else spoken(kept.NEEDS),
        "least": least,
        "closed": examples.closed_since(None, least) if procedure and model is None else 0,
    }


def _measured(found: dict[str, Any], procedure: Procedure) -> Iterator[Measured]:
    said = procedure.suggestions
    for key, one in found.items():
        yield Measured(
            key=key,
            title=str(_TITLES[key]),
            tickets=one["tickets"],
            top1=_share(one["top1"]),
            top3=_share(one["top3"]),
            coverage=_share(one["coverage"]),
            shown=_reached(one, said.suggest_from),
            decided=_reached(one, said.decide_from),
            lines=[Line(_name(key, choice, procedure), *rest) for choice, *rest in map(_percent, one["lines"])],
        )


def _reached(one: dict[str, Any], least: int) -> tuple[str, str]:
    """At the tenth of confidence that is next to the procedure's."""
    _confidence, share, right = min(one["reached"], key=lambda line: abs(line[0] - least))
    return _share(share), _share(right)


def _share(share: float) -> str:
    return f"{number_format(100 * share, 1)} %"


def _percent(line: tuple[str, int, float | None, float | None]) -> tuple[Any, ...]:
    choice, tickets, *shares = line
    return (choice, tickets, *(None if share is None else round(100 * share) for share in shares))


def _name(key: str, choice: str, procedure: Procedure) -> str:
    """As the procedure calls it; a key that it has no more is shown as it is."""
    if key == "team":
        return procedure.teams[choice].name if choice in procedure.teams else choice
    if key == "priority":
        impact, _slash, urgency = choice.partition("/")
        if impact in procedure.impacts and urgency in procedure.urgencies:
            return f"{procedure.impacts[impact].name}; {procedure.urgencies[urgency].name.lower()}"
        return choice
    parts, paths = choice.split("."), procedure.category_paths
    above = (".".join(parts[: depth + 1]) for depth in range(len(parts)))
    return " › ".join(paths[one].name if one in paths else one for one in above)
