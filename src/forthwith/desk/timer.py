"""The timer for time worked: started on a ticket, stopped anywhere, put right before it is kept (SOP 6.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from forthwith.desk.describing_forms import TimerForm
from forthwith.desk.forms import Choices
from forthwith.desk.gate import desk_page, person_of, procedure_of, ticket_or_404
from forthwith.desk.rail import rail
from forthwith.people import timers
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.people.timers import Timer
from forthwith.procedure.model import Procedure
from forthwith.steps import acts, describing
from forthwith.ui.said import refusal as told
from forthwith.ui.times import length

_IN_THE_SHEET = {"HX-Retarget": "#act-sheet", "HX-Reswap": "innerHTML", "HX-Reselect": "unset"}


@desk_page
def timer(request: HttpRequest) -> HttpResponse:
    """What becomes of the timer: by htmx the form for the sheet, else a page; posted to, it is stopped."""
    person, procedure = person_of(request), procedure_of(request)
    running = timers.of(person)
    if running is None or procedure is None:
        messages.info(request, _("Your timer does not run. Start it on a ticket (W)."))
        return redirect(_after(_number(request.POST.get("then", "")), None))
    if request.method != "POST":
        then = _number(request.GET.get("then", ""))
        return _asks(request, running, procedure, _form(running, procedure, timezone.now(), then))
    form = TimerForm(request.POST, choices=_nothing(procedure), auto_id="timer-%s")
    if not form.is_valid():
        return _asks(request, running, procedure, form, status=422)
    if form.cleaned_data["started"] != running.started_at:
        messages.error(request, _("That timer was stopped elsewhere meanwhile. Nothing was recorded twice."))
        return redirect(_after(None, running.ticket))
    try:
        return _stopped(request, person, running, form.cleaned_data)
    except (acts.Conflict, acts.NotAllowed, acts.Refused, acts.NoSuchTicket) as refusal:
        form.add_error(None, told(refusal))
        return _asks(request, running, procedure, form, status=422)


@require_POST
@desk_page
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Count time for a ticket from now on; where the timer is not free, what becomes of its minutes is asked first."""
    found, person, procedure = ticket_or_404(request, number), person_of(request), procedure_of(request)
    if not person.works_here:
        messages.error(request, _("Only people who work on tickets record time."))
        return redirect("desk:ticket", number=number)
    if timers.start(person, found.number, timezone.now()):
        messages.success(request, _("Your timer runs for #%(number)d.") % {"number": number})
        return redirect("desk:ticket", number=number)
    person.refresh_from_db(fields=["timer_ticket", "timer_started_at", "timer_minutes"])
    running = timers.of(person)
    if running is None or procedure is None:
        return redirect("desk:ticket", number=number)
    return _asks(request, running, procedure, _form(running, procedure, timezone.now(), number))


def _stopped(request: HttpRequest, person: Person, running: Timer, said: dict[str, Any]) -> HttpResponse:
    # Sent by a key and not by a button, it says nothing of this.
    does = said["do"] or "keep"
    now, minutes, then = timezone.now(), said["minutes"], said["then"]
    with transaction.atomic():
        if does == "composer":
            done = timers.hand_to_composer(person, running, minutes)
            then = None
        else:
            done = timers.stop(person, running)
            if done and does == "keep":
                by = Actor.of(person)
                describing.spend(running.ticket, by=by, now=now, minutes=minutes, remark=said["remark"])
            if done and then and then != running.ticket:
                ticket_or_404(request, then)
                person.refresh_from_db()
                timers.start(person, then, now)
    if not done:
        messages.error(request, _("That timer was stopped elsewhere meanwhile. Nothing was recorded twice."))
    elif does == "composer":
        messages.success(request, _("%(minutes)d min stand in the composer.") % {"minutes": minutes})
        return redirect(f"{_after(None, running.ticket)}#composer")
    elif does == "keep":
        told = _("%(minutes)d min recorded on #%(number)d.") % {"minutes": minutes, "number": running.ticket}
        messages.success(request, told)
    else:
        messages.success(request, _("The timer is stopped. Nothing was recorded."))
    return redirect(_after(then, running.ticket))


def _after(then: int | None, ticket: int | None) -> str:
    """Where to go on: the ticket that time is counted for next, else that of the timer, else the queue."""
    number = then or ticket
    return redirect("desk:ticket", number=number).url if number else redirect("desk:queue").url


def _nothing(procedure: Procedure) -> Choices:
    return Choices(procedure=procedure, category="", impact="", urgency="", assigned="", people=[])


def _form(running: Timer, procedure: Procedure, now: datetime, then: int | None) -> TimerForm:
    """The minutes as they were counted; none where it ran for longer than the procedure trusts it."""
    minutes = None if _forgotten(running, procedure, now) else running.minutes or running.elapsed(now)
    initial = {"minutes": minutes, "started": running.started_at.isoformat(), "then": then}
    form = TimerForm(choices=_nothing(procedure), auto_id="timer-%s")
    form.initial.update(initial)
    return form


def _forgotten(running: Timer, procedure: Procedure, now: datetime) -> bool:
    return running.runs and (now - running.started_at).total_seconds() > procedure.timekeeping.ask_after


def _asks(
    request: HttpRequest, running: Timer, procedure: Procedure, form: TimerForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    in_sheet = bool(request.headers.get("HX-Request"))
    shown = {
        "running": running,
        "form": form,
        "started": form["started"].value(),
        "then": form["then"].value() or "",
        "other": form["then"].value() not in (None, "", running.ticket, str(running.ticket)),
        "ran": length((now - running.started_at).total_seconds()),
        "forgotten": _forgotten(running, procedure, now),
        "ask_after": length(procedure.timekeeping.ask_after),
        "in_sheet": in_sheet,
        "now": now,
    }
    if not in_sheet:
        beside = {"rail": rail(person_of(request), procedure, now)}
        return render(request, "desk/timer_page.html", {**shown, **beside}, status=status)
    response = render(request, "desk/timer.html", shown, status=status)
    for name, value in _IN_THE_SHEET.items():
        response.headers[name] = value
    return response


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
