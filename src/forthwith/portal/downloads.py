"""Files of public messages, always as downloads that a browser never runs."""

from __future__ import annotations

import re

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from forthwith.portal.visit import Visit, by_link, unknown
from forthwith.record import files
from forthwith.record.models import Attachment, Message

_PLAIN_TYPE = re.compile(r"(image|audio|video|application|text)/[a-z0-9.+-]{1,80}", re.ASCII)
_RUNS = ("html", "xml", "svg", "script")


@require_safe
@by_link
def download(request: HttpRequest, visit: Visit, number: int) -> HttpResponseBase:
    """One file of a public message of the visited ticket."""
    kept = Attachment.objects.filter(pk=number, message__ticket=visit.ticket, message__kind=Message.PUBLIC).first()
    path = files.path_of(kept.digest) if kept else None
    if kept is None or path is None or not path.is_file():
        return unknown(request)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=kept.name, content_type=_type(kept.type))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _type(given: str) -> str:
    kind = given.lower()
    if not _PLAIN_TYPE.fullmatch(kind) or any(word in kind for word in _RUNS):
        return "application/octet-stream"
    return kind
