"""Whether who is available is also within their shift: `{% off_shift user now as off %}`."""

from __future__ import annotations

from datetime import datetime

from django import template

from forthwith.people import directory
from forthwith.people.models import Person
from forthwith.record import procedures
from forthwith.record.procedures import NoProcedure

register = template.Library()


@register.simple_tag
def off_shift(person: Person, now: datetime) -> bool:
    """Whether the person is available but in none of their teams' hours, so that nothing is assigned (SOP 4.1)."""
    if not person.available:
        return False
    try:
        procedure = procedures.current()
    except NoProcedure:
        return False
    teams = directory.teams_of(person) or [""]
    return not any(directory.on_shift([person], team, procedure, now) for team in teams)
