"""Real organisations' policies, as their published pages say them: which priority, due when, and what escalates when.

Times are those of the policy's own zone, in the week of Monday, 2 March 2026 (`next` is the week after). Each number
stands on the organisation's page or in the program's repository, unless the example says that it is ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure.document import read
from forthwith.procedure.lint import check
from forthwith.procedure.model import Procedure
from tests.procedure.tickets import MONDAY, WEEK, Ticket

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "procedures"


@cache
def policy(name: str) -> Procedure:
    return read((EXAMPLES / f"{name}.yaml").read_text("utf-8"))


def local(text: str, procedure: Procedure) -> datetime:
    """`mon 09:00` or `next mon 09:00` in the zone of the policy's business hours."""
    *later, day, clock = text.split()
    hours, minutes = (int(part) for part in clock.split(":"))
    date = MONDAY.replace(tzinfo=ZoneInfo(procedure.calendar(next(iter(procedure.calendars))).timezone))
    return date + timedelta(days=WEEK.index(day) + 7 * len(later), hours=hours, minutes=minutes)


# By rows; each as the page has it, the columns in the order of the document.
GRIDS = {
    "saint-louis-university": [
        "low low medium",
        "medium medium high",
        "medium high emergency",
        "medium high emergency",
        "medium high emergency",
    ],
    "cardiff-university": ["p1 p1 p1 p2 p3", "p1 p1 p2 p3 p4", "p1 p2 p3 p4 p5", "p2 p3 p4 p5 p5", "p3 p4 p5 p5 p5"],
    "university": ["p1 p2 p3", "p2 p3 p4", "p3 p4 p5"],
    "itsalto": ["p1 p2 p3", "p2 p3 p4", "p3 p4 p4"],
    "snecs": ["urgent high high", "high medium medium", "medium low low", "low low low"],
    "servicenow-notifications": ["critical high medium", "high medium low", "medium low low"],
}


@pytest.mark.sop("3.2")
@pytest.mark.parametrize("name", GRIDS)
def test_the_priority_is_that_of_the_published_table(name: str) -> None:
    p = policy(name)
    assert [" ".join(p.priority_for(i, u) for u in p.urgencies) for i in p.impacts] == GRIDS[name]


# Policy, priority, received, first response due, resolution due ("" has no target).
DUE = [
    ("saint-louis-university", "emergency", "sat 23:50", "sun 00:05", "sun 01:50"),
    ("saint-louis-university", "high", "mon 16:45", "tue 08:15", "tue 11:45"),
    ("saint-louis-university", "medium", "mon 15:00", "tue 10:00", "thu 15:00"),
    ("saint-louis-university", "low", "mon 10:00", "tue 10:00", "sat 10:00"),
    ("cardiff-university", "p1", "mon 16:30", "tue 09:30", "tue 16:30"),
    ("cardiff-university", "p2", "mon 10:00", "mon 12:00", "wed 10:00"),
    ("cardiff-university", "p3", "mon 10:00", "tue 10:00", "next mon 10:00"),
    ("cardiff-university", "p4", "mon 10:00", "", ""),
    ("manchester-metropolitan-university", "restore_critical", "sun 02:00", "sun 02:30", "sun 04:00"),
    ("manchester-metropolitan-university", "restore_essential", "mon 09:00", "mon 10:00", "mon 13:00"),
    ("manchester-metropolitan-university", "restore_supporting", "mon 09:00", "mon 11:00", "tue 09:00"),
    ("university", "p1", "mon 10:00", "mon 10:15", "mon 14:00"),
    ("university", "p2", "mon 10:00", "mon 11:00", "tue 10:00"),
    ("university", "p3", "mon 10:00", "mon 12:00", "thu 10:00"),
    ("university", "p5", "mon 10:00", "tue 10:00", "next next mon 10:00"),
    ("snecs", "urgent", "mon 16:50", "tue 08:05", "tue 15:50"),
    ("snecs", "high", "mon 09:00", "mon 09:15", "tue 12:00"),
    ("snecs", "medium", "mon 08:00", "mon 08:15", "wed 14:00"),
    ("snecs", "low", "mon 08:00", "mon 08:15", "next mon 11:00"),
    ("on-call-matrix", "p1", "sun 03:00", "sun 03:05", ""),
    ("on-call-matrix", "p2", "sun 03:00", "sun 03:15", ""),
    ("on-call-matrix", "p3", "fri 11:00", "next mon 17:00", ""),
    ("on-call-matrix", "p4", "mon 11:00", "", ""),
    ("onfra", "p1", "sun 03:00", "sun 04:00", "sun 07:00"),
    ("onfra", "p2", "sun 03:00", "sun 07:00", "sun 15:00"),
    ("onfra", "p3", "mon 09:00", "mon 17:00", "next mon 12:00"),
    ("altsys", "p1", "mon 16:50", "tue 09:05", "tue 12:50"),
    ("altsys", "p2", "mon 10:00", "mon 11:00", "tue 10:00"),
    ("altsys", "p3", "mon 10:00", "mon 12:00", "wed 10:00"),
    ("altsys", "p4", "mon 10:00", "mon 14:00", "next mon 10:00"),
    ("university-of-maryland", "two_days", "mon 08:00", "mon 17:00", "tue 17:00"),
    ("university-of-maryland", "five_days", "tue 12:00", "wed 12:00", "next tue 12:00"),
    ("university-of-maryland", "ten_days", "mon 12:00", "tue 12:00", "next next mon 12:00"),
    ("it-support-uk", "total", "mon 09:00", "mon 09:30", "mon 13:00"),
    ("it-support-uk", "one_user", "mon 09:00", "mon 10:00", "mon 13:00"),
    ("it-support-uk", "minor", "mon 09:00", "mon 11:00", "mon 17:00"),
    ("same-day", "high", "mon 12:59", "mon 18:00", "tue 12:59"),
    ("same-day", "high", "mon 13:00", "tue 09:00", "tue 13:00"),
    ("same-day", "high", "fri 17:00", "next mon 09:00", "next mon 17:00"),
    ("same-day", "high", "sat 10:00", "next mon 09:00", "next mon 18:00"),
    ("frappe-helpdesk", "urgent", "mon 17:45", "tue 10:15", "tue 11:45"),
    ("frappe-helpdesk", "high", "mon 10:00", "mon 11:00", "mon 14:00"),
    ("frappe-helpdesk", "medium", "mon 11:00", "tue 11:00", "thu 11:00"),
    ("frappe-helpdesk", "low", "mon 10:00", "wed 18:00", "next thu 18:00"),
    ("request-tracker", "high", "mon 17:30", "tue 09:30", "tue 16:30"),
    ("glpi", "high", "mon 19:30", "tue 08:30", "tue 15:30"),
]


