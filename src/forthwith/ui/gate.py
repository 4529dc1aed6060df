"""Who may come to these pages: the roles a page names; for everybody else it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import ADMINISTRATOR, AUDITOR, LEADER, WORKERS
from forthwith.record import procedures
from forthwith.ui.times import zone_for

READERS = (LEADER, ADMINISTRATOR, AUDITOR)
"""Who looks after the whole desk, or audits it."""
EVERYBODY = (*WORKERS, AUDITOR)
"""Everybody of the desk."""

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def person_of(request: HttpRequest) -> Person:
    """The signed-in person; only for views behind `page_for`."""
    return cast(Person, request.user)


def page_for(*roles: str) -> Callable[[View[P]], View[P]]:
    """A view for people of these roles, rendered in the person's time zone and kept nowhere."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = person_of(request)
            if person.role not in roles:
                raise Http404("not for this role")
            with timezone.override(zone_for(person, procedures.current_or_none())):
                response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        return cast("View[P]", login_required(guarded))

    return guard
