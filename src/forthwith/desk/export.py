"""One ticket as a file to take away: JSON that can be verified elsewhere, and PDF to read and to print (SOP 6.1)."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from forthwith.desk import paper
from forthwith.desk.gate import desk_page, person_of, ticket_or_404
from forthwith.people.rates import Limit
from forthwith.record import exported
from forthwith.ui.printing import LONGEST_S, Busy, NotPrinted, NotThere, printed

LIMIT = Limit(30)
"""Exports that one person may take in ten minutes."""


@require_GET
@desk_page
def as_json(request: HttpRequest, number: int) -> HttpResponseBase:
    """The whole record of a ticket, streamed."""
    found = ticket_or_404(request, number)
    if not _may_go_on(request):
        return render(request, "429.html", status=429)
    answer = StreamingHttpResponse(exported.pieces(found, timezone.now()), content_type="application/json")
    return _named(answer, f"ticket-{number}.json")


@require_GET
@desk_page
def as_pdf(request: HttpRequest, number: int) -> HttpResponseBase:
    """The record of a ticket for people; where this desk cannot print, a sentence says what it takes."""
    found = ticket_or_404(request, number)
    if not _may_go_on(request):
        return render(request, "429.html", status=429)
    try:
        content = printed(
            paper.content_of(found, timezone.now()),
            paper.TEMPLATE,
            instead=_("Save the ticket as JSON, or print its page from the browser."),
        )
    except NotThere as missing:
        return _refused(request, number, str(missing), 501)
    except NotPrinted as failed:
        refused = _refused(request, number, str(failed), 503)
        if isinstance(failed, Busy):
            refused.headers["Retry-After"] = str(LONGEST_S)
        return refused
    return _named(HttpResponse(content, content_type="application/pdf"), f"ticket-{number}.pdf")


def _may_go_on(request: HttpRequest) -> bool:
    return LIMIT.allows(str(person_of(request).pk), at=time.monotonic())


def _refused(request: HttpRequest, number: int, sentence: str, status: int) -> HttpResponse:
    shown = {"number": number, "sentence": sentence, "title": _("No PDF was made")}
    return render(request, "desk/not_exported.html", shown, status=status)


def _named(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
