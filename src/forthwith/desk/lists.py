"""The lists of the desk: which tickets each holds, and what an empty one says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import ON_HOLD, WAITING
from forthwith.record.lists import PAGE, Filters

AT_RISK = timedelta(hours=1)
"""How close to its due instant a ticket is shown as at risk."""

MOST_ROWS = 10 * PAGE


@dataclass(frozen=True, slots=True)
class Kind:
    """One list: its name, how it narrows, and what it says when nothing is in it."""

    name: str
    narrow: Callable[[Filters, Person, datetime], Filters]
    empty: str
    what_now: str | Promise


def due_before(filters: Filters, at: datetime) -> Filters:
    """Narrowed to what falls due before an instant, and before whatever it was narrowed to already."""
    return replace(filters, late_at=min(at, filters.late_at or at))


LISTS: dict[str, Kind] = {
    "all": Kind(
        "All open",
        lambda f, p, n: f,
        "No ticket is open.",
        _("New requests show here by themselves. To see one come in, write a mail to the desk's address."),
    ),
    "mine": Kind(
        "For me",
        lambda f, p, n: replace(f, assignee=p.pk),
        "Nothing is assigned to you.",
        "Press 'Take next' to take the unassigned ticket that falls due first.",
    ),
    "unassigned": Kind(
        "Unassigned",
        lambda f, p, n: replace(f, unassigned=True),
        "Every open ticket has somebody.",
        _("New requests that find nobody available wait here. Take the one that is due first with 'Take next'."),
    ),
    "risk": Kind(
        "At risk",
        lambda f, p, n: due_before(f, n + AT_RISK),
        "Nothing falls due within the hour.",
        _("Tickets come here one hour before a target, and stay while they are late. Look at these before any others."),
    ),
    "late": Kind(
        "Late",
        lambda f, p, n: due_before(f, n),
        "Nothing is late.",
        _("A ticket comes here when a target was missed. Answer it first, and say when you write again."),
    ),
    "waiting": Kind(
        "Waiting",
        lambda f, p, n: replace(f, status=WAITING),
        "Nothing waits for a requester.",
        "Choose 'then wait for requester' when you ask something.",
    ),
    "hold": Kind(
        "On hold",
        lambda f, p, n: replace(f, status=ON_HOLD),
        "Nothing is on hold.",
        "Put a ticket on hold while it waits for a third party.",
    ),
    "settled": Kind(
        "Resolved and closed",
        lambda f, p, n: f,
        "Nothing has been resolved yet.",
        _("Resolve a ticket, and it shows here until its requester answers; the latest change is first."),
    ),
}
