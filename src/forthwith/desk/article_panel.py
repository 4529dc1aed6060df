"""The articles beside a ticket: suggested, searched, and worked by (SOP 4.2). Read when the panel comes into view."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from forthwith.desk.article_forms import UseForm
from forthwith.desk.gate import desk_page, person_of, ticket_or_404
from forthwith.knowledge import reading, suggesting
from forthwith.knowledge.suggesting import About, Suggested
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.people.words import words
from forthwith.procedure.lifecycle import CLOSED, MERGED, RESOLVED
from forthwith.record import procedures
from forthwith.record.models import Message, Ticket
from forthwith.steps import acts, library
from forthwith.ui.said import refusal as told

MOST_FOUND = 8
HELPED = {
    "yes": gettext_lazy("It helped"),
    "in part": gettext_lazy("It helped in part"),
    "no": gettext_lazy("It did not help"),
}
_LONGEST_SEARCH = 200
_LONGEST_TEXT = 4_000


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What fits the ticket, or what was searched for; a press records that one worked by an article."""
    ticket, wrong, status = ticket_or_404(request, number), "", 200
    if request.method == "POST":
        wrong, status = _record(request, number)
        if not wrong and not request.headers.get("HX-Request"):
            messages.success(request, _("On record: you worked by an article."))
            return redirect("desk:ticket", number=number)
    # What is asked for while a use is recorded stays asked for.
    typed = (request.POST.get("q") or request.GET.get("q", ""))[:_LONGEST_SEARCH]
    context = _shown(person_of(request), ticket, typed) | {"wrong": wrong, "now": timezone.now()}
    name = "desk/articles/offered.html" if request.headers.get("HX-Request") else "desk/articles/on_ticket.html"
    return render(request, name, context, status=status)


def _record(request: HttpRequest, number: int) -> tuple[str, int]:
    """Why nothing was recorded, if so, and the answer's status."""
    form = UseForm(request.POST)
    if not form.is_valid():
        return _("Choose an article, and whether it helped."), 422
    try:
        library.use(number, by=Actor.of(person_of(request)), now=timezone.now(), **form.cleaned_data)
    except acts.NotAllowed as refusal:
        return told(refusal), 403
    except acts.Refused as refusal:
        return told(refusal), 422
    return "", 200


def _shown(person: Person, ticket: Ticket, typed: str) -> dict[str, Any]:
    procedure = procedures.load(ticket.revision_id)
    asked = words(typed, asked=True)
    if asked:
        offered = [Suggested(one, False, ()) for one in reading.found(person, asked, MOST_FOUND)]
    else:
        about = About(ticket.category, _text_of(ticket), ticket.requester.language)
        offered = suggesting.suggested(person, about, procedure, procedure.knowledge.suggest)
    used = reading.used_on(ticket.pk)
    worked_by = {one.article_id for one in used}
    return {
        "ticket": ticket,
        "typed": typed,
        "used": [(one, HELPED[one.helped]) for one in used],
        "offered": [one for one in offered if one.article.pk not in worked_by],
        "helped": HELPED.items(),
        "may_use": person.works_here and ticket.status != MERGED,
        "is_solved": ticket.status in (RESOLVED, CLOSED),
    }


def _text_of(ticket: Ticket) -> str:
    """What it is about: the subject, and what the requester wrote first."""
    said = Message.objects.filter(ticket=ticket, kind=Message.PUBLIC, incoming=True).order_by("written_at", "pk")
    first = said.only("text", "new_text").first()
    return f"{ticket.subject}\n{(first.new_text or first.text)[:_LONGEST_TEXT] if first else ''}"
