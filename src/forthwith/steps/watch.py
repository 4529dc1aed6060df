"""Step 1.1, watch: every channel shows signs of life, and the desk's own mail comes home; or the leaders are told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from forthwith.outbox import post
from forthwith.outbox.models import Outgoing
from forthwith.outbox.post import Letter, Recipient
from forthwith.people import directory
from forthwith.procedure.model import Procedure
from forthwith.procedure.moments import format_duration
from forthwith.procedure.said import say
from forthwith.record import links, procedures
from forthwith.record.models import Canary, CoverageGap, Watch
from forthwith.steps import words

MACHINE = "machine"
CANARY = "canary"
CANARIES_KEPT = timedelta(days=30)
_ROUND_TRIP = ":canary"
_OURS = re.compile(r"\bt0\.[0-9a-f]{16}\.[a-z0-9]{20}\b", re.ASCII)


def round_trip(channel: str) -> str:
    """The name under which gaps in a channel's round trip are recorded; its receiver may be well meanwhile."""
    return f"{channel}{_ROUND_TRIP}"[:60]


def check(now: datetime) -> list[CoverageGap]:
    """Record each channel that has been silent for too long, once, and tell the leaders (SOP 1.1).

    A channel that a machine watches may not be silent from the start either: the wait for its first sign of life
    begins when the desk first looks. People show themselves when they come on duty.
    """
    procedure = procedures.current()
    known = {watch.channel: watch for watch in Watch.objects.filter(channel__in=list(procedure.channels))}
    gaps = []
    for key, channel in procedure.channels.items():
        watch = known.get(key)
        if watch is None:
            if channel.watch.by == MACHINE:
                Watch.objects.get_or_create(channel=key, defaults={"last_contact": now, "heard": False})
            continue
        due = procedure.calendar(channel.watch.calendar).add(watch.last_contact, channel.watch.silence)
        if due <= now:
            why = "Nothing has been heard from its receiver" + ("." if watch.heard else ", ever.")
            if gap := _open_gap(key, watch.last_contact, why, procedure, now):
                gaps.append(gap)
    return gaps


def keep_canaries(now: datetime) -> int:
    """Send each channel's canary when its turn has come, and tell of those that did not come home; how many."""
    procedure = procedures.current()
    for key, channel in procedure.channels.items():
        # In a demo no mail leaves, so that none can come home.
        if channel.canary is not None and not settings.DEMO:
            _send_canary(key, channel.canary.every, channel.canary.within, now)
    missed = 0
    for canary in Canary.objects.filter(home_at__isnull=True, missed=False, due_at__lte=now).order_by("pk")[:20]:
        with transaction.atomic():
            free = Canary.objects.filter(pk=canary.pk, home_at__isnull=True, missed=False)
            if canary.channel in procedure.channels and free.update(missed=True):
                gone = words.when(canary.sent_at, procedure, now)
                why = f"The desk's own mail to itself, queued {gone}, did not come home. Look at the health page."
                missed += _open_gap(round_trip(canary.channel), canary.sent_at, why, procedure, now) is not None
    return missed


def canary_home(mail_id: str, subject: str, now: datetime) -> str | None:
    """What became of a canary that has come home, or None for a mail that is none. A second copy changes nothing.

    Its Message-ID proves it; where a relay has put another, the one in its subject.
    """
    domain = settings.DESK_ADDRESS.rpartition("@")[2]
    said = [f"{found}@{domain}" for found in _OURS.findall(subject[:300])[:2]]
    canary = Canary.objects.filter(mail_id__in=[mail_id, *said]).first()
    if canary is None:
        return None
    if Canary.objects.filter(pk=canary.pk, home_at__isnull=True).update(home_at=now):
        gaps = CoverageGap.objects.filter(channel=round_trip(canary.channel), end__isnull=True)
        gaps.update(end=now)
    took = format_duration(max(0, int((now - canary.sent_at).total_seconds())))
    if now > canary.due_at:
        return say("canary, home after %(took)s, too late", took=took)
    return say("canary, home after %(took)s", took=took)


def _send_canary(channel: str, every: int, within: int, now: datetime) -> None:
    slot = int(now.timestamp()) // every
    if Canary.objects.filter(channel=channel, slot=slot).exists():
        return
    mail_id = links.new_mail_id(0)
    mail = Outgoing(
        purpose=CANARY,
        address=settings.DESK_ADDRESS,
        subject=f"Canary {mail_id.partition('@')[0]}",
        text="The desk sends this to itself, to see that its mail still leaves and still comes in.\n",
        mail_id=mail_id,
        reply_to=settings.DESK_ADDRESS,
        automatic=True,
        queued_at=now,
        next_at=now,
    )
    sent = Canary(channel=channel, slot=slot, mail_id=mail_id, sent_at=now, due_at=now + timedelta(seconds=within))
    try:
        with transaction.atomic():
            sent.save(force_insert=True)
            mail.save(force_insert=True)
    except IntegrityError:
        return  # another worker was first
    Canary.objects.filter(sent_at__lt=now - CANARIES_KEPT).delete()


def _open_gap(name: str, start: datetime, why: str, procedure: Procedure, now: datetime) -> CoverageGap | None:
    """The gap that begins here, with its letters; None when one is open already."""
    with transaction.atomic():
        gap, new = CoverageGap.objects.get_or_create(channel=name, end__isnull=True, defaults={"start": start})
        if new:
            _tell(name, start, why, procedure, now)
    return gap if new else None


def _tell(name: str, start: datetime, why: str, procedure: Procedure, now: datetime) -> None:
    channel = procedure.channels[name.removesuffix(_ROUND_TRIP)]
    goes_round = name.endswith(_ROUND_TRIP) and channel.canary is not None
    values = {
        "channel": f"{channel.name}, there and back," if goes_round else channel.name,
        "since": words.when(start, procedure, now),
        "allowed": format_duration(channel.canary.within if goes_round and channel.canary else channel.watch.silence),
        "desk": words.desk_name(),
        "why": why,
    }
    leaders = directory.leaders(procedure.assignment.team)
    letters = [Letter(purpose="staff_coverage", to=Recipient(p.pk, p.email, p.name), values=values) for p in leaders]
    post.queue(letters, procedure, now)
