"""`forthwith verify`: is the record of every ticket whole? (SOP 6.1)"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from forthwith.config.cli import say_no_more
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.record.models import Ticket

_BATCH = 200
_BAR = 40


def run(asked: argparse.Namespace) -> int:
    """Check all tickets; print each that is not whole, or that the search does not know as it is, with the reasons.

    1 is returned when there is one.
    """
    with set_up_desk():
        from forthwith.record.models import Ticket
        from forthwith.record.procedures import in_force
        from forthwith.record.search.filling import tickets_below
        from forthwith.record.search.writing import amiss
        from forthwith.steps.document import discrepancies

        in_force()
        unfilled = tickets_below() or 0
        astray = under_what_was_called_off()
        total = Ticket.objects.count()
        shown = sys.stderr.isatty() and not asked.quiet
        broken = unfound = checked = 0
        for ticket in _tickets():
            found = discrepancies(ticket)
            checked += 1
            if shown and (checked % 20 == 0 or checked == total):
                _progress(checked, total)
            if found:
                broken += 1
                _say(f"#{ticket.number}: {' '.join(found)}")
            if ticket.number >= unfilled and (lost := amiss(ticket)):
                unfound += 1
                _say(f"#{ticket.number}: {lost}")
        if shown:
            print(file=sys.stderr)
    if unfound:
        _say("Run `forthwith reindex` to write the index of the search anew.")
    if broken:
        _say(f"Of {checked} tickets {broken} {'is' if broken == 1 else 'are'} not whole.")
    else:
        _say(f"Tickets checked: {checked}. Chains intact, facts refold to their rows, due times recompute.")
    return int(bool(broken or unfound or astray))


def under_what_was_called_off() -> int:
    """Say which tickets are under a revision that never came into force; how many were found."""
    from forthwith.record.revisions import used_though_called_off

    found = used_though_called_off()
    for revision, ticket in found:
        _say(f"#{ticket}: It is under revision {revision}, which was called off before it was in force.")
    return len(found)


def _say(line: str) -> None:
    """Print a line. Whoever stops reading still gets the exit code of all tickets."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        say_no_more()


def _tickets() -> Iterator[Ticket]:
    """Every ticket in batches by key, so that a large desk is never held in memory."""
    from forthwith.record.models import Ticket

    last = 0
    while batch := list(Ticket.objects.filter(pk__gt=last).order_by("pk")[:_BATCH]):
        yield from batch
        last = batch[-1].pk


def _progress(done: int, total: int) -> None:
    filled = _BAR * done // max(total, 1)
    bar = "#" * filled + "." * (_BAR - filled)
    print(f"\r[{bar}] {done}/{total}", end="", file=sys.stderr, flush=True)
