"""What arrived and could not be understood (SOP 1.2), for who leads, administers or audits the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from forthwith.procedure.lifecycle import ADMINISTRATOR, AUDITOR, LEADER
from forthwith.record.models import RawItem
from forthwith.setup.gate import page_for

READERS = (LEADER, ADMINISTRATOR, AUDITOR)
PAGE = 50
COUNTED_SINCE = timedelta(days=7)
MOST_COUNTED = 2_000
"""How many of the latest items are counted by outcome: to know one, the database reads past its whole body."""

_LARGEST = 2**63 - 1
_NOTHING = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_SAYS = {
    RawItem.TICKET: "as a new ticket",
    RawItem.REPLY: "as a message on a ticket",
    RawItem.IGNORED: "left aside by rule",
    RawItem.UNPROCESSED: "not understood",
    RawItem.KEPT: "still to be read",
}


@require_safe
@page_for(*READERS)
def unprocessed(request: HttpRequest) -> HttpResponse:
    """The items that could not be understood, newest first, and the week's counts by outcome."""
    now = timezone.now()
    after = _read_key(request.GET.get("at", ""), request.GET.get("after", ""))
    rows = list(_page(after)[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "now": now,
        "rows": rows[:PAGE],
        "after": after,
        "more": urlencode({"at": last.received_at.isoformat(), "after": last.pk}) if last else "",
    }
    return render(request, "setup/unprocessed.html", context | _counts(now))


@require_safe
@page_for(*READERS)
def source(request: HttpRequest, number: int) -> HttpResponse:
    """An item as it came, as a download that a browser runs nothing of."""
    found = RawItem.objects.filter(pk=min(number, _LARGEST), outcome=RawItem.UNPROCESSED).only("body").first()
    if found is None:
        raise Http404("no such item")
    response = HttpResponse(bytes(found.body), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="item-{found.pk}.txt"'
    response["Content-Security-Policy"] = _NOTHING
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _page(after: tuple[datetime, int] | None) -> QuerySet[RawItem]:
    found = RawItem.objects.filter(outcome=RawItem.UNPROCESSED)
    if after:
        at, number = after
        # The last condition lets the index begin there.
        found = found.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=number), received_at__lte=at)
    shown = ("received_at", "channel", "sender", "author", "size", "reason")
    return found.only(*shown).order_by("-received_at", "-pk")


def _counts(now: datetime) -> dict[str, Any]:
    """How many of the week's items had which outcome; `since` is later than a week ago where there are too many."""
    latest = RawItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    counted = RawItem.objects.filter(pk__gt=latest - MOST_COUNTED, received_at__gt=now - COUNTED_SINCE)
    count = dict(counted.order_by().values_list("outcome").annotate(Count("pk")))
    before = RawItem.objects.filter(pk__lte=latest - MOST_COUNTED).order_by("-pk").values_list("received_at", flat=True)
    cut = before.first() if latest > MOST_COUNTED else None
    return {
        "counts": [(says, count.get(outcome, 0)) for outcome, says in _SAYS.items()],
        "total": sum(count.values()),
        "since": cut if cut and cut > now - COUNTED_SINCE else None,
    }


def _read_key(instant: str, number: str) -> tuple[datetime, int] | None:
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        return datetime.fromisoformat(instant).astimezone(UTC), int(number)
    except (ValueError, OverflowError):
        return None
