"""A procedure held against a desk: hours without anybody, rungs that reach nobody, targets that are not kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forthwith.procedure.desk import Desk, Share, Worker
from forthwith.procedure.desk_lint import FEWEST, lint_desk, uncovered
from forthwith.procedure.document import standard, standard_text
from forthwith.procedure.lifecycle import ADMINISTRATOR, AGENT, LEADER
from forthwith.procedure.lint import check
from tests.procedure.tickets import variant

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
STANDARD = standard()
MORNING = {"timezone": "UTC", "hours": {day: [["09:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
NOON = {"timezone": "UTC", "hours": {day: [["11:00", "17:00"]] for day in ("mon", "tue", "wed", "thu")}}


def in_team(*teams: str, shift: str = "", role: str = AGENT, leads: bool = False) -> Worker:
    return Worker(role, shift, frozenset(teams), frozenset(teams if leads else ()))


EVERYWHERE = (in_team(*STANDARD.teams), in_team("service_desk", role=LEADER, leads=True), Worker(ADMINISTRATOR))


def found(procedure: Any = STANDARD, **desk: Any) -> dict[str, str]:
    given = {"workers": EVERYWHERE, "in_force": STANDARD, **desk}
    return {".".join(map(str, one.path)): one.message for one in lint_desk(procedure, Desk(NOW, **given))}


def test_a_desk_that_can_keep_it_hears_nothing() -> None:
    assert found() == {}


def test_a_new_desk_without_anybody_in_a_team_hears_of_it_once() -> None:
    said = {"teams": "have nobody in them yet: tickets wait until people are put into teams, on the page of people"}
    assert found(workers=()) == said
    assert found(workers=(Worker(ADMINISTRATOR),)) == said


def test_more_people_than_are_looked_at_say_nothing() -> None:
    assert found(workers=None) == {}


@pytest.mark.sop("5.1")
def test_a_team_that_tickets_come_to_with_nobody_in_it() -> None:
    others = [key for key in STANDARD.teams if key != "identity"]
    said = found(workers=(in_team(*others), Worker(LEADER)))
    assert said == {"teams.identity": "has nobody in it, and escalations lead there: to_specialists"}
    said = found(workers=(in_team("network_team"), Worker(LEADER)))
    assert said["teams.service_desk"].startswith(
        "has nobody in it, and tickets of hardware, software, network and 2 more"
    )
    assert "teams.network_team" not in said


def test_a_team_that_no_ticket_comes_to_may_be_empty() -> None:
    team = {"name": "Guests", "hours": "business", "leader_hours": "always"}
    assert found(variant(teams={"guests": team})) == {}


@pytest.mark.sop("4.1")
def test_open_hours_in_which_nobody_has_a_shift() -> None:
    procedure = variant(calendars={"morning": MORNING, "noon": NOON})
    others = [key for key in STANDARD.teams if key != "service_desk"]
    rest = (in_team(*others), Worker(LEADER))
    both = (in_team("service_desk", shift="morning"), in_team("service_desk", shift="noon"))
    assert found(procedure, workers=(*rest, *both)) == {
        "teams.service_desk.hours": "has nobody on shift in 20 h of the 160 h that it is open in the next 28 days, "
        "for the first time from 2026-03-06 12:00 to 2026-03-06 17:00 (UTC)"
    }
    assert found(procedure, workers=(*rest, *both, in_team("service_desk"))) == {}, "no own shift: the team's hours"
    assert found(procedure, workers=(*rest, in_team("service_desk", shift="always"))) == {}


def test_a_shift_that_the_procedure_does_not_have_any_more() -> None:
    said = found(workers=(*EVERYWHERE, in_team("service_desk", shift="nights")))
    assert list(said) == ["calendars"]
    assert said["calendars"].startswith("lack 'nights', which is somebody's shift")


@pytest.mark.sop("5.1")
def test_a_rung_that_reaches_nobody_at_all() -> None:
    rungs = [rung.model_dump(mode="json", exclude_none=True) for rung in STANDARD.escalation]
    rungs.append({"key": "extra", "clock": "age", "at": "start + 2 h", "calendar": "always", "kind": "functional",
                  "tell_teams": ["identity"]})  # fmt: skip
    procedure = variant(escalation=rungs)
    others = [key for key in STANDARD.teams if key != "identity"]
    said = found(procedure, workers=(in_team(*others), Worker(LEADER)))
    assert said[f"escalation.{len(rungs) - 1}"] == "reaches nobody: nobody of this desk is in identity"
    assert said["teams.identity"].endswith("to_specialists, extra")
    assert f"escalation.{len(rungs) - 1}" not in found(procedure)


@pytest.mark.sop("5.1")
def test_who_leads_no_team_is_told_where_the_team_has_no_leader() -> None:
    """As `people.directory.leaders`: a team's own, else every leader, else the administrators."""
    for leader in (Worker(LEADER), Worker(ADMINISTRATOR)):
        assert found(workers=(in_team(*STANDARD.teams), leader)) == {}


