"""The demo's mail catcher as pages: what the desk has sent, so that nobody needs a mailbox to try it."""

from __future__ import annotations

from functools import wraps

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.people.staff import STAFF
from forthwith.setup import caught as mails
from forthwith.ui.gate import P, View, page_for

MOST_LISTED = 100
# As in a mail program: no script, nothing from anywhere, and a link opens a page of its own.
_AS_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def _demo_only(view: View[P]) -> View[P]:
    """Outside of a demo these pages do not exist. In one they are for who may read every ticket, as the mails hold
    the links of every requester."""
    inside = page_for(*STAFF)(view)

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.DEMO:
            raise Http404("only in a demo")
        return inside(request, *args, **kwargs)

    return require_safe(guarded)


@_demo_only
def caught(request: HttpRequest) -> HttpResponse:
    """The latest caught mails."""
    found = mails.newest(settings.HOME / "caught", MOST_LISTED)
    return render(request, "setup/caught.html", {"mails": found})


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no view that takes more than a request
@_demo_only
def caught_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One caught mail, or with `?part=html` its HTML alone; the links in it can be followed."""
    mail = mails.one(settings.HOME / "caught", name)
    if mail is None:
        raise Http404("no such mail")
    if request.GET.get("part") == "html":
        html = mail.html or f"<head></head><p>{escape(_('This mail has no HTML part.'))}</p>"
        response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
        response.headers["Content-Security-Policy"] = _AS_MAIL
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response
    return render(request, "setup/caught_mail.html", {"mail": mail})
