"""The queue: open tickets by their next due instant, and what one does there (SOP 4.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from forthwith.desk.asked import AGE, DUE, LATE, SORTS, UNTOUCHED, Asked, said_in
from forthwith.desk.bulk import BULK
from forthwith.desk.gate import desk_page, person_of, procedure_of
from forthwith.desk.lists import LISTS, MOST_ROWS, list_name
from forthwith.desk.names import Names
from forthwith.desk.rail import rail
from forthwith.desk.rows import FIELD, columns_of, rows_of
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure.fields import OwnField
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.procedure.model import Procedure
from forthwith.record import lists, views
from forthwith.record.described import options_of
from forthwith.record.states import desk_states
from forthwith.record.views import View
from forthwith.steps import acts
from forthwith.ui.said import refusal as told


@require_GET
@desk_page
def queue(request: HttpRequest) -> HttpResponse:
    """The page, or with `after` by htmx only the rows that follow."""
    person, now = person_of(request), timezone.now()
    procedure = procedure_of(request)
    if procedure is None:
        return render(request, "desk/no_procedure.html", status=503)
    view = _view(request.GET, person)
    said = said_in(request.GET)
    asked = Asked.read(said if said or not view else view.says, procedure)
    after = request.GET.get("after", "")[:80]
    page = asked.page(person, now, after, _size(request.GET))
    context: dict[str, Any] = {
        "rows": rows_of(page.tickets, person, now, desk_states(procedure), asked.shown),
        "more": _with(request.GET, after=page.next_key, shown="") if page.next_key else "",
    }
    if after and request.headers.get("HX-Request"):
        return render(request, "desk/more_rows.html", context)
    context |= {"after": after, "live_at": _live_at(request, after), "lost_view": "view" in request.GET and not view}
    context |= _around(person, procedure, asked, now, view) | choices(procedure, asked)
    return render(request, "desk/queue.html", context)


def _view(query: QueryDict, person: Person) -> View | None:
    number = query.get("view", "")
    return views.view_for(person, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None


def _around(person: Person, procedure: Procedure, asked: Asked, now: datetime, view: View | None) -> dict[str, Any]:
    beside = rail(person, procedure, now, asked, view)
    kind = LISTS[asked.kind]
    team = procedure.teams[asked.team].name if asked.team and asked.kind == "all" else list_name(asked.kind, procedure)
    changed = view is not None and asked.document != Asked.read(view.says, procedure).document
    return {
        "now": now,
        "rail": beside,
        "asked": asked,
        "kind": kind,
        "view": view,
        "bulk_acts": BULK.values() if person.works_here else (),
        "view_changed": changed,
        "may_keep": view is not None and changed and views.may_change(person, view),
        "may_share": views.may_share(person),
        "everybody": views.EVERYBODY,
        "whole": f"?view={view.pk}" if view else f"?list={asked.kind}",
        "title": view.name if view else team,
        "count": None if changed else beside.count,
    }


def choices(procedure: Procedure, asked: Asked) -> dict[str, Any]:
    """What the form that narrows the list offers."""
    return {
        "team_choices": [(key, team.name) for key, team in procedure.teams.items()],
        "priority_choices": [(key, priority.name) for key, priority in procedure.priorities.items()],
        "status_choices": [
            (key, name)
            for key, name in desk_states(procedure).items()
            if (key in UNRESOLVED) == (asked.kind != "settled")
        ],
        "category_choices": [(path, Names(procedure).category(path)) for path in procedure.category_paths],
        "channel_choices": [(key, channel.name) for key, channel in procedure.channels.items()],
        "organisation_choices": [(str(key), name) for key, name in directory.organisations()],
        "sort_choices": list(SORTS.items()),
        "due_choices": list(DUE.items()),
        "late_choices": list(LATE.items()),
        "impact_choices": [(key, one.name) for key, one in procedure.impacts.items()],
        "urgency_choices": [(key, one.name) for key, one in procedure.urgencies.items()],
        "untouched_choices": list(UNTOUCHED.items()),
        "age_choices": list(AGE.items()),
        "column_choices": [(key, name, key in asked.shown) for key, name in columns_of(procedure).items()],
        "field_choices": [_field_choice(key, field, asked) for key, field in procedure.fields.items()],
        "people": [(str(one.pk), str(one)) for one in directory.at_work()],
    }


class FieldChoice(NamedTuple):
    """A field in the form that narrows the list: what can be chosen, else how it is typed."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str
    hint: str


def _field_choice(key: str, field: OwnField, asked: Asked) -> FieldChoice:
    hints = {"number": _("100, or 100..200"), "date": _("2026-03-31, or from..to")}
    value = asked.said.get(f"{FIELD}{key}", "")
    return FieldChoice(f"{FIELD}{key}", field.name, list(options_of(field).items()), value, hints.get(field.kind, ""))


def _size(query: QueryDict) -> int:
    """How many rows: a page, or as many as were shown before a live refresh."""
    shown = query.get("shown", "")
    known = shown.isascii() and shown.isdigit() and len(shown) < 9
    return max(lists.PAGE, min(int(shown), MOST_ROWS)) if known else lists.PAGE


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"


def _live_at(request: HttpRequest, after: str) -> str:
    return request.path + _with(request.GET, after=after, shown="")


@require_POST
@desk_page
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the unassigned ticket that falls due first, and show it."""
    try:
        number = acts.take_next(by=Actor.of(person_of(request)), now=timezone.now())
    except (acts.NotAllowed, acts.Refused) as refusal:
        messages.error(request, told(refusal))
        return redirect("desk:queue")
    if number is None:
        messages.info(request, _("Nothing waits for your teams: every open ticket has somebody."))
        return redirect("desk:queue")
    messages.success(request, _("You took #%(number)d.") % {"number": number})
    return redirect("desk:ticket", number=number)


@require_POST
@desk_page
def availability(request: HttpRequest) -> HttpResponse:
    """Say that one is available for new tickets, or not (SOP 4.1)."""
    person = person_of(request)
    if person.works_here:
        person.available = request.POST.get("available") == "1"
        person.save(update_fields=["available"])
    if request.headers.get("HX-Request"):
        return render(request, "desk/presence.html", {"now": timezone.now()})
    return redirect("desk:queue")