@pytest.mark.sop("5.1")
def test_a_rung_that_tells_only_people_who_are_away() -> None:
    away = {"timezone": "UTC", "hours": {}, "date_hours": {f"{datetime.now(UTC).year + 2}-09-01": [["09:00", "17:00"]]}}
    procedure = variant(calendars={"away": away})
    said = found(procedure, workers=(in_team(*STANDARD.teams), Worker(LEADER, "away")))
    assert set(said.values()) == {"tells only people who have no shift in the next 14 days"}
    told = {
        f"escalation.{i}"
        for i, rung in enumerate(STANDARD.escalation)
        if {*rung.tell} <= {"team_leader", "administrators"}
    }
    assert set(said) == told


def kept(met: int, due: int, clock: str = "resolution", priority: str = "high") -> dict[tuple[str, str], Share]:
    return {(priority, clock): Share(met, due)}


@pytest.mark.sop("4.3", "5.1")
def test_a_target_that_was_missed_more_often_than_met() -> None:
    assert found(kept=kept(14, FEWEST)) == {
        "priorities.high.resolution": "was met on 14 of 30 tickets in the last 90 days: "
        "it promises what this desk does not keep"
    }
    assert found(kept=kept(15, FEWEST)) == {}
    assert found(kept=kept(0, FEWEST - 1)) == {}, "too few to say"
    assert found(kept=kept(0, FEWEST, priority="unknown")) == {}


@pytest.mark.sop("2.2")
def test_the_acknowledgement_counts_over_all_priorities() -> None:
    both = {**kept(4, 20, "acknowledgement"), **kept(5, 20, "acknowledgement", "low")}
    assert list(found(kept=both)) == ["acknowledgement"]


@pytest.mark.parametrize(
    ("target", "warned"),
    [
        ({"target": "30 min"}, True),
        ({"target": "60 min"}, True),
        ({"target": "2 h"}, False),
        ({"calendar": "always"}, False),
        ({"target": None, "by": {"next_day": "12:00"}}, False),
    ],
)
def test_a_draft_that_asks_less_may_be_kept(target: dict[str, Any], *, warned: bool) -> None:
    draft = variant(priorities={"high": {"first_response": target}})
    assert bool(found(draft, kept=kept(3, 40, "first_response"))) is warned


def test_where_a_service_level_asks_something_else_nothing_is_said() -> None:
    high = {"resolution": {"target": "1 h", "calendar": "always"}}
    levels = {"gold": {"name": "G", "vip": True, "targets": {"high": high}}}
    assert found(in_force=variant(service_levels=levels), kept=kept(0, 50)) == {}


def test_the_report_has_them_apart_with_their_lines() -> None:
    text = standard_text()
    report = check(text, Desk(NOW, STANDARD, EVERYWHERE, kept(0, 50)))
    assert (report.ok, report.warnings) == (True, ())
    line = text[: text.index("resolution:", text.index("  high:\n    name: High"))].count("\n") + 1
    assert report.lines()[0].startswith(f"line {line}: at this desk: priorities.high.resolution: was met on 0 of 50")
    assert check(text).lines() == []


MINUTES = st.integers(0, 200)
SPANS = st.lists(st.tuples(MINUTES, MINUTES).map(sorted).filter(lambda pair: pair[0] < pair[1]), max_size=8)


def instants(spans: Any) -> list[tuple[datetime, datetime]]:
    return [(NOW + timedelta(minutes=a), NOW + timedelta(minutes=b)) for a, b in spans]


def minutes(spans: Any) -> set[int]:
    return {minute for a, b in spans for minute in range(a, b)}


@settings(max_examples=150, deadline=None)
@given(SPANS, SPANS)
@example([(10, 20)], [(0, 5)])
@example([(0, 10), (12, 30)], [(5, 14)])
@example([(10, 20), (30, 40)], [(12, 35), (33, 36)])
def test_what_is_uncovered_is_what_a_slow_counter_finds(first: Any, covered: Any) -> None:
    wanted, open_ = [], minutes(first)
    for minute in sorted(open_):
        if wanted and wanted[-1][1] == minute:
            wanted[-1] = (wanted[-1][0], minute + 1)
        else:
            wanted.append((minute, minute + 1))
    left = uncovered(instants(wanted), instants(covered))
    counted = {
        int((start - NOW).total_seconds() // 60) + i
        for start, end in left
        for i in range(int((end - start).total_seconds() // 60))
    }
    assert counted == open_ - minutes(covered)
    assert left == sorted(left)
    assert all(start < end for start, end in left)
