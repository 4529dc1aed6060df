"""The procedure as a page to learn from: the one in force, and each revision with what it changed (SOP H1)."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forthwith.floor.kept import lately
from forthwith.floor.manual import chapters
from forthwith.procedure.differences import differences
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.procedure.terms import SECTIONS
from forthwith.record import calling_off, procedures, revisions
from forthwith.record.drafting import LONGEST_NOTE, WRITERS, Hand, Refused
from forthwith.record.models import Revision
from forthwith.ui.gate import EVERYBODY, READERS, page_for, person_of
from forthwith.ui.said import refusal, spoken

LARGEST = 2**63 - 1
_FILES = (("floor:procedure-pdf", "PDF"), ("floor:procedure-yaml", "YAML"))
"""As which files it can be taken away."""


@require_safe
@page_for(*EVERYBODY)
def page(request: HttpRequest) -> HttpResponse:
    """The procedure in force, with how often what it says was met lately."""
    found = in_force()
    if found is None:
        return render(request, "floor/procedure.html", {"revision": None})
    procedure, now = procedures.load(found.pk), timezone.now()
    kept = lately(procedure, now, linked=person_of(request).role in READERS)
    context: dict[str, Any] = {
        "procedure": procedure,
        "revision": found,
        "now": now,
        "files": _FILES,
        "chapters": chapters(procedure, timezone.localdate(now), kept),
        "history": _history(),
    }
    return render(request, "floor/procedure.html", context)


@require_safe
@page_for(*EVERYBODY)
def revision(request: HttpRequest, revision: int) -> HttpResponse:
    """One revision as it was, with what it changed."""
    return shown(request, revision_or_404(revision))


def shown(request: HttpRequest, found: Revision, *, wrong: str = "", why: str = "", status: int = 200) -> HttpResponse:
    """The page of a revision, perhaps with why it could not be called off, and the reason that was given for it."""
    procedure, now, person = procedures.load(found.pk), timezone.now(), person_of(request)
    before, latest = revisions.previous(found.pk), in_force()
    changed = differences(procedures.load(before), procedure) if before else ()
    to_come = calling_off.can_be_called_off(found, now)
    context: dict[str, Any] = {
        "procedure": procedure,
        "revision": found,
        "now": now,
        "files": _FILES,
        "chapters": chapters(procedure, timezone.localdate(now)),
        "before": before,
        "changed": [(spoken(SECTIONS[key]), list(some)) for key, some in groupby(changed, lambda one: one.section)],
        "in_force": latest.pk if latest else None,
        "old": True,
        "to_come": to_come,
        "longest": LONGEST_NOTE,
        "may_call_off": to_come and calling_off.may_call_off(person, found),
        "wrong": wrong,
        "why": why,
    }
    return render(request, "floor/procedure.html", context, status=status)


@require_POST
@page_for(*WRITERS)
def call_off(request: HttpRequest, revision: int) -> HttpResponse:
    """Call a planned revision off, for a reason."""
    found, why = revision_or_404(revision), request.POST.get("why", "")
    try:
        calling_off.call_off(Hand(person_of(request), timezone.now()), found.pk, why)
    except (Refused, NotAllowed) as refused:
        status = 403 if isinstance(refused, NotAllowed) else 422
        return shown(request, found, wrong=refusal(refused), why=why, status=status)
    messages.success(request, _("Called off. It never comes into force."))
    return redirect("floor:procedure-revision", revision=found.pk)


@require_safe
@page_for(*EVERYBODY)
def history(request: HttpRequest) -> HttpResponse:
    """The installed revisions, the latest first."""
    latest = in_force()
    context = {**_history(_read_key(request)), "now": timezone.now(), "in_force": latest.pk if latest else None}
    return render(request, "floor/revisions.html", context)


def in_force() -> Revision | None:
    """The revision in force with who installed it; None before one is."""
    try:
        return revisions.one(procedures.in_force().pk)
    except procedures.NoProcedure:
        return None


def revision_or_404(number: int) -> Revision:
    """The revision of a number."""
    found = revisions.one(number) if 0 < number <= LARGEST else None
    if found is None:
        raise Http404("no such revision")
    return found


def _history(before: int | None = None) -> dict[str, Any]:
    found = revisions.latest(before)
    rows, more = found[: revisions.PAGE], len(found) > revisions.PAGE
    return {"rows": rows, "more": rows[-1].pk if more else None}


def _read_key(request: HttpRequest) -> int | None:
    """Below which revision the page begins; nonsense begins at the latest."""
    asked = request.GET.get("before", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
