"""Files of public messages, always as downloads that a browser never runs."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.portal.visit import Visit, by_link, unknown
from forthwith.record import files, kinds, scans
from forthwith.record.models import Attachment


@require_safe
@by_link
def download(request: HttpRequest, visit: Visit, number: int) -> HttpResponseBase:
    """One file of a public message of the visited ticket; never one in which the scanner found a virus."""
    kept = Attachment.objects.filter(pk=number, message__in=visit.said).first()
    path = files.path_of(kept.digest) if kept else None
    if kept is None or path is None or not path.is_file():
        return unknown(request)
    name = kinds.safe_name(kept.name)
    if not scans.before_download(kept, now=visit.now):
        sentence = _("A virus was found in %(name)s. It is not given out; please tell us if you need it.")
        return render(request, "403.html", {"sentence": sentence % {"name": name}}, status=403)
    kind = kept.looks if kept.looks in kinds.SHOWN_INLINE else kinds.UNKNOWN
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Forthwith-Scan"] = kept.scan or "not scanned"
    if kept.danger:
        response.headers["X-Forthwith-Danger"] = kept.danger
    return response
