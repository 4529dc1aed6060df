"""Whether the desk hears and speaks (SOP 1.1), for who leads, administers or audits it.

Each channel's watch with its gaps, the canary, and what waits or was lost on its way out and in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from forthwith.outbox.models import Outgoing
from forthwith.procedure.calendars import Calendar
from forthwith.procedure.model import Procedure
from forthwith.procedure.moments import format_duration
from forthwith.record import procedures
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import Canary, CoverageGap, RawItem, Revision, Ticket, Watch
from forthwith.setup import suggestions
from forthwith.steps.watch import CANARY, round_trip
from forthwith.ui.gate import READERS, page_for
from forthwith.ui.times import length

SHOWN = timedelta(days=30)
LOST_SINCE = timedelta(hours=24)
MOST_GAPS = 200
MOST_LISTED = 20
MOST_COUNTED = 5_000
_LATEST_ITEMS = 2_000
_EXACT_BELOW_S = 10.0
_BY = {"machine": gettext_lazy("the program"), "people": gettext_lazy("people on duty")}


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without watch; `end` None while it lasts."""

    start: datetime
    end: datetime | None
    took: str


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How a channel's canary fares: when it is sent, how the last ones came home, and the gaps."""

    every: str
    within: str
    last: Canary | None
    away: str
    took: Sequence[str]
    gaps: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class Line:
    """A channel as the page shows it. `share` is the watched share of its time, empty where nobody can say."""

    key: str
    name: str
    by: str
    hours: str
    silence: str
    contact: datetime | None
    waiting_since: datetime | None
    last_mail: datetime | None
    share: str
    gaps: Sequence[Gap]
    canary: RoundTrip | None

    @property
    def broken(self) -> bool:
        """Whether it is not watched at this moment."""
        return any(gap.end is None for gap in (*self.gaps, *(self.canary.gaps if self.canary else ())))


@require_safe
@page_for(*READERS)
def health(request: HttpRequest) -> HttpResponse:
    """The channels and their watch, what is queued and lost, alarms that broke, items still to be read."""
    now = timezone.now()
    procedure = procedures.current_or_none()
    context = {
        "now": now,
        "lines": _lines(procedure, now) if procedure else [],
        "asides": Ticket.objects.filter(alarm_failed_at__isnull=False).order_by("alarm_failed_at")[:MOST_LISTED],
    }
    context |= suggestions.state(procedure)
    return render(request, "setup/health.html", context | _mailboxes() | _outbox(now) | _items())


def _lines(procedure: Procedure, now: datetime) -> list[Line]:
    begin = now - SHOWN
    installed = Revision.objects.order_by("pk").values_list("installed_at", flat=True).first()
    begin = max(begin, installed) if installed else begin
    watches = {watch.channel: watch for watch in Watch.objects.filter(channel__in=list(procedure.channels))}
    gaps: dict[str, list[CoverageGap]] = {}
    within = CoverageGap.objects.filter(Q(end__isnull=True) | Q(end__gt=now - SHOWN))
    for gap in within.order_by("-start")[:MOST_GAPS]:
        gaps.setdefault(gap.channel, []).append(gap)
    latest = RawItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = RawItem.objects.filter(pk__gt=latest - _LATEST_ITEMS).order_by().values_list("channel")
    mails = dict(recent.annotate(Max("received_at")))
    lines = []
    for key, channel in procedure.channels.items():
        watch, own = watches.get(key), gaps.get(key, [])
        calendar = procedure.calendar(channel.watch.calendar)
        line = Line(
            key=key,
            name=channel.name,
            by=str(_BY[channel.watch.by]),
            hours=_hours(channel.watch.calendar),
            silence=format_duration(channel.watch.silence),
            contact=watch.last_contact if watch and watch.heard else None,
            waiting_since=watch.last_contact if watch and not watch.heard else None,
            last_mail=mails.get(key),
            share=share_watched(calendar, own, begin, now) if watch else "",
            gaps=_shown(own, now),
            canary=_round_trip(key, procedure, gaps.get(round_trip(key), []), now),
        )
        lines.append(line)
    return lines


