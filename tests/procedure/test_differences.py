"""How two procedures differ: every change is said, nothing else is, and in the words of people."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from forthwith.procedure import shape
from forthwith.procedure.difference import Difference
from forthwith.procedure.differences import differences, yaml_lines
from forthwith.procedure.document import digest, read, standard, standard_text
from forthwith.procedure.model import Procedure
from forthwith.procedure.references import Path
from forthwith.procedure.terms import SECTIONS
from tests.procedure.changing import at, full, holders, leaves, other_values, put, validated

DATA = full().model_dump(mode="json")
LEAVES = [path for path in leaves(DATA) if path != ("format",)]
HOLDERS = [*holders(DATA)]
IN_LISTS = ("escalation", "exemptions", "revisions")


def said(*changes: tuple[str, str]) -> list[str]:
    """What is said when the standard procedure's text is changed, each at the first place."""
    return [found.words for found in differences(standard(), changed(*changes))]


def changed(*changes: tuple[str, str]) -> Procedure:
    text = standard_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return read(text)


def differs(path: Path, old: Any, new: Any) -> bool:
    """Whether something else stands at a path, or the same in another order."""
    return json.dumps(at(old, path), default=str) != json.dumps(at(new, path), default=str)


def leads(found: Difference, path: Path) -> bool:
    shorter = min(len(found.path), len(path))
    return found.path[:shorter] == path[:shorter]


def check(old: Procedure, new: Procedure, paths: list[Path]) -> None:
    """What is said leads to each change, and to nothing else."""
    found = differences(old, new)
    if digest(old) == digest(new):
        assert found == ()
        return
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    for path in paths:
        if differs(path, before, after):
            assert any(leads(one, path) for one in found), path
    for one in found:
        assert any(leads(one, path) for path in paths), one
        assert differs(one.path, before, after), one
        assert one.words
        assert one.section in SECTIONS


def tried(data: Any) -> Procedure | None:
    try:
        return validated(data)
    except ValidationError:
        return None


@pytest.mark.sop("H1")
def test_a_change_of_any_field_is_said() -> None:
    """One leaf for each field of each part; that all are tried is counted."""
    seen: set[tuple[str, str]] = set()
    for path in LEAVES:
        fields = [
            (kind.__name__, str(step))
            for i, step in enumerate(path)
            if shape.is_part(kind := shape.kind_at(path[:i])) and (kind.__name__, str(step)) not in seen
        ]
        allowed = (tried(put(DATA, path, value)) for value in other_values(DATA, path)) if fields else ()
        if new := next(filter(None, allowed), None):
            check(full(), new, [path])
            check(new, full(), [path])
            seen.update(fields)
    everything = {(part.__name__, name) for part in shape.parts() for name in part.model_fields}
    assert everything - seen == {("Procedure", "format")}


@pytest.mark.sop("H1")
@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.data())
def test_changes_are_said_and_nothing_else(data: st.DataObject) -> None:
    paths = data.draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=4, unique=True))
    made = DATA
    for path in paths:
        made = put(made, path, data.draw(st.sampled_from(other_values(DATA, path) or [at(DATA, path)])))
    new = tried(made)
    assume(new is not None)
    assert new is not None
    check(full(), new, paths)


@pytest.mark.sop("H1")
@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(st.sampled_from(HOLDERS), st.integers(0, 50), st.sampled_from(["without", "turned", "swapped"]))
def test_what_goes_comes_or_moves_is_said(path: Path, place: int, how: str) -> None:
    held = at(DATA, path)
    items: list[Any] = [*held.items()] if isinstance(held, dict) else [*held]
    place %= len(items)
    if how == "without":
        del items[place]
    elif how == "turned":
        items.reverse()
    else:
        items[place - 1], items[place] = items[place], items[place - 1]
    new = tried(put(DATA, path, dict(items) if isinstance(held, dict) else items))
    assume(new is not None)
    assert new is not None
    for before, after in ((full(), new), (new, full())):
        found = differences(before, after)
        assert bool(found) == (digest(before) != digest(after))
        assert all(leads(one, path) for one in found)
        if how != "without" and found and path[0] in IN_LISTS and len(path) == 1:
            assert [(one.path, one.kind) for one in found] == [(path, "moved")]


