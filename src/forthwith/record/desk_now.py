"""The desk as lint holds a procedure against it: who works here and when, and which targets were kept lately."""

from __future__ import annotations

from datetime import datetime

from forthwith.people import directory
from forthwith.procedure.desk import LATELY, Desk, Share
from forthwith.procedure.model import Procedure
from forthwith.record import reports
from forthwith.record.reports import Scope


def desk_at(now: datetime, in_force: Procedure) -> Desk:
    """This desk at an instant, with the procedure in force: two queries, however many people and tickets it has."""
    tallies = reports.clocks(Scope(now - LATELY, now))
    kept = {key: Share(tally.met, tally.due) for key, tally in tallies.items()}
    return Desk(now, in_force, directory.workers(), kept)
