"""Step 6: what was wrong, what was done, what others can learn (SOP 6.1, 6.2)."""

from __future__ import annotations

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.mark.sop("6.1", "6.2")
@pytest.mark.parametrize(
    "bad",
    [
        {"cause": " "},
        {"solution": ""},
        {"category": "plumbing"},
        {"category": ""},
        {"knowledge": "maybe"},
        {"minutes": -5},
    ],
)
def test_a_resolution_says_what_was_wrong_what_was_done_and_decides_about_the_knowledge(
    desk: Desk, bad: dict[str, object]
) -> None:
    number = d.new_ticket()
    before, queued = d.kinds(number), len(d.posted())
    with pytest.raises(acts.Refused):
        desk.resolve(number, after(1), **bad)
    assert (d.kinds(number), len(d.posted())) == (before, queued), "all of it or nothing"


@pytest.mark.sop("6.1", "6.2")
def test_it_is_all_on_record(desk: Desk) -> None:
    number = d.new_ticket()
    desk.resolve(number, after(1), category="hardware.laptop", knowledge="used", article="KB-7", minutes=25)
    resolved, reviewed = d.facts(number, f.Resolved)[0], d.facts(number, f.KnowledgeReviewed)[0]
    assert (resolved.cause, resolved.solution) == ("The drum was worn.", "We replaced the drum.")
    assert (resolved.category, resolved.minutes, resolved.by) == ("hardware.laptop", 25, desk.ana.pk)
    assert (reviewed.decision, reviewed.article) == ("used", "KB-7")
    assert d.row(number).category == "hardware.laptop"
    assert d.verdicts(number, after(1))["6.1"] == "met"


@pytest.mark.sop("6.1")
def test_time_spent_adds_up(desk: Desk) -> None:
    from forthwith.procedure.case import fold

    number = d.new_ticket()
    acts.note(number, by=Actor.of(desk.ana), now=after(1), text="Looked.", minutes=5)
    desk.reply(number, after(2), minutes=10)
    desk.resolve(number, after(3), minutes=20)
    assert fold(d.facts(number)).minutes == 35