@pytest.mark.sop("H1")
def test_equal_procedures_do_not_differ() -> None:
    assert differences(full(), validated(DATA)) == ()
    assert differences(standard(), read(standard_text())) == ()
    assert yaml_lines(standard(), read(standard_text())) == ()


TARGET = "first_response: {target: 1 h, calendar: business}"
CALENDAR = '      fri: [["09:00", "17:00"]]\n'
RUNG = "tell: [assignee, team_leader]\n    tell_requester: true"
SENTENCES = [
    ((TARGET, "first_response: {target: 30 min, calendar: business}"), "High: first response 1 h → 30 min"),
    (
        (TARGET, "first_response: {target: 1 h, calendar: always}"),
        "High: first response, calendar business → round the clock",
    ),
    (
        (TARGET, "first_response: {target: 2 d, calendar: always}"),
        "High: first response 1 h in calendar business → 2 d round the clock",
    ),
    ((f"    {TARGET}\n", ""), "High: first response 1 h in calendar business → none"),
    (("several: {stopped: high", "several: {stopped: critical"), "Several people × Work has stopped: High → Critical"),
    ((CALENDAR, f"{CALENDAR}    holidays: [2026-12-24]\n"), "Calendar business: 2026-12-24 closed"),
    (
        (CALENDAR, f"{CALENDAR}    holidays: {{country: DE, subdivision: BE}}\n"),
        "Calendar business: public holidays of DE-BE added",
    ),
    ((CALENDAR, ""), "Calendar business: Friday 09:00–17:00 → closed"),
    (
        (CALENDAR, f"{CALENDAR}    date_hours: {{2026-12-31: []}}\n"),
        "Calendar business: 2026-12-31 has hours of its own: closed",
    ),
    (
        (CALENDAR, f'{CALENDAR}    date_breaks: {{2026-11-02: [["10:00", "11:00"]]}}\n'),
        "Calendar business: break on 2026-11-02 none → 10:00–11:00",
    ),
    (("timezone: UTC", "timezone: Europe/Berlin"), "Calendar business: time zone UTC → Europe/Berlin"),
    ((RUNG, RUNG.replace("[", "[team, ")), 'Rung "First response late" now also tells the team'),
    ((RUNG, RUNG.replace(", team_leader", "")), 'Rung "First response late" no longer tells the team leader'),
    (
        (RUNG, RUNG.replace("team_leader", "administrators")),
        'Rung "First response late" now also tells the administrators; no longer the team leader',
    ),
    ((RUNG, RUNG.replace("true", "false")), 'Rung "First response late" no longer tells the requester'),
    (("    at: due + 30 min", "    at: due"), 'Rung "First response overdue": falls due at due + 30 min → due'),
    (
        ("only_if: unassigned", "priorities: [critical, high]\n    only_if: unassigned"),
        'Rung "Nobody assigned": priorities all → Critical, High',
    ),
    (
        ("move_to: specialists", "move_to: network_team"),
        'Rung "To specialists": moves the ticket to the category\'s specialists → Network',
    ),
    (
        ("      wifi:", "      radio: {name: Radio, words: [radio]}\n      wifi:"),
        "Category Network › Radio added (team Service desk)",
    ),
    (
        (
            "    team: service_desk\n    specialists: network_team",
            "    team: network_team\n    specialists: network_team",
        ),
        "Category Network: team Service desk → Network",
    ),
    (
        ("    required: [location]", "    required: [location, device]"),
        "Category Network: required details now also Which device",
    ),
    (("We have received your request", "We got your request"), "Wording of the acknowledgement (en): text changed"),
    (("reopen_within: {target: 14 d", "reopen_within: {target: 7 d"), "Closing: opened again within 14 d → 7 d"),
    (("high: Hoch", "high: Eilig"), 'Language Deutsch: names of priorities, High "Hoch" → "Eilig"'),
    (
        ("title: Procedures for Handling Technical Support Requests", "title: Ours"),
        'Title "Procedures for Handling Technical Support Requests" → "Ours"',
    ),
    (("To define procedures for", "To set procedures for"), "Purpose changed"),
    (
        ('"7.2": Mark the ticket as closed in the system.', '"7.2": Close it.'),
        'Step 7.2: "Mark the ticket as closed in the system." → "Close it."',
    ),
    (
        ("method: least_loaded", "method: round_robin"),
        "Assignment: method to whoever has the fewest open tickets → in turn",
    ),
    (
        ("# To have the desk", "canary: {every: 10 min, within: 5 min}\n    #"),
        "Channel Email: canary none → sent every 10 min, back within 5 min",
    ),
    (
        ("revisions:\n", "revisions:\n  - {version: '2', date: 2026-11-20, description: Faster, author: Ada}\n"),
        'Revision 2 added (date 2026-11-20, author "Ada", description "Faster")',
    ),
]


