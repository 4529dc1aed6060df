"""How often what the procedure says was met lately, for each step and each target (SOP H1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forthwith.floor.asked import AskForm
from forthwith.floor.blocks import Met
from forthwith.floor.period import USUAL_DAYS
from forthwith.floor.templatetags.shares import percent
from forthwith.procedure.model import Procedure
from forthwith.record import reports
from forthwith.record.reports import Tally

_STEP_OF = {"acknowledgement": "2.2", "resolution": "5.1"}
_WORK = "4.3"


@dataclass(frozen=True, slots=True)
class Kept:
    """Tallies by step, and by (priority, clock). `linked` ones lead to the report, which not everybody may read."""

    steps: Mapping[str, Tally] = field(default_factory=dict)
    clocks: Mapping[tuple[str, str], Tally] = field(default_factory=dict)
    linked: bool = False

    def step(self, number: str) -> Met | None:
        """How a step was met; None where it was never due."""
        return self._met(self.steps.get(number), number)

    def clock(self, priority: str, clock: str) -> Met | None:
        """How the target of a priority was met; None where that clock never ended."""
        return self._met(self.clocks.get((priority, clock)), _STEP_OF.get(clock, _WORK), priority=priority)

    def _met(self, tally: Tally | None, step: str, **narrowed: str) -> Met | None:
        if tally is None or not tally.due:
            return None
        said = {"share": percent(tally.share), "due": tally.due, "days": USUAL_DAYS}
        text = _("met %(share)s of %(due)d in %(days)d days") % said
        if not self.linked:
            return Met(text)
        asked = f"?{urlencode(narrowed)}" if narrowed else ""
        return Met(text, f"{reverse('floor:conformance')}{asked}#step-{step}")


NOT_COUNTED = Kept()


def lately(procedure: Procedure, now: datetime, *, linked: bool) -> Kept:
    """Of the days that the report shows when nothing else is asked for: two queries."""
    form = AskForm({}, procedure, timezone.localdate(now), ())
    if not form.is_valid():
        return NOT_COUNTED
    scope = form.scope
    return Kept(reports.totals(scope).steps, reports.clocks(scope), linked)
