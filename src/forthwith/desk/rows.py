"""A ticket as one row of a list: everything in words, so that the template only lays it out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from forthwith.desk.names import Names
from forthwith.people.models import Person
from forthwith.procedure.calendars import Calendar
from forthwith.procedure.clocks import NAMES as CLOCK_NAMES
from forthwith.procedure.lifecycle import CLOSED, MERGED, NEW, OPEN, RESOLVED
from forthwith.procedure.model import Procedure
from forthwith.record import procedures
from forthwith.record.models import NEVER, Ticket
from forthwith.record.states import States
from forthwith.ui import clock
from forthwith.ui.clock import Face
from forthwith.ui.drawn import Rank
from forthwith.ui.said import spoken
from forthwith.ui.times import exact, when

COLUMNS: dict[str, str | Promise] = {
    "requester": _("Requester"),
    "organisation": _("Organisation"),
    "category": _("Category"),
    "channel": _("Channel"),
    "opened": _("When it was opened"),
    "changed": _("Last change"),
    "priority": _("Priority"),
    "owner": _("Assignee and team"),
    "tags": _("Tags"),
}
"""What a row may show beside its clock, its subject and its number; and each field of the procedure (FIELD)."""
USUAL = ("requester", "organisation", "category", "channel", "priority", "owner", "tags")
FIELD = "field_"
"""What stands before a field's key, where fields stand among other names."""
MOST_TAGS = 4
_DONE = {
    RESOLVED: gettext_noop("resolved %(moment)s"),
    CLOSED: gettext_noop("closed %(moment)s"),
    MERGED: gettext_noop("merged %(moment)s"),
}


def columns_of(procedure: Procedure) -> dict[str, str | Promise]:
    """What a row may show under this procedure."""
    return {**COLUMNS, **{f"{FIELD}{key}": field.name for key, field in procedure.fields.items()}}


@dataclass(frozen=True, slots=True)
class Row:
    """What the template shows of a row; numbers are text already, as a template would format each anew.

    What is not among the columns is empty.
    """

    number: str
    version: str
    subject: str
    face: Face
    rank: Rank | None
    who: str
    about: str
    status: str
    usual: bool
    missing: bool
    alarm: str
    owner: str
    tags: tuple[str, ...]
    mine: bool
    pick: bool


def rows_of(
    tickets: Iterable[Ticket], viewer: Person, now: datetime, states: States, columns: Collection[str] = USUAL
) -> list[Row]:
    """Rows for tickets whose requester (with organisation) and assignee are loaded, showing these of COLUMNS."""
    return [_row(ticket, viewer, now, states, columns) for ticket in tickets]


def _row(ticket: Ticket, viewer: Person, now: datetime, states: States, columns: Collection[str]) -> Row:
    procedure = procedures.load(ticket.revision_id)
    names = Names(procedure)
    assignee = gettext("you") if ticket.assignee_id == viewer.pk else str(ticket.assignee or gettext("nobody"))
    return Row(
        number=str(ticket.number),
        version=str(ticket.fact_count),
        subject=ticket.subject or gettext("(no subject)"),
        face=face_of(ticket, procedure, now),
        rank=names.rank(ticket.priority) if "priority" in columns else None,
        who=_who(ticket.requester, columns),
        about=_about(ticket, names, now, columns),
        status=states[OPEN if ticket.status == NEW else ticket.status],
        usual=ticket.status in (NEW, OPEN),
        missing=bool(ticket.missing),
        alarm=_alarm(ticket),
        owner=f"{assignee} · {names.team(ticket.team)}" if "owner" in columns else "",
        tags=_tags(ticket.tags) if "tags" in columns else (),
        mine=ticket.assignee_id == viewer.pk,
        pick=viewer.works_here,
    )


def _who(person: Person, columns: Collection[str]) -> str:
    organisation = str(person.organisation) if "organisation" in columns and person.organisation else ""
    return ", ".join(filter(None, (str(person) if "requester" in columns else "", organisation)))


def _about(ticket: Ticket, names: Names, now: datetime, columns: Collection[str]) -> str:
    said: dict[str, Callable[[], str]] = {
        "category": lambda: names.category(ticket.category),
        "channel": lambda: names.channel(ticket.channel),
        "opened": lambda: gettext("opened %(moment)s") % {"moment": when(ticket.opened_at, now)},
        "changed": lambda: gettext("changed %(moment)s") % {"moment": when(ticket.changed_at, now)},
    }
    own = (
        f"{names.field(key)} {names.value(key, value)}"
        for key, value in ticket.fields.items()
        if f"{FIELD}{key}" in columns
    )
    return " · ".join((*(says() for name, says in said.items() if name in columns), *own))


def _tags(found: list[str]) -> tuple[str, ...]:
    left = len(found) - MOST_TAGS
    return (*found[:MOST_TAGS], f"+{left}") if left > 0 else tuple(found)


def _alarm(ticket: Ticket) -> str:
    if ticket.alarm_error:
        return gettext("its alarm failed")
    return gettext("mail not delivered") if ticket.undelivered else ""


def face_of(ticket: Ticket, procedure: Procedure, now: datetime) -> Face:
    """The clock that falls due next, from the row alone."""
    if ticket.status in (RESOLVED, CLOSED, MERGED):
        ended_at = None if ticket.status == MERGED else ticket.closed_at or ticket.resolved_at
        at = ended_at or ticket.changed_at
        return Face("", "done", gettext(_DONE[ticket.status]) % {"moment": when(at, now)}, exact(at))
    if ticket.due_at >= NEVER or ticket.due_since is None:
        return clock.paused("", gettext("no clock runs") if ticket.status in (NEW, OPEN) else gettext("paused"))
    calendar = _calendar(ticket, procedure)
    return clock.running(
        spoken(CLOCK_NAMES.get(ticket.due_clock, ticket.due_clock)),
        due=ticket.due_at,
        left=calendar.between(now, ticket.due_at),
        total=calendar.between(ticket.due_since, ticket.due_at),
        counting=calendar.is_open(now),
        now=now,
    )


def _calendar(ticket: Ticket, procedure: Procedure) -> Calendar:
    known = ticket.due_clock != "promise" and (
        ticket.due_clock == "acknowledgement" or ticket.priority in procedure.priorities
    )
    target = procedure.target(ticket.due_clock, ticket.priority, ticket.level) if known else None
    return procedure.calendar(target.calendar if target and target.by is None else "always")
