"""Where a clock's target comes from: a place of the procedure, or somebody's promise (SOP 3.2, 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from forthwith.desk.history import Line
from forthwith.procedure.called import target as in_words
from forthwith.procedure.clocks import NAMES, Clock
from forthwith.procedure.model import Procedure
from forthwith.procedure.targets import Target
from forthwith.ui.said import headed, spoken
from forthwith.ui.times import when


@dataclass(frozen=True, slots=True)
class Source:
    """What says it, in words; its path in the document, or none; and the address at which that is read."""

    words: str
    path: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class SaidBy:
    """What the targets of a ticket's clocks may come from: the procedures that it was under, each with its revision and
    the present one last; and the facts of promises in their order.
    """

    under: Sequence[tuple[Procedure, int]]
    ticket: int
    promises: Sequence[Line]

    def sources(self, clock: Clock, now: datetime) -> list[Source]:
        """What says when a clock is due, the target itself first."""
        if clock.name == "promise":
            return [self._promised(line, now) for line in self.promises[clock.cycle : clock.cycle + 1]]
        said = next((one for one in self.under if one[0] is clock.basis.under), self.under[-1])
        return [Source(_words(place, *said), place, _address(place, said[1])) for place in clock.basis.places]

    def _promised(self, line: Line, now: datetime) -> Source:
        at = f"{reverse('desk:history', kwargs={'number': self.ticket})}?before={line.number + 1}"
        said = gettext("Promised by %(person)s, %(moment)s: fact %(number)d")
        values = {"person": line.who, "moment": when(line.at, now), "number": line.number}
        return Source(said % values, (), f"{at}#fact-line-{line.number}")


def _address(place: tuple[str, ...], revision: int) -> str:
    page = reverse("floor:procedure-revision", kwargs={"revision": revision})
    anchors = {"priorities": "priority-{}", "service_levels": "level-{}"}
    anchor = anchors[place[0]].format(place[1]) if place[0] in anchors else "step-2.2"
    return f"{page}#{anchor}"


def _words(place: tuple[str, ...], procedure: Procedure, revision: int) -> str:
    if place[0] == "acknowledgement":
        return _said("", place[0], procedure.acknowledgement, revision)
    if place[0] == "priorities":
        priority = procedure.priorities[place[1]]
        return _said(priority.name, place[-1], priority.target(place[-1]), revision)
    level = procedure.service_levels[place[1]]
    if place[-1] == "calendar":
        said = gettext("Service level %(level)s: counted in calendar %(calendar)s; revision %(number)d")
        if level.calendar == "always":
            said = gettext("Service level %(level)s: counted round the clock; revision %(number)d")
        return said % {"level": level.name, "calendar": level.calendar, "number": revision}
    priority = procedure.priorities[place[3]]
    named = gettext("Service level %(level)s, %(priority)s") % {"level": level.name, "priority": priority.name}
    return _said(named, place[-1], level.target(place[-1], place[3], None), revision)


def _said(named: str, clock: str, target: Target | None, revision: int) -> str:
    said = {
        "clock": spoken(NAMES[clock]),
        "target": spoken(in_words(target.model_dump(mode="json"))) if target else "",
        "number": revision,
    }
    text = gettext("%(clock)s %(target)s; revision %(number)d") % said
    return f"{named}: {text}" if named else headed(text)
