"""Finding people: requesters by address, members and leaders of teams, who is available."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from forthwith.people.models import Person
from forthwith.people.prepared import Place, Prepared
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER, WORKERS
from forthwith.procedure.model import Procedure

MOST_TOLD = 50


_AT_ADDRESS = Prepared(lambda: Person.objects.filter(addresses__address=Place(0)))


def person_at(address: str) -> Person | None:
    """The person who has this mail address, in any case of letters."""
    return next(iter(_AT_ADDRESS(address.strip().lower())), None)


def person_or_new(address: str, name: str) -> Person:
    """The person who has this address, or a new requester; a name fills an empty one."""
    return met_again(person_at(address), address, name)


def met_again(known: Person | None, address: str, name: str) -> Person:
    """Like `person_or_new`, for who has looked the address up already."""
    if known is None:
        return Person.objects.create_user(address, name=name[:200])
    if name and not known.name:
        known.name = name[:200]
        known.save(update_fields=["name"])
    return known


def members(team: str) -> QuerySet[Person]:
    """Active people of a team who work on tickets."""
    return Person.objects.filter(memberships__team=team, is_active=True, role__in=WORKERS).order_by("pk")


def leaders(team: str) -> list[Person]:
    """Who leads a team: its own leaders, or every team leader, or the administrators, at most MOST_TOLD."""
    active = Person.objects.filter(is_active=True).order_by("pk")
    own = active.filter(memberships__team=team, memberships__leads=True)
    for found in (own, active.filter(role=LEADER), active.filter(role=ADMINISTRATOR)):
        people = list(found[:MOST_TOLD])
        if people:
            return people
    return []


def administrators() -> list[Person]:
    """Active administrators, at most MOST_TOLD."""
    return list(Person.objects.filter(role=ADMINISTRATOR, is_active=True).order_by("pk")[:MOST_TOLD])


def on_shift(people: Iterable[Person], team: str, procedure: Procedure, now: datetime) -> list[Person]:
    """Those of the people who are available now: signed in as such, and within their shift (SOP 4.1)."""
    hours = procedure.teams[team].hours if team in procedure.teams else "always"

    def works_now(person: Person) -> bool:
        shift = person.shift or hours
        return procedure.calendar(shift if shift in procedure.calendars else "always").is_open(now)

    return [person for person in people if person.available and works_now(person)]
