"""Who may come to this counter: people of the desk and auditors; a requester is shown to the portal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import is_valid_path
from django.utils import timezone
from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.record import procedures, queries
from forthwith.record.models import Ticket
from forthwith.record.states import States, desk_states
from forthwith.ui.times import zone_for

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

PORTAL = "/my/"


def person_of(request: HttpRequest) -> Person:
    """The signed-in person; only for views behind `desk_page`."""
    return cast(Person, request.user)


def procedure_of(request: HttpRequest) -> Procedure | None:
    """The procedure in force, looked up once for a request; None before one is installed."""
    kept = vars(request)
    if "procedure_in_force" not in kept:
        kept["procedure_in_force"] = procedures.current_or_none()
    return cast("Procedure | None", kept["procedure_in_force"])


def states_of(request: HttpRequest) -> States:
    """What the procedure in force calls the states of a ticket."""
    return desk_states(procedure_of(request))


def desk_page(view: View[P]) -> View[P]:
    """A view for whoever may read the whole desk, rendered in that person's time zone."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = person_of(request)
        if not person.reads_all:
            return _shown_to_portal(request)
        with timezone.override(zone_for(person, procedure_of(request))):
            try:
                response = view(request, *args, **kwargs)
            except queries.Unreadable as broken:
                if "number" not in kwargs:
                    raise
                response = _damaged(request, cast(int, kwargs["number"]), broken)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return cast("View[P]", login_required(guarded))


def writers_page(view: View[P]) -> View[P]:
    """A view of the desk for whoever works on tickets; an auditor, who only reads, is told so."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not person_of(request).works_here:
            return render(
                request, "403.html", {"sentence": _("Only people who work on tickets write here.")}, status=403
            )
        return view(request, *args, **kwargs)

    return desk_page(cast("View[P]", guarded))


def _shown_to_portal(request: HttpRequest) -> HttpResponse:
    if is_valid_path(PORTAL):
        return redirect(PORTAL)
    sentence = _("The desk is for the people who work on requests. You reach yours by the link in our mails to you.")
    return render(request, "403.html", {"sentence": sentence}, status=403)


def _damaged(request: HttpRequest, number: int, broken: queries.Unreadable) -> HttpResponse:
    """A fact cannot be understood, so that the ticket cannot be shown: the way to what is on record all the same."""
    sentence = _("The record is damaged (%(why)s). Save the ticket as JSON: that says all that is on record.")
    shown = {"number": number, "sentence": sentence % {"why": broken}, "title": _("This cannot be shown")}
    return render(request, "desk/not_exported.html", {**shown, "damaged": True}, status=500)


def ticket_or_404(request: HttpRequest, number: int) -> Ticket:
    """The ticket, if the person may read it; else the same answer as for one that does not exist."""
    ticket = queries.ticket_for(person_of(request), number)
    if ticket is None:
        raise Http404("no such ticket")
    return ticket
