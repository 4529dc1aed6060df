"""Answering a search for one person: what they may read of it, the best first, and how many there are.

The newest MOST_RANKED that answer are looked at, whatever else there is, so that a common word costs what a rare one
does; among them a ticket whose head has all the words goes before one that only mentions them, as if it were
HEAD_COUNTS newer. Where there are more, the count says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.record import lists, queries
from forthwith.record.models import Ticket
from forthwith.record.search.asked import Asked, read
from forthwith.record.search.narrowing import Narrowing
from forthwith.record.search.questions import Hit, Question
from forthwith.record.search.writing import index

MOST_RANKED = 1000
PAGE = 20
HEAD_COUNTS = 180 * 86_400
"""Seconds: a ticket that has all the words in its subject, or in its requester's name, counts as half a year newer."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. `more` says that only the newest `count` were looked at.

    `unknown` are sentences on what was not understood; `slipped` says that nothing has the very words, and names of
    nearly the same spelling were looked for as well.
    """

    asked: Asked
    tickets: list[Ticket] = field(default_factory=list)
    count: int = 0
    more: bool = False
    next_key: str = ""
    unknown: tuple[str, ...] = ()
    slipped: bool = False
    question: Question | None = None

    @property
    def words(self) -> list[tuple[tuple[str, ...], bool]]:
        """What to point out in the tickets: each row of words, and whether its last one is a beginning."""
        clauses = self.question.clauses if self.question else ()
        terms = [term for clause in clauses if not clause.negated for term in clause.any_of if not term.marks]
        return [(tuple(word.lstrip("<>") for word in term.words), term.begins) for term in terms]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who searches, under which procedure, and in which time zone their days begin."""

    person: Person
    procedure: Procedure
    zone: ZoneInfo


def search(asker: Asker, typed: str, now: datetime, after: str = "", size: int = PAGE) -> Found:
    """The tickets that the person may read and that what they typed asks for, from a key on."""
    asked = read(typed, tuple(asker.procedure.fields))
    narrowing = Narrowing(asker.person, asker.procedure, now, asker.zone)
    question = narrowing.question(asked)
    unknown = tuple(narrowing.unknown)
    if question is None:
        return Found(asked, unknown=unknown)
    hits, slipped = _hits(question), False
    if not hits:
        question = narrowing.question(asked, slips=True) or question
        hits = _hits(question)
        slipped = bool(hits)
    # Of a ticket in several parts the newest counts.
    scores = {hit.ticket: hit.at + HEAD_COUNTS * hit.in_head for hit in reversed(hits[:MOST_RANKED])}
    ranked = sorted(scores.items(), key=_by_score, reverse=True)
    page, next_key = _page(ranked, after, size)
    return Found(
        asked,
        tickets=_loaded(asker.person, page),
        count=len(ranked),
        more=len(hits) > MOST_RANKED,
        next_key=next_key,
        unknown=unknown,
        slipped=slipped,
        question=question,
    )


def _hits(question: Question) -> list[Hit]:
    find: Callable[[Question, int], list[Hit]] = index().find
    return find(question, MOST_RANKED + 1)


def _by_score(scored: tuple[int, int]) -> tuple[int, int]:
    return scored[1], scored[0]


def _page(ranked: list[tuple[int, int]], after: str, size: int) -> tuple[list[int], str]:
    """The numbers of a page, and the key of the next one: `<score>_<number>` of the last ticket on this one."""
    score, _, number = after.partition("_")
    if all(part.isascii() and part.isdigit() and len(part) < 19 for part in (score, number)):
        ranked = [one for one in ranked if _by_score(one) < (int(score), int(number))]
    page = ranked[:size]
    key = f"{page[-1][1]}_{page[-1][0]}" if len(ranked) > size else ""
    return [number for number, _ in page], key


def _loaded(person: Person, numbers: list[int]) -> list[Ticket]:
    """The tickets as rows, in this order. Permission is asked again: the index is only an index."""
    found = {one.pk: one for one in lists.as_rows(queries.visible_to(person).filter(pk__in=numbers))}
    return [found[number] for number in numbers if number in found]
