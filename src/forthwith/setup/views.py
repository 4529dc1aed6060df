"""The demo's mail catcher as pages: what the desk has sent, so that nobody needs a mailbox to try it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forthwith.people.models import Person
from forthwith.setup import caught as mails

MOST_LISTED = 100

View = Callable[..., HttpResponse]


def _demo_only(view: View) -> View:
    """Outside of a demo these pages do not exist; in one they are for people who may read every ticket."""

    @login_required
    def read_all(request: HttpRequest, **named: str) -> HttpResponse:
        if not cast(Person, request.user).reads_all:
            raise PermissionDenied("caught mail has the links of every requester")
        return view(request, **named)

    @wraps(view)
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        if not settings.DEMO:
            raise Http404("only in a demo")
        shown: HttpResponse = read_all(request, **named)
        shown.headers.setdefault("Cache-Control", "private, no-store")
        return shown

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
