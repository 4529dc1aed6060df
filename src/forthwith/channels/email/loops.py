"""The loop breaker: two machines that answer each other show it by nothing but their rate (SOP 2.2).

It stands behind everything that tells a machine by its words, for those that say nothing. What it counts are the
mails of one address to one of the desk's; the rates are the procedure's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from forthwith.procedure.loops import Loops, Rate
from forthwith.procedure.moments import format_duration
from forthwith.procedure.said import say
from forthwith.record import traffic
from forthwith.record.models import RawItem

_MOST_READ = 2_000


@dataclass(frozen=True, slots=True)
class Loop:
    """Mails come above a rate: `why` in a sentence. `ignored`: above the higher one; `new`: nobody knows yet."""

    why: str
    ignored: bool
    new: bool


def loop_of(item: RawItem, rates: Loops, now: datetime) -> Loop | None:
    """The loop that a mail is part of, if it is one; imported mails are part of none."""
    if item.silent or not item.author:
        return None
    longest = max(rates.quiet.within, rates.ignored.within)
    most = min(_MOST_READ, 5 * max(rates.quiet.most, rates.ignored.most))
    written = traffic.latest(item.author, now - timedelta(seconds=longest), most)
    if len(written) < min(rates.quiet.most, rates.ignored.most):
        return None
    here = _sides(item)
    pair = [one for one in written if one.pk != item.pk and _sides(one) & here]
    new = not any(one.reason.startswith(traffic.LOOP) for one in pair)
    if _above(pair, rates.ignored, now):
        return Loop(_why(item, rates.ignored, requests=False), True, new)
    if _above((one for one in pair if one.outcome == RawItem.TICKET), rates.quiet, now):
        return Loop(_why(item, rates.quiet, requests=True), False, new)
    return None


def _above(items: Iterable[RawItem], rate: Rate, now: datetime) -> bool:
    """Whether one more is more than the rate allows."""
    since = now - timedelta(seconds=rate.within)
    return sum(one.received_at > since for one in items) >= rate.most


def _why(item: RawItem, rate: Rate, *, requests: bool) -> str:
    to = ", ".join(sorted(_sides(item)))[:300]
    said = {"address": item.author, "most": rate.most, "to": to, "within": format_duration(rate.within)}
    # Both begin with `traffic.LOOP`, by which they are found again.
    if requests:
        return say("loop: %(address)s has sent more than %(most)s new requests to %(to)s within %(within)s", **said)
    return say("loop: %(address)s has sent more than %(most)s mails to %(to)s within %(within)s", **said)


def _sides(item: RawItem) -> set[str]:
    """The desk's addresses that a mail was sent to, without their tags; the channel where nobody knows."""
    split = (one.lower().rpartition("@") for one in item.recipients)
    return {f"{local.partition('+')[0]}@{domain}" for local, _, domain in split} or {item.channel}
