"""Random legal histories of a ticket, worked by two workers: one always in time, one that comes when it comes.

Whatever happens, a ticket is the fold of its facts, its clocks add up, its alarm lies ahead once it is at rest, and
what was met, breached and escalated does not depend on when a worker ran (SOP 5.1).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from forthwith.procedure import facts as f
from forthwith.procedure import lifecycle as lc
from forthwith.procedure.case import Case, advance, fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import judge
from forthwith.procedure.knowledge_facts import HELPED
from forthwith.procedure.matrix import closes_at, due, next_alarm, unanswered_at, wakes_at
from forthwith.procedure.model import Procedure
from tests.procedure.tickets import AGENT, FIELDS, LEADER, REQUESTER, STANDARD, acted_on, variant

ACTORS = {lc.SYSTEM: None, lc.REQUESTER: REQUESTER, lc.AGENT: AGENT, lc.LEADER: LEADER, lc.AUDITOR: 9}
# What begins a ticket, and what the system does only as the worker.
NOT_DRAWN = (f.Received, f.SplitFrom)
WORKERS_OWN = (f.Escalated, f.Assigned)
MOVING: list[type[f.Fact]] = [
    *(f.Prioritised, f.Replied, f.RequesterWrote, f.WaitingOnRequester, f.PutOnHold, f.Resumed),
    *(f.Resolved, f.Reopened, f.Closed, f.Assigned, f.Categorised),
]
TALKING: list[type[f.Fact]] = [f.Replied, f.RequesterWrote, f.Prioritised, f.Reopened]
DESCRIBING: list[type[f.Fact]] = [
    *(f.Tagged, f.Untagged, f.FieldSet, f.TimeSpent, f.MergedFrom, f.MergeUndone),
    *(f.ArticleUsed, f.ArticleWritten),
]
READING: list[type[f.Fact]] = [
    *(f.Followed, f.Unfollowed, f.ParticipantAdded, f.ParticipantRemoved, f.MergedFrom, f.MergeUndone),
]
TAGS = ["erp", "vpn", "wi-fi"]
IN_COPY = ["c@d.example", "e@f.example"]
JOINING: list[type[f.Fact]] = [
    *(f.MergedInto, f.Unmerged, f.MergedFrom, f.MergeUndone, f.SplitOff, f.Linked, f.Unlinked, f.RequesterWrote),
]
STEPS = [1, 61, 307, 1019, 1811, 3541, 7411, 25_261, 46_817, 93_701, 219_613, 433_003]
STARTS = [
    datetime(2026, 3, 27, 15, 20, tzinfo=UTC),
    datetime(2026, 10, 23, 13, 50, tzinfo=UTC),
    datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
]
BERLIN = {"business": {"timezone": "Europe/Berlin"}}


def _one_calendar(name: str) -> dict[str, Any]:
    names = ("first_response", "next_reply", "next_update", "resolution")
    return {key: {clock: {"calendar": name} for clock in names} for key in STANDARD.priorities}


def _ladder(*, without: str = "") -> list[dict[str, Any]]:
    """The standard's rungs, less those with a field if it is named, and some for a few tickets only."""
    rungs = [rung.model_dump(mode="json", exclude_defaults=True) for rung in STANDARD.escalation]
    more = [
        {"key": "critical_soon", "clock": "resolution", "at": "30%", "priorities": ["critical", "high"]},
        {"key": "network_soon", "clock": "next_update", "at": "due - 20 min", "categories": ["network"]},
        {"key": "after_start", "clock": "next_reply", "at": "start + 5 min", "priorities": ["high", "low"]},
        {"key": "identity_soon", "clock": "resolution", "at": "60%", "teams": ["identity"]},
    ]
    common = {"kind": "hierarchical", "tell": ["team_leader"]}
    return [rung for rung in rungs if without not in rung] + [{**common, **rung} for rung in more]


def procedures() -> list[Procedure]:
    """Berlin's business hours, round the clock, and the standard with both."""
    berlin = variant(calendars=BERLIN, priorities=_one_calendar("business"), escalation=_ladder(without="move_to"))
    always = variant(priorities=_one_calendar("always"), escalation=_ladder(without="only_if"))
    pausing = {"waiting_on_requester": ["first_response", "next_update", "resolution"], "on_hold": ["next_reply"]}
    both = {"priorities": _one_calendar("business"), "escalation": _ladder()}
    return [berlin, always, variant(calendars=BERLIN, pauses=pausing, **both), _with_everything()]


