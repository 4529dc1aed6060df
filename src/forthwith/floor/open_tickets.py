"""Open tickets and the revision they are under: what moving them to another would do, and moving them (SOP H1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from forthwith.floor import running
from forthwith.floor.drafts import draft_or_404, tabs_of
from forthwith.procedure import document
from forthwith.procedure.clocks import NAMES
from forthwith.procedure.model import Procedure
from forthwith.record import drafting, procedures, runs
from forthwith.record.models import Ticket
from forthwith.steps import moving
from forthwith.steps.moving import KIND, PAGE, Outlook
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import spoken


class AskForm(forms.Form):
    """Why the open tickets are moved: it stands on each of them."""

    use_required_attribute = False
    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=moving.LONGEST_WHY,
        widget=forms.TextInput,
        help_text=gettext_lazy("It stands in the history of each ticket, such as: the new contract holds for all."),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that moving would change on a ticket, in words; the instants are those of a clock."""

    says: str
    was: datetime | None = None
    becomes: datetime | None = None
    is_clock: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket of the preview: what would change, or why it stays."""

    ticket: Ticket
    stays: str
    changes: tuple[Change, ...]


@require_safe
@page_for(*drafting.WRITERS)
def overview(request: HttpRequest) -> HttpResponse:
    """The open tickets under earlier revisions: what moving them to the one in force would do, ticket by ticket."""
    return _overview(request, AskForm())


def _overview(request: HttpRequest, form: AskForm, status: int = 200) -> HttpResponse:
    now, found = timezone.now(), runs.latest(KIND)
    context: dict[str, Any] = {
        "form": form,
        "now": now,
        "runs": found,
        "going": next((run for run in found if not run.over), None),
    }
    if procedures.current_or_none() is not None:
        revision = procedures.in_force(now).pk
        context |= {"revision": revision, "waiting": moving.how_many(revision)}
        if context["going"] is None:
            context |= _foreseen(request, procedures.load(revision), revision, now)
    return render(request, "floor/open_tickets.html", context, status=status)


@require_safe
@page_for(*READERS)
def of_draft(request: HttpRequest, number: int) -> HttpResponse:
    """What moving all open tickets to a draft would do, once it is approved; nothing while it is no procedure."""
    draft, now = draft_or_404(number), timezone.now()
    context: dict[str, Any] = {"draft": draft, "now": now, "tabs": tabs_of(draft, "draft-open-tickets")}
    try:
        procedure = document.read(draft.text)
    except document.ProcedureError as wrong:
        context["problems"] = wrong.problems
    else:
        context |= {"waiting": moving.how_many(None), **_foreseen(request, procedure, None, now)}
    return render(request, "floor/draft_open_tickets.html", context)


@require_POST
@page_for(*drafting.WRITERS)
def ask(request: HttpRequest) -> HttpResponse:
    """Queue the move of all open tickets to the revision in force."""
    form, now = AskForm(request.POST), timezone.now()
    if not form.is_valid() or procedures.current_or_none() is None:
        return _overview(request, form, 422)
    run = moving.ask(procedures.in_force(now).pk, form.cleaned_data["why"], by=person_of(request), now=now)
    if run is None:
        messages.info(request, _("Tickets are being moved already. Wait until that is done, or stop it first."))
    return redirect("floor:open-tickets")


@require_POST
@page_for(*drafting.WRITERS)
def stop(request: HttpRequest, run: int) -> HttpResponse:
    """Stop moving: those that were moved stay moved."""
    said = _("Stopped. The tickets that were moved by then stay where they are now.")
    running.stop(request, running.run_or_404(KIND, run), said)
    return redirect("floor:open-tickets")


def _foreseen(request: HttpRequest, to: Procedure, revision: int | None, now: datetime) -> dict[str, Any]:
    typed = request.GET.get("after", "")
    after = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    found = moving.foresee(to, revision, now, after)
    rows = [_row(one, to) for one in found[:PAGE]]
    return {
        # What is to be looked at first; of the rest there is nothing to say.
        "rows": sorted(rows, key=lambda row: (not row.changes, not row.stays)),
        "changing": sum(bool(row.changes) for row in rows),
        "more": found[PAGE - 1].ticket.pk if len(found) > PAGE else None,
    }


def _row(outlook: Outlook, to: Procedure) -> Row:
    changes = [
        Change(spoken(NAMES.get(one.clock, one.clock)), one.was, one.becomes, is_clock=True) for one in outlook.shifts
    ]
    if outlook.priority:
        changes.insert(0, Change(_("Priority becomes %(name)s") % {"name": to.priorities[outlook.priority].name}))
    changes += [Change(_("Escalates at once: %(rung)s") % {"rung": rung.replace("_", " ")}) for rung in outlook.rungs]
    return Row(outlook.ticket, spoken(outlook.stays), tuple(changes))