@pytest.mark.sop("3.2", "4.3")
@pytest.mark.parametrize(("name", "priority", "received", "first_response", "resolution"), DUE)
def test_due_times_are_those_of_the_published_numbers(
    name: str, priority: str, received: str, first_response: str, resolution: str
) -> None:
    p = policy(name)
    ticket = Ticket(local(received, p), priority, p)
    for clock, due in (("first_response", first_response), ("resolution", resolution)):
        if due:
            assert ticket.clock(clock).due_at == local(due, p), clock
        else:
            assert clock not in ticket.names()


def _fired(ticket: Ticket, until: datetime) -> list[tuple[str, datetime]]:
    """What the matrix did until an instant, each at its own, acknowledgements aside."""
    ticket.work(until)
    escalated = [fact for fact in ticket.facts if isinstance(fact, f.Escalated)]
    return [(fact.rung, fact.at) for fact in escalated if fact.clock != "acknowledgement"]


# Policy, priority, received, looked at, what has fallen due by then.
RUNGS: list[tuple[str, str, str, str, dict[str, str]]] = [
    ("snecs", "urgent", "mon 09:00", "mon 10:00", {"response_late": "mon 09:15", "urgent_after_30_min": "mon 09:30"}),
    ("snecs", "high", "mon 09:00", "mon 10:00", {"response_late": "mon 09:15", "high_to_tier_3": "mon 10:00"}),
    ("snecs", "medium", "mon 09:00", "mon 12:00", {"response_late": "mon 09:15", "medium_to_tier_2": "mon 11:00"}),
    ("snecs", "low", "mon 16:00", "tue 12:00", {"response_late": "mon 16:15", "low_to_tier_2": "tue 10:00"}),
    (
        *("on-call-matrix", "p1", "sun 03:00", "sun 04:30"),
        {
            "p1_page": "sun 03:00",
            "response_late": "sun 03:05",
            "p1_ops_manager": "sun 03:15",
            "p1_stakeholders": "sun 03:30",
            "p1_executives": "sun 04:00",
        },
    ),
    ("on-call-matrix", "p2", "sun 03:00", "sun 08:00", {"response_late": "sun 03:15", "p2_ops_manager": "sun 04:00"}),
    ("on-call-matrix", "p4", "mon 09:00", "next mon 09:00", {}),
    (
        *("servicenow-notifications", "high", "mon 09:00", "tue 09:00"),
        {"response_late": "mon 10:00", "half": "mon 13:00", "three_quarters": "mon 15:00", "breached": "mon 17:00"},
    ),
]