def _with_everything() -> Procedure:
    """Reminders, fixed times after receipt, times of day, exemptions, a start of work, and an end of waiting."""
    by = {"target": None, "by": {"cut_off": "13:00", "same_day": "16:30", "next_day": "09:00"}, "calendar": "business"}
    work = {"target": "3 h", "calendar": "business"}
    common = {"kind": "hierarchical", "tell": ["team_leader"]}
    rungs = [
        {"key": "again_and_again", "clock": "resolution", "at": "start + 4 h", "every": "8 h"},
        {"key": "nobody_takes_it", "clock": "first_response", "at": "50%", "every": "16 h", "only_if": "unassigned"},
        {"key": "a_day_old", "clock": "age", "at": "start + 1 d", "calendar": "always"},
        {"key": "old", "clock": "age", "at": "start + 30 min", "calendar": "business", "every": "16 h"},
        {"key": "work_soon", "clock": "work", "at": "80%", "priorities": ["high", "medium"]},
    ]
    return variant(
        calendars=BERLIN,
        # All set the same clocks: one that a priority does not have is forgotten with all that it asked for.
        priorities={
            **{key: {"work": work} for key in STANDARD.priorities},
            "high": {"first_response": by, "work": work},
            "medium": {"next_reply": by, "work": work},
        },
        exemptions=[
            {"why": "Planned.", "categories": ["network"], "clocks": ["resolution", "next_update"]},
            {"why": "At night.", "received_outside": "business", "clocks": ["work"]},
        ],
        escalation=[*_ladder(without="move_to"), *({**common, **rung} for rung in rungs)],
        closing={"unanswered": {"after": {"target": "30 h", "calendar": "business"}, "cause": "c", "solution": "s"}},
    )


class Desk:
    """One ticket with its worker, as the door keeps it: each fact is permitted, then taken in."""

    def __init__(self, procedure: Procedure, first: f.Fact) -> None:
        self.procedure = procedure
        self.facts: list[f.Fact] = []
        self.case = Case()
        self.log(first, lc.SYSTEM)

    def log(self, fact: f.Fact, role: str) -> None:
        lc.permit(type(fact), self.case.status or None, role)
        self.case = advance(self.case, fact)
        self.facts.append(fact)

    def settle(self, now: datetime) -> None:
        for _ in range(500):
            steps = due(self.case, self.procedure, now)
            wake, close = wakes_at(self.case), closes_at(self.case, self.procedure)
            unanswered = unanswered_at(self.case, self.procedure)
            if unanswered is not None and unanswered <= (steps[0].at if steps else now):
                self.log(f.Resolved(at=unanswered, cause="c", solution="s", category="other"), lc.SYSTEM)
                self.log(f.Closed(at=unanswered, why="nothing was heard"), lc.SYSTEM)
            elif steps:
                escalated = acted_on(steps[0], self.case, self.procedure)
                self.log(escalated, lc.SYSTEM)
                if escalated.to_team:
                    # As the desk does: it looks for an agent in the new team, and finds one.
                    self.log(f.Assigned(at=now, team=escalated.to_team, assignee=LEADER), lc.SYSTEM)
            elif wake is not None and wake <= now:
                self.log(f.Resumed(at=wake), lc.SYSTEM)
            elif close is not None and close <= now:
                self.log(f.Closed(at=close, why="nothing was heard"), lc.SYSTEM)
            else:
                return
        raise AssertionError("the ticket does not come to rest")

    def work_until(self, now: datetime) -> None:
        """As a worker that is never late does: at each alarm, act."""
        while (alarm := next_alarm(self.case, self.procedure)) is not None and alarm <= now:
            self.settle(alarm)

    def clocks(self) -> tuple[Clock, ...]:
        return clocks(self.case, self.procedure)

    def rungs(self) -> list[tuple[str, int, datetime]]:
        return sorted((e.rung, e.cycle, e.at) for e in self._escalated())

    def moves(self) -> set[tuple[datetime, str, str]]:
        """The moves that the matrix made, and when they fell due."""
        return {(e.at, e.rung, e.to_team) for e in self._escalated() if e.to_team and not e.moot}

    def _escalated(self) -> list[f.Escalated]:
        return [fact for fact in self.facts if isinstance(fact, f.Escalated) and fact.rung]


