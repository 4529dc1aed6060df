"""`forthwith explain N`: why each clock of a ticket falls due when it does (SOP 4.3)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from forthwith.config.commands.ticket import tell, ticket_of
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.procedure.clocks import Clock
    from forthwith.procedure.model import Procedure

# A clock that has been late for weeks would otherwise list every night and weekend since.
_MOST_SPANS = 40


def run(asked: argparse.Namespace) -> int:
    """Print every clock of the ticket in words."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.procedure.case import fold
        from forthwith.procedure.clocks import clocks
        from forthwith.record import procedures, queries

        ticket, now = ticket_of(asked.number), timezone.now()
        case = fold(queries.facts_of(queries.entries(ticket.pk)))
        procedure = procedures.under(ticket.revision_id, case)
        name = procedure.priorities[ticket.priority].name if ticket.priority in procedure.priorities else "none"
        tell([f"#{ticket.number}  {ticket.subject}", f"priority {name}, as of {_at(now, ZoneInfo('UTC'))}"])
        for clock in clocks(case, procedure):
            tell(["", *_explained(clock, procedure, now)])
    return 0


def _explained(clock: Clock, procedure: Procedure, now: datetime) -> Iterator[str]:
    from forthwith.procedure.clocks import NAMES
    from forthwith.record.printed import calendar_name

    zone = ZoneInfo(clock.basis.calendar.timezone)
    cycle = f" ({clock.cycle + 1})" if clock.cycle else ""
    detail = f": {clock.detail}" if clock.name in ("promise", "next_reply") and clock.detail else ""
    yield f"{NAMES[clock.name].capitalize()}{cycle}{detail}: {clock.state(now)}"
    yield f"  started   {_at(clock.started_at, zone)}"
    calendar = calendar_name(clock, procedure).replace("_", " ")
    yield f"  target    {_length(clock.basis.target)} of {calendar}, {zone.key}"
    if clock.basis.places:
        yield f"  said at   {', '.join('.'.join(place) for place in clock.basis.places)}"
    spans = clock.explain(now)
    for span in spans[:_MOST_SPANS]:
        length = _length(round((span.end - span.start).total_seconds()))
        word = "counted" if span.counted else "not"
        yield f"  {word:<8}  {_at(span.start, zone)} - {_at(span.end, zone)}  {length:>12}  {span.label}"
    if len(spans) > _MOST_SPANS:
        yield f"            and {len(spans) - _MOST_SPANS} more stretches until {_at(spans[-1].end, zone)}"
    due = clock.due_at
    yield f"  due       {_at(due, zone) if due else 'not while it waits'}"
    if clock.ended_at:
        yield f"  ended     {_at(clock.ended_at, zone)}, {_length(clock.spent(now))} used"
    else:
        left = clock.remaining(now)
        yield f"  {'left' if left >= 0 else 'over':<8}  {_length(abs(left))}"


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}"


def _length(seconds: int) -> str:
    # In hours, never days: a day of business time is no day on the wall.
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
