"""The history of a ticket as a page: every fact, narrowed and paged, its place in the chain, two moments compared
(SOP 6.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from forthwith.desk.compared import Comparison, Moment, compare
from forthwith.desk.gate import desk_page, person_of, states_of, ticket_or_404
from forthwith.desk.history import Line, lines
from forthwith.desk.history_kinds import HEADINGS, heading_of, step_of
from forthwith.desk.names import THE_DESK, Names, people_named
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.procedure.conformance import STEPS
from forthwith.record import chain, procedures, queries
from forthwith.record.models import Entry, Ticket
from forthwith.record.restatements import changed, of_ticket
from forthwith.record.states import States
from forthwith.ui.gate import READERS
from forthwith.ui.tabs import Tab

MOST_LINES = 100
"""How many facts one page of the history shows."""
THE_SYSTEM = "system"
INTACT, BROKEN, BEHIND = "intact", "broken", "behind a break"
_SHORT = 10
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a heading, who, a step, the page that ends before a fact, and two facts to compare."""

    kind: str = ""
    person: str = ""
    step: str = ""
    before: int | None = None
    first: int | None = None
    second: int | None = None

    @classmethod
    def read(cls, given: QueryDict) -> Asked:
        """What is not understood is left out: an old address still shows the history."""
        kind, step, person = given.get("kind", ""), given.get("step", ""), given.get("person", "")
        return cls(
            kind=kind if kind in HEADINGS else "",
            person=person if person == THE_SYSTEM or _number(person) else "",
            step=step if step in STEPS else "",
            before=_number(given.get("before", "")),
            first=_number(given.get("from", "")),
            second=_number(given.get("to", "")),
        )

    def at(self, **other: Any) -> str:
        """The address of the same history asked otherwise; a page of it begins anew unless `before` says so."""
        said = {**self.narrowing, "from": self.first, "to": self.second}
        kept = {name: value for name, value in (said | other).items() if value}
        return f"?{urlencode(kept)}" if kept else "?"

    @property
    def narrowing(self) -> dict[str, str]:
        """What leaves facts out, as the address says it."""
        return {"kind": self.kind, "person": self.person, "step": self.step}

    @property
    def widened(self) -> str:
        """The address of the same comparison among all facts."""
        return self.at(**dict.fromkeys(self.narrowing))

    @property
    def narrowed(self) -> bool:
        """Whether some facts are left out."""
        return any(self.narrowing.values())

    def wants(self, fact: f.Fact) -> bool:
        """Whether the fact is among those asked for."""
        person = self.person in ("", THE_SYSTEM if fact.by is None else str(fact.by))
        return person and self.kind in ("", heading_of(fact)) and self.step in ("", step_of(fact))


@dataclass(frozen=True, slots=True)
class Row:
    """A fact on the page: its line, where it belongs, and its place in the chain."""

    line: Line
    heading: str
    step: str
    hash: str
    standing: str
    installed: datetime | None
    from_here: str
    to_here: str

    @property
    def short(self) -> str:
        """As much of the hash as tells it from others."""
        return self.hash[:_SHORT]

    @property
    def holds(self) -> bool:
        """Whether its place in the chain is intact."""
        return self.standing == INTACT


@dataclass(frozen=True, slots=True)
class Past:
    """What the page stands on. `found` is how many facts were asked for, `whole` says that nothing breaks the chain."""

    rows: list[Row]
    found: int
    count: int
    broken_at: int | None
    cut_off: bool
    tabs: list[Tab]
    people: list[tuple[str, str]]
    steps: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    apart: str
    older: str = ""
    newer: str = ""
    compared: Comparison | None = None
    wrong: str = ""

    @property
    def whole(self) -> bool:
        """Whether every fact holds, and the ticket's row ends where its facts do."""
        return self.broken_at is None and not self.cut_off


@require_GET
@desk_page
def history(request: HttpRequest, number: int) -> HttpResponse:
    """Every fact of a ticket, newest first."""
    found, now = ticket_or_404(request, number), timezone.now()
    asked = Asked.read(request.GET)
    past = past_of(found, asked, person_of(request), states_of(request))
    anew = [(row, changed(row)) for row in of_ticket(number)]
    shown = {"ticket": found, "number": number, "past": past, "asked": asked, "now": now, "anew": anew}
    shown["reads_floor"] = person_of(request).role in READERS
    return render(request, "desk/history.html", shown)


