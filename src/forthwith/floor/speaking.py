"""The procedure's parts and values in the words of its terms, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from forthwith.floor.blocks import Cell, Pairs
from forthwith.procedure import shape
from forthwith.procedure.called import NOTHING, Called
from forthwith.procedure.escalation import AGE
from forthwith.procedure.model import Procedure, Rung
from forthwith.procedure.moments import format_duration
from forthwith.procedure.terms import term_at
from forthwith.ui.said import headed, spoken


class Speaker:
    """Says what stands in a procedure."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self._called = Called(procedure)

    def title(self, *path: str | int) -> str:
        """What a field is called, as a heading."""
        term = term_at(path)
        return headed(term.title) if term else str(path[-1])

    def says(self, *path: str | int) -> str:
        """The sentence that explains a field."""
        term = term_at(path)
        return spoken(term.says) if term else ""

    def value(self, *path: str | int) -> str:
        """What stands at a path, all of it; a text as it is."""
        data, kind = self._called.at(path), shape.kind_at(path)
        if isinstance(data, list) and data:
            if self._is_text(path, shape.kind_below(kind, 0)):
                return ", ".join(data)
            return ", ".join(spoken(one) for one in self._called.each(path, data))
        if isinstance(data, str) and data and self._is_text(path, kind):
            return data
        return spoken(self._called.value(path, data))

    @staticmethod
    def _is_text(path: tuple[str | int, ...], kind: Any) -> bool:
        term = term_at(path)
        return kind is str and not (term and (term.of or term.choices))

    def rows(self, *path: str | int, only: Iterable[str] = ()) -> list[tuple[str, str]]:
        """The fields of a part that say something, or `only` these, each with its value."""
        return list(self._rows(path, tuple(only)))

    def _rows(self, path: tuple[str | int, ...], only: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for name, data in self._called.at(path).items():
            if (name in only) if only else data not in NOTHING:
                yield self.title(*path, name), self.value(*path, name)

    def pairs(self, *path: str | int, only: Iterable[str] = ()) -> Pairs:
        """The same as a block."""
        return Pairs(self.rows(*path, only=only))

    def name(self, section: str, key: str | None) -> str:
        """What the entry of a section is called; nothing for none."""
        return spoken(self._called.name(section, key)) if key else ""

    def names(self, section: str, keys: Iterable[str]) -> str:
        """The same of several."""
        return ", ".join(self.name(section, key) for key in keys)

    def clock(self, clock: str) -> str:
        """What a clock is called within a sentence."""
        return self._choice("clock", clock)

    def target(self, *path: str | int) -> Cell:
        """A target, which leads to the calendar that it is counted in."""
        data = self._called.at(path)
        if data is None:
            return Cell("–")
        calendar = data["calendar"]
        return Cell(self.value(*path), to="" if calendar == "always" else f"calendar-{calendar}")

    def moment(self, rung: Rung) -> str:
        """When a rung falls due: 'at 75 % of the first response'."""
        said = {"clock": self.clock(rung.clock), "length": format_duration(abs(rung.at.amount))}
        if rung.clock == AGE:
            return _("%(length)s after receipt") % said if rung.at.amount else _("on receipt")
        if rung.at.kind == "start":
            return _("%(length)s after the %(clock)s begins") % said
        if rung.at.kind == "due":
            after = rung.at.amount >= 0
            text = _("%(length)s after the %(clock)s is due") if after else _("%(length)s before the %(clock)s is due")
            return text % said
        if rung.at.amount == 100:
            return _("when the %(clock)s is due") % said
        return _("at %(share)d %% of the %(clock)s") % {**said, "share": rung.at.amount}

    def deeds(self, rung: Rung) -> str:
        """What a rung does: 'tells the assignee and the team leader'."""
        said = []
        if rung.move_to:
            known = self.procedure.teams.get(rung.move_to)
            team = known.name if known else self._choice("move_to", rung.move_to)
            said.append(_("moves the ticket to %(team)s") % {"team": team})
        people = [self._choice("tell", one) for one in rung.tell]
        people += [
            self.name("teams", one) if one in self.procedure.teams else self._choice("tell_teams", one)
            for one in rung.tell_teams
        ]
        if people:
            said.append(_("tells %(people)s") % {"people": listed(people)})
        if rung.tell_requester:
            said.append(_("tells the requester, with the times that are expected now"))
        if rung.every:
            said.append(_("again every %(length)s") % {"length": format_duration(rung.every)})
        return "; ".join(said)

    @staticmethod
    def _choice(field: str, value: str) -> str:
        term = term_at(("escalation", 0, field))
        return spoken(term.choices.get(value, value)) if term else value


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: 'the team, the assignee and the team leader'."""
    return str(get_text_list(list(names), _("and")))
