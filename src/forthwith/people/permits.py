"""Who may do what: the actor behind an act, and what a role may see (SOP R1 to R3)."""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import REQUESTER, SYSTEM


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and in which role; `person` None is the system."""

    person: int | None
    role: str

    @classmethod
    def of(cls, person: Person) -> Actor:
        """A person in the role the directory gives them."""
        return cls(person.pk, person.role)

    @classmethod
    def requester(cls, person_id: int) -> Actor:
        """A person as the requester of their own ticket, whatever else they are."""
        return cls(person_id, REQUESTER)


THE_SYSTEM = Actor(None, SYSTEM)
