"""Taking an event log in: case after case through the door, some at a time, each once however often it is run.

A dry run does all of it and keeps nothing, so that what it says is what would come of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice

from django.db import transaction

from forthwith.channels.eventlog.maps import LogMap
from forthwith.channels.eventlog.rows import MOST_ROWS, Bad, Log, Row
from forthwith.channels.eventlog.telling import Happening, Told, tell
from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.procedure.lifecycle import AGENT
from forthwith.steps import imported
from forthwith.steps.imported import Event, Story

AT_ONCE = 100
"""Cases of one commit."""
MOST_SHOWN = 1000
"""Bad rows of which the summary keeps the line and the reason; the others are counted."""
NOBODY = "not named in the log"
Case = tuple[str, list[Row]]


@dataclass(slots=True)
class Summary:
    """What came of an import."""

    rows: int = 0
    tickets: int = 0
    there: int = 0
    facts: int = 0
    bad_rows: int = 0
    bad: list[Bad] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)

    def count_bad(self, bad: list[Bad]) -> None:
        """Count rows that could not be read, and keep the first."""
        self.bad_rows += len(bad)
        self.bad += bad[: MOST_SHOWN - len(self.bad)]


class Intake:
    """One import of one log."""

    def __init__(self, log: Log, log_map: LogMap, now: datetime, *, dry: bool = False) -> None:
        self.log, self.map, self.now, self.dry = log, log_map, now, dry
        self.summary = Summary(rows=log.rows)
        self.summary.count_bad(log.bad)
        self._person = lru_cache(maxsize=20_000)(self._find_person)

    def run(self, limit: int | None = None, told: Callable[[int], None] | None = None) -> Summary:
        """Take in every case, or as many new ones as the limit says; `told` hears after each commit how many."""
        cases = self._new() if limit is None else islice(self._new(), limit)
        while some := list(islice(cases, AT_ONCE)):
            self._commit(some)
            if told:
                told(self.summary.tickets + self.summary.there)
        return self.summary

    def _new(self) -> Iterator[Case]:
        cases = self.log.cases()
        while some := list(islice(cases, AT_ONCE)):
            known = imported.known(self.map.log, [name for name, _ in some])
            self.summary.there += len(known)
            yield from ((name, rows) for name, rows in some if name not in known)

    def _commit(self, cases: list[Case]) -> None:
        before = self.summary.tickets
        with transaction.atomic():
            for name, rows in cases:
                self._take_in(name, rows)
            transaction.set_rollback(self.dry)
        if self.dry or self.summary.tickets == before:
            # People who were made in it are gone with it.
            self._person.cache_clear()

    def _take_in(self, name: str, rows: list[Row]) -> None:
        if len(rows) == MOST_ROWS:
            self.summary.odd[f"a case of more than {MOST_ROWS:,} rows: the rest left out"] += 1
        told = tell(name, rows, self.map)
        self.summary.count_bad(told.bad)
        self.summary.ignored += told.ignored
        if told.received_at is None:
            self.summary.unusable.append(name)
            return
        story = self._story(name, rows, told)
        _, odd = imported.take_in(story, self.now)
        self.summary.odd += odd
        self.summary.tickets += 1
        self.summary.facts += len(story.events) + 1

    def _story(self, name: str, rows: list[Row], told: Told) -> Story:
        received_at = told.received_at or self.now
        raw = {"log": self.map.log, "case": name, "columns": self.log.columns}
        lines = [[row.line, *row.values.values()] for row in rows]
        events = [self._event(one) for one in told.happenings]
        return Story(
            log=self.map.log,
            case=name,
            raw=json.dumps({**raw, "rows": lines}, ensure_ascii=False).encode(),
            received_at=received_at,
            requester=self._person(told.requester or NOBODY, ""),
            channel=told.channel,
            subject=told.subject,
            events=events,
        )

    def _event(self, one: Happening) -> Event:
        by = self._person(one.by or NOBODY, AGENT)
        given = one.said.get("assignee")
        # Where no column says who has it, whoever took it has it.
        to = by if given is None else self._person(given, AGENT) if given else None
        return Event(one.act, one.at, by, to, one.said)

    def _find_person(self, name: str, role: str) -> Person:
        """Somebody of the log, met before or not. Who worked there cannot sign in here and is told of nothing."""
        kind = "agent" if role else "requester"
        address = f"{_slug(name)}@{kind}.{self.map.domain}"
        known = directory.person_at(address)
        if known is not None:
            return known
        if role:
            return Person.objects.create_user(address, name=name[:200], role=role, is_active=False)
        return Person.objects.create_user(address, name=name[:200])


def _slug(name: str) -> str:
    """What a name is in an address: readable, and no other name's."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30] or "x"
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
