"""What the desk knows of who asks: their other tickets, their organisation, and notes that only the desk reads.

Loaded when it comes into view, as the ticket's page has no query to spare for it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from forthwith.desk.gate import desk_page, person_of, procedure_of, ticket_or_404
from forthwith.people import directory, notes, organisations
from forthwith.people.models import Person
from forthwith.procedure.levels import contracts_of
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER
from forthwith.record import queries
from forthwith.record.models import Ticket
from forthwith.record.states import desk_states
from forthwith.ui.gate import READERS
from forthwith.ui.said import refusal as told

MOST_TICKETS = 5


@require_GET
@desk_page
def requester(request: HttpRequest, number: int) -> HttpResponse:
    """The part for the panel; for who has no scripts, a page of its own."""
    return _shown(request, ticket_or_404(request, number))


@require_POST
@desk_page
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Keep a note on the requester, or on their organisation."""
    found, text = ticket_or_404(request, number), request.POST.get("text", "")
    about = notes.ORGANISATION if request.POST.get("about") == notes.ORGANISATION else notes.PERSON
    try:
        notes.write(found.requester, about, text, by=person_of(request), now=timezone.now())
    except notes.Refused as refusal:
        return _shown(request, found, wrong=told(refusal), typed=text, about=about, status=422)
    return _done(request, found, _("Note kept. Only the desk reads it."))


@require_POST
@desk_page
def remove(request: HttpRequest, number: int, note: int) -> HttpResponse:
    """Take a note away."""
    found = ticket_or_404(request, number)
    try:
        if not notes.remove(found.requester, note, by=person_of(request)):
            raise Http404("no such note")
    except notes.Refused as refusal:
        return _shown(request, found, wrong=told(refusal), status=403)
    return _done(request, found, _("The note is taken away."))


@require_POST
@desk_page
def vip(request: HttpRequest, number: int) -> HttpResponse:
    """Say that the requester is somebody whose requests the desk takes special care of, or is not any more."""
    found = ticket_or_404(request, number)
    if not _may_mark(person_of(request)):
        wrong = _("Only team leaders and administrators say who is a VIP.")
        return _shown(request, found, wrong=wrong, status=403)
    found.requester.vip = request.POST.get("vip") == "1"
    found.requester.save(update_fields=["vip"])
    return _done(request, found, _("Marked as VIP.") if found.requester.vip else _("No VIP any more."))


@require_POST
@desk_page
def organisation(request: HttpRequest, number: int) -> HttpResponse:
    """Say to which organisation the requester belongs, or to none: it counts for what they ask later."""
    found, name = ticket_or_404(request, number), request.POST.get("organisation", "").replace("\0", "").strip()
    chosen = organisations.called(name)
    if name and chosen is None:
        wrong = _("There is no organisation called %(name)s. Choose one of the list.") % {"name": name[:200]}
        return _shown(request, found, wrong=wrong, named=name[:200], status=422)
    try:
        found.requester = organisations.put(found.requester.pk, chosen, by=person_of(request))
    except ValueError as refusal:
        return _shown(request, found, wrong=told(refusal), status=403)
    return _done(request, found, _("Kept. It counts for what they ask from now on."), placed=True)


@require_POST
@desk_page
def contract(request: HttpRequest, number: int) -> HttpResponse:
    """Say which contract the requester's organisation has: later requests of its people have that service level."""
    found, key = ticket_or_404(request, number), request.POST.get("contract", "")
    organisation = found.requester.organisation
    if not _may_mark(person_of(request)):
        wrong = _("Only team leaders and administrators say what contract an organisation has.")
        return _shown(request, found, wrong=wrong, status=403)
    if organisation is None or key not in ("", *contracts_of(procedure_of(request))):
        wrong = _("The procedure knows no such contract. Choose one of the list.")
        return _shown(request, found, wrong=wrong, status=422)
    organisation.contract = key
    organisation.save(update_fields=["contract"])
    return _done(request, found, _("Kept. It counts for what they ask from now on."))


def _may_mark(person: Person) -> bool:
    return person.role in (LEADER, ADMINISTRATOR)


def _done(request: HttpRequest, found: Ticket, said: str, **more: Any) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _shown(request, found, said=said, **more)
    messages.success(request, said)
    return redirect("desk:requester", number=found.number)


def _shown(request: HttpRequest, found: Ticket, *, status: int = 200, **more: Any) -> HttpResponse:
    viewer, asks = person_of(request), found.requester
    written = notes.notes_on(asks)
    states = desk_states(procedure_of(request))
    others = queries.others_of(found, viewer, MOST_TICKETS)
    shown = {
        "ticket": found,
        "requester": asks,
        "others": [(one, states[one.status]) for one in others],
        "all_at": f"{reverse('desk:search')}?{urlencode({'q': f'from:{asks.email}'})}",
        "groups": _groups(asks, [(note, notes.may_remove(note, viewer)) for note in written]),
        "may_write": viewer.works_here,
        "may_mark": _may_mark(viewer),
        "organisations": directory.organisations() if _may_mark(viewer) else [],
        "leads": viewer.role in READERS,
        "contracts": contracts_of(procedure_of(request)) if asks.organisation else [],
        "longest": notes.LONGEST,
        "now": timezone.now(),
        **more,
    }
    by_htmx = request.headers.get("HX-Request")
    return render(request, "desk/requester.html" if by_htmx else "desk/requester_page.html", shown, status=status)


def _groups(asks: Person, written: list[tuple[Any, bool]]) -> list[dict[str, Any]]:
    """Notes on the person, and where one is known on their organisation."""
    titles = {notes.PERSON: _("Notes on %(name)s") % {"name": asks}}
    if asks.organisation is not None:
        titles[notes.ORGANISATION] = _("Notes on %(name)s") % {"name": asks.organisation}
    return [
        {"about": about, "title": title, "notes": [one for one in written if one[0].about == about]}
        for about, title in titles.items()
    ]
