"""The ticket page, and what is done there: read, answer, note, act."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from forthwith.desk import panels
from forthwith.desk.also import acts as acts_of
from forthwith.desk.deeds import DEEDS, Deed
from forthwith.desk.forms import ActForm, WriteForm
from forthwith.desk.gate import desk_page, person_of, procedure_of, states_of, ticket_or_404
from forthwith.desk.joined import preview_of
from forthwith.desk.joining_forms import MergeForm
from forthwith.desk.rail import rail
from forthwith.desk.sheet import Sheet, choices_for, composer_for, desk_people, lost_mails, messages_of, sheet_of
from forthwith.people import timers
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.people.timers import Timer
from forthwith.record import unsent
from forthwith.record.begun import Held, Unsent
from forthwith.record.described import tags_in_use
from forthwith.record.models import Ticket
from forthwith.record.unsent import Begun
from forthwith.steps import acts, respond, writing
from forthwith.ui.said import refusal as told

_STATUS: dict[type[Exception], int] = {acts.Conflict: 409, acts.NotAllowed: 403, acts.Refused: 422}
_IN_THE_SHEET = {"HX-Retarget": "#act-sheet", "HX-Reswap": "innerHTML", "HX-Reselect": "unset"}
Refusal = (acts.Conflict, acts.NotAllowed, acts.Refused)


@require_GET
@desk_page
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Read a ticket."""
    found, now = ticket_or_404(request, number), timezone.now()
    return _page(request, sheet_of(found, person_of(request), now, states_of(request)))


@require_GET
@desk_page
def clocks(request: HttpRequest, number: int) -> HttpResponse:
    """How each clock of a ticket was counted, stretch by stretch (SOP 4.3)."""
    found, now = ticket_or_404(request, number), timezone.now()
    sheet = sheet_of(found, person_of(request), now, states_of(request))
    going, ended = panels.in_order(sheet.clocks, now)
    explained = [panels.explained(one, now, sheet.said_by, most=panels.MOST_SPANS) for one in (*going, *ended)]
    return render(request, "desk/clocks.html", {"sheet": sheet, "now": now, "explained": explained})


