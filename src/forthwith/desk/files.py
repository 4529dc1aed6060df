"""What came from outside, served so that it can do no harm: as a download, or in a sandbox without scripts."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from forthwith.desk.gate import desk_page, ticket_or_404
from forthwith.record import files
from forthwith.record.models import Attachment, Message

_NOTHING = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Sanitised mail keeps no style sheet and no remote image; its few style attributes are all that is let through.
_FORMATTED = f"{_NOTHING}; style-src 'unsafe-inline'; img-src data:"


@require_GET
@desk_page
def attachment(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """A file of a ticket's message, always as a download."""
    found = ticket_or_404(request, number)
    kept = Attachment.objects.filter(pk=file, message__ticket=found).first()
    path = files.path_of(kept.digest) if kept else None
    if kept is None or path is None or not path.is_file():
        raise Http404("no such file")
    # The sender's word on the type is not taken: a browser must never open it as what it claims to be.
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=kept.name, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = _NOTHING
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@desk_page
def formatted(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """A message as its sender formatted it, sanitised, on a page of its own that can run nothing."""
    found = _message(request, number, message)
    if not found.html:
        raise Http404("not formatted")
    return _sandboxed(HttpResponse(found.html, content_type="text/html; charset=utf-8"), _FORMATTED)


@require_GET
@desk_page
def whole_text(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """All of a message's text, for one too long to be shown."""
    found = _message(request, number, message)
    return _sandboxed(HttpResponse(found.text, content_type="text/plain; charset=utf-8"), _NOTHING)


def _message(request: HttpRequest, number: int, message: int) -> Message:
    found = Message.objects.filter(pk=message, ticket=ticket_or_404(request, number)).first()
    if found is None:
        raise Http404("no such message")
    return found


def _sandboxed(response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    return response
