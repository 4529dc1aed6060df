"""The watch on sign-ins that end by themselves: somebody is told before a mailbox falls silent, not after (SOP 1.1).

A token has a known end, or one that comes when nobody uses it, or its renewal is refused while the old one still
works. Each is told of once for each of the procedure's warnings, and anew when the end has moved away and come back.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forthwith.outbox import post
from forthwith.outbox.post import Letter, Recipient
from forthwith.people import directory
from forthwith.procedure.model import Procedure
from forthwith.record import procedures
from forthwith.record.mailboxes import Mailbox
from forthwith.steps import words

LETTER = "staff_sign_in"
_log = logging.getLogger(__name__)


def stage(box: Mailbox, warnings: Sequence[int], now: datetime) -> int:
    """How many of the warnings are due, which are seconds before the end; one more than all after a refusal."""
    if box.sign_in_refused:
        return len(warnings) + 1
    ends = box.sign_in_ends_at
    return sum(ends - timedelta(seconds=before) <= now for before in warnings) if ends else 0


def check(now: datetime) -> list[Mailbox]:
    """Tell the leaders and the administrators of each sign-in that ends soon; of which mailboxes they were told.

    Also of a paused one: it is the only one whose token nobody uses, so that it ends for that.
    """
    procedure = procedures.current()
    told = []
    ending = Q(sign_in_ends_at__isnull=False) | ~Q(sign_in_refused="")
    for box in Mailbox.objects.filter(ending, channel__in=list(procedure.channels)).order_by("pk"):
        due = stage(box, procedure.channels[box.channel].watch.sign_in_ends, now)
        if due == box.sign_in_told:
            continue
        with transaction.atomic():
            changed = Mailbox.objects.filter(pk=box.pk, sign_in_told=box.sign_in_told).update(sign_in_told=due)
            if changed and due > box.sign_in_told:
                _tell(box, procedure, now)
                told.append(box)
    return told


def why(box: Mailbox) -> str:
    """Why it ends, as a sentence."""
    if box.sign_in_refused:
        return box.sign_in_refused
    if box.paused:
        return "The provider forgets a sign-in that is not used, and this mailbox is paused."
    return "The provider lets the desk in for a limited time only, or forgets a sign-in that is not used."


def _tell(box: Mailbox, procedure: Procedure, now: datetime) -> None:
    try:
        procedure.words(LETTER)
    except KeyError as missing:
        # A procedure of before this letter: the pages say it all the same, and other alarms must not stop.
        _log.error("Nobody could be told that the sign-in of %s ends: %s", box, missing)
        return
    ends = box.sign_in_ends_at
    refused = "within the hour" if not box.failing_since else "now"
    values = {
        "mailbox": box.name,
        "ends": refused if box.sign_in_refused or ends is None else words.when(ends, procedure, now),
        "why": why(box),
        "desk": words.desk_name(),
        "link": f"{settings.PUBLIC_URL}/mailboxes/{box.pk}/sign-in/",
    }
    people = {p.pk: p for p in (*directory.leaders(procedure.assignment.team), *directory.administrators())}
    letters = [Letter(purpose=LETTER, to=Recipient(p.pk, p.email, p.name), values=values) for p in people.values()]
    post.queue(letters, procedure, now)