def _told_anew(facts: list[f.Fact], put: type[f.Fact], taken: type[f.Fact], one: str, brought: str) -> set[object]:
    """Told the other way round: each is there if it was put on, or brought, after it was last taken off."""
    there: set[object] = set()
    undone: set[int] = set()
    off: set[object] = set()
    for fact in reversed(facts):
        if isinstance(fact, f.MergeUndone):
            undone.add(fact.ticket)
        elif isinstance(fact, f.MergedFrom) and fact.ticket not in undone:
            there |= set(getattr(fact, brought)) - off
        elif isinstance(fact, taken):
            off.add(getattr(fact, one))
        elif isinstance(fact, put):
            there |= {getattr(fact, one)} - off
    return there


class Histories(RuleBasedStateMachine):
    """`eager` and `lazy` live through the same; only when their workers run differs."""

    procedures = procedures()

    @initialize(
        start=st.sampled_from(STARTS),
        which=st.integers(0, 3),
        person=st.sampled_from([True, True, True, False]),
        priority=st.sampled_from([*STANDARD.priorities, None]),
        written_before=st.sampled_from([None, None, *STEPS]),
    )
    def receive(
        self, start: datetime, which: int, person: bool, priority: str | None, written_before: int | None
    ) -> None:
        self.now, self.moved, self.promises = start, 0, 0
        received_at = start - timedelta(seconds=written_before or 0)
        first = f.Received(at=received_at, **{**FIELDS[f.Received], "from_person": person})
        self.eager, self.lazy = (Desk(self.procedures[which], first) for _ in range(2))
        if priority:
            for desk in (self.eager, self.lazy):
                desk.log(f.Prioritised(at=start, priority=priority, impact="one", urgency="whenever"), lc.SYSTEM)
        if written_before is not None:
            self._split_from_another()

    def _split_from_another(self) -> None:
        late = tuple(clock.name for clock in self.eager.clocks() if clock.due_at and clock.due_at <= self.now)
        for desk in (self.eager, self.lazy):
            desk.log(f.SplitFrom(at=self.now, by=AGENT, **{**FIELDS[f.SplitFrom], "counted_anew": late}), lc.AGENT)
        for clock in self.eager.clocks():
            assert clock.due_at is None or clock.due_at > self.now, clock
        assert all(step.at >= self.now for step in due(self.eager.case, self.eager.procedure, self.now))
        self.eager.settle(self.now)

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: int) -> None:
        # Odd parts of a second, so that nothing falls on the very instant of an act: the examples have that.
        self.moved += 1
        self.now += timedelta(seconds=seconds, microseconds=self.moved * self.moved * 7919 % 999_983)
        self.eager.work_until(self.now)
        alarm = next_alarm(self.eager.case, self.eager.procedure)
        assert alarm is None or alarm > self.now

    @rule(seconds=st.sampled_from(STEPS), data=st.data())
    def somebody_does_anything(self, seconds: int, data: st.DataObject) -> None:
        self.time_passes(seconds)
        self._acts([*f.KINDS.values()], data)

    @rule(seconds=st.sampled_from(STEPS), data=st.data())
    def somebody_does_what_moves_clocks(self, seconds: int, data: st.DataObject) -> None:
        self.time_passes(seconds)
        self._acts(MOVING, data)

    @rule(seconds=st.sampled_from(STEPS[:6]), data=st.data())
    def somebody_says_something(self, seconds: int, data: st.DataObject) -> None:
        self.time_passes(seconds)
        self._acts(TALKING, data)

    @rule(seconds=st.sampled_from(STEPS), data=st.data())
    def somebody_joins_or_parts_tickets(self, seconds: int, data: st.DataObject) -> None:
        self.time_passes(seconds)
        self._acts(JOINING, data)

    @rule(seconds=st.sampled_from(STEPS[:6]), data=st.data())
    def somebody_describes_the_ticket(self, seconds: int, data: st.DataObject) -> None:
        self.time_passes(seconds)
        self._acts(DESCRIBING, data)

    @rule(seconds=st.sampled_from(STEPS[:6]), data=st.data())
    def somebody_reads_along_or_follows(self, seconds: int, data: st.DataObject) -> None:
        self.time_passes(seconds)
        self._acts(READING, data)

    def _acts(self, kinds: list[type[f.Fact]], data: st.DataObject) -> None:
        may = [(kind, role) for kind in kinds for role in ACTORS if self._possible(kind, role)]
        if not may:
            return
        kind, role = data.draw(st.sampled_from(may), label="act")
        fact = kind(at=self.now, by=ACTORS[role], **{**FIELDS.get(kind, {}), **self._drawn(kind, data)})
        if kind in (f.MergedInto, f.SplitOff):
            for desk in (self.eager, self.lazy):
                # As the act does: what had fallen due until now is acted on before.
                desk.settle(self.now)
        before = {(clock.name, clock.cycle): clock for clock in self.eager.clocks()}
        status, rank = self.eager.case.status, self._rank()
        for desk in (self.eager, self.lazy):
            desk.log(fact, role)
        self._a_merge_is_a_pause(fact, status, before)
        if rank is None or self._rank() == rank or self._rank() > rank:
            self._nothing_is_due_earlier(before)
        else:
            self._nobody_is_late_by_the_raise(before)
        self.eager.settle(self.now)

    def _a_merge_is_a_pause(self, fact: f.Fact, status: str, before: dict[tuple[str, int], Clock]) -> None:
        """A merged ticket's clocks have ended; when that is undone they go on with what they had left."""
        if isinstance(fact, f.MergedInto):
            self.left = status, {key: clock.remaining(self.now) for key, clock in before.items() if not clock.ended_at}
            assert all(clock.ended_at and clock.ended_at <= self.now for clock in self.eager.clocks())
        elif isinstance(fact, f.Unmerged):
            was, left = self.left
            assert self.eager.case.status == was
            now = {(clock.name, clock.cycle): clock.remaining(self.now) for clock in self.eager.clocks()}
            assert {key: now[key] for key in left} == left

    def _possible(self, kind: type[f.Fact], role: str) -> bool:
        if kind in NOT_DRAWN or (kind in WORKERS_OWN and role == lc.SYSTEM):
            return False
        needed = {
            f.PromiseKept: self._open_promises(),
            f.PromiseWithdrawn: self._open_promises(),
            f.MergeUndone: self.eager.case.joined,
            f.SplitOff: self.eager.case.unanswered,
        }
        if not needed.get(kind, True):
            return False
        for desk in (self.eager, self.lazy):
            try:
                lc.permit(kind, desk.case.status, role)
            except lc.NotAllowed:
                return False
        return True

    def _open_promises(self) -> list[str]:
        made = self.eager.case.promises.items()
        return [name for name, promise in made if not (promise.kept_at or promise.withdrawn_at)]

    def _drawn(self, kind: type[f.Fact], data: st.DataObject) -> dict[str, Any]:
        """The fields that matter to clocks and matrix."""
        later = st.sampled_from(STEPS).map(lambda seconds: self.now + timedelta(seconds=seconds, microseconds=11))
        earlier = st.sampled_from(STEPS).map(lambda seconds: self.now - timedelta(seconds=seconds, microseconds=13))
        categories = st.sampled_from(["hardware", "network", "software"])
        fields: dict[type[f.Fact], dict[str, st.SearchStrategy[Any]]] = {
            f.Prioritised: {"priority": st.sampled_from(list(STANDARD.priorities))},
            f.Categorised: {"category": categories},
            f.Resolved: {"category": categories},
            f.Assigned: {
                "assignee": st.sampled_from([None, AGENT, LEADER]),
                "team": st.sampled_from(["service_desk", "identity"]),
            },
            f.Escalated: {"to_team": st.sampled_from([None, "identity"])},
            f.PutOnHold: {"until": st.none() | later},
            f.Promised: {"due": later, "promise": st.just(f"p{len(self.eager.case.promises)}")},
            f.PromiseKept: {"promise": st.sampled_from(self._open_promises() or [""])},
            f.PromiseWithdrawn: {"promise": st.sampled_from(self._open_promises() or [""])},
            f.RequesterWrote: {"message": st.just(1000 + len(self.eager.facts))},
            **{kind: {"tag": st.sampled_from(TAGS)} for kind in (f.Tagged, f.Untagged)},
            **{kind: {"person": st.sampled_from([AGENT, LEADER])} for kind in (f.Followed, f.Unfollowed)},
            **{kind: {"address": st.sampled_from(IN_COPY)} for kind in (f.ParticipantAdded, f.ParticipantRemoved)},
            f.ArticleUsed: {"article": st.integers(1, 3), "helped": st.sampled_from(HELPED)},
            f.ArticleWritten: {"article": st.integers(1, 3)},
            f.FieldSet: {"field": st.sampled_from(["site", "asset"]), "value": st.sampled_from(["", "a", "b"])},
            **{kind: {"minutes": st.integers(0, 90)} for kind in (f.TimeSpent, f.Noted, f.Replied)},
            f.MergedFrom: {
                "tags": st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
                "ticket": st.just(2000 + len(self.eager.facts)),
                "unanswered_since": st.none() | earlier,
                "participants": st.lists(st.sampled_from(IN_COPY), unique=True).map(tuple),
                "followers": st.lists(st.sampled_from([AGENT, LEADER]), unique=True).map(tuple),
            },
            f.MergeUndone: {"ticket": st.sampled_from([one.ticket for one in self.eager.case.joined] or [0])},
            f.SplitOff: {
                "messages": st.lists(
                    st.sampled_from([one.message for one in self.eager.case.unanswered] or [0]), min_size=1, unique=True
                ).map(tuple)
            },
        }
        return {name: data.draw(values, label=name) for name, values in fields.get(kind, {}).items()}

    def _rank(self) -> int | None:
        priority = self.eager.case.priority
        return None if priority is None else self.eager.procedure.ranks[priority]

    def _nothing_is_due_earlier(self, before: dict[tuple[str, int], Clock]) -> None:
        for clock in self.eager.clocks():
            old = before.get((clock.name, clock.cycle))
            # A time of day, which counts in no calendar, may come before a length that a higher priority asks for.
            if old is None or old.basis.calendar != clock.basis.calendar:
                continue
            if old.due_at is not None and clock.due_at is not None:
                assert clock.due_at >= old.due_at, (old, clock)

    def _nobody_is_late_by_the_raise(self, before: dict[tuple[str, int], Clock]) -> None:
        for clock in self.eager.clocks():
            old = before.get((clock.name, clock.cycle))
            assert clock.late_at(self.now) == (old is not None and old.late_at(self.now)), (old, clock)
            if old is not None and old.due_at is not None and clock.due_at is not None:
                assert clock.due_at <= old.due_at, (old, clock)

    @rule(kind=st.sampled_from(list(f.KINDS.values())), role=st.sampled_from(list(ACTORS)))
    def somebody_tries_anything(self, kind: type[f.Fact], role: str) -> None:
        status = self.eager.case.status
        listed = any(act.fact is kind and status in act.froms and role in act.who for act in lc.ACTS)
        try:
            lc.permit(kind, status, role)
        except lc.NotAllowed:
            assert not listed
        else:
            assert listed

    @rule(comes=st.sampled_from([True, False, False]))
    def perhaps_the_late_worker_comes(self, comes: bool) -> None:
        if comes:
            self._both_are_at_rest_alike()

    def teardown(self) -> None:
        if hasattr(self, "lazy"):
            self._both_are_at_rest_alike()

    def _both_are_at_rest_alike(self) -> None:
        for desk in (self.eager, self.lazy):
            desk.settle(self.now)
            alarm = next_alarm(desk.case, desk.procedure)
            assert alarm is None or alarm > self.now
            self._every_verdict_has_its_proof(desk)
        assert self._comparable(self.eager) == self._comparable(self.lazy)
        assert self.eager.case.status == self.lazy.case.status
        assert self._told(self.eager) == self._told(self.lazy)

    def _every_verdict_has_its_proof(self, desk: Desk) -> None:
        for verdict in judge(desk.facts, desk.procedure, self.now).values():
            assert verdict.facts or verdict.outcome not in ("met", "late"), verdict
            assert all(1 <= number <= len(desk.facts) for number in verdict.facts), verdict

    def _comparable(self, desk: Desk) -> list[tuple[str, int, datetime]]:
        """The rungs that may not depend on when a worker ran.

        A worker in time moves a ticket that a late one leaves where it is, because it was resolved, lowered or
        given to somebody since. The two tickets lie in different hands from then on, so rungs that ask for
        a team or an assignee may differ from then on: each is right for its own ticket. The move itself may not.
        """
        parted = min((at for at, *_ in self.eager.moves() ^ self.lazy.moves()), default=None)
        if parted is None:
            return desk.rungs()
        moving = {rung.key for rung in desk.procedure.escalation if rung.move_to}
        asking = {rung.key for rung in desk.procedure.escalation if rung.only_if or rung.teams}
        return [
            (key, cycle, at)
            for key, cycle, at in desk.rungs()
            if at < parted or (key not in asking and (key not in moving or at == parted))
        ]

    def _told(self, desk: Desk) -> list[tuple[object, ...]]:
        return [(c.name, c.cycle, c.due_at, c.ended_at, c.state(self.now)) for c in desk.clocks()]

    @invariant()
    def a_ticket_is_the_fold_of_its_facts(self) -> None:
        for desk in (self.eager, self.lazy):
            assert desk.case == fold(desk.facts) == fold(list(desk.facts))
            last = desk.facts[-1]
            stored = json.loads(json.dumps(f.to_data(last)))
            assert f.from_data(type(last).__name__, last.at, last.by, stored) == last

    @invariant()
    def what_describes_a_ticket_is_what_was_said_of_it_last(self) -> None:
        for desk in (self.eager, self.lazy):
            case, facts = desk.case, desk.facts
            assert case.tags == tuple(sorted(_told_anew(facts, f.Tagged, f.Untagged, "tag", "tags")))
            reading = _told_anew(facts, f.ParticipantAdded, f.ParticipantRemoved, "address", "participants")
            assert sorted(case.participants) == sorted(reading)
            assert sorted(case.followers) == sorted(_told_anew(facts, f.Followed, f.Unfollowed, "person", "followers"))
            used = {one.article: one.helped for one in facts if isinstance(one, f.ArticleUsed)}
            assert {one.article: one.helped for one in case.articles} == used
            assert set(case.written) == {one.article for one in facts if isinstance(one, f.ArticleWritten)}
            values = {one.field: one.value for one in facts if isinstance(one, f.FieldSet)}
            assert case.fields == {field: value for field, value in values.items() if value}
            worked = [(one.by, one.minutes) for one in facts if hasattr(one, "minutes")]
            assert case.minutes == sum(minutes for _, minutes in worked) == sum(case.worked.values())
            assert {by for by, minutes in worked if minutes} == case.worked.keys()

    @invariant()
    def each_rung_is_acted_on_once_in_a_cycle(self) -> None:
        for desk in (self.eager, self.lazy):
            reminders = {rung.key for rung in desk.procedure.escalation if rung.every}
            acted = [(rung, cycle) for rung, cycle, _ in desk.rungs() if rung not in reminders]
            assert len(acted) == len(set(acted))
            assert len(desk.rungs()) == len(set(desk.rungs()))
            assert {(rung, cycle) for rung, cycle, _ in desk.rungs()} == desk.case.taken

    @invariant()
    def a_merged_ticket_has_no_alarm_and_no_clock_that_runs(self) -> None:
        for desk in (self.eager, self.lazy):
            if desk.case.status == lc.MERGED:
                assert next_alarm(desk.case, desk.procedure) is None
                assert all(clock.ended_at is not None for clock in desk.clocks())
                assert not due(desk.case, desk.procedure, self.now)

    @invariant()
    def every_clock_adds_up(self) -> None:
        for clock in self.eager.clocks():
            assert clock.spent(self.now) + clock.remaining(self.now) == clock.basis.target
            late, due_at = clock.late_at(self.now), clock.due_at
            assert clock.state(self.now) in ("running", "paused", "met", "late", "superseded", "merged")
            if due_at is None:
                assert not late
                assert clock.ended_at is None
                assert any(end is None for _start, end, _why in clock.pauses)
                continue
            assert clock.basis.calendar.between(clock.basis.start, due_at, clock.pauses) == clock.basis.target
            assert late == ((clock.ended_at or self.now) > due_at)
            if clock.remaining(self.now) < 0:
                assert late
            if late:
                assert clock.remaining(self.now) <= 0


Histories.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestHistories = pytest.mark.sop("4.3", "5.1", "6.1")(Histories.TestCase)
