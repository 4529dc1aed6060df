"""Sends what is queued, and tells the ticket what came of it (SOP 2.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Event

from django.db import OperationalError

from forthwith.outbox import deliver
from forthwith.outbox.models import Outgoing
from forthwith.procedure.said import say
from forthwith.steps import workflow
from forthwith.worker.loop import pause_after

POLL_S = 0.25
RELAY_AWAY_S = 10.0
_RECORDING_TRIES = 8

_log = logging.getLogger(__name__)


def turn(clock: Callable[[], datetime], stopping: Event, *, alarms: bool = False) -> float:
    """Send all that is due on one road over one connection; the seconds until it is worth looking again.

    A relay that takes no mail is not asked with all of them: the next turn tries the next one.
    """
    due = deliver.waits_until(clock(), alarms=alarms)
    if due is None or due > clock():
        return POLL_S
    with deliver.Sender(alarms=alarms) as sender:
        while not stopping.is_set():
            row = deliver.claim(clock(), alarms=alarms)
            if row is None:
                break
            outcome = _deliver(row, sender, clock, stopping)
            if isinstance(outcome, deliver.Refused) and outcome.any_mail:
                deliver.say_to_all(outcome.words, clock(), alarms=alarms)
                return RELAY_AWAY_S
    return POLL_S


def _deliver(row: Outgoing, sender: deliver.Sender, clock: Callable[[], datetime], stopping: Event) -> deliver.Outcome:
    """Send one claimed row and record its outcome; a row that crashes is given up, not retried hot."""
    outcome = _outcome(row, sender)
    try:
        _record(row, outcome, clock(), stopping)
    except OperationalError:
        raise
    except Exception as error:  # a ticket that cannot take the news must not make the mail go out again
        _log.exception("The outcome of mail %s was set aside", row.pk)
        deliver.set_aside(row, outcome, _words(error), now=clock())
    return outcome


def _outcome(row: Outgoing, sender: deliver.Sender) -> deliver.Outcome:
    try:
        return deliver.send(sender, row)
    except Exception as error:  # one bad row must not stop the others
        _log.exception("Mail %s crashed and is not sent", row.pk)
        sender.close()
        return deliver.Refused(say("It crashed: %(error)s", error=_words(error)), permanent=True)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _record(row: Outgoing, outcome: deliver.Outcome, now: datetime, stopping: Event) -> None:
    """Write the outcome, and go on trying while the database is away: what was sent must not be sent again."""
    told = partial(workflow.on_delivery, now=now)
    for failures in range(_RECORDING_TRIES):
        try:
            deliver.settle(row, outcome, now=now, told=told)
            return
        except OperationalError as away:
            _log.error("The outcome of mail %s could not be recorded yet: %s", row.pk, away)
            if failures == _RECORDING_TRIES - 1 or stopping.wait(pause_after(failures)):
                raise
