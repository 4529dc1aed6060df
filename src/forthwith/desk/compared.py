"""What changed on a ticket between two of its facts, in words: the case is folded at both (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.desk.history_kinds import HEADINGS, heading_of
from forthwith.desk.names import Names, clock_name, numbered
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.joining_facts import relation_name
from forthwith.record.stored import recorded
from forthwith.ui.recorded import outcome_name, purpose_name
from forthwith.ui.said import spoken, within
from forthwith.ui.times import plain

NOTHING = "–"
MOST_CHANGES = 100
"""How many changes one comparison shows: a ticket may have had thousands of clocks."""
Told = tuple[str, str]
"""How a thing is called, and how it stands; two things may be called alike."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A ticket as it stood after one of its facts: its number, and when it was written down."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was otherwise: what it is called, how it stood, how it stands."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two moments of a ticket, the earlier first, what changed, and how many facts of a kind led there.

    `left_out` is how many changes are not among those shown.
    """

    first: Moment
    second: Moment
    changes: list[Change]
    between: list[tuple[str, int]]
    left_out: int = 0


def compare(facts: Sequence[f.Fact], moments: tuple[Moment, Moment], names: Names) -> Comparison:
    """What changed from one moment to another. Both are within the facts; their order does not matter."""
    first, second = sorted(moments, key=lambda moment: moment.number)
    told = [_told(fold(facts[: moment.number]), moment.at, names) for moment in (first, second)]
    changes = []
    for key, (what, _said) in (told[0] | told[1]).items():
        before, after = (one[key][1] if key in one else NOTHING for one in told)
        if before != after:
            changes.append(Change(what, before, after))
    left_out = max(0, len(changes) - MOST_CHANGES)
    between = _between(facts[first.number : second.number])
    return Comparison(first, second, changes[:MOST_CHANGES], between, left_out)


def _between(facts: Sequence[f.Fact]) -> list[tuple[str, int]]:
    counted = dict.fromkeys(HEADINGS, 0)
    for fact in facts:
        counted[heading_of(fact)] += 1
    return [(str(HEADINGS[key]), count) for key, count in counted.items() if count]


def _told(case: Case, at: datetime, names: Names) -> dict[Hashable, Told]:
    """Everything that is worth comparing, by what it is."""
    own: dict[Hashable, Told] = {label: (str(label), say(case, names) or NOTHING) for label, say in _SAID.items()}
    return {
        **own,
        **dict(_fields(case, names)),
        **dict(_promises(case)),
        **dict(_clocks(clocks(case, names.procedure), at)),
    }


def _level(case: Case, names: Names) -> str:
    return names.level(f"{case.impact}/{case.urgency}") if case.impact else names.priority(case.priority or "")


def _missing(case: Case, names: Names) -> str:
    return ", ".join(names.detail(key) for key in case.missing)


def _waiting(case: Case, _names: Names) -> str:
    return _("until %(moment)s") % {"moment": plain(case.wait_until)} if case.wait_until else ""


def _lost(case: Case, _names: Names) -> str:
    return ", ".join(f"{purpose_name(purpose)} ({address})" for purpose, address in case.undelivered)


def _minutes(case: Case, _names: Names) -> str:
    return _("%(minutes)d min") % {"minutes": case.minutes} if case.minutes else ""


_SAID: dict[Promise | str, Callable[[Case, Names], str]] = {
    gettext_lazy("Status"): lambda case, names: names.status(case.status),
    gettext_lazy("Category"): lambda case, names: names.category(case.category or ""),
    gettext_lazy("Priority"): _level,
    gettext_lazy("Team"): lambda case, names: names.team(case.team or ""),
    gettext_lazy("Assignee"): lambda case, names: names.person(case.assignee) if case.assignee else "",
    gettext_lazy("Missing details"): _missing,
    gettext_lazy("On hold"): _waiting,
    gettext_lazy("In copy"): lambda case, names: ", ".join(case.participants),
    gettext_lazy("Followers"): lambda case, names: ", ".join(map(names.person, case.followers)),
    gettext_lazy("Unanswered messages"): lambda case, names: str(len(case.unanswered)) if case.unanswered else "",
    gettext_lazy("Not delivered"): _lost,
    gettext_lazy("Runbook steps done"): lambda case, names: "; ".join(case.ticked),
    gettext_lazy("Time worked"): _minutes,
    gettext_lazy("Tags"): lambda case, names: ", ".join(case.tags),
    gettext_lazy("What was wrong"): lambda case, names: case.cause,
    gettext_lazy("What was done"): lambda case, names: case.solution,
    gettext_lazy("Articles used"): lambda case, names: "; ".join(
        f"{one.title} ({recorded(one.helped)})" for one in case.articles
    ),
    gettext_lazy("Knowledge base"): lambda case, names: recorded(case.knowledge),
    gettext_lazy("Times reopened"): lambda case, names: str(case.reopened) if case.reopened else "",
    gettext_lazy("Closed because"): lambda case, names: recorded(case.closed_why),
    gettext_lazy("Rating"): lambda case, names: str(case.rating) if case.rating else "",
    gettext_lazy("Linked"): lambda case, names: ", ".join(
        f"#{link.ticket} ({within(spoken(relation_name(link.relation)))})" for link in case.links
    ),
    gettext_lazy("Merged into"): lambda case, names: f"#{case.merged_into}" if case.merged_into else "",
    gettext_lazy("Goes on for"): lambda case, names: numbered(case.holds),
    gettext_lazy("Split off"): lambda case, names: numbered([part.ticket for part in case.parts]),
}
"""What a person would ask of two moments, and how it is said; the clocks follow."""


def _fields(case: Case, names: Names) -> Iterator[tuple[Hashable, Told]]:
    for key, value in case.fields.items():
        yield ("field", key), (_("Field: %(name)s") % {"name": names.field(key)}, names.value(key, value))


def _promises(case: Case) -> Iterator[tuple[Hashable, Told]]:
    for key, made in case.promises.items():
        state = _("kept") if made.kept_at else _("withdrawn") if made.withdrawn_at else _("open")
        yield ("promise", key), (_("Promise: %(what)s") % {"what": made.what}, f"{state}, {plain(made.due)}")


def _clocks(found: Sequence[Clock], at: datetime) -> Iterator[tuple[Hashable, Told]]:
    for clock in found:
        yield (
            ("clock", clock.name, clock.cycle),
            (_("Clock: %(name)s") % {"name": clock_name(clock)}, _clock(clock, at)),
        )


def _clock(clock: Clock, at: datetime) -> str:
    state, due = outcome_name(clock.state(at)), clock.due_at
    if clock.ended_at:
        return _("%(state)s, ended %(moment)s") % {"state": state, "moment": plain(clock.ended_at)}
    return _("%(state)s, due %(moment)s") % {"state": state, "moment": plain(due)} if due else state
