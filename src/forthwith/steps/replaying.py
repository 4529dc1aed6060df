"""A draft of the procedure against all tickets received in a period, by several processes (SOP H1).

Tickets are read in ranges of their numbers, a few hundred at a time, and counted on the way: what is held does not grow
with how many there are. Nothing is locked, and nothing of a ticket is written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from forthwith.people import directory
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.model import Procedure
from forthwith.procedure.replay import both
from forthwith.procedure.replayed import Counting, Crew, Sums, Turned, Worst, as_data
from forthwith.record import procedures, results, runs
from forthwith.record.models import Entry, Ticket
from forthwith.record.runs import Run
from forthwith.steps import replay_pool
from forthwith.steps.replay_pool import Asked, Range

KIND = "replay"
PROCESSES = 2
AT_ONCE = 250
HEAD = Turned._fields
_FEW = 1000
_LISTED = 10_000
Progress = Callable[[int, int], None]


def ask_for(text: str, since: datetime, until: datetime, zone: str) -> dict[str, str]:
    """What a run is asked for: the draft lies among the results, by its digest."""
    draft = results.keep([text.encode()])
    return {"draft": draft, "since": since.isoformat(), "until": until.isoformat(), "zone": zone}


def do(run: Run, clock: Callable[[], datetime]) -> None:
    """Do the run that a worker has claimed. Raises runs.Stopped when somebody stopped it."""
    text = results.path_of(run.asked["draft"]).read_text(encoding="utf-8")
    since, until = (datetime.fromisoformat(run.asked[name]) for name in ("since", "until"))
    asked = Asked(text, since, until, clock(), run.asked["zone"])
    told = runs.Telling(run, clock)
    found: dict[str, Any] = {}
    digest = results.keep(pieces(asked, told, found))
    runs.end(run, clock(), summary=found, result=digest)


def pieces(asked: Asked, told: Progress, found: dict[str, Any], processes: int = PROCESSES) -> Iterator[bytes]:
    """The lines of the file, as they come: each ticket that turns, on each clock. At the end, `found` has the sums."""
    draft = document.read(asked.text)
    ranges = list(_ranges(asked))
    total = sum(count for _, count in ranges)
    sums, worst, revisions = Sums(), Worst(), set[int]()
    told(0, total)
    yield _as_csv([HEAD])
    for done, turned, seen in _parts(asked, [one for one, _ in ranges], processes):
        sums.add(done)
        worst.take(turned)
        revisions |= seen
        told(sums.tickets + sums.unreadable, total)
        yield _as_csv([_cell(value) for value in one] for one in turned)
    known = [procedures.load(one) for one in sorted(revisions, reverse=True)]
    period = {"since": asked.since.isoformat(), "until": asked.until.isoformat(), "as_of": asked.now.isoformat()}
    found |= {**period, "zone": asked.zone, **as_data(sums, worst, [draft, *known])}


def _parts(asked: Asked, ranges: list[Range], processes: int) -> Iterator[tuple[Sums, list[Turned], set[int]]]:
    """What each range comes to, in their order; in this process where there is little to do."""
    if processes < 2 or len(ranges) * AT_ONCE < _FEW:
        return map(Part(asked), ranges)
    return replay_pool.parts(asked, ranges, processes)


def _ranges(asked: Asked) -> Iterator[tuple[Range, int]]:
    """Ranges of numbers with AT_ONCE tickets of the period each, or fewer, and how many that are."""
    received = Ticket.objects.filter(opened_at__gte=asked.since, opened_at__lt=asked.until).order_by("pk")
    last = 0
    while numbers := list(received.filter(pk__gt=last).values_list("pk", flat=True)[:_LISTED]):
        last = numbers[-1]
        for first in range(0, len(numbers), AT_ONCE):
            several = numbers[first : first + AT_ONCE]
            yield (several[0], several[-1]), len(several)


class Part:
    """What one process counts with."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.draft = document.read(asked.text)
        self.counting = Counting(asked.now, ZoneInfo(asked.zone), _crew(self.draft))

    def __call__(self, numbers: Range) -> tuple[Sums, list[Turned], set[int]]:
        """The sums of a range of tickets, those that turn, and the revisions that they are under."""
        sums, turned, seen = Sums(), list[Turned](), set[int]()
        for number, rows in groupby(_rows(self.asked, numbers), key=itemgetter(0)):
            try:
                turned += self._of_one(number, list(rows), sums, seen)
            except (KeyError, TypeError, ValueError, AttributeError):
                # `forthwith verify` says what is wrong with it; it must not hold up the others.
                sums.unreadable += 1
        return sums, turned, seen

    def _of_one(self, number: int, rows: Sequence[tuple[Any, ...]], sums: Sums, seen: set[int]) -> list[Turned]:
        facts = [f.from_data(kind, at, by, data) for _, kind, at, by, _, data in rows]
        revision = rows[-1][4]
        seen.add(revision)
        own = procedures.load(revision)
        if any(isinstance(fact, f.MovedToRevision) for fact in facts):
            own = procedures.under(revision, fold(facts))
        before, after = both(facts, own, self.draft, self.asked.now)
        return self.counting.count(number, ((before, own), (after, self.draft)), sums)


def _rows(asked: Asked, numbers: Range) -> Iterator[tuple[Any, ...]]:
    first, last = numbers
    kept = Entry.objects.filter(ticket__gte=first, ticket__lte=last)
    kept = kept.filter(ticket__opened_at__gte=asked.since, ticket__opened_at__lt=asked.until)
    return iter(kept.order_by("ticket", "seq").values_list("ticket", "kind", "at", "by", "revision", "data"))


def _crew(draft: Procedure) -> Crew:
    """The people of today, for the teams of the draft and of the procedure in force."""
    current = procedures.current_or_none()
    teams = {*draft.teams, *(current.teams if current else ())}
    return Crew(
        {team: frozenset(one.pk for one in directory.members(team)) for team in teams},
        {team: frozenset(one.pk for one in directory.leaders(team)) for team in teams},
        frozenset(one.pk for one in directory.administrators()),
    )


def _as_csv(lines: Any) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(lines)
    return written.getvalue().encode()


def _cell(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else "" if value is None else value
