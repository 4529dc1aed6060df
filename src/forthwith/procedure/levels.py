"""Service levels: other targets for some tickets, by who asks, in what and by which way in (SOP 3.2).

The first that fits, in the document's order, counts; where none does, a ticket has the targets of its priority.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from forthwith.procedure.part import CategoryPath, Key, Part, below
from forthwith.procedure.said import Said, say
from forthwith.procedure.targets import Places, Target, exempt

if TYPE_CHECKING:
    from forthwith.procedure.case_state import Case
    from forthwith.procedure.model import Procedure


class LevelTargets(Part):
    """What a level asks for one priority; what it leaves out is as the priority has it."""

    first_response: Target | None = None
    work: Target | None = None
    next_reply: Target | None = None
    next_update: Target | None = None
    resolution: Target | None = None


class ServiceLevel(Part):
    """Targets for the tickets that all of what is given here fits, each list by any one of it.

    `organisations` are names as the directory has them, `contracts` what an organisation's entry there says. `calendar`
    is that in which the priorities' own lengths are counted for these tickets.
    """

    name: str
    organisations: tuple[str, ...] = ()
    contracts: tuple[Key, ...] = ()
    vip: bool = False
    categories: tuple[CategoryPath, ...] = ()
    channels: tuple[Key, ...] = ()
    calendar: Key | None = None
    targets: dict[Key, LevelTargets] = {}

    def fits(self, case: Case, category: str | None) -> bool:
        """Whether a ticket is of this level as long as it is of a category."""
        asks = case.asks
        return (
            (not self.organisations or asks.organisation.casefold() in map(str.casefold, self.organisations))
            and (not self.contracts or asks.contract in self.contracts)
            and (not self.vip or asks.vip)
            and (not self.channels or case.channel in self.channels)
            and (not self.categories or below(category, self.categories))
        )

    def target(self, clock: str, priority: str, usual: Target | None) -> Target | None:
        """What it asks of a clock, where the priority itself asks `usual`."""
        own: Target | None = getattr(self.targets.get(priority), clock, None)
        if own is not None or usual is None or self.calendar is None:
            return own or usual
        return usual.model_copy(update={"calendar": self.calendar})

    def sets(self, clock: str, priority: str) -> bool:
        """Whether it has a target of its own for a clock of a priority."""
        return getattr(self.targets.get(priority), clock, None) is not None

    def why(self, case: Case) -> list[Said]:
        """What of a ticket makes it of this level."""
        asks = case.asks
        found = {
            say("organisation %(name)s", name=asks.organisation): self.organisations,
            say("contract %(name)s", name=asks.contract): self.contracts,
            say("VIP"): self.vip,
            say("its channel"): self.channels,
            say("its category"): self.categories,
        }
        return [said for said, asked in found.items() if asked]


def contracts_of(procedure: Procedure | None) -> list[str]:
    """Every contract that a service level asks for."""
    levels = procedure.service_levels.values() if procedure else ()
    return sorted({contract for level in levels for contract in level.contracts})


def levels_for(organisation: str, contract: str, procedure: Procedure | None) -> dict[str, str]:
    """Names, by their keys, of the service levels that ask for this organisation or its contract."""
    levels = procedure.service_levels.items() if procedure else ()
    called = organisation.casefold()
    return {
        key: one.name
        for key, one in levels
        if (contract and contract in one.contracts) or called in map(str.casefold, one.organisations)
    }


def level_of(case: Case, procedure: Procedure) -> str:
    """The key of the level of a ticket; empty where none fits."""
    return _fitting(case, case.category, procedure)


def _fitting(case: Case, category: str | None, procedure: Procedure) -> str:
    return next((key for key, level in procedure.service_levels.items() if level.fits(case, category)), "")


class Asked(NamedTuple):
    """What is asked of a clock from an instant on: the rank of the ticket's priority, 0 the highest, and the target.

    `under` is the procedure that asks it, and `places` where its document says so.
    """

    at: datetime
    rank: int
    target: Target | None
    under: Procedure
    places: Places


def asked_of(clock: str, case: Case, procedure: Procedure) -> Iterator[Asked]:
    """What a clock was asked, one after the other, as the ticket's priority and, with levels, its category changed.

    One that was moved was asked by each of its procedures for as long as it was under that.
    """
    since: datetime | None = None
    for until, own in procedure.earlier:
        yield from _from(since, _no_more_exempt(clock, case, own, until))
        since = until
    yield from _from(since, _asked_under(clock, case, procedure))


def _no_more_exempt(clock: str, case: Case, own: Procedure, until: datetime) -> Iterator[Asked]:
    """What an earlier procedure asked until an instant: nothing of a ticket to which its target did not apply."""
    spared = exempt(case, case.category, clock, own)
    for asked in _asked_under(clock, case, own):
        if asked.at < until:
            yield asked._replace(target=None) if spared else asked


def _from(since: datetime | None, asked: Iterator[Asked]) -> Iterator[Asked]:
    """The same from an instant on: what was asked last before then is asked from then."""
    if since is None:
        yield from asked
        return
    last: Asked | None = None
    for one in asked:
        if one.at <= since:
            last = one
            continue
        if last is not None:
            yield last._replace(at=since)
            last = None
        yield one
    if last is not None:
        yield last._replace(at=since)


def _asked_under(clock: str, case: Case, procedure: Procedure) -> Iterator[Asked]:
    if clock == "acknowledgement" and case.opened_at is not None:
        yield Asked(case.opened_at, 0, procedure.acknowledgement, procedure, (("acknowledgement",),))
        return
    if not procedure.service_levels:
        for ranked in case.priorities:
            if ranked.priority in procedure.priorities:
                target, places = procedure.target(clock, ranked.priority), (("priorities", ranked.priority, clock),)
                yield Asked(ranked.at, procedure.ranks[ranked.priority], target, procedure, places)
        return
    before: tuple[int, Target | None, Places] | None = None
    for standing in case.standings:
        if standing.priority not in procedure.priorities:
            continue
        level = _fitting(case, standing.category, procedure)
        rank, target = procedure.ranks[standing.priority], procedure.target(clock, standing.priority, level)
        asked = rank, target, places_of(clock, standing.priority, level, procedure)
        if asked != before:
            yield Asked(standing.at, rank, target, procedure, asked[-1])
            before = asked


def places_of(clock: str, priority: str, level: str, procedure: Procedure) -> Places:
    """Where the document says a clock's target: in the service level, or in the priority and, where the level counts it
    in a calendar of its own, there too.
    """
    found = procedure.service_levels.get(level)
    if found and found.sets(clock, priority):
        return (("service_levels", level, "targets", priority, clock),)
    usual = ("priorities", priority, clock)
    return (usual, ("service_levels", level, "calendar")) if found and found.calendar else (usual,)
