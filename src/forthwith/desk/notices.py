"""What a person was told: the bell, the list, and what they want to be told at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from forthwith.desk.gate import desk_page, person_of, procedure_of
from forthwith.desk.rail import rail
from forthwith.outbox import notices
from forthwith.outbox.told import Notice
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.procedure.moments import format_duration
from forthwith.procedure.noticing import BY_THE_MATRIX, EVENTS
from forthwith.record import queries
from forthwith.steps import mentions, news
from forthwith.ui.said import spoken

LABELS: dict[str, Promise] = {
    "assigned": gettext_lazy("A ticket is assigned to me"),
    "answered": gettext_lazy("The requester writes on a ticket of mine"),
    "mentioned": gettext_lazy("Somebody mentions me in a note"),
    "followed": gettext_lazy("Something is written on a ticket that I follow, or by a colleague on one of mine"),
    "at_risk": gettext_lazy("The time of a ticket of mine is running out"),
    "late": gettext_lazy("A ticket of mine is late"),
    "escalated": gettext_lazy("A ticket is escalated to me or my team"),
    "failed": gettext_lazy("A mail of mine is not delivered, or an answer of mine is not sent"),
    "reopened": gettext_lazy("A ticket of mine is opened again"),
    "rated": gettext_lazy("The requester rates a ticket of mine"),
}
"""What each event is called where a person chooses."""
_MOST_SEEN = 1 + queries.MOST_MERGED


@dataclass(frozen=True, slots=True)
class Row:
    """A notice as it is listed."""

    notice: Notice
    says: str
    at: str
    begins: str


@dataclass(frozen=True, slots=True)
class Wish:
    """One event, and whether the person is told of it in the app and by mail. `fixed`: its mail is the procedure's."""

    key: str
    label: str
    shown: bool
    mailed: bool
    fixed: bool


@require_GET
@desk_page
def told(request: HttpRequest) -> HttpResponse:
    """What the person was told, the unread first."""
    person, now = person_of(request), timezone.now()
    by_time, after = request.GET.get("order") == "time", request.GET.get("after", "")
    found, more = notices.page(person.pk, after=after, by_time=by_time)
    shown = {
        "rows": [Row(one, news.says(one), news.place(one), news.begins(one)) for one in found],
        "more": more,
        "after": after,
        "by_time": by_time,
        "until": max((one.pk for one in found), default=0),
        "any_unread": any(one.read_at is None for one in found),
    }
    return render(request, "desk/notices.html", {**shown, **_frame(request, person, now)})


@require_POST
@desk_page
def bell(request: HttpRequest) -> HttpResponse:
    """How many notices are unread; what the person was told of the ticket that they look at is read by that."""
    person, seen = person_of(request), [_whole(one) for one in request.POST.getlist("ticket")[:_MOST_SEEN]]
    if any(seen):
        notices.read_tickets(person.pk, seen, timezone.now())
    if not request.headers.get("HX-Request"):
        return redirect("desk:notices")
    shown = {"unread": notices.unread(person.pk), "most_counted": notices.MOST_COUNTED}
    return render(request, "bell_link.html", shown)


@require_POST
@desk_page
def read(request: HttpRequest) -> HttpResponse:
    """One notice is read, or all that the page showed and that are older."""
    person, now = person_of(request), timezone.now()
    if number := _number(request, "notice"):
        notices.read(person.pk, now, number=number)
    else:
        notices.read(person.pk, now, until=_number(request, "until"))
        messages.success(request, _("All marked as read."))
    order = "?order=time" if request.POST.get("order") == "time" else ""
    return redirect(f"{redirect('desk:notices').url}{order}")


@desk_page
def preferences(request: HttpRequest) -> HttpResponse:
    """What the person wants to be told of, in the app and by mail."""
    person, now, procedure = person_of(request), timezone.now(), procedure_of(request)
    if procedure is None:
        return render(request, "desk/no_procedure.html", status=503)
    if request.method == "POST":
        # Nobody chooses the mails of the matrix: what is kept of them is what the procedure says.
        mailed = procedure.notices.mail
        by_mail = {key: key in mailed if key in BY_THE_MATRIX else f"mail-{key}" in request.POST for key in EVENTS}
        notices.choose(person, {key: (f"app-{key}" in request.POST, by_mail[key]) for key in EVENTS}, procedure)
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("desk:notice-preferences")
    wishes = [_wish(key, *notices.wanted(person, key, procedure)) for key in EVENTS]
    begins = directory.shift_begins(person, procedure, now)
    shown = {"wishes": wishes, "bundle": procedure.notices.bundle, "shift_begins": begins}
    shown["bundled"] = format_duration(procedure.notices.bundle)
    return render(request, "desk/notice_preferences.html", {**shown, **_frame(request, person, now)})


@require_GET
@desk_page
def colleagues(request: HttpRequest) -> HttpResponse:
    """Whom a note can call in: by script alone, which asks when the list is first opened."""
    # Oneself is not offered, and has a name all the same that somebody else may have too.
    named = mentions.handles(one for one in directory.ever_readers() if one.is_active)
    listed = [
        {"name": handle, "note": spoken(one.get_role_display()), "text": f"@{handle} "}
        for handle, one in named
        if one != person_of(request)
    ]
    return JsonResponse({"people": listed})


def _wish(key: str, shown: bool, mailed: bool) -> Wish:
    return Wish(key, str(LABELS[key]), shown, mailed, key in BY_THE_MATRIX)


def _frame(request: HttpRequest, person: Person, now: datetime) -> dict[str, Any]:
    procedure = procedure_of(request)
    return {"now": now, **({"rail": rail(person, procedure, now)} if procedure else {})}


def _number(request: HttpRequest, name: str) -> int:
    return _whole(request.POST.get(name, ""))


def _whole(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
