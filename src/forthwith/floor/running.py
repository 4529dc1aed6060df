"""What every page of a run has: the run or nothing, its period, stopping it. The page itself shows `running.html`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER
from forthwith.record import runs
from forthwith.record.runs import Run

ASKERS = (ADMINISTRATOR, LEADER)
"""Who asks for a run, and stops it."""
_LARGEST = 2**31 - 1


def run_or_404(kind: str, number: int) -> Run:
    """The run of that number, if it is of this kind."""
    run = runs.of(kind, number) if number <= _LARGEST else None
    if run is None:
        raise Http404("no such run")
    return run


def period_of(run: Run) -> tuple[datetime, datetime]:
    """The first and the last day that it was asked for, as instants within them."""
    since, until = (datetime.fromisoformat(run.asked[name]) for name in ("since", "until"))
    return since, until - timedelta(seconds=1)


def stop(request: HttpRequest, run: Run, said: str = "") -> None:
    """Stop it, and say so on the next page; `said` is told instead of 'Stopped.', where there is more to say."""
    if runs.stop(run.kind, run.pk, timezone.now()):
        messages.success(request, said or _("Stopped."))
    else:
        messages.info(request, _("It was over already."))
