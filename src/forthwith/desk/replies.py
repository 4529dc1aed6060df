"""What the composer offers by '/': macros and saved replies, filled in by the server; and a look at what goes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from forthwith.desk.also import Act, acts, without
from forthwith.desk.gate import person_of, procedure_of, ticket_or_404, writers_page
from forthwith.desk.names import Names
from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.record import formatting, procedures, replies, unsent
from forthwith.record.replies import SavedReply
from forthwith.steps import filling
from forthwith.steps.filling import Filled
from forthwith.steps.words import About

_EXCERPT = 160
_MACRO, _SAVED = "macro:", "saved:"


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the list. `what` names it, `whose` says where it comes from; a macro is for replies alone."""

    what: str
    name: str
    whose: str
    begins: str
    acts: tuple[Act, ...] = ()
    fit: int = 3

    @property
    def is_macro(self) -> bool:
        """Whether it does more than write."""
        return self.what.startswith(_MACRO)

    @property
    def words(self) -> str:
        """What is searched in as somebody types."""
        return f"{self.name} {self.whose} {self.begins}".lower()


@require_GET
@writers_page
def offered(request: HttpRequest, number: int) -> HttpResponse:
    """The macros and saved replies that fit a ticket, best first: fetched once, narrowed in the browser."""
    person, on = person_of(request), _on(request, number)
    in_force = procedure_of(request) or on.procedure
    times = replies.times(person)
    found = [*_macros(on, in_force), *_saved(on, person)]
    found.sort(key=lambda one: (one.fit, -times.get(one.what, 0), one.name.lower()))
    return render(request, "desk/offers.html", {"offers": found})


@require_POST
@writers_page
def fill(request: HttpRequest, number: int) -> HttpResponse:
    """The words of the one that was chosen, with its variables filled in, and what it proposes to do."""
    person, on, what = person_of(request), _on(request, number), request.POST.get("what", "")[:80]
    filled = _chosen(request, on, person, what)
    if filled is None:
        return JsonResponse({"wrong": _("That text is not there any more. Choose another.")}, status=404)
    replies.count(person, what)
    if filled.acts:
        unsent.set_also(person.pk, number, dict(filled.acts), on.now)
    shown = _strip(request, on, dict(filled.acts)) if filled.acts else ""
    return JsonResponse({"text": filled.text, "next": filled.next_step, "also": shown})


@require_POST
@writers_page
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Take back one thing that was to happen when the reply is sent; what is left of them."""
    person, on = person_of(request), _on(request, number)
    left = without(unsent.also_of(person.pk, number), request.POST.get("drop", ""))
    unsent.set_also(person.pk, number, left, on.now)
    return HttpResponse(_strip(request, on, left))


@require_POST
@writers_page
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """What is being written, as its readers will see it."""
    ticket = ticket_or_404(request, number)
    text, step = request.POST.get("text", "")[: unsent.LONGEST], request.POST.get("next_step", "")[:500].strip()
    html = formatting.shown(text)
    if step:
        procedure = procedures.load(ticket.revision_id)
        phrases = procedure.phrases(procedure.language_for(ticket.requester.language, "reply"))
        html += formatting.paragraph(f"{phrases.next_step}: {step}")
    return render(request, "desk/preview.html", {"html": html, "empty": not strip_tags(html).strip()})


def _on(request: HttpRequest, number: int) -> About:
    """The ticket, if the person may read it."""
    return filling.seen(ticket_or_404(request, number).number, timezone.now())


def _macros(on: About, in_force: Procedure) -> Iterator[Offer]:
    names, language = Names(on.procedure), on.procedure.language_for(on.ticket.requester.language, "reply")
    for key, macro in in_force.macros.items():
        fit = macro.fit(on.case.team or "", on.case.category or "")
        if fit is None:
            continue
        text, _step = macro.said(macro.language(language, on.procedure.language))
        does = tuple(acts(filling.does(macro, on), names, in_force))
        yield Offer(f"{_MACRO}{key}", macro.name, _("macro"), _begins(text), does, fit)


def _saved(on: About, person: Person) -> Iterator[Offer]:
    for reply in replies.offered(person):
        fit = 1 if reply.shared and reply.shared == on.case.team else 2
        yield Offer(f"{_SAVED}{reply.pk}", reply.name, whose(reply, on.procedure), _begins(reply.text), fit=fit)


def whose(reply: SavedReply, procedure: Procedure | None) -> str:
    """For whom a saved reply is kept, in words."""
    if not reply.shared:
        return _("mine")
    if reply.shared == replies.EVERYBODY:
        return _("everybody")
    found = procedure.teams.get(reply.shared) if procedure else None
    return found.name if found else reply.shared


def _begins(text: str) -> str:
    return " ".join(text[: 2 * _EXCERPT].split())[:_EXCERPT]


def _chosen(request: HttpRequest, on: About, person: Person, what: str) -> Filled | None:
    if what.startswith(_MACRO):
        in_force = procedure_of(request) or on.procedure
        return filling.macro(on, what.removeprefix(_MACRO), in_force, person)
    number = what.removeprefix(_SAVED)
    if not what.startswith(_SAVED) or not (number.isascii() and number.isdigit()) or len(number) > 15:
        return None
    reply = replies.reply_for(person, int(number))
    return filling.saved(on, reply.text, person) if reply else None


def _strip(request: HttpRequest, on: About, also: dict[str, str]) -> str:
    shown = {"also": acts(also, Names(on.procedure), procedure_of(request)), "number": on.number}
    return render_to_string("desk/also.html", shown, request)
