"""A look into a ticket from the queue: what was said last, its clocks, how the procedure stands. It changes nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from forthwith.desk.gate import desk_page, person_of, states_of, ticket_or_404
from forthwith.desk.sheet import sheet_of

MOST_ITEMS = 4
_SHOWN = ("incoming", "outgoing", "note")


@require_GET
@desk_page
def peek(request: HttpRequest, number: int) -> HttpResponse:
    """The part for the sheet beside the queue; for who has no scripts, the ticket's own page."""
    found = ticket_or_404(request, number)
    if not request.headers.get("HX-Request"):
        return redirect("desk:ticket", number=number)
    now = timezone.now()
    sheet = sheet_of(found, person_of(request), now, states_of(request))
    said = [item for item in sheet.items if item.kind in _SHOWN]
    shown = {
        "sheet": sheet,
        "now": now,
        "said": said[: -MOST_ITEMS - 1 : -1],
        "earlier": max(0, len(said) - MOST_ITEMS),
    }
    return render(request, "desk/peek.html", shown)
