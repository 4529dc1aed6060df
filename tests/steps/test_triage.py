"""Step 3: which category, which priority, and why (SOP 3.1, 3.2)."""

from __future__ import annotations

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.steps import acts, triage
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after
from tests.growth import assert_in_proportion

pytestmark = pytest.mark.sop("3.1", "3.2")


def test_a_suggestion_stands_with_its_reason_until_a_person_says_otherwise(desk: Desk) -> None:
    number = d.new_ticket()
    chosen = d.facts(number, f.Categorised)[0]
    assert (chosen.category, chosen.suggested, chosen.by) == ("hardware.printer", "hardware.printer", None)
    assert "printer" in chosen.why
    acts.categorise(number, by=Actor.of(desk.ana), now=after(1), category="network.vpn", why="it was the VPN")
    latest = d.facts(number, f.Categorised)[1]
    assert (latest.category, latest.suggested, latest.by) == ("network.vpn", "hardware.printer", desk.ana.pk)
    with pytest.raises(acts.Refused, match="no category"):
        acts.categorise(number, by=Actor.of(desk.ana), now=after(1), category="plumbing")


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("The whole company is down, nobody can work", "critical"),
        ("Our team cannot work, SAP keeps crashing", "high"),
        ("My second screen flickers sometimes", "medium"),
        ("How do I book a room? No hurry.", "low"),
    ],
)
def test_the_words_lead_to_the_four_priorities(text: str, priority: str) -> None:
    procedure = document.standard()
    suggestion = triage.suggest(procedure, "Help", text)
    assert procedure.priority_for(suggestion.impact, suggestion.urgency) == priority
    assert suggestion.priority_why.startswith("words: ")


def test_where_no_word_speaks_the_defaults_stand_and_say_so() -> None:
    suggestion = triage.suggest(document.standard(), "", "xyzzy")
    assert (suggestion.category, suggestion.category_why) == ("other", "no word spoke for another")


def test_a_priority_changes_with_a_reason_and_moves_the_clocks(desk: Desk) -> None:
    number = d.new_ticket()
    by = Actor.of(desk.ana)
    assert d.row(number).priority == "medium"
    with pytest.raises(acts.Refused, match="Say why"):
        acts.prioritise(number, by=by, now=after(1), impact="widespread", urgency="stopped", why=" ")
    with pytest.raises(acts.Refused, match="lists"):
        acts.prioritise(number, by=by, now=after(1), impact="cosmic", urgency="stopped", why="x")
    d.deliver_all(after(seconds=1))
    acts.prioritise(number, by=by, now=after(1), impact="widespread", urgency="stopped", why="all printers")
    assert d.row(number).due_at == after(1, minutes=15), "never late the moment that it is raised"
    acts.prioritise(number, by=by, now=after(1, minutes=5), impact="one", urgency="workaround", why="only one")
    assert d.row(number).due_at == after(4), "lowered: the new target from receipt"
    acts.prioritise(number, by=by, now=after(1, minutes=6), impact="one", urgency="hindered", why="")
    assert d.row(number).priority == "medium", "no reason is needed where the priority stays"


def test_suggesting_takes_time_in_proportion_to_the_text() -> None:
    procedure = document.standard()
    assert_in_proportion(lambda size: triage.suggest(procedure, "a " * size, "printer on " * size), 20_000)
