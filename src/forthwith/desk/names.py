"""Names for the keys that tickets and facts carry: priorities, categories, teams, channels, people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext

from forthwith.people.models import Person
from forthwith.people.prepared import Place, Prepared, padded
from forthwith.procedure import fields
from forthwith.procedure.clocks import NAMES, Clock
from forthwith.procedure.model import Procedure
from forthwith.record.states import States, desk_states
from forthwith.ui.drawn import THE_DESK, Rank
from forthwith.ui.said import spoken, within

__all__ = ["THE_DESK", "Names", "clock_name", "numbered", "people_named"]
_BARS = 4


class Names:
    """One procedure's names, and those of the people given. A key that is not known is shown as it is.

    `states` are what statuses are called, where another procedure is in force than the ticket's own.
    """

    def __init__(
        self,
        procedure: Procedure,
        people: Mapping[int, str] | None = None,
        me: int | None = None,
        states: States | None = None,
    ) -> None:
        self.procedure = procedure
        self.people = people or {}
        self.me = me
        self._states = states

    def priority(self, key: str) -> str:
        """The priority's name."""
        found = self.procedure.priorities.get(key)
        return found.name if found else key or gettext("no priority")

    def status(self, key: str) -> str:
        """What the status is called."""
        return (self._states or desk_states(self.procedure)).get(key, key)

    def level(self, choice: str | None) -> str:
        """`Medium (one person; it can wait)` of an impact and an urgency, `one/whenever`."""
        impact, _, urgency = (choice or "").partition("/")
        known, levels = self.procedure.impacts.get(impact), self.procedure.urgencies.get(urgency)
        if known is None or levels is None:
            return choice or gettext("no priority")
        priority = self.priority(self.procedure.priority_for(impact, urgency))
        return f"{priority} ({within(known.name)}; {within(levels.name)})"

    def rank(self, key: str) -> Rank:
        """The priority's name and bars."""
        place = self.procedure.ranks.get(key, _BARS)
        return Rank(self.priority(key), max(0 if place == _BARS else 1, _BARS - place), place == 0)

    def category(self, path: str) -> str:
        """`Network › VPN`."""
        if not path:
            return gettext("no category")
        parts = path.split(".")
        paths = self.procedure.category_paths
        above = (".".join(parts[: depth + 1]) for depth in range(len(parts)))
        return " › ".join(paths[one].name if one in paths else one.rpartition(".")[2] for one in above)

    def team(self, key: str) -> str:
        """The team's name."""
        found = self.procedure.teams.get(key)
        return found.name if found else key or gettext("no team")

    def language(self, key: str) -> str:
        """The language's name in its own words."""
        found = self.procedure.spoken.get(key)
        return found.name if found else key

    def channel(self, key: str) -> str:
        """The channel's name."""
        found = self.procedure.channels.get(key)
        return found.name if found else key

    def macro(self, key: str) -> str:
        """The macro's name."""
        found = self.procedure.macros.get(key)
        return found.name if found else key.replace("_", " ")

    def detail(self, key: str) -> str:
        """The name of a detail that a request must say."""
        found = self.procedure.details.get(key)
        return found.name if found else key

    def field(self, key: str) -> str:
        """The name of a field that the procedure has, or had."""
        found = self.procedure.fields.get(key)
        return found.name if found else key

    def value(self, key: str, value: str) -> str:
        """A field's value as it is read."""
        return spoken(fields.said(self.procedure.fields.get(key), value))

    def person(self, number: int | None) -> str:
        """A person's name, `you` for who looks, the desk's for the system."""
        return gettext("you") if number is not None and number == self.me else self.known(number)

    def known(self, number: int | None) -> str:
        """A person's name, also of who looks; the desk's for the system."""
        if number is None:
            return THE_DESK
        return self.people.get(number) or gettext("person %(number)s") % {"number": number}


def clock_name(clock: Clock) -> str:
    """A clock's name; from its second cycle on with its place."""
    name = spoken(NAMES.get(clock.name, clock.name))
    return f"{name} {clock.cycle + 1}" if clock.cycle else name


def numbered(tickets: Iterable[int]) -> str:
    """`#12, #13`: several tickets in a sentence."""
    return ", ".join(f"#{one}" for one in tickets)


def people_named(numbers: Iterable[int | None]) -> dict[int, str]:
    """Names of these people, by number, in one query."""
    wanted = padded({number for number in numbers if number is not None})
    return {person.pk: str(person) for person in _people(len(wanted))(*wanted)}


@cache
def _people(size: int) -> Prepared[Person]:
    several: list[Any] = [Place(place) for place in range(size)]
    return Prepared(lambda: Person.objects.filter(pk__in=several).only("name", "email"))