@desk_page
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Answer the requester or write an internal note; what was typed is never lost."""
    found, now = ticket_or_404(request, number), timezone.now()
    if request.method != "POST":
        return redirect("desk:ticket", number=number)
    sheet = sheet_of(found, person_of(request), now, states_of(request))
    form = composer_for(sheet, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, sheet, composer=form, wrong=_first_error(form), status=422)
    if form.resolves:
        return _to_resolve(request, sheet, form)
    try:
        held, amiss = _send(number, form, person_of(request), now)
    except Refusal as refusal:
        # What no mail can carry is not kept either, and no page can put it back into the form.
        kept = _keep_typed(request, number, form, now)
        wrong = told(refusal)
        if not kept:
            wrong = _("%(why)s Choose the files once more.") % {"why": wrong}
        form.asks = isinstance(refusal, acts.Unread)
        return _page(request, _again(request, found, now), composer=form, wrong=wrong, status=_status(refusal))
    cleared = f"clears reply-{number} next-{number}" if form.is_reply else f"clears note-{number}"
    if held:
        seconds = round((held.leaves_at - now).total_seconds())
        messages.success(
            request,
            _("Sending in %(seconds)d s.") % {"seconds": seconds},
            extra_tags=f"{cleared};undo take-back {number} {held.pk}",
        )
    else:
        said = _("Note kept. Only the desk sees it.")
        if form.is_reply:
            said = _("Reply queued; its delivery shows beneath it.")
        messages.success(request, said, extra_tags=cleared)
    for sentence in amiss:
        messages.warning(request, sentence)
    return redirect(f"{request.path.removesuffix('write/')}#latest")


def _send(number: int, form: WriteForm, person: Person, now: datetime) -> tuple[Held | None, tuple[str, ...]]:
    """Send it, or hold it for a while; and what its writer has to know of whom it calls in."""
    by = Actor.of(person)
    if form.is_reply:
        kept = [unsent.ready(one) for one in unsent.files_of(person.pk, number)]
        return writing.send(number, form.reply(kept), by=by, now=now), ()
    return None, writing.note(number, by=by, now=now, **form.arguments()).amiss


def _keep_typed(request: HttpRequest, number: int, form: WriteForm, now: datetime) -> bool:
    """Keep the files of a reply that was refused with its draft; False where they are too many or too large for it."""
    attached = form.cleaned_data["attached"] if form.is_reply else []
    person = person_of(request).pk
    sizes = [one["size"] for one in unsent.files_of(person, number)] if attached else []
    if respond.too_much([*sizes, *(len(one.content) for one in attached)]):
        return False
    if attached:
        unsent.add_files(person, number, attached, now)
    return True


def _to_resolve(request: HttpRequest, sheet: Sheet, form: WriteForm) -> HttpResponse:
    """The form of resolving, with the reply as the solution: what has to be documented is asked for there (SOP 6.1)."""
    deed = DEEDS["resolve"]
    if deed not in sheet.deeds:
        return _page(request, sheet, composer=form, wrong=_("It cannot be resolved as it stands."), status=422)
    if form.cleaned_data["attached"] or unsent.files_of(person_of(request).pk, sheet.ticket.number):
        wrong = _("A solution takes no files. Send them in a reply, then resolve.")
        _keep_typed(request, sheet.ticket.number, form, sheet.now)
        return _page(request, sheet, composer=form, wrong=wrong, status=422)
    resolving = _form(deed, sheet, None, _prefix(request))
    typed = {"solution": form.cleaned_data["text"], "minutes": form.cleaned_data["minutes"]}
    resolving.initial.update(**typed, started=form["started"].value(), **form.also)
    if _by_sheet(request, deed):
        return _refused(request, sheet, (deed, resolving), "", 200)
    return _page(request, sheet, composer=form, again=(deed, resolving))


@desk_page
def act(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """Do one of the deeds; a refusal is shown as a sentence beside the form with what was typed."""
    deed = DEEDS.get(key)
    if deed is None:
        raise Http404("no such act")
    found, now, person = ticket_or_404(request, number), timezone.now(), person_of(request)
    if request.method != "POST":
        return _offer(request, sheet_of(found, person, now, states_of(request)), deed)
    form = _form(deed, sheet_of(found, person, now, states_of(request)), request.POST, _prefix(request))
    if not form.is_valid():
        return _refused(request, _again(request, found, now), (deed, form), _first_error(form), 422)
    if (
        isinstance(form, MergeForm)
        and form.unseen
        and (both := preview_of(person, number, form.chosen, states_of(request)))
    ):
        form.preview = both
        return _refused(request, _again(request, found, now), (deed, form), "", 200)
    try:
        result = deed.do(number, by=Actor.of(person), now=now, **form.arguments())
    except Refusal as refusal:
        return _refused(request, _again(request, found, now), (deed, form), told(refusal), _status(refusal))
    undo = deed.undo(number, form, result)
    tags = f"undo {undo.key} {undo.number} {undo.name} {undo.value}" if undo else ""
    messages.success(request, deed.tells(number, form, result), extra_tags=tags)
    return redirect("desk:ticket", number=deed.shown(number, form, result))


def _offer(request: HttpRequest, sheet: Sheet, deed: Deed) -> HttpResponse:
    """The form of a deed, empty: by htmx alone, for the sheet; else on the ticket's page."""
    if deed.immediate or deed not in sheet.deeds:
        return redirect("desk:ticket", number=sheet.ticket.number)
    form = _form(deed, sheet, None, _prefix(request), timers.waiting(person_of(request), sheet.ticket.number))
    # A button may stand beside the very thing that it is about.
    for name in form.fields.keys() & request.GET.keys():
        many = isinstance(form.fields[name], MultipleChoiceField)
        form.initial[name] = request.GET.getlist(name) if many else request.GET[name]
    if not request.headers.get("HX-Request"):
        return _page(request, sheet, again=(deed, form))
    return render(request, "desk/sheet_form.html", {"sheet": sheet, "again": (deed, form)})


def _prefix(request: HttpRequest) -> str:
    """What the fields' ids begin with: the form in the sheet and the one on the page may both be there."""
    return "act" if request.headers.get("HX-Request") else "again"


def _by_sheet(request: HttpRequest, deed: Deed) -> bool:
    """Whether the deed's form stands in the sheet: there a refusal is shown."""
    return bool(request.headers.get("HX-Request")) and deed.in_the_sheet


def _refused(request: HttpRequest, sheet: Sheet, again: tuple[Deed, ActForm], wrong: str, status: int) -> HttpResponse:
    """The form with what was typed and why it was not done (or not yet), in the place where it stood."""
    if not _by_sheet(request, again[0]):
        return _page(request, sheet, again=again, wrong=wrong, status=status)
    shown = {"sheet": sheet, "again": again, "again_wrong": wrong}
    response = render(request, "desk/sheet_form.html", shown, status=status)
    for name, value in _IN_THE_SHEET.items():
        response.headers[name] = value
    return response