@pytest.mark.sop("5.1")
@pytest.mark.parametrize(("name", "priority", "received", "now", "rungs"), RUNGS)
def test_the_rungs_fall_when_the_policy_says(
    name: str, priority: str, received: str, now: str, rungs: dict[str, str]
) -> None:
    p = policy(name)
    starts = p.priorities[priority].team or p.assignment.team
    ticket = Ticket(local(received, p), priority, p).add(f.Assigned, local(received, p), team=starts)
    assert dict(_fired(ticket, local(now, p))) == {key: local(at, p) for key, at in rungs.items()}


@pytest.mark.sop("5.1")
def test_executives_hear_every_hour_until_it_is_resolved() -> None:
    p = policy("on-call-matrix")
    ticket = Ticket(local("sun 03:00", p), "p1", p)
    ticket.add(f.Resolved, local("sun 06:30", p), category="service")
    heard = [at for key, at in _fired(ticket, local("sun 09:00", p)) if key == "p1_executives"]
    assert heard == [local(at, p) for at in ("sun 04:00", "sun 05:00", "sun 06:00")]


@pytest.mark.sop("4.1", "5.1")
def test_what_nobody_takes_is_brought_up_every_four_hours_until_somebody_does() -> None:
    p = policy("university-of-maryland")
    ticket = Ticket(local("mon 08:00", p), "five_days", p)
    ticket.work(local("mon 20:00", p))
    ticket.add(f.Assigned, local("tue 08:30", p), team="service_desk")
    reminded = [at for key, at in _fired(ticket, local("thu 08:00", p)) if key == "not_taken"]
    # Nine business hours a day: the third falls on Tuesday at eleven, when somebody has it.
    assert reminded == [local("mon 12:00", p), local("mon 16:00", p)]


@pytest.mark.sop("4.2")
def test_three_clocks_run_beside_one_another() -> None:
    p = policy("it-support-uk")
    ticket = Ticket(local("mon 09:00", p), "total", p)
    assert ticket.clock("work").due_at == local("mon 10:00", p)
    ticket.add(f.Noted, local("mon 09:50", p))
    assert ticket.clock("work").state(local("mon 12:00", p)) == "met"
    assert ticket.clock("first_response").late_at(local("mon 12:00", p))
    joiner = Ticket(local("mon 09:00", p), "minor", p)
    joiner.add(f.Categorised, local("mon 09:00", p), category="account_access.joiner_leaver")
    assert {"work", "resolution"}.isdisjoint(joiner.names())
    assert "first_response" in joiner.names()


@pytest.mark.sop("3.2")
@pytest.mark.parametrize(
    ("received", "category", "channel", "clocks"),
    [
        ("mon 09:00", "fault", "email", {"first_response", "resolution"}),
        ("mon 09:00", "changes", "email", set()),
        ("mon 09:00", "user_caused", "email", {"first_response"}),
        ("mon 09:00", "third_party", "email", {"first_response"}),
        ("mon 09:00", "fault", "chat", set()),
        ("mon 07:59", "fault", "email", set()),
        ("sat 11:00", "fault", "email", set()),
    ],
)
def test_what_the_targets_do_not_apply_to_has_no_clock(
    received: str, category: str, channel: str, clocks: set[str]
) -> None:
    p = policy("itsalto")
    ticket = Ticket(local(received, p), "p3", p, channel=channel)
    ticket.add(f.Categorised, local(received, p), category=category)
    assert set(ticket.names()) == {"acknowledgement", *clocks}


@pytest.mark.sop("2.2")
def test_an_acknowledgement_has_a_clock_of_its_own() -> None:
    """Cardiff's log mail, within an hour of core hours, beside the answer within a working day."""
    p = policy("cardiff-university")
    ticket = Ticket(local("mon 16:30", p), "p3", p)
    assert ticket.clock("acknowledgement").due_at == local("tue 09:30", p)
    assert ticket.clock("first_response").due_at == local("tue 16:30", p)


def test_a_third_partys_part_is_waited_for_on_hold() -> None:
    p = policy("altsys")
    ticket = Ticket(local("mon 10:00", p), "p2", p)
    ticket.add(f.Replied, local("mon 10:30", p))
    ticket.add(f.PutOnHold, local("mon 11:00", p)).add(f.Resumed, local("wed 11:00", p))
    assert ticket.clock("resolution").due_at == local("thu 10:00", p)


PARTIAL: dict[str, Any] = {
    "cardiff-university": {"priorities.p4", "priorities.p5"},
    "manchester-metropolitan-university": {"priorities.fault", "priorities.minor"},
    "on-call-matrix": {"priorities.p1", "priorities.p2", "priorities.p3", "priorities.p4"},
}


@pytest.mark.parametrize("name", PARTIAL)
def test_the_check_says_what_a_policy_leaves_open(name: str) -> None:
    report = check((EXAMPLES / f"{name}.yaml").read_text("utf-8"))
    assert report.ok
    assert {warning.path for warning in report.warnings} == PARTIAL[name]
    assert all("has no target" in warning.message for warning in report.warnings)
