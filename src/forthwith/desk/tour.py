"""The tour for somebody's first days at the desk: five hints, each where its thing is, left at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forthwith.desk.gate import desk_page, person_of
from forthwith.people import hints
from forthwith.people.models import Person

QUEUE, TICKET = "queue", "ticket"


@dataclass(frozen=True, slots=True)
class Hint:
    """What is said of one thing, and on which pages. `number` also tells the style sheet what it points at."""

    number: int
    title: Promise | str
    text: Promise | str
    pages: tuple[str, ...]
    count: ClassVar[int] = hints.ALL

    @property
    def last(self) -> bool:
        """Whether no hint follows."""
        return self.number == self.count


HINTS = (
    Hint(
        1,
        _("What is next is on top"),
        _(
            "The list is in the order in which things fall due. 'Take next' gives you the unassigned ticket that is "
            "due first. Open a ticket: the tour goes on there."
        ),
        (QUEUE,),
    ),
    Hint(
        2,
        _("The clock, and why it says so"),
        _("It shows the time left until the next target. Beside the conversation, 'why?' says which hours counted."),
        (TICKET,),
    ),
    Hint(
        3,
        _("A reply, and the next step"),
        _("Write what you found, and in 'Next step' what happens next and by when: with it the first response is met."),
        (TICKET,),
    ),
    Hint(
        4,
        _("The procedure, step by step"),
        _(
            "Each step of the procedure, its verdict, and the facts that prove it. You tick nothing here: "
            "it reads what was done."
        ),
        (TICKET,),
    ),
    Hint(
        5,
        _("Everything by keyboard"),
        _("Ctrl K finds tickets, people and every command. The ? key shows all keys, and this tour again."),
        (QUEUE, TICKET),
    ),
)


def hint_for(person: Person, page: str) -> Hint | None:
    """The hint that a person is shown on a page, if the next one stands there; the queue's own is never late."""
    if not person.works_here or person.hints_seen >= hints.ALL:
        return None
    later = [hint for hint in HINTS if hint.number > person.hints_seen]
    if page == TICKET:
        return next(hint for hint in later if TICKET in hint.pages)
    return later[0] if page in later[0].pages else None


@require_POST
@desk_page
def tour(request: HttpRequest) -> HttpResponse:
    """Go on, leave, or begin anew: `seen` is the number of hints that were seen."""
    given, person = request.POST.get("seen", ""), person_of(request)
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else hints.ALL
    hints.seen(person, number)
    page = request.POST.get("page", "")
    if request.headers.get("HX-Request"):
        return render(request, "desk/tour.html", {"hint": hint_for(person, page), "tour_page": page, "goes_on": True})
    return redirect(_back(request) if number else "desk:queue")


def _back(request: HttpRequest) -> str:
    """The page that was left for this, if it is one of this desk."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if ours else "/"
