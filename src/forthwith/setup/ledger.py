"""The ledger: every item that arrived and what became of it (SOP 1.2), for who leads, administers or audits the desk.

What could not be understood is read as its source, and made into a ticket or dismissed by who leads or administers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from forthwith.people.permits import Actor
from forthwith.record import raw
from forthwith.record.models import RawItem
from forthwith.record.stored import recorded
from forthwith.setup.forms import DismissForm, MendForm
from forthwith.setup.source import guessed, shown
from forthwith.steps import ledger as decisions
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import refusal

PAGE = 50
COUNTED_SINCE = timedelta(days=7)
MOST_COUNTED = 20_000
"""How many of the latest items are counted by outcome; with more in a week, the count begins later."""

_LARGEST = 2**63 - 1
_NOTHING = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_SAYS = {
    RawItem.TICKET: gettext_lazy("New ticket"),
    RawItem.REPLY: gettext_lazy("Added to a ticket"),
    RawItem.IGNORED: gettext_lazy("Left aside"),
    RawItem.UNPROCESSED: gettext_lazy("Unprocessed"),
    RawItem.DISMISSED: gettext_lazy("Dismissed"),
    RawItem.KEPT: gettext_lazy("Still to be read"),
}
_ROW = (
    *("received_at", "channel", "sender", "author", "size", "outcome", "reason", "ticket_id", "repeats"),
    *("decided_at", "decision", "decided_by__name", "decided_by__email"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """An item as the ledger shows it: what became of it in words, and what somebody decided."""

    item: RawItem
    says: str
    decision: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome to narrow the ledger to, with how many there were; `key` is empty for all of them."""

    key: str
    says: str
    count: int
    chosen: bool


