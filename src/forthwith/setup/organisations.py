"""Organisations as pages: whom requesters belong to, their contracts, mail domains and people (SOP 3.2).

Who looks after the desk or audits it reads them; administrators change them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forthwith.people import directory, organisations
from forthwith.people.models import Organisation
from forthwith.people.organisations import Key
from forthwith.procedure.levels import contracts_of, levels_for
from forthwith.procedure.lifecycle import ADMINISTRATOR
from forthwith.record import lists, procedures
from forthwith.record.lists import Filters
from forthwith.setup.forms import OrganisationForm
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import refusal

_LARGEST = 2**63 - 1
_LONGEST = 200


@require_safe
@page_for(*READERS)
def overview(request: HttpRequest) -> HttpResponse:
    """The organisations, by name, or those that have something in their name."""
    typed, after = _typed(request.GET.get("q", "")), _read_key(request)
    found, following = organisations.page(typed, after)
    sizes = organisations.sizes(found)
    context = {
        "rows": [(one, sizes.get(one.pk, 0)) for one in found],
        "typed": typed,
        "after": after,
        "more": _key({"q": typed} if typed else {}, following),
        "may_change": _may_change(request),
    }
    return render(request, "setup/organisations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def add(request: HttpRequest) -> HttpResponse:
    """Add an organisation."""
    form = OrganisationForm(request.POST or None, contracts=_contracts())
    if request.method == "POST" and form.is_valid():
        try:
            made = organisations.add(form.entry(), by=person_of(request))
        except ValueError as wrong:
            form.add_error(None, refusal(wrong))
        else:
            messages.success(request, _("%(name)s was added.") % {"name": made})
            return redirect("organisation", number=made.pk)
    return _form(request, form, None)


@require_safe
@page_for(*READERS)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """An organisation, and a page of its people."""
    return _shown(request, _found(number))


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is said of an organisation."""
    found = _found(number)
    said = {"name": found.name, "contract": found.contract, "domains": "\n".join(organisations.domains(found))}
    form = OrganisationForm(request.POST or None, contracts=_contracts(), initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            changed = organisations.change(number, form.entry(), by=person_of(request))
        except ValueError as wrong:
            form.add_error(None, refusal(wrong))
        else:
            _say_changed(request, found.name, changed)
            return redirect("organisation", number=number)
    return _form(request, form, found)


@require_POST
@page_for(ADMINISTRATOR)
def join(request: HttpRequest, number: int) -> HttpResponse:
    """Add a person: one who was chosen, or whom a name or an address means."""
    found, chosen = _found(number), request.POST.get("person", "")
    if chosen:
        return _placed(request, found, _number(chosen), found)
    typed = _typed(request.POST.get("who", ""))
    people = organisations.people_for(typed)
    if len(people) == 1 and people[0].organisation_id is None:
        return _placed(request, found, people[0].pk, found)
    if [one.organisation_id for one in people] == [found.pk]:
        wrong = _("%(person)s belongs to it already.") % {"person": people[0]}
        return _shown(request, found, wrong=wrong, typed=typed, status=422)
    if people:
        return _shown(request, found, candidates=people, typed=typed)
    return _shown(request, found, wrong=_nobody(typed), typed=typed, status=422)


@require_POST
@page_for(ADMINISTRATOR)
def leave(request: HttpRequest, number: int) -> HttpResponse:
    """Take a person out."""
    found, person = _found(number), directory.person(_number(request.POST.get("person", "")))
    if person is None or person.organisation_id != found.pk:
        return _shown(request, found, wrong=_("They do not belong to it any more."), status=422)
    return _placed(request, found, person.pk, None)


@require_POST
@page_for(ADMINISTRATOR)
def delete(request: HttpRequest, number: int) -> HttpResponse:
    """Delete an organisation that nobody belongs to."""
    found = _found(number)
    try:
        name = organisations.remove(number, by=person_of(request))
    except ValueError as wrong:
        return _shown(request, found, wrong=refusal(wrong), status=422)
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("organisations")


def _placed(request: HttpRequest, found: Organisation, person: int, to: Organisation | None) -> HttpResponse:
    try:
        placed = organisations.put(person, to, by=person_of(request))
    except ValueError as wrong:
        return _shown(request, found, wrong=refusal(wrong), status=422)
    said = _("%(person)s belongs to %(name)s now.") if to else _("%(person)s does not belong to %(name)s any more.")
    messages.success(request, said % {"person": placed, "name": found})
    return redirect("organisation", number=found.pk)


def _shown(request: HttpRequest, found: Organisation, *, status: int = 200, **more: Any) -> HttpResponse:
    after = _read_key(request)
    people, following = organisations.members(found, after)
    shown: dict[str, Any] = {
        "found": found,
        "people": people,
        "size": organisations.sizes([found]).get(found.pk, 0),
        "domains": organisations.domains(found),
        "levels": levels_for(found.name, found.contract, procedures.current_or_none()),
        "count": lists.counted(person_of(request), {"open": Filters(organisation=found.pk)})["open"],
        "open_at": f"{reverse('desk:queue')}?{urlencode({'organisation': found.pk})}",
        "asks_at": f"{reverse('desk:search')}?q=from:",
        "after": after,
        "more": _key({}, following),
        "may_change": _may_change(request),
        **more,
    }
    return render(request, "setup/organisation.html", shown, status=status)


def _form(request: HttpRequest, form: OrganisationForm, found: Organisation | None) -> HttpResponse:
    context = {"form": form, "found": found, "asked": bool(_contracts())}
    return render(request, "setup/organisation_form.html", context, status=422 if form.errors else 200)


def _say_changed(request: HttpRequest, before: str, changed: Organisation) -> None:
    messages.success(request, _("%(name)s was saved. It counts for what they ask from now on.") % {"name": changed})
    procedure = procedures.current_or_none()
    lost = levels_for(before, "", procedure).keys() - levels_for(changed.name, "", procedure).keys()
    if lost and procedure:
        names = ", ".join(procedure.service_levels[key].name for key in sorted(lost))
        said = ngettext(
            "The service level %(names)s asks for %(before)s by its old name: change the procedure too.",
            "The service levels %(names)s ask for %(before)s by its old name: change the procedure too.",
            len(lost),
        )
        messages.warning(request, said % {"names": names, "before": before})


def _nobody(typed: str) -> str:
    if not typed:
        return _("Type a name or a mail address.")
    said = _("Nobody called %(typed)s is known. Whoever has written to the desk once can be added.")
    return said % {"typed": typed}


def _contracts() -> list[str]:
    return contracts_of(procedures.current_or_none())


def _may_change(request: HttpRequest) -> bool:
    return person_of(request).role == ADMINISTRATOR


def _found(number: int) -> Organisation:
    found = organisations.one(number) if number <= _LARGEST else None
    if found is None:
        raise Http404("no such organisation")
    return found


def _typed(text: str) -> str:
    return text.replace("\0", "").strip()[:_LONGEST]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _key(narrowed: dict[str, Any], following: Key | None) -> str:
    return urlencode({**narrowed, "name": following[0], "after": following[1]}) if following else ""


def _read_key(request: HttpRequest) -> Key | None:
    name, number = request.GET.get("name", ""), request.GET.get("after", "")
    readable = number.isascii() and number.isdigit() and len(number) < 19 and "\0" not in name
    return (name[:_LONGEST], int(number)) if readable else None
