"""What is gathered of a desk for lint: in two queries, whoever works there and whatever was judged (SOP 4.1, 4.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forthwith.people import directory
from forthwith.people.models import Membership, Person
from forthwith.procedure.desk import LATELY, Share, Worker
from forthwith.procedure.desk_lint import lint_desk
from forthwith.procedure.model import CLOCKS
from forthwith.record import procedures
from forthwith.record.desk_now import desk_at
from forthwith.record.judgements import Judgement
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk


def judged(clock: str, letter: str, count: int, priority: str = "high", days: float = 1) -> None:
    """Judgements of new tickets, as of a moment so many days before."""
    letters = "".join(letter if one == clock else "-" for one in CLOCKS)
    for _ in range(count):
        row = d.row(d.new_ticket())
        Judgement.objects.create(
            ticket=row,
            revision_id=row.revision_id,
            facts=1,
            at=MONDAY,
            steps="m",
            clocks=letters,
            opened_at=MONDAY - timedelta(days=days),
            channel="email",
            priority=priority,
        )


def test_who_works_here(desk: Desk) -> None:
    Person.objects.filter(pk=desk.ben.pk).update(is_active=False)
    Person.objects.filter(pk=desk.ana.pk).update(shift="nights")
    both = frozenset({"service_desk", "hardware_team"})
    assert directory.workers() == (
        Worker("agent", "nights", frozenset({"service_desk"})),
        Worker("specialist", "", frozenset({"hardware_team"})),
        Worker("team_leader", "", both, both),
        Worker("administrator"),
    )


def test_too_many_to_look_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MOST_WORKERS", 6)
    assert directory.workers() is not None
    monkeypatch.setattr(directory, "MOST_WORKERS", 5)
    assert directory.workers() is None


@pytest.mark.sop("4.3")
def test_what_was_met_lately(desk: Desk) -> None:
    judged("resolution", "m", 2)
    judged("resolution", "l", 1)
    judged("resolution", "r", 1)
    judged("resolution", "l", 1, days=LATELY.days + 1)
    assert desk_at(MONDAY, procedures.current()).kept == {("high", "resolution"): Share(2, 3)}


def test_it_takes_two_queries_however_many_there_are(desk: Desk, django_assert_num_queries: Any) -> None:
    judged("resolution", "l", 3)
    in_force = procedures.current()
    with django_assert_num_queries(2):
        desk_at(MONDAY, in_force)
    for place in range(12):
        made = Person.objects.create_user(f"p{place}@desk.example", role="agent")
        Membership.objects.create(person=made, team="identity")
    judged("first_response", "m", 4, priority="low")
    with django_assert_num_queries(2):
        found = desk_at(MONDAY, in_force)
    said = {".".join(map(str, one.path)) for one in lint_desk(in_force, found)}
    assert said == {"teams.applications", "teams.network_team"}
