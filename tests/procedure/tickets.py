"""Tickets told in plain words for the tests: `Ticket("mon 09:00").add(f.Replied, "mon 10:00")`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import yaml

from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import Verdict, judge
from forthwith.procedure.matrix import Due, destination, due
from forthwith.procedure.model import Procedure

STANDARD = document.standard()
REQUESTER, AGENT, LEADER = 100, 7, 8
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)

FIELDS: Mapping[type[f.Fact], Mapping[str, Any]] = {
    f.Received: {"channel": "email", "requester": REQUESTER, "subject": "Printer", "message": 1, "digest": "d"},
    f.DetailsAsked: {"details": ("description",)},
    f.DetailsGiven: {"details": ("description",)},
    f.Acknowledged: {"how": "automatic"},
    f.AcknowledgementWithheld: {"why": "an automatic message"},
    f.DeliveryFailed: {"message": None, "purpose": "acknowledgement", "address": "a@b.example", "why": "550"},
    f.SentAgain: {
        "mail": 1,
        "message": None,
        "purpose": "acknowledgement",
        "address": "c@b.example",
        "was": "a@b.example",
    },
    f.Categorised: {"category": "hardware"},
    f.Prioritised: {"priority": "high", "impact": "several", "urgency": "hindered"},
    f.Assigned: {"team": "service_desk", "assignee": AGENT},
    f.Ticked: {"step": "Look at it."},
    f.Noted: {"message": 2, "digest": "d", "mentioned": (AGENT,)},
    f.Replied: {"message": 3, "digest": "d", "next_step": "I call you at noon."},
    f.RequesterWrote: {"message": 4, "digest": "d"},
    f.MachineWrote: {"message": 5, "digest": "d", "why": "vacation notice"},
    f.ParticipantAdded: {"address": "c@d.example"},
    f.ParticipantRemoved: {"address": "c@d.example"},
    f.Followed: {"person": AGENT},
    f.Unfollowed: {"person": AGENT},
    f.LanguageChosen: {"language": "de"},
    f.PutOnHold: {"why": "a part is ordered"},
    f.Escalated: {"kind": "functional", "why": "too hard"},
    f.Promised: {"promise": "p", "what": "a call"},
    f.PromiseKept: {"promise": "p"},
    f.PromiseWithdrawn: {"promise": "p", "why": "no longer needed"},
    f.Resolved: {"cause": "A cable was loose.", "solution": "Plugged it in.", "category": "hardware"},
    f.KnowledgeReviewed: {"decision": "not needed"},
    f.Confirmed: {"how": "by the requester"},
    f.Reopened: {"why": "it is back"},
    f.Closed: {"why": "the requester confirmed"},
    f.Rated: {"score": 5},
    f.ArticleUsed: {"article": 4, "revision": 2, "helped": "yes", "title": "Blank pages"},
    f.ArticleWritten: {"article": 5, "revision": 1, "title": "Loose cables"},
    f.Linked: {"ticket": 12, "relation": "related"},
    f.Unlinked: {"ticket": 12, "relation": "related"},
    f.MergedInto: {"ticket": 12},
    f.MergedFrom: {"ticket": 13},
    f.Unmerged: {"ticket": 12},
    f.MergeUndone: {"ticket": 13},
    f.Tagged: {"tag": "vpn"},
    f.Untagged: {"tag": "vpn"},
    f.FieldSet: {"field": "cost_centre", "value": "4711"},
    f.TimeSpent: {"minutes": 5},
    f.MovedToRevision: {"revision": 2, "was": 1, "why": "targets changed"},
    f.SplitOff: {"ticket": 14, "messages": (4,)},
    f.SplitFrom: {"ticket": 11, "messages": (4,), "copies": (9,), "digests": ("d",)},
}


def t(text: str) -> datetime:
    """`mon 09:00`, `tue 09:00:01`, `next mon 09:00`: in UTC, in the week of Monday, 2 March 2026, or the next."""
    *later, day, clock = text.split()
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    days = WEEK.index(day) + 7 * len(later)
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=sum(seconds))


@lru_cache(maxsize=50)
def _variant(text: str) -> Procedure:
    return document.read(text)


def variant(**sections: Any) -> Procedure:
    """The standard procedure with sections replaced; a mapping is laid over the section's own, in depth."""
    whole = yaml.safe_load(document.standard_text())
    return _variant(yaml.safe_dump(_laid_over(whole, sections), sort_keys=False))


def _laid_over(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(under)
    for key, value in over.items():
        below = laid.get(key)
        both = isinstance(value, Mapping) and isinstance(below, dict)
        laid[key] = _laid_over(below, value) if both else value
    return {key: value for key, value in laid.items() if value is not None}


class Ticket:
    """The facts of one ticket. It has a priority from the start unless that is None."""

    def __init__(
        self, at: str | datetime, priority: str | None = "high", procedure: Procedure = STANDARD, **received: Any
    ) -> None:
        self.procedure = procedure
        self.facts: list[f.Fact] = []
        self.add(f.Received, at, **received)
        if priority:
            self.add(f.Prioritised, at, priority=priority)

    def add(self, kind: type[f.Fact], at: str | datetime, **fields: Any) -> Ticket:
        when = t(at) if isinstance(at, str) else at
        self.facts.append(kind(at=when, **{**FIELDS.get(kind, {}), **fields}))
        return self

    @property
    def case(self) -> Case:
        return fold(self.facts)

    def clock(self, name: str, cycle: int = 0) -> Clock:
        return next(c for c in clocks(self.case, self.procedure) if (c.name, c.cycle) == (name, cycle))

    def names(self) -> list[str]:
        return [clock.name for clock in clocks(self.case, self.procedure)]

    def due(self, now: str | datetime) -> list[Due]:
        return due(self.case, self.procedure, t(now) if isinstance(now, str) else now)

    def rungs(self, now: str | datetime) -> list[tuple[str, datetime]]:
        return [(step.rung.key, step.at) for step in self.due(now)]

    def work(self, now: str | datetime, *, finds: int | None = None) -> Ticket:
        """Act on all that is due, as a worker does; an agent that it finds gets the ticket when it has moved."""
        while steps := self.due(now):
            escalated = acted_on(steps[0], self.case, self.procedure)
            self.facts.append(escalated)
            if finds and escalated.to_team:
                self.add(f.Assigned, now, team=escalated.to_team, assignee=finds)
        return self

    def judge(self, step: str, now: str | datetime) -> Verdict:
        return judge(self.facts, self.procedure, t(now) if isinstance(now, str) else now)[step]

    def number(self, kind: type[f.Fact], nth: int = 0) -> int:
        """The number, from 1, of the nth fact of a kind."""
        return [i for i, fact in enumerate(self.facts, 1) if isinstance(fact, kind)][nth]


def acted_on(step: Due, case: Case, procedure: Procedure) -> f.Escalated:
    """The fact that a worker logs for a rung."""
    return f.Escalated(
        at=step.at,
        kind=step.rung.kind,
        why="it fell due",
        rung=step.rung.key,
        clock=step.clock.name,
        cycle=step.clock.cycle,
        to_team=None if step.moot else destination(step.rung, case, procedure),
        moot=step.moot,
    )


def keys(steps: Iterable[Due]) -> list[str]:
    return [step.rung.key for step in steps]
