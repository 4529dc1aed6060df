"""Whether who is available is also within their shift: `{% off_shift request user now as off %}`."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.http import HttpRequest

from forthwith.desk.gate import procedure_of
from forthwith.people import directory
from forthwith.people.models import Person

register = template.Library()


@register.simple_tag
def off_shift(request: HttpRequest, person: Person, now: datetime) -> bool:
    """Whether the person is available but in none of their teams' hours, so that nothing is assigned (SOP 4.1)."""
    procedure = procedure_of(request)
    if not person.available or procedure is None:
        return False
    teams = directory.teams_of(person) or [""]
    return not any(directory.on_shift([person], team, procedure, now) for team in teams)
