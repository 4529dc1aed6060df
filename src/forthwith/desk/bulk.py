"""Acts on many tickets at once: what will happen to which, doing it in pieces, what came of it, and undoing (SOP 4.1).

What is left to do travels with the page, signed: nothing is kept between the pieces, and nobody can add to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forthwith.desk import bulk_forms
from forthwith.desk.deeds import DEEDS, Deed
from forthwith.desk.describing_forms import AddTagsForm, RemoveTagsForm
from forthwith.desk.forms import ActForm
from forthwith.desk.gate import desk_page, person_of, procedure_of
from forthwith.desk.rail import rail
from forthwith.desk.sheet import choices_for, desk_people
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.lifecycle import NotAllowed, permit
from forthwith.procedure.model import Procedure
from forthwith.record import lists
from forthwith.record.described import tags_in_use
from forthwith.record.models import Ticket
from forthwith.steps import acts, bulk, describing
from forthwith.steps.bulk import MOST, Before
from forthwith.ui.said import refusal as told

PIECE = 20
"""Tickets acted on in one request: with a full one, a page still answers within a second."""
UNDO_S = 30
_LATEST_UNDO_S = 120
_LONGEST_PLAN_S = 3600
_SALT = "desk.bulk"
_REFUSALS = (acts.Conflict, acts.NotAllowed, acts.Refused, acts.NoSuchTicket)

_NOTE = Deed("note", f.Noted, _("Note"), _("Add note"), bulk_forms.NoteForm, acts.note, _("noted"))
BULK: dict[str, Deed] = {
    "take": replace(DEEDS["take"], said=_("taken")),
    "assign": replace(DEEDS["assign"], said=_("assigned")),
    "priority": replace(DEEDS["priority"], said=_("given a priority"), form=bulk_forms.PriorityForm),
    "category": replace(DEEDS["category"], said=_("given a category")),
    "wait": replace(DEEDS["wait"], said=_("waiting for their requesters")),
    "hold": replace(DEEDS["hold"], said=_("put on hold")),
    "note": _NOTE,
    "tag": Deed("tag", f.Tagged, _("Tag"), _("Tag"), AddTagsForm, describing.add_tags, _("tagged"), "#"),
    "untag": Deed(
        "untag",
        f.Untagged,
        _("Remove tag"),
        _("Remove tag"),
        RemoveTagsForm,
        describing.remove_tags,
        _("without the tag"),
    ),
    "resolve": replace(DEEDS["resolve"], said=_("resolved"), form=bulk_forms.ResolveForm, letter=""),
}
"""What can be done to many, in the order of the buttons; `said` ends the sentence on how many."""


@dataclass
class Plan:
    """What is being done: to which tickets still, and what came of the others."""

    person: int
    key: str
    form: str
    todo: list[tuple[int, int]]
    back: list[dict[str, Any]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    not_done: list[tuple[int, str]] = field(default_factory=list)
    undoes: bool = False

    @property
    def behind(self) -> int:
        """How many are behind us."""
        return len(self.done) + len(self.not_done)

    @property
    def total(self) -> int:
        """How many there are altogether."""
        return self.behind + len(self.todo) + len(self.back)

    @property
    def said(self) -> str:
        """How many were done, as a sentence."""
        count = len(self.done)
        if self.undoes:
            return ngettext("%(count)d ticket put back.", "%(count)d tickets put back.", count) % {"count": count}
        said = ngettext("%(count)d ticket %(done)s.", "%(count)d tickets %(done)s.", count)
        return said % {"count": count, "done": BULK[self.key].said}

    @property
    def undoable(self) -> list[dict[str, Any]]:
        """What the opposite act can lead back."""
        return [] if self.undoes else [one for one in self.done if bulk.opposite(Before(**one), self.key)]


@require_POST
@desk_page
def preview(request: HttpRequest) -> HttpResponse:
    """Say what the chosen act would do to how many of the rows, and ask for what it needs."""
    deed = BULK.get(request.POST.get("act", ""))
    procedure = procedure_of(request)
    if deed is None or procedure is None:
        raise Http404("no such act")
    picked = _picked(request.POST)
    return _preview(request, deed, procedure, picked, _form(deed, procedure, None))


def _preview(
    request: HttpRequest, deed: Deed, procedure: Procedure, picked: dict[int, int], form: ActForm, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    can, cannot = _sorted(person, deed, picked)
    too_many = len(picked) > MOST
    context = {
        "deed": deed,
        "form": form,
        "can": [] if too_many else can,
        "rows": [f"{ticket.number}:{picked[ticket.number]}" for ticket in can],
        "cannot": cannot,
        "picked": len(picked),
        "too_many": too_many,
        "most": MOST,
    }
    return _shown(request, "desk/bulk_preview.html", context, procedure, status)


def _sorted(person: Person, deed: Deed, picked: dict[int, int]) -> tuple[list[Ticket], list[tuple[str, str]]]:
    """Those that the lifecycle and the role let one act on, and the others with the reason."""
    found = lists.numbered(person, list(picked)[:MOST])
    can: list[Ticket] = []
    cannot: list[tuple[str, str]] = []
    for ticket in found:
        try:
            permit(deed.fact, ticket.status, person.role)
        except NotAllowed as refusal:
            cannot.append((f"#{ticket.number} {ticket.subject}", told(refusal)))
            continue
        if deed.key == "take" and ticket.assignee_id == person.pk:
            cannot.append((f"#{ticket.number} {ticket.subject}", gettext("It is yours already.")))
        else:
            can.append(ticket)
    return can, cannot


def _form(deed: Deed, procedure: Procedure, data: QueryDict | None) -> ActForm:
    people = desk_people() if deed.key == "assign" else []
    choices = choices_for(fold(()), procedure, timezone.now(), people)
    if deed.key in ("tag", "untag"):
        choices = replace(choices, tags_in_use=tags_in_use())
    return deed.form(data, choices=choices, auto_id=f"bulk-{deed.key}-%s")


def _picked(given: QueryDict) -> dict[int, int]:
    """The rows that were chosen: each number, and how many facts its row had shown."""
    picked: dict[int, int] = {}
    for row in given.getlist("row"):
        number, _, seen = row.partition(":")
        if all(part.isascii() and part.isdigit() and len(part) < 16 for part in (number, seen)):
            picked[int(number)] = int(seen)
    return picked


@require_POST
@desk_page
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Do it to the first of them; the page then asks for the next piece."""
    deed, procedure, now = BULK.get(key), procedure_of(request), timezone.now()
    if deed is None or procedure is None:
        raise Http404("no such act")
    picked = _picked(request.POST)
    form = _form(deed, procedure, request.POST)
    if not form.is_valid() or not 0 < len(picked) <= MOST:
        return _preview(request, deed, procedure, picked, form, 422)
    said = request.POST.copy()
    for name in ("row", "csrfmiddlewaretoken"):
        said.pop(name, None)
    plan = Plan(person_of(request).pk, key, said.urlencode(), list(picked.items()))
    return _piece(request, plan, procedure, now)


