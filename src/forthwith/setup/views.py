"""The demo's mail catcher as pages: what the desk has sent, so that nobody needs a mailbox to try it."""

from __future__ import annotations

from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forthwith.people.staff import STAFF
from forthwith.setup import caught as mails
from forthwith.setup.gate import P, View, page_for

MOST_LISTED = 100


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


@_demo_only
def caught_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One caught mail; the links in it can be followed."""
    mail = mails.one(settings.HOME / "caught", name)
    if mail is None:
        raise Http404("no such mail")
    return render(request, "setup/caught_mail.html", {"mail": mail})
