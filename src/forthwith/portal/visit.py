"""A visit by signed link: who comes to which ticket, and what every page of it has in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.portal import limits
from forthwith.portal.language import language_for, shown_in
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.model import Procedure
from forthwith.record import links, procedures, queries
from forthwith.record.models import Message, Ticket
from forthwith.record.queries import Said
from forthwith.ui.times import zone_for

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, "Visit", P], HttpResponseBase]
Page = Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request by a signed link."""

    token: str
    ticket: Ticket
    person: Person
    facts: list[f.Fact]
    case: Case
    procedure: Procedure
    now: datetime
    language: str

    def asked(self, key: str) -> str:
        """How a detail is asked for in the visitor's language; nothing for one that the procedure does not have."""
        return self.procedure.asked(key, self.language).ask if key in self.procedure.details else ""

    @property
    def said(self) -> QuerySet[Message]:
        """The public messages that this visit may read: also of the requester's tickets that were merged into it."""
        if self.case.merged_into is not None:
            return queries.followed(self.ticket, self.person, self.case.apart[-1].start)
        return Message.objects.filter(ticket__in=(self.ticket.pk, *self.holds), kind=Message.PUBLIC)

    @property
    def holds(self) -> list[int]:
        """The requester's own tickets that were merged into this one."""
        found = queries.several(self.person, self.case.holds).values()
        return [one.number for one in found if one.requester_id == self.ticket.requester_id]

    def conversation(self) -> list[Said]:
        """What was said, oldest first."""
        if self.case.merged_into is not None:
            return queries.followed_conversation(self.ticket, self.person, self.case.apart[-1].start)
        return queries.conversation(self.ticket, with_notes=False, merged=self.holds)

    @property
    def by(self) -> Actor:
        """The person as the requester, whatever else they are."""
        return Actor.requester(self.person.pk)

    @property
    def url(self) -> str:
        """The ticket's page for this link."""
        return reverse("portal:ticket", args=[self.token])


def by_link(view: View[P]) -> Page[P]:
    """A view of `/t/<token>/`: it gets the visit, or the visitor a kind sentence."""

    @wraps(view)
    def guarded(request: HttpRequest, /, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visit = _visit(request, token)
        if visit is None:
            return _unknown(request)
        if visit.token != token and request.method in ("GET", "HEAD"):
            return private(_moved(request, visit, kwargs))
        zone = zone_for(visit.person, visit.procedure)
        with timezone.override(zone), shown_in(visit.language, visit.procedure):
            return private(view(request, visit, *args, **kwargs))

    return cast("Page[P]", guarded)


def _moved(request: HttpRequest, visit: Visit, named: dict[str, object]) -> HttpResponse:
    """The same page of the ticket that goes on for a merged one."""
    name = request.resolver_match.view_name if request.resolver_match else "portal:ticket"
    query = request.META.get("QUERY_STRING", "")
    at = reverse(name, kwargs={**named, "token": visit.token})
    return redirect(f"{at}?{query}" if query else at)


def _unknown(request: HttpRequest) -> HttpResponseBase:
    procedure = procedures.current_or_none()
    with shown_in(language_for(request, None, procedure) if procedure else "", procedure):
        return private(unknown(request))


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Let nobody keep the page or learn its address.

    The policy is `same-origin` and not `no-referrer`: under the latter browsers send `Origin: null` with a form,
    and the form is refused as forged. Other sites learn nothing under either.
    """
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Django logs the address of every refusal, and this address is a key.
    vars(response)["_has_been_logged"] = True
    response.headers["Content-Language"] = get_language() or settings.LANGUAGE_CODE
    return response


def unknown(request: HttpRequest) -> HttpResponse:
    """The kind sentence for an address that leads nowhere."""
    return render(request, "portal/unknown.html", desk_values(), status=404)


def too_often(request: HttpRequest, visit: Visit) -> bool:
    """Whether this link, or this address, has sent more than anybody types."""
    at = time.monotonic()
    address = str(request.META.get("REMOTE_ADDR", ""))
    link = f"{visit.ticket.pk}-{visit.person.pk}"
    return not (limits.by_address.allows(address, at=at) and limits.by_link.allows(link, at=at))


def page(request: HttpRequest, visit: Visit, template: str, status: int = 200, **values: object) -> HttpResponse:
    """Render a page of the visit."""
    zone = timezone.get_current_timezone_name()
    shown = {**desk_values(), "visit": visit, "zone": zone, "languages": _others(visit), **values}
    return render(request, template, shown, status=status)


def _others(visit: Visit) -> list[dict[str, str]]:
    """The languages that this visitor could be written to in besides."""
    spoken = visit.procedure.spoken.items()
    return [{"key": key, "name": language.name} for key, language in spoken if key != visit.language]


def desk_values() -> dict[str, object]:
    """What every page of a requester says of the desk."""
    return {"desk": settings.DESK_NAME or "Support"}


def _visit(request: HttpRequest, token: str) -> Visit | None:
    found = queries.by_link(token)
    if found is None:
        return None
    person, ticket = found
    if ticket.merged_into_id is not None:
        # Only to their own: what somebody else asked is not theirs to read.
        kept = queries.ticket_for(person, queries.survivor(ticket.number))
        if kept is not None and kept.requester_id == person.pk:
            ticket, token = kept, links.token(kept.number, person.pk)
    facts = queries.facts_of(queries.entries(ticket.pk))
    case = fold(facts)
    procedure = procedures.under(ticket.revision_id, case)
    language = language_for(request, person, procedure)
    return Visit(token, ticket, person, facts, case, procedure, timezone.now(), language)
