"""What is looked after at leisure: mail that a crash left half-way, the watches on the channels (SOP 1.1), and an index
that is younger than the tickets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from forthwith.channels.email import intake
from forthwith.outbox import notices
from forthwith.record import files, procedures, results, unsent
from forthwith.record.search import filling
from forthwith.steps import restating, workflow

KEPT_EACH_S = 5.0
FILLS_EACH_S = 0.2
WATCHES_EACH = timedelta(minutes=1)


class Upkeep:
    """The turns of the upkeep. Its first turn does everything once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._watched_at: datetime | None = None

    def turn(self) -> float:
        """Process what was kept and never understood, fill the indexes; each minute, look at the watches."""
        now = self.clock()
        intake.process_kept(now)
        if self._watched_at is None or now - self._watched_at >= WATCHES_EACH:
            workflow.on_watch(now)
            self._watched_at = now
            files.sweep(now)
            results.sweep(now)
            unsent.sweep(now)
            restating.sweep()
            if procedure := procedures.current_or_none():
                notices.sweep(now - timedelta(seconds=procedure.notices.keep))
        return FILLS_EACH_S if filling.turn() else KEPT_EACH_S
