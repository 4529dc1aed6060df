"""What linking, merging and splitting add to a case (SOP 6.1). `case.fold` takes these steps like all others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from forthwith.procedure import facts as f
from forthwith.procedure.case_state import Awaited, Case, Joined, Link, Part, Wait
from forthwith.procedure.lifecycle import MERGED, UNRESOLVED

UNMERGED, SPLIT_OFF = "unmerged", "split off"


def answered(case: Case, at: datetime, cause: str = "") -> None:
    """No requester waits for an answer any more; `cause` says what ended it if no answer did."""
    case.unanswered = ()
    case.replies_awaited = tuple(_over(one, at, cause) for one in case.replies_awaited)


def awaits_own(case: Case) -> bool:
    """Whether the wait for an answer to one of the ticket's own messages goes on."""
    return any(one.end is None and one.ticket is None for one in case.replies_awaited)


def unanswered_since(case: Case) -> datetime | None:
    """When the oldest message was written that nobody has answered; None when none waits, or the work is over."""
    if case.status not in UNRESOLVED:
        return None
    starts = [one.start for one in case.replies_awaited if one.end is None]
    if case.from_person and case.first_response_at is None and case.opened_at is not None:
        starts.append(case.opened_at)
    return min(starts, default=None)


def said_here(case: Case, kind: str, one: object) -> None:
    """Somebody said of this ticket itself who or what belongs to it: no merge has to do with that any more.

    `kind` is the field of `Joined` in which merged tickets brought the same.
    """
    case.joined = tuple(
        Joined(**{**joined._asdict(), kind: tuple(other for other in getattr(joined, kind) if other != one)})
        for joined in case.joined
    )


def _over(awaited: Awaited, at: datetime, cause: str = "") -> Awaited:
    if awaited.end is not None:
        return awaited
    return awaited._replace(end=max(at, awaited.came_at or awaited.start), cause=cause or awaited.cause)


def _linked(case: Case, fact: f.Linked) -> None:
    link = Link(fact.ticket, fact.relation)
    if link not in case.links:
        case.links = (*case.links, link)


def _unlinked(case: Case, fact: f.Unlinked) -> None:
    case.links = tuple(link for link in case.links if link != (fact.ticket, fact.relation))


def _merged_into(case: Case, fact: f.MergedInto) -> None:
    """Everything stays as it stands, so that it can go on from there."""
    case.merged_into = fact.ticket
    case.apart = (*case.apart, Wait(fact.at, None, MERGED))


def _unmerged(case: Case, fact: f.Unmerged) -> None:
    case.merged_into = None
    *before, last = case.apart
    case.apart = (*before, last._replace(end=max(fact.at, last.start)))


def _merged_from(case: Case, fact: f.MergedFrom) -> None:
    read = tuple(one for one in fact.participants if one not in case.own_participants)
    follow = tuple(one for one in fact.followers if one not in case.own_followers)
    case.participants = tuple(dict.fromkeys((*case.participants, *read)))
    case.followers = tuple(dict.fromkeys((*case.followers, *follow)))
    case.joined = (*case.joined, Joined(fact.ticket, fact.came_along, read, follow, fact.tags))
    if fact.unanswered_since is not None:
        start = min(fact.unanswered_since, fact.at)
        case.replies_awaited = (*case.replies_awaited, Awaited(start, ticket=fact.ticket, came_at=fact.at))


def _merge_undone(case: Case, fact: f.MergeUndone) -> None:
    rest = tuple(one for one in case.joined if one.ticket != fact.ticket)
    stay = {*case.own_participants, *(address for one in rest for address in one.participants)}
    case.participants = tuple(address for address in case.participants if address in stay)
    follow = {*case.own_followers, *(person for one in rest for person in one.followers)}
    case.followers = tuple(person for person in case.followers if person in follow)
    case.joined = rest
    case.replies_awaited = tuple(
        _over(one, fact.at, UNMERGED) if one.ticket == fact.ticket else one for one in case.replies_awaited
    )


def _split_off(case: Case, fact: f.SplitOff) -> None:
    """What was split off waits for its answer there; what is left of it here, from when it was written."""
    case.parts = (*case.parts, Part(fact.ticket, fact.messages))
    first, left = case.unanswered[:1], tuple(one for one in case.unanswered if one.message not in fact.messages)
    case.unanswered = left
    if first == left[:1] or not awaits_own(case):
        return
    case.replies_awaited = tuple(
        one if one.ticket is not None else _over(one, fact.at, SPLIT_OFF) for one in case.replies_awaited
    )
    if left:
        case.replies_awaited = (*case.replies_awaited, Awaited(left[0].at, came_at=fact.at))


def _split_from(case: Case, fact: f.SplitFrom) -> None:
    case.split_from = fact.ticket
    case.split_at = fact.at
    case.counted_anew = frozenset(fact.counted_anew)


STEPS: dict[type[f.Fact], Callable[[Case, Any], None]] = {
    f.Linked: _linked,
    f.Unlinked: _unlinked,
    f.MergedInto: _merged_into,
    f.Unmerged: _unmerged,
    f.MergedFrom: _merged_from,
    f.MergeUndone: _merge_undone,
    f.SplitOff: _split_off,
    f.SplitFrom: _split_from,
}
