"""What a macro or a saved reply says on a ticket: its variables filled in, in the requester's language (SOP 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from forthwith.people.models import Person
from forthwith.procedure.clocks import clocks
from forthwith.procedure.levels import level_of
from forthwith.procedure.lifecycle import UNRESOLVED
from forthwith.procedure.macros import Macro
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import fill
from forthwith.record import door
from forthwith.steps import words
from forthwith.steps.words import About


@dataclass(frozen=True, slots=True)
class Filled:
    """What is written into the composer: the text, the next step, and what else is to happen when it is sent."""

    text: str
    next_step: str = ""
    acts: Mapping[str, str] = field(default_factory=dict)


def seen(number: int, now: datetime) -> About:
    """A ticket as it is, for one who reads and does not act."""
    return door.as_it_is(number, now=now)


def macro(on: About, key: str, in_force: Procedure, agent: Person) -> Filled | None:
    """What a macro of the procedure in force says and does on a ticket; None for one that does not fit it."""
    found = in_force.macros.get(key)
    if found is None or found.fit(on.case.team or "", on.case.category or "") is None:
        return None
    wanted = on.procedure.language_for(on.ticket.requester.language, "reply")
    language = found.language(wanted, on.procedure.language)
    filled, (text, step) = values(on, agent, language), found.said(language)
    return Filled(fill(text, filled).strip(), fill(step, filled).strip(), {"macro": key, **does(found, on)})


def does(macro: Macro, on: About) -> dict[str, str]:
    """What happens when a macro is sent on a ticket, without what its own, older procedure knows nothing of; nothing
    where it is resolved, as nothing but the answer can be done there (the lifecycle)."""
    if on.case.status not in UNRESOLVED:
        return {}
    known, procedure = macro.acts(), on.procedure
    if known.get("category") not in procedure.category_paths:
        known.pop("category", None)
    if known.get("impact") not in procedure.impacts or known.get("urgency") not in procedure.urgencies:
        known.pop("impact", None)
        known.pop("urgency", None)
    return known


def saved(on: About, text: str, agent: Person) -> Filled:
    """What a saved reply says on a ticket."""
    language = on.procedure.language_for(on.ticket.requester.language, "reply")
    return Filled(fill(text, values(on, agent, language)).strip())


def values(on: About, agent: Person, language: str) -> dict[str, str]:
    """What each variable stands for on a ticket, in a language (`IN_REPLIES`)."""
    return {
        **words.of_ticket(on, language=language),
        "requester": on.ticket.requester.name or on.procedure.phrases(language).unnamed,
        "agent": agent.name,
        **{name: words.when(at, on.procedure, on.now, language) for name, at in _instants(on).items()},
    }


def _instants(on: About) -> dict[str, datetime | None]:
    """The instants that a reply may name; one that has passed is nothing to be told."""
    running = [clock for clock in clocks(on.case, on.procedure) if clock.ended_at is None]
    ahead = [(clock.due_at, clock.name) for clock in running if clock.due_at is not None and clock.due_at > on.now]
    due = [at for at, name in ahead if name != "acknowledgement"]
    solved = [at for at, name in ahead if name == "resolution"]
    return {"due": min(due, default=None), "next_update": _next_update(on), "resolution_due": min(solved, default=None)}


def _next_update(on: About) -> datetime | None:
    """When the next update falls due if a reply leaves now."""
    open_with = on.case.priority if on.case.status in UNRESOLVED else None
    target = on.procedure.target("next_update", open_with, level_of(on.case, on.procedure)) if open_with else None
    if target is None:
        return None
    counting = target.counting(on.now, on.procedure.calendar(target.calendar))
    return counting.calendar.add(counting.start, counting.seconds)
