"""How far a person has come in the tour of the desk. The hints themselves are the counter's."""

from __future__ import annotations

from forthwith.people.models import Person

ALL = 5
"""How many hints there are: who has seen so many, or wants no more, is shown none."""


def seen(person: Person, number: int) -> None:
    """Remember that a person has seen the hints up to a number; 0 lets the tour begin anew."""
    person.hints_seen = max(0, min(number, ALL))
    Person.objects.filter(pk=person.pk).update(hints_seen=person.hints_seen)
