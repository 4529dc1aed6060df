"""What came from outside, served so that it can do no harm: as a download, or in a sandbox without scripts."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from forthwith.desk import formatted as mail_page
from forthwith.desk.gate import desk_page, person_of, ticket_or_404
from forthwith.people.models import Person
from forthwith.procedure.lifecycle import ADMINISTRATOR
from forthwith.record import files, kinds, raw, scans
from forthwith.record.models import Attachment, Message

_NOTHING = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Sanitised mail keeps no style sheet and no script; its few style attributes are let through. It stays of this origin,
# as its own pictures are only given to who is signed in; without scripts there is nothing it could do with that.
_FORMATTED = (
    "default-src 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
_REMOTE = f"{_FORMATTED} https: http:"
MOST_PICTURES = 200


@require_GET
@desk_page
def attachment(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """A file of a ticket's message, always as a download. An infected one is given to an administrator who insists."""
    found = ticket_or_404(request, number)
    kept = Attachment.objects.filter(pk=file, message__ticket=found).first()
    path = files.path_of(kept.digest) if kept else None
    if kept is None or path is None or not path.is_file():
        raise Http404("no such file")
    if not scans.before_download(kept, now=timezone.now()) and not _insists(request, person_of(request)):
        return _refused(request, kept)
    # Neither the sender's word nor the name is taken for the type: a browser must never open it as what it claims.
    kind = kept.looks if kept.looks in kinds.SHOWN_INLINE else kinds.UNKNOWN
    response = FileResponse(path.open("rb"), as_attachment=True, filename=kinds.safe_name(kept.name), content_type=kind)
    for name, value in _told(kept).items():
        response[name] = value
    return response


def _told(kept: Attachment) -> dict[str, str]:
    told = {"Content-Security-Policy": _NOTHING, "X-Content-Type-Options": "nosniff", "X-Download-Options": "noopen"}
    if kept.danger:
        told["X-Forthwith-Danger"] = kept.danger
    told["X-Forthwith-Scan"] = kept.scan or "not scanned"
    return told


def _insists(request: HttpRequest, person: Person) -> bool:
    return person.role == ADMINISTRATOR and request.GET.get("infected") == "yes"


def _refused(request: HttpRequest, kept: Attachment) -> HttpResponse:
    sentence = _("The virus scanner found %(virus)s in %(file)s. It is not given out.") % {
        "virus": kept.found,
        "file": kinds.safe_name(kept.name),
    }
    if person_of(request).role == ADMINISTRATOR:
        sentence += " " + _("As an administrator you get it all the same by adding ?infected=yes to its address.")
    else:
        sentence += " " + _("An administrator can still reach it.")
    return render(request, "403.html", {"sentence": sentence}, status=403)


@require_GET
@desk_page
def formatted(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """A message as its sender formatted it, sanitised, on a page of its own that can run nothing.

    Remote pictures are loaded by the reader's browser, for this view only, when `?pictures=remote` asks for them.
    """
    found = _message(request, number, message)
    if not found.html:
        raise Http404("not formatted")
    remote = request.GET.get("pictures") == "remote"
    page = mail_page.shown(found.html, pictures=_pictures(found, number), remote=remote)
    around = {"message": found, "number": number, "remote": page.remote, "loaded": remote}
    top = render_to_string("desk/formatted_top.html", around, request)
    whole = f"{top}{page.html}</main></body></html>"
    response = _sandboxed(
        HttpResponse(whole, content_type="text/html; charset=utf-8"), _REMOTE if remote else _FORMATTED
    )
    # Whose pictures these are need not know which ticket is being read.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _pictures(message: Message, number: int) -> dict[str, str]:
    own = Attachment.objects.filter(message=message, looks__in=kinds.SHOWN_INLINE).exclude(content_id="")
    own = own.exclude(scan=Attachment.INFECTED).order_by("pk")[:MOST_PICTURES]
    return {one.content_id.lower(): reverse("desk:file", args=[number, one.pk]) for one in own}


@require_GET
@desk_page
def whole_text(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """All of a message's text, for one too long to be shown."""
    found = _message(request, number, message)
    return _sandboxed(HttpResponse(found.text, content_type="text/plain; charset=utf-8"), _NOTHING)


@require_GET
@desk_page
def source(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """The mail that a message came as, every byte of it, as a download that nothing opens as a mail."""
    found = _message(request, number, message)
    if found.raw_item is None or not found.incoming:
        raise Http404("no mail")
    response = HttpResponse(raw.whole(found.raw_item), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="message-{found.pk}.txt"'
    return _sandboxed(response, _NOTHING)


def _message(request: HttpRequest, number: int, message: int) -> Message:
    found = Message.objects.filter(pk=message, ticket=ticket_or_404(request, number)).first()
    if found is None:
        raise Http404("no such message")
    return found


def _sandboxed(response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    return response
