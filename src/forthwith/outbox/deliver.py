"""Delivering what is queued: claim a row, hand it to the relay, write down what came of it (SOP 2.2).

Any number of workers may deliver: a row is claimed by a guarded UPDATE that leases it for longer than
a relay may take to answer. A worker that dies in between leaves a lease that runs out, and the mail is sent
by another, perhaps a second time but under the same Message-ID: never not at all.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from forthwith.outbox.models import Outgoing
from forthwith.outbox.senders import NO_RELAY, Accepted, Outcome, Refused, Sender, compose
from forthwith.procedure.said import say

__all__ = [
    "Accepted",
    "Outcome",
    "Refused",
    "Sender",
    "claim",
    "compose",
    "say_to_all",
    "send",
    "set_aside",
    "settle",
    "waits_until",
]

# Longer than all the time-outs of one sending together.
LEASE = timedelta(minutes=6)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=2)
NO_RELAY_WAIT = timedelta(seconds=30)
# A relay that takes nothing is asked with one mail after the other, so each need not wait for long.
LONGEST_WAIT_FOR_RELAY = timedelta(minutes=5)
_LOOKED_AT = 10


def claim(now: datetime, *, alarms: bool = False) -> Outgoing | None:
    """Lease one row of a road that is due for this worker alone; None when nothing is due."""
    due = _free(now, alarms).filter(~_overtakes(), next_at__lte=now).order_by("next_at", "pk")
    for number in due.values_list("pk", flat=True)[:_LOOKED_AT]:
        leased = {"leased_until": now + LEASE, "attempts": F("attempts") + 1}
        if _free(now, alarms).filter(pk=number).update(**leased):
            return Outgoing.objects.get(pk=number)
    return None


def waits_until(now: datetime, *, alarms: bool = False) -> datetime | None:
    """When the next row of a road falls due (perhaps in the past), or None when nothing is queued."""
    return _free(now, alarms).order_by("next_at").values_list("next_at", flat=True).first()


def _overtakes() -> Exists:
    """Whether an earlier mail of the same ticket to the same address has not left yet.

    Nobody else waits for a dead address: not another ticket's mail, nor another person's, nor an alarm.
    """
    earlier = Outgoing.objects.filter(ticket=OuterRef("ticket"), state=Outgoing.QUEUED, pk__lt=OuterRef("pk"))
    return Exists(earlier.filter(address=OuterRef("address"), alarm=OuterRef("alarm")))


def say_to_all(words: str, now: datetime, *, alarms: bool = False) -> None:
    """Show on every mail of a road that is due why none of them leaves: its relay takes no mail at present."""
    _free(now, alarms).filter(next_at__lte=now).exclude(error=words).update(error=words)


def _free(now: datetime, alarms: bool) -> QuerySet[Outgoing]:
    unleased = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    return Outgoing.objects.filter(unleased, state=Outgoing.QUEUED, alarm=alarms)


def send(sender: Sender, row: Outgoing) -> Outcome:
    """Hand a claimed row to the relay."""
    return sender.send(row)


def settle(row: Outgoing, outcome: Outcome, *, now: datetime, told: Callable[[Outgoing], None] | None = None) -> None:
    """Write what came of a claimed row: sent, failed for good, or to be tried again later.

    `told` is called in the same transaction for a row that is sent or failed: either both are kept, or
    neither. What it raises is raised here, and then the row is still claimed and unsettled. Where the lease
    ran out meanwhile, only a mail that was sent is news.
    """
    with transaction.atomic():
        kept = Outgoing.objects.select_for_update().filter(pk=row.pk, state=Outgoing.QUEUED).first()
        if kept is None or (kept.leased_until != row.leased_until and not isinstance(outcome, Accepted)):
            return
        row.leased_until = None
        if isinstance(outcome, Accepted):
            # A bounce may be quicker than this: then its words stay.
            row.state, row.sent_at, row.error = Outgoing.SENT, now, kept.error if kept.bounced_at else ""
        else:
            _put_off(row, outcome, now)
        _write(row)
        if told and row.state != Outgoing.QUEUED:
            told(row)


def _put_off(row: Outgoing, refused: Refused, now: datetime) -> None:
    """Until when a mail that was not taken waits, or that it is given up."""
    row.error = refused.words
    row.next_at = now + _wait(row, refused)
    if refused is NO_RELAY:
        row.attempts = 0
    elif refused.permanent or row.next_at - row.queued_at > GIVEN_UP_AFTER:
        row.state = Outgoing.FAILED


def set_aside(row: Outgoing, outcome: Outcome, error: str, *, now: datetime) -> None:
    """Take a row whose outcome its ticket cannot take out of the queue, with the error to be seen."""
    sent = isinstance(outcome, Accepted)
    row.state = Outgoing.SENT if sent else Outgoing.FAILED
    row.sent_at = now if sent else None
    if sent:
        row.error = say("Sent, but this was not recorded on the ticket: %(error)s", error=error)
    else:
        row.error = say("Not sent, but this was not recorded on the ticket: %(error)s", error=error)
    row.leased_until = None
    _write(row)


def _write(row: Outgoing) -> None:
    row.save(update_fields=["state", "sent_at", "error", "attempts", "next_at", "leased_until"])


def _wait(row: Outgoing, refused: Refused) -> timedelta:
    """How long until the next attempt: doubling, with a quarter of jitter so that a crowd spreads out."""
    if refused is NO_RELAY:
        return NO_RELAY_WAIT
    longest = LONGEST_WAIT_FOR_RELAY if refused.any_mail else LONGEST_WAIT
    doubled: timedelta = min(longest, FIRST_WAIT * 2 ** min(row.attempts - 1, 10))
    return doubled * random.uniform(0.75, 1.25)  # noqa: S311 (it spreads load, and guards nothing)