def _hours(calendar: str) -> str:
    return _("around the clock") if calendar == "always" else _("calendar %(name)s") % {"name": calendar}


def share_watched(calendar: Calendar, gaps: Sequence[CoverageGap], begin: datetime, now: datetime) -> str:
    """The share of the calendar's open time in [begin, now) without a gap, as `99.9 %`; rounded down, so that
    100 % has no gap. Empty when it was never open."""
    whole = calendar.between(begin, now) if begin < now else 0
    if not whole:
        return ""
    spans = [(max(gap.start, begin), min(gap.end or now, now)) for gap in gaps]
    missed = sum(calendar.between(start, end) for start, end in spans if start < end)
    share = math.floor(1000 * max(0, whole - missed) / whole) / 10
    return f"{number_format(share if share % 1 else int(share))} %"


def _shown(gaps: Sequence[CoverageGap], now: datetime) -> list[Gap]:
    return [Gap(gap.start, gap.end, length(((gap.end or now) - gap.start).total_seconds())) for gap in gaps]


def _round_trip(key: str, procedure: Procedure, gaps: Sequence[CoverageGap], now: datetime) -> RoundTrip | None:
    said = procedure.channels[key].canary
    if said is None:
        return None
    flown = list(Canary.objects.filter(channel=key).order_by("-pk")[:10])
    out = next((canary for canary in flown if canary.home_at is None), None)
    home = [_took((canary.home_at - canary.sent_at).total_seconds()) for canary in flown if canary.home_at]
    return RoundTrip(
        every=format_duration(said.every),
        within=format_duration(said.within),
        last=flown[0] if flown else None,
        away=length((now - out.sent_at).total_seconds()) if out else "",
        took=home,
        gaps=_shown(gaps, now),
    )


def _mailboxes() -> dict[str, Any]:
    """The mailboxes that somebody must see to: not reached, or with a sign-in that ends; and how many there are."""
    ends = Q(sign_in_told__gt=0) | ~Q(sign_in_refused="")
    unwell = Mailbox.objects.filter(Q(paused=False, failing_since__isnull=False) | ends).order_by("name")
    shown = unwell.only("name", "paused", "failing_since", "last_error", "sign_in_ends_at", "sign_in_refused")
    paused = Count("pk", filter=Q(paused=True))
    return {"unwell": list(shown[:MOST_LISTED]), "mailboxes": Mailbox.objects.aggregate(all=Count("pk"), paused=paused)}


def _took(seconds: float) -> str:
    return f"{number_format(max(0.0, seconds), 1)} s" if seconds < _EXACT_BELOW_S else length(seconds)


def _outbox(now: datetime) -> dict[str, Any]:
    """What waits to leave, and what failed in the last 24 hours with the relay's words."""
    waiting = Outgoing.objects.filter(state=Outgoing.QUEUED).order_by("next_at", "pk")
    queued = list(waiting.values_list("queued_at", flat=True)[:MOST_COUNTED])
    # A row that has failed keeps the instant at which it would have been tried again, soon after it failed.
    failed = Outgoing.objects.filter(state=Outgoing.FAILED, next_at__gte=now - LOST_SINCE).order_by("-next_at", "-pk")
    shown = failed.only("purpose", "address", "ticket_id", "error", "queued_at")[:MOST_LISTED]
    return {
        "queued": len(queued),
        "more_queued": len(queued) == MOST_COUNTED,
        "oldest": min(queued, default=None),
        "stuck": waiting.exclude(error="").values_list("error", flat=True).first(),
        "failed": list(shown),
        "failures": failed.count(),
        "canary": CANARY,
    }


def _items() -> dict[str, Any]:
    kept = RawItem.objects.filter(outcome=RawItem.KEPT).order_by("received_at", "pk")
    instants = list(kept.values_list("received_at", flat=True)[:MOST_COUNTED])
    unprocessed = RawItem.objects.filter(outcome=RawItem.UNPROCESSED)
    return {"kept": len(instants), "oldest_kept": instants[0] if instants else None, "unread": unprocessed.count()}
