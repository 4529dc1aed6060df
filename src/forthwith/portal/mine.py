"""`/my/`: everything that a signed-in person has asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.people.models import Person
from forthwith.portal.language import language_for, shown_in
from forthwith.portal.visit import desk_values, private
from forthwith.procedure.lifecycle import RESOLVED, UNRESOLVED, WAITING
from forthwith.record import links, procedures
from forthwith.record.models import Message, Ticket
from forthwith.record.states import States, requester_states
from forthwith.ui.times import zone_for

PAGE = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list. `said_at` is of its latest public message: what the desk does inside is not told."""

    ticket: Ticket
    url: str
    words: str
    yours: bool
    said_at: datetime | None


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponseBase:
    """The person's own requests, the newest first, from a key on."""
    person = cast(Person, request.user)
    found = Ticket.objects.filter(requester=person)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    tickets = list(found.order_by("-pk")[: PAGE + 1])
    said = Message.objects.filter(ticket__in=tickets, kind=Message.PUBLIC).values_list("ticket")
    said_at = dict(said.annotate(Max("written_at")))
    procedure = procedures.current_or_none()
    zone = zone_for(person, procedure)
    language = language_for(request, person, procedure) if procedure else ""
    with timezone.override(zone), shown_in(language, procedure):
        states = requester_states(procedure)
        values = {
            **desk_values(),
            "rows": [_row(ticket, person, said_at.get(ticket.pk), states) for ticket in tickets[:PAGE]],
            "next_key": tickets[PAGE - 1].pk if len(tickets) > PAGE else None,
            "now": timezone.now(),
            "zone": zone.key,
        }
        return private(render(request, "portal/mine.html", values))


def _row(ticket: Ticket, person: Person, said_at: datetime | None, states: States) -> Row:
    url = reverse("portal:ticket", args=[links.token(ticket.pk, person.pk)])
    if ticket.missing and ticket.status in UNRESOLVED:
        return Row(ticket, url, _("We have a few questions"), yours=True, said_at=said_at)
    return Row(ticket, url, states[ticket.status], yours=ticket.status in (WAITING, RESOLVED), said_at=said_at)
