"""From what was typed to what the index is asked: filters become marks, names become people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.people.words import words
from forthwith.procedure import tags
from forthwith.procedure.lifecycle import ON_HOLD, STATUSES, UNRESOLVED, WAITING
from forthwith.procedure.model import Procedure
from forthwith.record.described import options_of, read
from forthwith.record.search.asked import FILTERS, Asked, Piece
from forthwith.record.search.parts import ASKED_BY, COPIED_TO, EVERY, FILES, REQUESTER, mark
from forthwith.record.search.questions import Clause, Question, Term
from forthwith.record.states import desk_states

MOST_PEOPLE = 30
NOTHING = Term(("=nothing",), marks=True)
_FIRST_YEAR, _LAST_YEAR = 1990, 2999
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$", re.ASCII)
_AGO = re.compile(r"(\d{1,4})d$", re.ASCII)
_SHORT = {"waiting": (WAITING,), "hold": (ON_HOLD,), "unresolved": UNRESOLVED}


@dataclass(slots=True)
class Narrowing:
    """Who asks, under which procedure, at what time; and what of the filters was not understood, in sentences."""

    person: Person
    procedure: Procedure
    now: datetime
    zone: ZoneInfo
    unknown: list[str] = field(default_factory=list)
    since: int = 0
    until: int = 2**62

    def question(self, asked: Asked, *, slips: bool = False) -> Question | None:
        """What the index is asked; None when nothing was. `slips`: a word may also be a name with one letter wrong.

        Whoever may not read the whole desk searches in their own tickets, and not in notes.
        """
        all_read = self.person.reads_all and self.person.is_active
        groups = [self._clause(group, slips and all_read, all_read) for group in asked.groups]
        clauses = [clause for clause in groups if clause is not None]
        if not clauses:
            return None
        clauses.append(Clause((Term((EVERY if all_read else f"{REQUESTER}:{self.person.pk}",), marks=True),)))
        return Question(tuple(clauses), public=not all_read, since=self.since, until=self.until)

    def _clause(self, group: tuple[Piece, ...], slips: bool, knows_people: bool) -> Clause | None:
        terms: list[Term] = []
        for piece in group:
            found = self._filtered(piece, len(group) == 1) if piece.filter else self._said(piece, slips, knows_people)
            if found is None:
                return None
            terms += found
        return Clause(tuple(terms) or (NOTHING,), negated=group[0].negated)

    def _said(self, piece: Piece, slips: bool, knows_people: bool) -> list[Term]:
        terms = [Term(spelling, piece.begins) for spelling in piece.spellings]
        if knows_people and not piece.negated and not piece.quoted and len(piece.words) == 1:
            people = directory.nearly_named(piece.words[0], MOST_PEOPLE) if slips else []
            terms += _asked_by(people or directory.named(piece.words, begins=piece.begins, most=MOST_PEOPLE))
        return terms

    def _filtered(self, piece: Piece, alone: bool) -> list[Term] | None:
        """What a filter looks for; None, with a sentence in `unknown`, where its value means nothing."""
        if piece.filter in ("before", "after"):
            return self._dated(piece, alone)
        if piece.filter not in FILTERS:
            found = self._by_field(piece)
        else:
            by: Callable[[Piece], list[Term]] = getattr(self, f"_by_{piece.filter}")
            found = by(piece)
        if not found:
            self.unknown.append(self._unknown(piece))
            return None
        return found

    def _by_from(self, piece: Piece) -> list[Term]:
        if piece.text.lower() == "me":
            return _asked_by([self.person])
        found = piece.words
        terms = [Term(tuple(ASKED_BY + word for word in found), piece.begins)] if found else []
        if self.person.reads_all and found:
            terms += _asked_by(directory.named(found, begins=piece.begins, most=MOST_PEOPLE))
        return terms

    def _by_to(self, piece: Piece) -> list[Term]:
        return [Term(tuple(COPIED_TO + word for word in piece.words), piece.begins)] if piece.words else []

    def _by_assignee(self, piece: Piece) -> list[Term]:
        said = piece.text.lower()
        if said in ("nobody", "none", "me"):
            return _marks("assignee", [self.person.pk if said == "me" else 0])
        people = directory.named(piece.words, begins=True, most=MOST_PEOPLE)
        near = people or [one for word in piece.words for one in directory.nearly_named(word, MOST_PEOPLE)]
        return _marks("assignee", [one.pk for one in near if one.works_here])

    def _by_team(self, piece: Piece) -> list[Term]:
        return _marks("team", _keys(piece, {key: team.name for key, team in self.procedure.teams.items()}))

    def _by_priority(self, piece: Piece) -> list[Term]:
        return _marks("priority", _keys(piece, {key: one.name for key, one in self.procedure.priorities.items()}))

    def _by_category(self, piece: Piece) -> list[Term]:
        return _marks("category", _keys(piece, {key: one.name for key, one in self.procedure.category_paths.items()}))

    def _by_channel(self, piece: Piece) -> list[Term]:
        return _marks("channel", _keys(piece, {key: one.name for key, one in self.procedure.channels.items()}))

    def _by_status(self, piece: Piece) -> list[Term]:
        said = piece.text.lower()
        if said == _("unresolved"):
            said = "unresolved"
        own = {key: str(getattr(self.procedure.statuses.desk, key)) for key in STATUSES}
        named = _keys(piece, desk_states(self.procedure)) or _keys(piece, own) or _keys(piece, STATUSES)
        return _marks("status", _SHORT.get(said) or named)

    def _by_tag(self, piece: Piece) -> list[Term]:
        tag = tags.normal(piece.text)
        return _marks("tag", [tag]) if self.person.reads_all and tags.fits(tag) else []

    def _by_field(self, piece: Piece) -> list[Term]:
        field = self.procedure.fields[piece.filter]
        value = read(field, piece.text) if self.person.reads_all or field.shown_to_requester else ""
        return _marks(f"field.{piece.filter}", [value]) if value else []

    def _by_has(self, piece: Piece) -> list[Term]:
        meant = piece.words and any(name.startswith(piece.words[0]) for name in ("attachment", "file"))
        return [Term((FILES,), marks=True)] if meant else []

    def _dated(self, piece: Piece, alone: bool) -> list[Term] | None:
        day = _day(piece.text.lower(), self.now.astimezone(self.zone).date())
        # Within an OR, or not to be, a day has no meaning that anybody would expect.
        if day is None or piece.negated or not alone:
            self.unknown.append(self._unknown(piece))
            return None
        instant = datetime.combine(day, time(), self.zone).astimezone(UTC)
        if piece.filter == "after":
            self.since = max(self.since, int(instant.timestamp()))
            return _days_from(instant.date(), self.now.date())
        self.until = min(self.until, int(instant.timestamp()))
        return _days_to(instant.date())

    def _unknown(self, piece: Piece) -> str:
        names: Iterable[str] = {
            "team": (team.name for team in self.procedure.teams.values()),
            "priority": (one.name for one in self.procedure.priorities.values()),
            "category": (one.name for one in self.procedure.categories.values()),
            "channel": (one.name for one in self.procedure.channels.values()),
            "status": desk_states(self.procedure).values(),
        }.get(piece.filter, ())
        meant = _known(names)
        said = f"{piece.filter}:{piece.text[:40]}"
        if piece.filter in ("before", "after"):
            meant = _(
                "Write a day as 2026-03-31, a month as 2026-03, or today, yesterday, 30d; by itself, without - or OR."
            )
        if piece.filter in self.procedure.fields and (options := options_of(self.procedure.fields[piece.filter])):
            meant = _known(options.values())
        if piece.filter == "has":
            meant = _("It can be has:attachment.")
        sentence = _("“%(filter)s” means nothing here, so the search is not narrowed by it.") % {"filter": said}
        return f"{sentence} {meant}".rstrip()


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return _("Known here: %(names)s.") % {"names": listed} if listed else ""


def _asked_by(people: Iterable[Person]) -> list[Term]:
    return [Term((f"{REQUESTER}:{person.pk}",), marks=True) for person in people]


def _marks(name: str, values: Iterable[object]) -> list[Term]:
    return [Term((mark(name, value),), marks=True) for value in values]


def _keys(piece: Piece, names: Mapping[str, str]) -> list[str]:
    """The keys that are meant: by key, by name, else by the beginning of either."""
    asked = list(piece.words)
    known = {key: (words(key), words(name)) for key, name in names.items()}
    exact = [key for key, ways in known.items() if asked in ways]
    if exact or not asked:
        return exact
    text = " ".join(asked)
    return [key for key, ways in known.items() if any(" ".join(way).startswith(text) for way in ways)]


def _day(text: str, today: date) -> date | None:
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    if ago := _AGO.match(text):
        return today - timedelta(days=int(ago[1]))
    parts = _DAY.match(text)
    if not parts or not _FIRST_YEAR <= int(parts[1]) <= _LAST_YEAR:
        return None
    try:
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        return None


def _days_from(first: date, today: date) -> list[Term]:
    """Marks of every day from this one on: days to the end of its month, months to the end of its year, years."""
    start = max(first, date(_FIRST_YEAR, 1, 1))
    later = (start + timedelta(days=ahead) for ahead in range(31))
    found = [mark("day", day) for day in later if (day.year, day.month) == (start.year, start.month)]
    found += [mark("month", f"{start.year}-{month:02}") for month in range(start.month + 1, 13)]
    # A clock that is a little ahead is no reason not to find a ticket.
    found += [mark("year", year) for year in range(start.year + 1, today.year + 2)]
    return [Term((one,), marks=True) for one in found]


def _days_to(last: date) -> list[Term]:
    """Marks of every day up to this one."""
    found = [mark("day", last.replace(day=day)) for day in range(1, last.day + 1)]
    found += [mark("month", f"{last.year}-{month:02}") for month in range(1, last.month)]
    found += [mark("year", year) for year in range(_FIRST_YEAR, last.year)]
    return [Term((one,), marks=True) for one in found]