@require_POST
@desk_page
def go_on(request: HttpRequest) -> HttpResponse:
    """Do the next piece of what was begun."""
    procedure = procedure_of(request)
    plan = _read(request, "plan", _LONGEST_PLAN_S)
    if plan is None or procedure is None:
        return _too_late(request, procedure)
    return _piece(request, plan, procedure, timezone.now())


@require_POST
@desk_page
def undo(request: HttpRequest) -> HttpResponse:
    """Lead back what was done, by the opposite act on each ticket that nobody has changed since."""
    procedure = procedure_of(request)
    plan = _read(request, "undo", _LATEST_UNDO_S)
    if plan is None or procedure is None:
        return _too_late(request, procedure)
    back = Plan(plan.person, plan.key, "", [], back=plan.undoable, undoes=True)
    return _piece(request, back, procedure, timezone.now())


def _piece(request: HttpRequest, plan: Plan, procedure: Procedure, now: datetime) -> HttpResponse:
    by = Actor.of(person_of(request))
    if plan.undoes:
        piece, plan.back = plan.back[:PIECE], plan.back[PIECE:]
        for one in piece:
            _put_back(plan, Before(**one), by, now)
    else:
        todo, plan.todo = plan.todo[:PIECE], plan.todo[PIECE:]
        _do(plan, todo, _form(BULK[plan.key], procedure, QueryDict(plan.form)), by, now)
    if plan.todo or plan.back:
        token = signing.dumps(asdict(plan), salt=_SALT, compress=True)
        return _shown(request, "desk/bulk_going.html", {"plan": plan, "token": token}, procedure)
    token = signing.dumps(asdict(plan), salt=_SALT, compress=True) if plan.undoable else ""
    context = {"plan": plan, "token": token, "stays": UNDO_S * 1000, "partly": len(plan.undoable) < len(plan.done)}
    return _shown(request, "desk/bulk_done.html", context, procedure)


def _do(plan: Plan, todo: Iterable[tuple[int, int]], form: ActForm, by: Actor, now: datetime) -> None:
    if not form.is_valid():
        plan.not_done += [
            (number, gettext("What was filled in does not fit the procedure any more.")) for number, _seen in todo
        ]
        return
    deed, said = BULK[plan.key], bulk_forms.arguments_of(form)

    def arguments(was: Before) -> dict[str, Any]:
        return {**said, "category": said["category"] or was.category} if plan.key == "resolve" else said

    for number, seen in todo:
        try:
            was = bulk.one((number, seen), deed.do, deed.fact, arguments, by=by, now=now)
            plan.done.append(asdict(was))
        except _REFUSALS as refusal:
            plan.not_done.append((number, told(refusal)))


def _put_back(plan: Plan, was: Before, by: Actor, now: datetime) -> None:
    try:
        bulk.undo(was, plan.key, by=by, now=now)
        plan.done.append(asdict(was))
    except _REFUSALS as refusal:
        plan.not_done.append((was.number, told(refusal)))


def _read(request: HttpRequest, name: str, seconds: int) -> Plan | None:
    """What the page brought back; None where it is too old, another person's, or was not written here."""
    try:
        plan = Plan(**signing.loads(request.POST.get(name, ""), salt=_SALT, max_age=seconds))
    except (signing.BadSignature, TypeError):
        return None
    plan.todo = [(number, seen) for number, seen in plan.todo]
    return plan if plan.person == person_of(request).pk else None


def _too_late(request: HttpRequest, procedure: Procedure | None) -> HttpResponse:
    if procedure is None:
        raise Http404("no procedure")
    return _shown(request, "desk/bulk_late.html", {}, procedure, 409)


def _shown(
    request: HttpRequest, template: str, context: dict[str, Any], procedure: Procedure, status: int = 200
) -> HttpResponse:
    """By htmx the part alone, for the sheet; else on a page of its own."""
    if request.headers.get("HX-Request"):
        return render(request, template, context, status=status)
    now = timezone.now()
    beside = {"now": now, "rail": rail(person_of(request), procedure, now), "part": template}
    return render(request, "desk/bulk.html", {**context, **beside}, status=status)