@pytest.mark.sop("H1", "D1")
@pytest.mark.parametrize(("change", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_a_change_in_words(change: tuple[str, str], sentence: str) -> None:
    assert said(change) == [sentence]


@pytest.mark.sop("H1", "3.2")
def test_an_order_is_a_difference() -> None:
    data = standard().model_dump(mode="json")
    data["priorities"] = dict(reversed(data["priorities"].items()))
    (found,) = differences(standard(), validated(data))
    assert (found.path, found.kind) == (("priorities",), "moved")
    assert found.words == "Priorities reordered: Low, Medium, High, Critical"


@pytest.mark.sop("H1", "D1")
def test_a_rung_that_moved_is_known_again_and_its_change_is_said() -> None:
    data = standard().model_dump(mode="json")
    rung = data["escalation"].pop(4)
    data["escalation"].append({**rung, "at": "due + 5 min"})
    change, moved = differences(standard(), validated(data))
    assert (change.words, change.path) == (
        'Rung "First response late": falls due at due → due + 5 min',
        ("escalation", 14, "at"),
    )
    assert (moved.words, moved.kind) == ("Escalation matrix reordered; moved: First response late", "moved")


@pytest.mark.sop("H1", "1.1")
def test_the_same_change_on_several_days_is_said_once() -> None:
    (found,) = said(
        *((f'{day}: [["09:00", "17:00"]]', f'{day}: [["08:00", "18:00"]]') for day in ("mon", "tue", "wed", "thu"))
    )
    assert found == "Calendar business: Monday to Thursday 09:00–17:00 → 08:00–18:00"


@pytest.mark.sop("H1")
def test_a_long_text_is_named_and_its_lines_are_there() -> None:
    (found,) = differences(standard(), changed(("We have received your request", "We got your request")))
    assert '-We have received your request "{subject}". Its number is {number}.' in found.lines
    assert '+We got your request "{subject}". Its number is {number}.' in found.lines


@pytest.mark.sop("H1")
def test_a_renamed_thing_is_called_as_people_know_it_and_elsewhere_as_it_is_now() -> None:
    new = changed(
        ("    name: Service desk", "    name: First line"),
        ("team: service_desk\n    specialists: hardware_team", "team: identity\n    specialists: hardware_team"),
    )
    assert [found.words for found in differences(standard(), new)] == [
        'Team Service desk: name "Service desk" → "First line"',
        "Category Hardware: team Service desk → Identity and access",
    ]


@pytest.mark.sop("H1")
def test_the_yaml_of_both_as_a_diff() -> None:
    lines = yaml_lines(standard(), changed((TARGET, "first_response: {target: 30 min, calendar: business}")))
    assert "-    first_response: {target: 1 h, calendar: business}" in lines
    assert "+    first_response: {target: 30 min, calendar: business}" in lines
    assert len([line for line in lines if line[0] in "+-"]) == 2


@pytest.mark.sop("H1")
def test_what_something_new_does_not_do_goes_without_saying() -> None:
    targets = "{high: {resolution: {target: 4 h, calendar: always}}}"
    level = f"service_levels:\n  gold:\n    name: Gold\n    channels: [phone]\n    targets: {targets}\n"
    (found,) = said(("escalation:\n", f"{level}escalation:\n"))
    assert "Gold" in found
    assert "VIP" not in found, found
    (found,) = said(("escalation:\n", f"{level.replace('channels: [phone]', 'vip: true')}escalation:\n"))
    assert "only VIPs yes" in found
