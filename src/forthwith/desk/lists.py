"""The lists of the desk: which tickets each holds, and what an empty one says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import ON_HOLD, WAITING
from forthwith.procedure.model import Procedure
from forthwith.record.lists import PAGE, Filters
from forthwith.record.states import desk_states

AT_RISK = timedelta(hours=1)
"""How close to its due instant a ticket is shown as at risk."""

MOST_ROWS = 10 * PAGE


@dataclass(frozen=True, slots=True)
class Kind:
    """One list: its name, how it narrows, and what it says when nothing is in it."""

    name: str | Promise
    narrow: Callable[[Filters, Person, datetime], Filters]
    empty: str | Promise
    what_now: str | Promise


def list_name(key: str, procedure: Procedure) -> str:
    """What a list is called; the one of what is on hold as the desk calls that."""
    return desk_states(procedure)[ON_HOLD] if key == "hold" else str(LISTS[key].name)


def due_before(filters: Filters, at: datetime) -> Filters:
    """Narrowed to what falls due before an instant, and before whatever it was narrowed to already."""
    return replace(filters, late_at=min(at, filters.late_at or at))


LISTS: dict[str, Kind] = {
    "all": Kind(
        _("All open"),
        lambda f, p, n: f,
        _("No ticket is open."),
        _("New requests show here by themselves. To see one come in, write a mail to the desk's address."),
    ),
    "mine": Kind(
        _("For me"),
        lambda f, p, n: replace(f, assignee=p.pk),
        _("Nothing is assigned to you."),
        _("Press 'Take next' to take the unassigned ticket that falls due first."),
    ),
    "unassigned": Kind(
        _("Unassigned"),
        lambda f, p, n: replace(f, unassigned=True),
        _("Every open ticket has somebody."),
        _("New requests that find nobody available wait here. Take the one that is due first with 'Take next'."),
    ),
    "risk": Kind(
        _("At risk"),
        lambda f, p, n: due_before(f, n + AT_RISK),
        _("Nothing falls due within the hour."),
        _("Tickets come here one hour before a target, and stay while they are late. Look at these before any others."),
    ),
    "late": Kind(
        _("Late"),
        lambda f, p, n: due_before(f, n),
        _("Nothing is late."),
        _("A ticket comes here when a target was missed. Answer it first, and say when you write again."),
    ),
    "waiting": Kind(
        _("Waiting"),
        lambda f, p, n: replace(f, status=WAITING),
        _("Nothing waits for a requester."),
        _("Choose 'then wait for requester' when you ask something."),
    ),
    "hold": Kind(
        _("On hold"),
        lambda f, p, n: replace(f, status=ON_HOLD),
        _("Nothing is on hold."),
        _("Put a ticket on hold while it waits for a third party."),
    ),
    "settled": Kind(
        _("Resolved and closed"),
        lambda f, p, n: f,
        _("Nothing has been resolved yet."),
        _("Resolve a ticket, and it shows here until its requester answers; the latest change is first."),
    ),
}