@require_safe
@page_for(*READERS)
def ledger(request: HttpRequest) -> HttpResponse:
    """Every item or those of one outcome, newest first, and the week's counts by outcome."""
    now = timezone.now()
    chosen = request.GET.get("outcome", "")
    chosen = chosen if chosen in _SAYS else ""
    after = _read_key(request.GET.get("at", ""), request.GET.get("after", ""))
    rows = list(_page(chosen, after)[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    says = {key: str(words) for key, words in _SAYS.items()}
    more = {"outcome": chosen, "at": last.received_at.isoformat(), "after": last.pk} if last else {}
    context = {
        "now": now,
        "rows": [Line(item, says[item.outcome], _decision(item)) for item in rows[:PAGE]],
        "chosen": chosen,
        "after": after,
        "more": urlencode(more),
    }
    return render(request, "setup/ledger.html", context | _counts(now, chosen))


@require_safe
def unprocessed(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Where the ledger's unprocessed items were before there was a ledger."""
    if number is not None:
        return redirect("raw_source", number, permanent=True)
    response = redirect("ledger", permanent=True)
    response["Location"] += f"?outcome={RawItem.UNPROCESSED}"
    return response


@require_safe
@page_for(*READERS)
def item(request: HttpRequest, number: int) -> HttpResponse:
    """One item: what is known of it, its source, and what can be done about it."""
    found = _found(number)
    said = guessed(raw.whole(found))
    first = {"address": found.author or found.sender.strip("<>"), "subject": said.subject, "text": said.text}
    return _item(request, found, MendForm(initial=first), DismissForm())


@require_POST
@page_for(*READERS)
def mend(request: HttpRequest, number: int) -> HttpResponse:
    """Make a ticket of an item that could not be understood."""
    form = MendForm(request.POST)
    if not form.is_valid():
        return _item(request, _found(number), form, DismissForm())

    def act(by: Actor, now: datetime) -> str:
        ticket = decisions.mend(number, form.mended(), by=by, now=now)
        said = _("Item %(number)s is ticket #%(ticket)s now, and its requester is told so.")
        return said % {"number": number, "ticket": ticket}

    return _decided(request, number, act, form, DismissForm())


@require_POST
@page_for(*READERS)
def dismiss(request: HttpRequest, number: int) -> HttpResponse:
    """Say that nothing has to be done about an item."""
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _item(request, _found(number), MendForm(), form)

    def act(by: Actor, now: datetime) -> str:
        decisions.dismiss(number, by=by, now=now, reason=form.cleaned_data["reason"])
        return _("Item %(number)s was dismissed.") % {"number": number}

    return _decided(request, number, act, MendForm(), form)


@require_safe
@page_for(*READERS)
def source(request: HttpRequest, number: int) -> HttpResponse:
    """An item as it came, as a download that a browser runs nothing of."""
    found = _found(number)
    response = HttpResponse(raw.whole(found), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="item-{found.pk}.txt"'
    response["Content-Security-Policy"] = _NOTHING
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _decided(
    request: HttpRequest,
    number: int,
    act: Callable[[Actor, datetime], str],
    mending: MendForm,
    dismissing: DismissForm,
) -> HttpResponse:
    tried = mending if mending.is_bound else dismissing
    found = _found(number)
    try:
        messages.success(request, act(Actor.of(person_of(request)), timezone.now()))
    except decisions.NotAllowed as wrong:
        tried.add_error(None, refusal(wrong))
        return _item(request, found, mending, dismissing, status=403)
    except decisions.Conflict as late:
        messages.error(request, refusal(late))
    except decisions.Refused as wrong:
        tried.add_error(None, refusal(wrong))
        return _item(request, found, mending, dismissing)
    return redirect("ledger_item", number)


def _item(
    request: HttpRequest, found: RawItem, mending: MendForm, dismissing: DismissForm, status: int = 0
) -> HttpResponse:
    may = person_of(request).role in decisions.DECIDERS and found.outcome == RawItem.UNPROCESSED
    text, whole = shown(raw.whole(found))
    context = {
        "now": timezone.now(),
        "item": found,
        "says": _SAYS[found.outcome],
        "decision": _decision(found),
        "source": text,
        "whole": whole,
        "mending": mending if may else None,
        "dismissing": dismissing if may else None,
        "wrong": [*mending.non_field_errors(), *dismissing.non_field_errors()],
    }
    wrong = mending.errors or dismissing.errors
    return render(request, "setup/ledger_item.html", context, status=status or (422 if wrong else 200))


def _decision(item: RawItem) -> str:
    """What was decided: by the desk in its own words, or the reason that somebody typed on dismissing it."""
    return item.decision if item.outcome == RawItem.DISMISSED else recorded(item.decision)


def _found(number: int) -> RawItem:
    """An item whose source may be read here. What became a ticket by itself is read there, as whom it is for."""
    by_itself = Q(outcome__in=(RawItem.TICKET, RawItem.REPLY), decided_at__isnull=True)
    readable = RawItem.objects.filter(~by_itself, pk=min(number, _LARGEST)).select_related("decided_by")
    found = readable.first()
    if found is None:
        raise Http404("no such item")
    return found


def _page(outcome: str, after: tuple[datetime, int] | None) -> QuerySet[RawItem]:
    found = RawItem.objects.select_related("decided_by").only(*_ROW)
    if not outcome:
        # They are numbered as they come, so that the whole ledger needs no index of its own.
        return found.filter(pk__lt=after[1] if after else _LARGEST).order_by("-pk")
    found = found.filter(outcome=outcome)
    if after:
        at, number = after
        # The last condition lets the index begin there.
        found = found.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=number), received_at__lte=at)
    return found.order_by("-received_at", "-pk")


def _counts(now: datetime, chosen: str) -> dict[str, Any]:
    """How many of the week's items had which outcome; `since` is later than a week ago where there are too many."""
    latest = RawItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    before = RawItem.objects.filter(pk__lte=latest - MOST_COUNTED).order_by("-pk").values_list("received_at", flat=True)
    cut = before.first() if latest > MOST_COUNTED else None
    since = max(now - COUNTED_SINCE, cut) if cut else now - COUNTED_SINCE
    # Every outcome by name: each is a stretch of the index, which holds all that is asked for.
    counted = RawItem.objects.filter(outcome__in=list(_SAYS), received_at__gt=since).order_by()
    found = {
        outcome: (count, repeats)
        for outcome, count, repeats in counted.values_list("outcome").annotate(Count("pk"), Sum("repeats"))
    }
    total = sum(count for count, _ in found.values())
    outcomes = [Choice(key, str(says), found.get(key, (0, 0))[0], key == chosen) for key, says in _SAYS.items()]
    return {
        "choices": [Choice("", _("All"), total, not chosen), *outcomes],
        "total": total,
        "repeats": sum(repeats for _, repeats in found.values()),
        "since": cut if cut and cut > now - COUNTED_SINCE else None,
    }


def _read_key(instant: str, number: str) -> tuple[datetime, int] | None:
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        return datetime.fromisoformat(instant).astimezone(UTC), int(number)
    except (ValueError, OverflowError):
        return None