def past_of(ticket: Ticket, asked: Asked, viewer: Person, states: States) -> Past:
    """Read the record, see whether its chain holds, and choose what is asked for; the queries do not grow with it."""
    entries = queries.entries(ticket.pk)
    facts = queries.facts_of(entries)
    procedure = procedures.load(ticket.revision_id)
    fits = chain.fits(entries)
    wanted = [place for place, fact in enumerate(facts) if asked.wants(fact)]
    below = [place for place in wanted if asked.before is None or place + 1 < asked.before]
    shown = below[-MOST_LINES:]
    actors = Counter(fact.by for fact in facts)
    named = f.people_in(facts[place] for place in shown) | {one for one in actors if one is not None}
    named |= _compared_people(facts, asked)
    names = Names(procedure, people_named(named), viewer.pk, states)
    compared, wrong = _compared(entries, facts, asked, names)
    return Past(
        rows=_rows([(entries[place], facts[place]) for place in reversed(shown)], fits, names, asked),
        found=len(wanted),
        count=len(entries),
        broken_at=fits.index(False) + 1 if False in fits else None,
        cut_off=ticket.fact_count != len(entries) or bool(entries and entries[-1].hash != ticket.chain),
        tabs=_tabs(facts, asked),
        people=_people(actors, names),
        steps=[(step, procedure.steps.get(step, "")) for step in STEPS],
        hidden=[(name, value) for name, value in asked.narrowing.items() if value],
        apart=asked.at(**{"from": None, "to": None, "before": asked.before}),
        older=asked.at(before=shown[0] + 1) if len(below) > len(shown) else "",
        newer=asked.at() if asked.before is not None and len(below) < len(wanted) else "",
        compared=compared,
        wrong=wrong,
    )


def _number(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) or None if plain else None


def _rows(pairs: Sequence[tuple[Entry, f.Fact]], fits: Sequence[bool], names: Names, asked: Asked) -> list[Row]:
    read = lines([entry for entry, _ in pairs], [fact for _, fact in pairs], names)
    broken_at = fits.index(False) if False in fits else len(fits)
    installed = procedures.installed(entry.revision_id for entry, _ in pairs)
    return [
        Row(
            line=line,
            heading=str(HEADINGS[heading_of(fact)]),
            step=step_of(fact),
            hash=entry.hash,
            standing=_standing(fits, entry.seq - 1, broken_at),
            installed=installed.get(entry.revision_id),
            from_here=asked.at(**{"from": entry.seq, "to": None, "before": asked.before}),
            to_here=asked.at(to=entry.seq, before=asked.before),
        )
        for line, (entry, fact) in zip(read, pairs, strict=True)
    ]


def _standing(fits: Sequence[bool], place: int, broken_at: int) -> str:
    if place < broken_at:
        return INTACT
    return BEHIND if place < len(fits) and fits[place] else BROKEN


def _tabs(facts: Iterable[f.Fact], asked: Asked) -> list[Tab]:
    """All, and each heading that has facts, with how many."""
    counted = Counter(heading_of(fact) for fact in facts)
    kinds = [("", _("All"), counted.total())]
    kinds += [(key, str(label), counted[key]) for key, label in HEADINGS.items() if counted[key]]
    return [Tab(label, asked.at(kind=key), asked.kind == key, count) for key, label, count in kinds]


def _people(actors: Counter[int | None], names: Names) -> list[tuple[str, str]]:
    known = sorted((names.person(one), str(one)) for one in actors if one is not None)
    system = [(THE_SYSTEM, THE_DESK)] if None in actors else []
    return [*system, *((number, name) for name, number in known)]


def _compared_people(facts: Sequence[f.Fact], asked: Asked) -> set[int]:
    """Whoever is named up to the later moment: a comparison may say any of them."""
    return f.people_in(facts) if asked.first and asked.second else set()


def _compared(
    entries: Sequence[Entry], facts: Sequence[f.Fact], asked: Asked, names: Names
) -> tuple[Comparison | None, str]:
    if not (asked.first and asked.second):
        return None, ""
    numbers = (asked.first, asked.second)
    if max(numbers) > len(entries):
        said = {"number": max(numbers), "count": len(entries)}
        return None, _("There is no fact %(number)d: choose numbers from 1 to %(count)d.") % said
    first, second = (Moment(number, entries[number - 1].noted_at) for number in numbers)
    return compare(facts, (first, second), names), ""
