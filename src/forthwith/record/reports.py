"""How the desk kept its procedure in a period: sums over judged tickets, which read no fact (SOP H1).

Tickets are counted by when they were received. What is not due yet, or not applicable, is told apart from what was met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Substr, TruncWeek

from forthwith.procedure.conformance import STEPS
from forthwith.procedure.marks import OUTCOMES
from forthwith.procedure.model import CLOCKS
from forthwith.record.judgements import Judgement, Restated
from forthwith.record.models import Ticket

GROUPS = ("priority", "category", "channel", "team")
"""By what a report can be split, and narrowed."""
PAGE = 50
MOST_WEEKS = 530
_MOST_WAITING = 10_000
LETTERS: dict[str, str] = {outcome: letter for letter, outcome in OUTCOMES.items()}
"""The letter of each outcome."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The tickets of a report: received in `[first, last)`, of these kinds; empty means all.

    A category stands for those below it too. Their verdicts are those under each ticket's own revision, or those of a
    restatement, by its number; then the tickets are those that it holds.
    """

    first: datetime
    last: datetime
    priority: str = ""
    category: str = ""
    channel: str = ""
    team: str = ""
    restatement: int | None = None

    @property
    def judged(self) -> QuerySet[Any]:
        """Their judgements: rows of Judgement, or of Restated."""
        if self.restatement is None:
            return self._narrowed(Judgement.objects.all())
        return self._narrowed(Restated.objects.filter(restatement=self.restatement))

    def _narrowed(self, found: QuerySet[Any]) -> QuerySet[Any]:
        found = found.filter(opened_at__gte=self.first, opened_at__lt=self.last)
        exact = {name: getattr(self, name) for name in ("priority", "channel", "team")}
        found = found.filter(**{name: value for name, value in exact.items() if value})
        if self.category:
            found = found.filter(Q(category=self.category) | Q(category__startswith=f"{self.category}."))
        return found


@dataclass(slots=True)
class Tally:
    """How many tickets there are of each outcome of a step."""

    met: int = 0
    late: int = 0
    missing: int = 0
    not_due: int = 0
    not_applicable: int = 0

    @property
    def due(self) -> int:
        """Of so many it was due."""
        return self.met + self.late + self.missing

    @property
    def missed(self) -> int:
        """Not kept, or not in time."""
        return self.late + self.missing

    @property
    def share(self) -> float | None:
        """The part of what was due that was met; None where nothing was."""
        return self.met / self.due if self.due else None

    def add(self, letter: str, count: int) -> None:
        """Count tickets whose verdict has this letter of `marks.OUTCOMES`."""
        name = OUTCOMES[letter].replace(" ", "_")
        setattr(self, name, getattr(self, name) + count)


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets that have something in common, by `key`: how many, and how each step was kept."""

    key: str
    tickets: int
    steps: dict[str, Tally]

    @property
    def whole(self) -> Tally:
        """All steps together."""
        return Tally(*(sum(getattr(one, name) for one in self.steps.values()) for name in Tally.__slots__))


def totals(scope: Scope) -> Group:
    """All tickets of a scope as one group."""
    return next(iter(_grouped(scope.judged.annotate(key=Value("")))), _empty(""))


def split(scope: Scope, by: str) -> list[Group]:
    """The groups of a scope by one of GROUPS, those that kept least first; a category counts with its parent."""
    return sorted(_grouped(scope.judged.annotate(key=F(by)), top=by == "category"), key=lambda one: _share(one.whole))


def weeks(scope: Scope, zone: tzinfo) -> list[tuple[date, Group]]:
    """The same week by week, each with its Monday in a time zone; weeks without a ticket are left out."""
    found = _grouped(scope.judged.annotate(key=TruncWeek("opened_at", tzinfo=zone)))
    return sorted((datetime.fromisoformat(one.key).astimezone(zone).date(), one) for one in found)[-MOST_WEEKS:]


def clocks(scope: Scope) -> dict[tuple[str, str], Tally]:
    """How each clock of each priority was met, by (priority, clock)."""
    found: dict[tuple[str, str], Tally] = {}
    for priority, letters, count in scope.judged.values_list("priority", "clocks").annotate(Count("pk")).order_by():
        for clock, letter in zip(CLOCKS, letters, strict=False):
            if letter in ("m", "l"):
                found.setdefault((priority, clock), Tally()).add(letter, count)
    return found


def tickets(scope: Scope, step: str, outcome: str, after: tuple[datetime, int] | None = None) -> list[Any]:
    """A page, and one more, of the tickets with this outcome of a step, the latest received first."""
    place = STEPS.index(step) + 1
    found = scope.judged.annotate(letter=Substr("steps", place, 1)).filter(letter=LETTERS[outcome])
    return page(found, after)


def page(judged: QuerySet[Any], after: tuple[datetime, int] | None) -> list[Any]:
    """PAGE, and one more, of these judgements with their tickets, the latest received first."""
    if after:
        judged = judged.filter(Q(opened_at__lt=after[0]) | Q(opened_at=after[0], ticket__lt=after[1]))
    judged = judged.select_related("ticket__requester", "ticket__assignee")
    return list(judged.order_by("-opened_at", "-ticket")[: PAGE + 1])


def waiting(now: datetime, rests: timedelta) -> int:
    """How many tickets changed and are not judged yet, up to some thousands."""
    return Ticket.objects.filter(judge_at__lte=now - rests)[:_MOST_WAITING].count()


def _grouped(found: QuerySet[Any], *, top: bool = False) -> Iterator[Group]:
    """Few rows, however many tickets: alike ones have the same letters."""
    groups: dict[str, Counter[str]] = {}
    for key, steps, count in found.values_list("key", "steps").annotate(Count("pk")).order_by():
        name = key.isoformat() if isinstance(key, datetime) else key
        groups.setdefault(name.partition(".")[0] if top else name, Counter())[steps] += count
    for key, lines in groups.items():
        group = _empty(key, lines.total())
        for steps, count in lines.items():
            for step, letter in zip(STEPS, steps, strict=False):
                group.steps[step].add(letter, count)
        yield group


def _empty(key: str, tickets: int = 0) -> Group:
    return Group(key, tickets, {step: Tally() for step in STEPS})


def _share(tally: Tally) -> float:
    return 2.0 if tally.share is None else tally.share
