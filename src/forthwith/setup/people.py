"""The people who work here, as pages for administrators: the list, adding, changing, a link to sign in with."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forthwith.people import directory, staff
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure.lifecycle import ADMINISTRATOR, ROLES
from forthwith.record import procedures, queries
from forthwith.setup.forms import NewPersonForm, PersonForm, shift_name
from forthwith.ui.gate import page_for, person_of
from forthwith.ui.said import refusal, spoken

_LARGEST = 2**63 - 1
_DAY = 24 * 3600


@require_safe
@page_for(ADMINISTRATOR)
def people(request: HttpRequest) -> HttpResponse:
    """The people who work here, by name."""
    after = _read_key(request.GET.get("name", ""), request.GET.get("after", ""))
    found, following = staff.page(after)
    procedure = procedures.current_or_none()
    names = {key: team.name for key, team in procedure.teams.items()} if procedure else {}
    context = {
        "rows": [(one, spoken(ROLES[one.role]), _teams(one, names), shift_name(one.shift)) for one in found],
        "alone": not after and len(found) == 1,
        "after": after,
        "more": urlencode({"name": following[0], "after": following[1]}) if following else "",
    }
    return render(request, "setup/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; without a password the answer holds, this once, the link to hand over."""
    form = NewPersonForm(request.POST or None, procedure=procedures.current_or_none())
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        try:
            person = staff.add(form.post(), by=Actor.of(person_of(request)), password=password)
        except ValueError as wrong:
            form.add_error(None, refusal(wrong))
        else:
            if not password and person.is_active:
                return _handed_over(request, person)
            messages.success(request, _("%(person)s was added.") % {"person": person})
            return redirect("people")
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def person(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is said of a person."""
    found = _found(number)
    form = PersonForm(request.POST or None, procedure=procedures.current_or_none(), person=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = staff.change(number, form.post(), by=Actor.of(person_of(request)))
        except ValueError as wrong:
            form.add_error(None, refusal(wrong))
        else:
            messages.success(request, _saved(changed))
            return redirect("people")
    return _form(request, form, found)


@require_POST
@page_for(ADMINISTRATOR)
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Another link, for somebody who has not signed in yet: afterwards nobody else can set their password."""
    found = _found(number)
    if found.last_login is None and found.is_active:
        return _handed_over(request, found)
    said = _("%(person)s is switched off, or has signed in before and can ask for a new password there.")
    messages.error(request, said % {"person": found})
    return redirect("people")


def _form(request: HttpRequest, form: PersonForm, found: Person | None) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form, "found": found, "organisations": directory.organisations()}
    return render(request, "setup/person.html", context, status=status)


def _handed_over(request: HttpRequest, found: Person) -> HttpResponse:
    key = {"uidb36": user_pk_to_url_str(found), "key": default_token_generator.make_token(found)}
    address = settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs=key)
    context = {"found": found, "address": address, "days": settings.PASSWORD_RESET_TIMEOUT // _DAY}
    return render(request, "setup/handed_over.html", context)


def _saved(changed: Person) -> str:
    count = 0 if changed.is_active and changed.works_here else queries.open_counts([changed.pk]).get(changed.pk, 0)
    if not count:
        return _("%(person)s was saved.") % {"person": changed}
    said = ngettext(
        "%(person)s was saved. %(count)d open ticket is still theirs: assign anew.",
        "%(person)s was saved. %(count)d open tickets are still theirs: assign anew.",
        count,
    )
    return said % {"person": changed, "count": count}


def _found(number: int) -> Person:
    found = staff.one(number) if number <= _LARGEST else None
    if found is None:
        raise Http404("nobody of that number works here")
    return found


def _teams(person: Person, names: dict[str, str]) -> list[str]:
    leads = _("%(team)s (leads)")
    named = ((names.get(one.team, one.team), one.leads) for one in person.memberships.all())
    return [leads % {"team": name} if is_leader else name for name, is_leader in named]


def _read_key(name: str, number: str) -> tuple[str, int] | None:
    readable = number.isascii() and number.isdigit() and len(number) < 19 and "\0" not in name
    return (name[:200], int(number)) if readable else None
