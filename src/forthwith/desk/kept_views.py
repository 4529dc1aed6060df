"""Saved views: keep what the list shows under a name, for oneself or others, and look after what was kept (SOP 4.1)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from forthwith.desk.asked import Asked, said_in
from forthwith.desk.gate import desk_page, person_of, procedure_of
from forthwith.desk.rail import rail
from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.record import views
from forthwith.record.views import View

_LONGEST_ADDRESS = 4_000


@desk_page
def kept(request: HttpRequest) -> HttpResponse:
    """The views that one may change; posted to, one more of them."""
    person, procedure = person_of(request), procedure_of(request)
    if procedure is None:
        return redirect("desk:queue")
    if request.method != "POST":
        return _page(request, person, procedure)
    given = request.POST
    try:
        shared = _shared(given.get("shared", ""), procedure)
        view = views.keep(person, given.get("name", ""), shared, _says(given, procedure))
    except views.Refused as refusal:
        return _page(request, person, procedure, wrong=str(refusal), says=given.get("says", "")[:_LONGEST_ADDRESS])
    messages.success(request, _("Kept as '%(view)s'.") % {"view": view.name})
    return redirect(f"/?view={view.pk}")


@require_POST
@desk_page
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Rename, share, move up or delete a view, or keep what the list shows now in it."""
    person, procedure = person_of(request), procedure_of(request)
    view = views.view_for(person, number)
    if procedure is None or view is None or not views.may_change(person, view):
        raise Http404("no such view")
    does = request.POST.get("do", "")
    if does == "keep":
        views.says(view, _says(request.POST, procedure))
        messages.success(request, _("'%(view)s' shows this from now on.") % {"view": view.name})
        return redirect(f"/?view={view.pk}")
    if does == "delete":
        view.delete()
        said = _("The view '%(view)s' is deleted. No ticket was changed.") % {"view": view.name}
        messages.success(request, said)
    elif does == "up":
        views.move_up(person, view)
    else:
        try:
            views.rename(person, view, request.POST.get("name", ""), _shared(request.POST.get("shared", ""), procedure))
        except views.Refused as refusal:
            return _page(request, person, procedure, wrong=str(refusal))
        messages.success(request, _("'%(view)s' is changed.") % {"view": view.name})
    return redirect("desk:views")


def _says(given: QueryDict, procedure: Procedure) -> dict[str, str]:
    """What is known of what the list showed: a view never begins with what the desk does not have."""
    return Asked.read(said_in(QueryDict(given.get("says", "")[:_LONGEST_ADDRESS])), procedure).document


def _shared(shared: str, procedure: Procedure) -> str:
    if shared and shared != views.EVERYBODY and shared not in procedure.teams:
        raise views.Refused(_("That team is not in the procedure. Choose another, or everybody."))
    return shared


def _page(
    request: HttpRequest, person: Person, procedure: Procedure, *, wrong: str = "", says: str = ""
) -> HttpResponse:
    now = timezone.now()
    mine = views.kept_by(person)
    context = {
        "now": now,
        "rail": rail(person, procedure, now),
        "own": [_line(one, procedure) for one in mine if not one.shared],
        "shared": [_line(one, procedure) for one in mine if one.shared],
        "may_share": views.may_share(person),
        "everybody": views.EVERYBODY,
        "team_choices": [(key, team.name) for key, team in procedure.teams.items()],
        "wrong": wrong,
        "says": says,
    }
    return render(request, "desk/views.html", context, status=422 if wrong else 200)


def _line(view: View, procedure: Procedure) -> tuple[View, bool, str]:
    """A view, whether it is shared with a team that is gone, and what of it is not known any more."""
    gone = bool(view.shared) and view.shared != views.EVERYBODY and view.shared not in procedure.teams
    return view, gone, Asked.read(view.says, procedure).unknown_said
