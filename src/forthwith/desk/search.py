"""Search: one box for tickets, people and commands, as a dialog over any page and as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from forthwith.desk.commands import commands
from forthwith.desk.gate import desk_page, person_of, procedure_of
from forthwith.desk.rail import rail
from forthwith.desk.rows import Row, rows_of
from forthwith.knowledge import reading
from forthwith.knowledge.models import Article
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.record import queries
from forthwith.record.models import Ticket
from forthwith.record.search import filling, finding, snippets
from forthwith.record.search.asked import FILTERS, LONGEST
from forthwith.record.search.finding import Asker, Found
from forthwith.record.search.snippets import Pieces
from forthwith.record.states import States, desk_states
from forthwith.ui.said import spoken
from forthwith.ui.times import zone_for

IN_DIALOG = 6
MOST_PEOPLE = 4
MOST_ARTICLES = 4


@dataclass(frozen=True, slots=True)
class HitRow:
    """A ticket that was found: its row, its subject with what was asked for apart, and the line that has it."""

    row: Row
    subject: Pieces
    line: Pieces


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person who was found, and where a press leads: to their tickets."""

    name: str
    about: str
    at: str


@require_safe
@desk_page
def search(request: HttpRequest) -> HttpResponse:
    """The page; by htmx, for the dialog, only what was found. With `on` the number of the ticket one is on."""
    person, now, procedure = person_of(request), timezone.now(), procedure_of(request)
    if procedure is None:
        return render(request, "desk/no_procedure.html", status=503)
    typed = request.GET.get("q", "")[:LONGEST]
    dialog = request.headers.get("HX-Target") == "search-found"
    asker = Asker(person, procedure, zone_for(person, procedure))
    after = request.GET.get("after", "")[:50]
    found = finding.search(asker, typed, now, after, IN_DIALOG if dialog else finding.PAGE)
    context = _found(person, found, now, desk_states(procedure)) | {
        "typed": typed,
        "dialog": dialog,
        "filters": {
            **{key: spoken(says) for key, says in FILTERS.items()},
            **{key: field.name for key, field in procedure.fields.items()},
        }.items(),
        "commands": commands(person, procedure, _on(request, person), typed) if dialog or typed else [],
        "more": f"?{urlencode({'q': typed, 'after': found.next_key})}" if found.next_key else "",
        "whole": f"{reverse('desk:search')}?{urlencode({'q': typed})}",
    }
    if dialog:
        return render(request, "desk/search_found.html", context)
    beside = {"rail": rail(person, procedure, now), "now": now, "after": after}
    return render(request, "desk/search.html", context | beside)


def _found(person: Person, found: Found, now: datetime, states: States) -> dict[str, Any]:
    return {
        "found": found,
        "count": _count(found),
        "most": f"{finding.MOST_RANKED:,}",
        "jump": _jump(person, found.asked.typed, found.tickets, now, states),
        "hits": _hits(found.tickets, found.words, person, now, states),
        "people": _people(found.asked.plain),
        "articles": _articles(person, found.asked.plain),
        "unfilled": filling.tickets_below(),
    }


def _count(found: Found) -> str:
    if found.more:
        return _("Over %(count)s tickets") % {"count": f"{finding.MOST_RANKED:,}"}
    return ngettext("%(count)d ticket", "%(count)d tickets", found.count) % {"count": found.count}


def _hits(
    tickets: Sequence[Ticket], wanted: snippets.Wanted, person: Person, now: datetime, states: States
) -> list[HitRow]:
    lines = snippets.snippets(tickets, wanted, with_notes=person.reads_all)
    return [
        HitRow(row, snippets.marked(row.subject, wanted), lines.get(ticket.pk, []))
        for row, ticket in zip(rows_of(tickets, person, now, states), tickets, strict=True)
    ]


def _jump(person: Person, typed: str, tickets: Sequence[Ticket], now: datetime, states: States) -> HitRow | None:
    """The ticket of the number that was typed, if the person may read it."""
    number = typed.removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    found = next((one for one in tickets if one.pk == int(number)), None) or queries.ticket_for(person, int(number))
    if found is None:
        return None
    (row,) = rows_of([found], person, now, states)
    return HitRow(row, [(row.subject, False)], [])


def _on(request: HttpRequest, person: Person) -> Ticket | None:
    number = request.GET.get("on", "")
    known = number.isascii() and number.isdigit() and len(number) < 19
    return queries.ticket_for(person, int(number)) if known else None


def _articles(person: Person, asked: Sequence[str]) -> list[Article]:
    """Published articles that have all of these words."""
    return reading.found(person, asked, MOST_ARTICLES) if sum(map(len, asked)) > 1 else []


def _people(asked: Sequence[str]) -> list[PersonRow]:
    """People of these names; where nobody is called so, those whose names are one slip away."""
    if not asked or sum(map(len, asked)) < 2:
        return []
    found = directory.named(asked, begins=True, most=MOST_PEOPLE)
    if not found and len(asked) == 1:
        found = directory.nearly_named(asked[0], MOST_PEOPLE)
    return [_person(one) for one in found]


def _person(person: Person) -> PersonRow:
    about = [person.email, str(person.organisation) if person.organisation else ""]
    about.append(spoken(person.get_role_display()) if person.works_here else "")
    narrowed = f"{'assignee' if person.works_here else 'from'}:{person.email}"
    at = f"{reverse('desk:search')}?{urlencode({'q': narrowed})}"
    return PersonRow(str(person), " · ".join(filter(None, about)), at)
