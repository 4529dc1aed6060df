"""The watch on each mailbox: one that cannot be reached for too long is told of, though others work (SOP 1.1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from forthwith.outbox import post
from forthwith.outbox.post import Letter, Recipient
from forthwith.people import directory
from forthwith.procedure.model import Procedure
from forthwith.procedure.moments import format_duration
from forthwith.record import procedures
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import CoverageGap
from forthwith.steps import words


def gap_name(box: Mailbox) -> str:
    """The name under which gaps of one mailbox are recorded, beside those of its channel."""
    return f"{box.channel[:30]}:mailbox:{box.pk}"


def heard(box: Mailbox, now: datetime) -> None:
    """A mailbox was reached: its gap, if there is one, has ended."""
    CoverageGap.objects.filter(channel=gap_name(box), end__isnull=True).update(end=now)


def check(now: datetime) -> list[CoverageGap]:
    """Record each mailbox that was not reached for longer than its channel may be silent, once, and tell the leaders.

    They are told by the outbox, so on another road than the broken one. A paused mailbox was left on purpose.
    """
    procedure = procedures.current()
    gaps = []
    for box in Mailbox.objects.filter(paused=False, channel__in=list(procedure.channels)).order_by("pk"):
        watch = procedure.channels[box.channel].watch
        since = max(filter(None, (box.last_contact or box.added_at, box.resumed_at)))
        if procedure.calendar(watch.calendar).add(since, watch.silence) > now:
            continue
        with transaction.atomic():
            known = CoverageGap.objects.filter(channel=gap_name(box), end__isnull=True)
            gap, new = known.get_or_create(channel=gap_name(box), end=None, defaults={"start": since})
            if new:
                _tell(box, since, procedure, now)
                gaps.append(gap)
    return gaps


def _tell(box: Mailbox, since: datetime, procedure: Procedure, now: datetime) -> None:
    values = {
        "channel": f"The mailbox {box.name}",
        "since": words.when(since, procedure, now),
        "allowed": format_duration(procedure.channels[box.channel].watch.silence),
        "desk": words.desk_name(),
        "why": box.last_error or "No worker has fetched it.",
    }
    leaders = directory.leaders(procedure.assignment.team)
    letters = [Letter(purpose="staff_coverage", to=Recipient(p.pk, p.email, p.name), values=values) for p in leaders]
    post.queue(letters, procedure, now)
