"""What is begun and not sent: kept at every pause, offered again, taken back, listed (SOP 4.3)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from forthwith.desk.file_field import FilesField
from forthwith.desk.gate import desk_page, person_of, procedure_of, ticket_or_404, writers_page
from forthwith.desk.rail import rail
from forthwith.people.permits import Actor
from forthwith.record import unsent
from forthwith.record.begun import Unsent
from forthwith.steps import respond, writing

_KINDS = dict(Unsent.KINDS)


@require_POST
@writers_page
def keep(request: HttpRequest, number: int) -> HttpResponse:
    """Keep what was typed: by script alone, which is told the version that it has now."""
    ticket_or_404(request, number)
    kind, base = request.POST.get("kind", ""), request.POST.get("version", "0")
    if kind not in _KINDS or not (base.isascii() and base.isdigit() and len(base) < 10):
        return JsonResponse({"wrong": _("No such draft.")}, status=400)
    now = timezone.now()
    if "aside" in request.POST:
        unsent.set_aside(person_of(request).pk, number, kind, request.POST.get("text", ""), now=now)
        return JsonResponse({"version": int(base), "taken": True, "aside": True})
    text = request.POST.get("text", "").replace("\r\n", "\n")
    saved = unsent.save(person_of(request).pk, number, kind, text, base=int(base), now=now)
    return JsonResponse({"version": saved.version, "taken": saved.taken, "aside": saved.aside})


@require_POST
@writers_page
def use(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """Write on with another text; what stands in the composer is offered in its place."""
    ticket_or_404(request, number)
    if not unsent.move(person_of(request).pk, other, number, timezone.now()):
        messages.info(request, _("That text is not there any more."))
    return redirect("desk:ticket", number=number)


@require_POST
@writers_page
def discard(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """Throw a text away that was offered."""
    ticket_or_404(request, number)
    unsent.discard(person_of(request).pk, other)
    messages.success(request, _("Discarded."))
    return redirect("desk:ticket", number=number)


@require_POST
@writers_page
def take_back(request: HttpRequest, number: int, held: int) -> HttpResponse:
    """Take a reply back before it leaves."""
    ticket_or_404(request, number)
    by = Actor.of(person_of(request))
    if writing.take_back(number, held, by=by, now=timezone.now()):
        messages.success(request, _("Not sent. Your words are in the composer again."))
    else:
        messages.info(request, _("It has left already, so it cannot be taken back."))
    return redirect(f"{redirect('desk:ticket', number=number).url}#composer")


@require_POST
@writers_page
def files(request: HttpRequest, number: int) -> HttpResponse:
    """Add files to a reply that is being written, or take one away; the list as it is then."""
    ticket_or_404(request, number)
    person, now = person_of(request), timezone.now()
    wrong = ""
    if digest := request.POST.get("remove", "")[:64]:
        unsent.remove_file(person.pk, number, digest, now)
    chosen = [one for one in request.FILES.getlist("attached") if one.size]
    if chosen:
        there = unsent.files_of(person.pk, number)
        wrong = respond.too_much([one["size"] for one in there] + [int(one.size or 0) for one in chosen])
        if not wrong:
            unsent.add_files(person.pk, number, FilesField(required=False).clean(chosen), now)
    if not request.headers.get("HX-Request"):
        if wrong:
            messages.error(request, wrong)
        return redirect("desk:ticket", number=number)
    shown = {"number": number, "files": unsent.files_of(person.pk, number), "files_wrong": wrong}
    return render(request, "desk/unsent_files.html", shown)


@require_GET
@desk_page
def mine(request: HttpRequest) -> HttpResponse:
    """Everything that a person has begun and not sent."""
    person, now = person_of(request), timezone.now()
    procedure = procedure_of(request)
    begun = unsent.begun_by(person.pk)
    shown = {"begun": begun, "begun_count": len(begun), "now": now}
    if procedure:
        shown["rail"] = rail(person, procedure, now)
    return render(request, "desk/unsent.html", shown)