def _form(deed: Deed, sheet: Sheet, data: QueryDict | None, prefix: str, timer: Timer | None = None) -> ActForm:
    people = desk_people() if deed.key == "assign" else []
    choices = choices_for(sheet.case, sheet.names.procedure, sheet.now, people)
    choices = replace(
        choices, timer=timer, language=sheet.names.procedure.language_for(sheet.ticket.requester.language)
    )
    if deed.key == "tags":
        choices = replace(choices, tags_in_use=tags_in_use())
    elif deed.key == "category":
        choices = replace(choices, suggested=sheet.learnt.best)
    elif deed.key == "send-again":
        choices = replace(choices, lost=lost_mails(sheet))
    elif deed.key in ("merge", "link"):
        choices = replace(choices, others=[(str(one.number), f"#{one.number} {one.subject}") for one in sheet.others])
    elif deed.key == "split":
        choices = replace(choices, messages=messages_of(sheet))
    return deed.form(data, choices=choices, auto_id=f"{prefix}-{deed.key}-%s")


def _again(request: HttpRequest, found: Ticket, now: datetime) -> Sheet:
    """The ticket as it is now: it may have changed since it was loaded."""
    return sheet_of(ticket_or_404(request, found.number), person_of(request), now, states_of(request))


def _status(refusal: Exception) -> int:
    return next(status for kind, status in _STATUS.items() if isinstance(refusal, kind))


def _first_error(form: ActForm) -> str:
    field, errors = next(iter(form.errors.items()))
    label = form.fields[field].label if field in form.fields else ""
    return f"{label}: {errors[0]}" if label else str(errors[0])


def _page(
    request: HttpRequest,
    sheet: Sheet,
    *,
    composer: WriteForm | None = None,
    again: tuple[Deed, ActForm] | None = None,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    person = person_of(request)
    timer = timers.waiting(person, sheet.ticket.number)
    begun = unsent.on(person.pk, sheet.ticket.number, sheet.case.holds)
    mode = composer.data.get("mode", "reply") if composer else "reply"
    context: dict[str, Any] = {
        "sheet": sheet,
        "now": sheet.now,
        "rail": rail(person, procedure_of(request) or sheet.names.procedure, sheet.now),
        "composer": composer or composer_for(sheet, timer=timer),
        "timer": timers.of(person),
        "writing": mode,
        # What was typed is shown again, also where it can no longer be sent.
        "shows_reply": sheet.may_reply or bool(composer and mode != "note"),
        "composer_wrong": wrong if composer else "",
        "begun": begun,
        "begun_count": begun.count,
        "typed": _typed(begun, composer),
        "counted": _counted(begun, composer, timer),
        "number": sheet.ticket.number,
        "files": begun.files,
        "also": acts_of(begun.also, sheet.names, procedure_of(request)),
        "held": writing.waiting(sheet.ticket.number, person.pk) if begun.held else [],
        "again": again,
        "again_wrong": wrong if again else "",
    }
    return render(request, "desk/ticket.html", context, status=status)


def _typed(begun: Begun, composer: WriteForm | None) -> dict[str, str]:
    """What stands in the composer: what was kept, and over that what has just been typed."""
    kept = {kind: one.text for kind, one in begun.now.items()}
    if composer is None or not composer.is_bound:
        return kept
    text, step = composer["text"].value() or "", composer["next_step"].value() or ""
    note = composer["mode"].value() == "note"
    return {**kept, Unsent.NOTE: text} if note else {**kept, Unsent.REPLY: text, Unsent.NEXT: step}


def _counted(begun: Begun, composer: WriteForm | None, timer: Timer | None) -> dict[str, dict[str, Any]]:
    """The minutes in the composer, and of which timer they are: what waits there, or what has just been typed.

    The minutes of a reply that came back are its own: they stand in no note.
    """
    waits, started = (timer.minutes or 0, timer.started_at.isoformat()) if timer else (0, "")
    counted = {
        "reply": {"minutes": (waits + begun.minutes) or "", "started": started},
        "note": {"minutes": waits or "", "started": started},
    }
    if composer is not None and composer.is_bound:
        said = {name: composer[name].value() or "" for name in ("minutes", "started")}
        counted["note" if composer["mode"].value() == "note" else "reply"] = said
    return counted
