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
    """What the targets of a ticket's clocks may come from: its revision, and the facts of promises in their order."""

    procedure: Procedure
    revision: int
    ticket: int
    promises: Sequence[Line]

    def sources(self, clock: Clock, now: datetime) -> list[Source]:
        """What says when a clock is due, the target itself first."""
        if clock.name == "promise":
            return [self._promised(line, now) for line in self.promises[clock.cycle : clock.cycle + 1]]
        return [Source(self._words(place), place, self._address(place)) for place in clock.basis.places]

    def _promised(self, line: Line, now: datetime) -> Source:
        at = f"{reverse('desk:history', kwargs={'number': self.ticket})}?before={line.number + 1}"
        said = gettext("Promised by %(person)s, %(moment)s: fact %(number)d")
        values = {"person": line.who, "moment": when(line.at, now), "number": line.number}
        return Source(said % values, (), f"{at}#fact-line-{line.number}")

    def _address(self, place: tuple[str, ...]) -> str:
        page = reverse("floor:procedure-revision", kwargs={"revision": self.revision})
        anchors = {"priorities": "priority-{}", "service_levels": "level-{}"}
        anchor = anchors[place[0]].format(place[1]) if place[0] in anchors else "step-2.2"
        return f"{page}#{anchor}"

    def _words(self, place: tuple[str, ...]) -> str:
        if place[0] == "acknowledgement":
            return self._said("", place[0], self.procedure.acknowledgement)
        if place[0] == "priorities":
            priority = self.procedure.priorities[place[1]]
            return self._said(priority.name, place[-1], priority.target(place[-1]))
        level = self.procedure.service_levels[place[1]]
        if place[-1] == "calendar":
            said = gettext("Service level %(level)s: counted in calendar %(calendar)s; revision %(number)d")
            if level.calendar == "always":
                said = gettext("Service level %(level)s: counted round the clock; revision %(number)d")
            return said % {"level": level.name, "calendar": level.calendar, "number": self.revision}
        priority = self.procedure.priorities[place[3]]
        named = gettext("Service level %(level)s, %(priority)s") % {"level": level.name, "priority": priority.name}
        return self._said(named, place[-1], level.target(place[-1], place[3], None))

    def _said(self, named: str, clock: str, target: Target | None) -> str:
        said = {
            "clock": spoken(NAMES[clock]),
            "target": spoken(in_words(target.model_dump(mode="json"))) if target else "",
            "number": self.revision,
        }
        text = gettext("%(clock)s %(target)s; revision %(number)d") % said
        return f"{named}: {text}" if named else headed(text)
