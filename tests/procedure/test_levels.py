"""Service levels: which one a ticket has, what it changes, and that nobody is late because of another one (SOP 3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forthwith.procedure import facts as f
from forthwith.procedure import lint
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import clocks
from forthwith.procedure.levels import ServiceLevel, level_of
from forthwith.procedure.levels_lint import lint_levels
from forthwith.procedure.model import Procedure
from forthwith.procedure.replay import replay
from tests.procedure.tickets import STANDARD, Ticket, t, variant

pytestmark = pytest.mark.sop("3.2")
FAST = {"high": {"first_response": {"target": "15 min", "calendar": "business"}}}
USUAL = {"high": {"first_response": {"target": "1 h", "calendar": "business"}}}
SLOW = {"high": {"first_response": {"target": "7 h", "calendar": "business"}}}
LEVELS = variant(
    service_levels={
        "gold": {"name": "Gold", "contracts": ["gold"], "targets": FAST},
        "acme": {"name": "Acme", "organisations": ["ACME Ltd"], "calendar": "always"},
        "vip": {"name": "VIP", "vip": True, "targets": FAST},
        "phoned": {"name": "Phoned", "channels": ["phone"], "calendar": "always"},
        "network": {"name": "Network", "categories": ["network"], "targets": FAST},
        "software": {"name": "Software", "categories": ["software"], "targets": SLOW},
    }
)


def due(ticket: Ticket, procedure: Procedure = LEVELS, clock: str = "first_response") -> datetime | None:
    return next(one for one in clocks(ticket.case, procedure) if one.name == clock).due_at


@pytest.mark.parametrize(
    ("known", "level", "by"),
    [
        ({}, "", "mon 10:00"),
        ({"contract": "gold", "organisation": "ACME Ltd", "vip": True}, "gold", "mon 09:15"),
        ({"organisation": "acme ltd"}, "acme", "mon 10:00"),
        ({"vip": True}, "vip", "mon 09:15"),
        ({"channel": "phone"}, "phoned", "mon 10:00"),
        ({"contract": "bronze"}, "", "mon 10:00"),
    ],
)
def test_the_first_that_fits_counts(known: dict[str, Any], level: str, by: str) -> None:
    ticket = Ticket("mon 09:00", **known)
    assert level_of(ticket.case, LEVELS) == level
    assert due(ticket) == t(by)


def test_another_calendar_counts_the_priority_s_own_targets(  # a call at night
) -> None:
    assert due(Ticket("mon 20:00", channel="phone")) == t("mon 21:00")
    assert due(Ticket("mon 20:00")) == t("tue 10:00")
    assert due(Ticket("mon 09:00", vip=True), clock="resolution") == due(Ticket("mon 09:00"), clock="resolution")


def test_a_category_of_a_faster_level_makes_nobody_late_at_once() -> None:
    ticket = Ticket("mon 09:00").add(f.Categorised, "mon 09:40", category="network.vpn")
    assert due(ticket) == t("mon 09:55")
    again = Ticket("mon 09:00").add(f.Categorised, "mon 09:50", category="network.vpn")
    assert due(again) == t("mon 10:00"), "the earlier of what it was, and the change with the new target"
    again.add(f.Categorised, "mon 09:52", category="hardware")
    assert due(again) == t("mon 10:00")


def test_a_category_of_a_slower_level_counts_from_receipt() -> None:
    ticket = Ticket("mon 09:00").add(f.Categorised, "mon 09:40", category="software")
    assert due(ticket) == t("mon 16:00")
    before = clocks(ticket.case, LEVELS)[1].before
    assert [basis.target for basis in before] == [3600], "the old due time stays on record"


def test_raised_and_lowered_as_without_levels() -> None:
    ticket = Ticket("mon 09:00", "medium", vip=True).add(f.Prioritised, "mon 10:00", priority="high")
    assert due(ticket) == t("mon 10:15")
    ticket.add(f.Prioritised, "mon 10:05", priority="medium")
    assert due(ticket) == t("mon 13:00")


def test_a_draft_with_levels_replays_what_was_recorded_before() -> None:
    ticket = Ticket("mon 09:00", contract="gold").add(f.Replied, "mon 09:30")
    assert [one.state(t("tue 09:00")) for one in replay(ticket.facts, STANDARD, t("tue 09:00")).clocks][1] == "met"
    assert [one.state(t("tue 09:00")) for one in replay(ticket.facts, LEVELS, t("tue 09:00")).clocks][1] == "late"


def test_facts_from_before_there_were_levels_can_be_read() -> None:
    received = Ticket("mon 09:00").facts[0]
    data = {
        name: value for name, value in f.to_data(received).items() if name not in ("organisation", "contract", "vip")
    }
    assert fold([f.from_data("Received", received.at, None, data)]).asks.vip is False


@pytest.mark.parametrize(
    ("levels", "path", "says"),
    [
        (
            {"all": {"name": "All", "calendar": "always"}, "vip": {"name": "V", "vip": True, "targets": FAST}},
            "vip",
            "never reached",
        ),
        ({"a": {"name": "A", "vip": True}}, "a", "changes nothing"),
        (
            {
                "a": {"name": "A", "categories": ["network"], "targets": FAST},
                "b": {"name": "B", "categories": ["network.vpn"], "channels": ["phone"], "targets": FAST},
            },
            "b",
            "never reached",
        ),
        (
            {
                "a": {"name": "A", "organisations": ["ACME"], "targets": FAST},
                "b": {"name": "B", "organisations": ["Acme"], "calendar": "always"},
            },
            "b",
            "'a' comes before it and asks for the same",
        ),
        (
            {
                "a": {"name": "A", "channels": ["email"], "targets": FAST},
                "b": {"name": "B", "channels": ["portal", "chat"], "targets": FAST},
                "c": {"name": "C", "channels": ["email", "portal"], "vip": True, "targets": FAST},
            },
            "c",
            "a, b come before it and together fit all",
        ),
        (
            {
                "a": {"name": "A", "categories": ["network.vpn", "network.wifi"], "vip": True, "targets": FAST},
                "b": {"name": "B", "categories": ["network"], "channels": ["email"], "targets": FAST},
                "c": {"name": "C", "categories": ["network.vpn"], "channels": ["email"], "targets": FAST},
                "d": {"name": "D", "categories": ["network.wifi"], "channels": ["chat"], "targets": FAST},
            },
            "c",
            "'b' comes before it",
        ),
    ],
)
def test_lint_finds_levels_that_do_nothing(levels: dict[str, Any], path: str, says: str) -> None:
    found = [one for one in lint.lint(variant(service_levels=levels)) if one.path[:1] == ("service_levels",)]
    assert [(one.path[1], says in one.message) for one in found] == [(path, True)]
    assert not [one for one in lint.lint(LEVELS) if one.path[:1] == ("service_levels",)]


@st.composite
def levels(draw: st.DrawFn) -> dict[str, Any]:
    """A few levels over few organisations, channels and categories."""
    one = st.fixed_dictionaries(
        {
            "organisations": st.lists(st.sampled_from(["Acme", "ACME", "Globex"]), max_size=2, unique=True),
            "channels": st.lists(st.sampled_from(["email", "chat"]), max_size=2, unique=True),
            "categories": st.lists(
                st.sampled_from(["network", "network.vpn", "network.wifi"]), max_size=2, unique=True
            ),
            "vip": st.booleans(),
        }
    )
    made = draw(st.lists(one, min_size=2, max_size=5))
    return {f"l{i}": {"name": f"L{i}", "targets": FAST, **level} for i, level in enumerate(made)}


TICKETS = [
    (Ticket("mon 09:00", organisation=organisation, vip=vip, channel=channel).case, category)
    for organisation in ("Acme", "Globex", "Another", "")
    for vip in (True, False)
    for channel in ("email", "chat", "phone")
    for category in (None, "hardware", *(key for key in STANDARD.category_paths if key.startswith("network")))
]


@settings(max_examples=40, deadline=None)
@given(levels())
def test_a_level_is_found_exactly_where_no_ticket_has_it(levels: dict[str, Any]) -> None:
    kinds = {key: ServiceLevel.model_validate(level) for key, level in levels.items()}
    reached = {next((key for key, one in kinds.items() if one.fits(case, path)), "") for case, path in TICKETS}
    found = {one.path[1] for one in lint_levels(STANDARD.model_copy(update={"service_levels": kinds}))}
    assert found == set(kinds) - reached


def test_each_clock_says_where_its_target_stands() -> None:
    """Also where a category brings another level whose target is the same."""

    def places(ticket: Ticket, clock: str = "first_response") -> list[str]:
        found = next(one for one in clocks(ticket.case, LEVELS) if one.name == clock).basis.places
        return [".".join(place) for place in found]

    gold = Ticket("mon 09:00", contract="gold")
    assert places(gold) == ["service_levels.gold.targets.high.first_response"]
    assert places(gold, "resolution") == ["priorities.high.resolution"]
    assert places(gold, "acknowledgement") == ["acknowledgement"]
    assert places(Ticket("mon 09:00", organisation="Acme ltd"), "next_update") == [
        "priorities.high.next_update",
        "service_levels.acme.calendar",
    ]
    moved = Ticket("mon 09:00").add(f.Categorised, "mon 09:10", category="network.vpn")
    assert places(moved) == ["service_levels.network.targets.high.first_response"]
    alike = variant(service_levels={"all": {"name": "All", "categories": ["network"], "targets": USUAL}})
    moved = Ticket("mon 09:00").add(f.Categorised, "mon 09:10", category="network.vpn")
    basis = clocks(moved.case, alike)[1].basis
    assert basis.places == (("service_levels", "all", "targets", "high", "first_response"),)
    assert clocks(moved.case, alike)[1].before == ()


def test_a_raise_that_leaves_the_old_due_time_leaves_its_source() -> None:
    """Due is the earlier of the two, and what says it is the one that it is."""

    def source(raised: str) -> str:
        ticket = Ticket("mon 09:00", "medium").add(f.Prioritised, raised, priority="high")
        return next(one for one in clocks(ticket.case, STANDARD) if one.name == "first_response").basis.places[0][1]

    assert source("mon 10:00") == "high"
    assert source("mon 12:50") == "medium"


def test_a_promise_stands_in_no_document() -> None:
    ticket = Ticket("mon 09:00").add(f.Promised, "mon 10:00", promise="a", what="A call", due=t("mon 12:00"))
    assert next(one for one in clocks(ticket.case, LEVELS) if one.name == "promise").basis.places == ()
