"""A document changed at one place (SOP H1)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from forthwith.procedure import document, editing, yaml_text
from forthwith.procedure.editing import NoSuchPlace, move, path_of, put, take_out, value_at

pytestmark = pytest.mark.sop("H1")


@pytest.fixture
def data() -> dict[str, Any]:
    return yaml_text.load(document.standard_text()).data


def test_a_value_is_set_at_its_place_and_nothing_else_is_touched(data: dict[str, Any]) -> None:
    before = copy.deepcopy(data)
    changed = put(data, ("priorities", "high", "first_response", "target"), "10 min")
    assert data == before
    assert value_at(changed, ("priorities", "high", "first_response", "target")) == "10 min"
    assert put(changed, ("priorities", "high", "first_response", "target"), "30 min")["priorities"].keys()
    read = document.read(yaml_text.dump(changed))
    assert read.priorities["high"].first_response is not None
    assert read.priorities["high"].first_response.target == 600


def test_a_new_field_stands_where_the_format_has_it(data: dict[str, Any]) -> None:
    without = take_out(data, ("priorities", "high", "first_response"))
    assert value_at(without, ("priorities", "high", "first_response")) is None
    again = put(without, ("priorities", "high", "first_response", "target"), "1 h")
    keys = list(again["priorities"]["high"])
    assert keys.index("first_response") < keys.index("resolution")
    assert put({}, ("escalation", 0, "key"), "first") == {"escalation": [{"key": "first"}]}


def test_entries_are_moved_and_stay_at_the_ends(data: dict[str, Any]) -> None:
    keys = list(data["priorities"])
    assert list(move(data, ("priorities", keys[0]), 1)["priorities"]) == [keys[1], keys[0], *keys[2:]]
    assert list(move(data, ("priorities", keys[0]), -1)["priorities"]) == keys
    rungs = data["escalation"]
    assert move(data, ("escalation", 1), -1)["escalation"] == [rungs[1], rungs[0], *rungs[2:]]
    assert move(data, ("escalation", len(rungs) - 1), 1)["escalation"] == rungs


def test_what_is_not_there_is_said_and_never_guessed(data: dict[str, Any]) -> None:
    assert take_out(data, ("priorities", "none")) == data
    with pytest.raises(NoSuchPlace, match=r"priorities\.none"):
        move(data, ("priorities", "none"), 1)
    with pytest.raises(NoSuchPlace):
        put(data, ("title", "below"), "x")
    with pytest.raises(NoSuchPlace):
        put(data, ("escalation", 900, "key"), "x")


def test_a_problem_leads_to_its_place_though_keys_have_dots() -> None:
    source = yaml_text.load(document.standard_text())
    named = editing.by_names(source.lines)
    assert path_of("steps.1.1", named) == ("steps", "1.1")
    assert path_of("escalation.0.move_to", named)[:2] == ("escalation", 0)
    assert path_of("priorities.high.nothing", named) == ("priorities", "high", "nothing")
    assert path_of("", named) == ()
    assert editing.value_at(source.data, ("steps", "1.1"))
