"""One act on many tickets: each through its own door, whole or not at all; and the opposite acts (SOP 4.1).

Nothing is ever taken back by removing facts: to undo is to act once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case
from forthwith.procedure.lifecycle import NEW, OPEN
from forthwith.procedure.said import say
from forthwith.record import door
from forthwith.record.door import Conflict, OpenCase
from forthwith.steps import acts, describing

MOST = 100
"""How many tickets may be acted on together."""
UNDONE = say("undone, together with others")


@dataclass(frozen=True, slots=True)
class Before:
    """How a ticket stood before an act, as far as the opposite act needs it; `count` is its facts after the act."""

    number: int
    count: int
    status: str
    team: str
    assignee: int | None
    category: str
    impact: str
    urgency: str
    tags: list[str] = field(default_factory=list)


Arguments = Callable[[Before], dict[str, Any]]


def one(
    picked: tuple[int, int],
    act: Callable[..., Any],
    kind: type[f.Fact],
    arguments: Arguments,
    *,
    by: Actor,
    now: datetime,
) -> Before:
    """Do an act to one ticket (its number, and how many facts were seen), in a transaction of its own; how it stood.

    Raises Conflict where somebody else changed it since then, or where it is so already, and whatever
    the act raises.
    """
    number, seen = picked
    with door.opened(number, by=by, now=now) as held:
        _unchanged(held, seen, kind, by)
        was = _before(number, held.case)
        act(number, by=by, now=now, **arguments(was))
        count = len(door.facts_of(number))
    if count == held.case.count:
        raise Conflict(_("It is so already."))
    return Before(**{**{name: getattr(was, name) for name in Before.__slots__}, "count": count})


def undo(was: Before, key: str, *, by: Actor, now: datetime) -> None:
    """Put one ticket back to where it was, by the opposite act. Raises as `one` does."""
    found = opposite(was, key)
    if found is None:
        raise Conflict(_("There is no act that leads back."))
    act, kind, arguments = found
    one((was.number, was.count), act, kind, lambda _: arguments, by=by, now=now)


def opposite(was: Before, key: str) -> tuple[Callable[..., Any], type[f.Fact], dict[str, Any]] | None:
    """The act that leads back, what it logs, and with what; None where none does."""
    if key in ("take", "assign") and was.team:
        return acts.assign, f.Assigned, {"team": was.team, "assignee": was.assignee, "why": UNDONE}
    if key == "priority" and was.impact and was.urgency:
        return acts.prioritise, f.Prioritised, {"impact": was.impact, "urgency": was.urgency, "why": UNDONE}
    if key == "category" and was.category:
        return acts.categorise, f.Categorised, {"category": was.category, "why": UNDONE}
    if key in ("wait", "hold") and was.status in (NEW, OPEN):
        return acts.resume, f.Resumed, {"why": UNDONE}
    if key in ("tag", "untag"):
        return describing.put_tags, f.Tagged, {"names": was.tags}
    return None


def _before(number: int, case: Case) -> Before:
    return Before(
        number=number,
        count=case.count,
        status=case.status,
        team=case.team or "",
        assignee=case.assignee,
        category=case.category or "",
        impact=case.impact or "",
        urgency=case.urgency or "",
        tags=list(case.tags),
    )


def _unchanged(held: OpenCase, seen: int, kind: type[f.Fact], by: Actor) -> None:
    """Conflict where another person, or the requester, did anything since, or anybody else this very act.

    What the desk itself notes meanwhile (a mail went out) is no reason to hold back.
    """
    for fact in held.facts[max(0, seen) :]:
        if fact.by == by.person:
            continue
        if fact.by is not None or isinstance(fact, kind | f.RequesterWrote):
            who = directory.person(fact.by) or "Forthwith"
            raise Conflict(_("%(who)s changed it since you looked.") % {"who": who})
