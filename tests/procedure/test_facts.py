"""A fact survives being stored as JSON, and one that is not known is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.procedure import fact
from forthwith.procedure import facts as f

INSTANTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
# Lone surrogates cannot be stored by any database.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**53), 2**53),
    str: TEXTS,
    bool: st.booleans(),
    datetime: INSTANTS,
    int | None: st.none() | st.integers(0, 2**53),
    str | None: st.none() | TEXTS,
    datetime | None: st.none() | INSTANTS,
    tuple[str, ...]: st.lists(TEXTS, max_size=3).map(tuple),
    tuple[int, ...]: st.lists(st.integers(0, 2**53), max_size=3).map(tuple),
}


def facts_of(kind: type[f.Fact]) -> st.SearchStrategy[f.Fact]:
    return st.builds(kind, **{name: VALUES[hint] for name, hint in get_type_hints(kind).items()})


@pytest.mark.sop("6.1")
@pytest.mark.parametrize("kind", f.KINDS.values(), ids=f.KINDS)
@given(data=st.data())
def test_a_fact_of_any_kind_comes_back_from_json_as_it_was(kind: type[f.Fact], data: st.DataObject) -> None:
    fact = data.draw(facts_of(kind))
    stored = json.loads(json.dumps(f.to_data(fact)))
    assert f.from_data(kind.__name__, fact.at, fact.by, stored) == fact


def test_a_fact_is_stored_without_when_and_by_whom_and_with_its_defaults() -> None:
    fact = f.Escalated(at=datetime(2026, 3, 2, tzinfo=UTC), by=7, kind="functional", why="hard", told=(1, 2))
    assert f.to_data(fact) == {
        "kind": "functional",
        "why": "hard",
        "rung": "",
        "clock": "",
        "cycle": 0,
        "to_team": None,
        "told": [1, 2],
        "moot": False,
    }


def test_instants_are_stored_in_utc_whatever_zone_they_came_in() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=2)))
    fact = f.Promised(at=noon, promise="p", what="a call", due=noon)
    assert f.to_data(fact)["due"] == "2026-03-02T10:00:00Z"


def test_a_fact_cannot_be_changed() -> None:
    fact = f.Reopened(at=datetime(2026, 3, 2, tzinfo=UTC), why="it is back")
    with pytest.raises(AttributeError):
        fact.why = "it is gone"  # type: ignore[misc]


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="no fact of the kind 'Vanished'"):
        f.from_data("Vanished", datetime(2026, 3, 2, tzinfo=UTC), None, {})


@pytest.mark.parametrize(
    "data", [{}, {"why": "late", "colour": "red"}, {"colour": "red"}], ids=["missing", "unknown", "both"]
)
def test_fields_that_do_not_fit_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        f.from_data("Closed", datetime(2026, 3, 2, tzinfo=UTC), None, data)


def test_every_kind_is_known_by_its_name() -> None:
    public = {
        name: thing
        for name, thing in vars(f).items()
        if isinstance(thing, type) and issubclass(thing, f.Fact) and thing is not f.Fact
    }
    assert public == f.KINDS


OTHER_NUMBERS = {
    *("message", "messages", "copies", "mail", "follows", "quotes", "ticket", "came_along", "article", "revision"),
    *("minutes", "score", "cycle", "confidence", "was"),
}


@pytest.mark.parametrize("kind", f.KINDS.values())
def test_each_number_in_a_fact_is_a_person_s_or_known_to_be_another(kind: type[f.Fact]) -> None:
    hints = get_type_hints(kind)
    numbers = {name for name, hint in hints.items() if "int" in str(hint)}
    assert numbers <= OTHER_NUMBERS | set(fact.PEOPLE)


def test_everybody_whom_facts_name_is_found() -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    said = [
        f.Assigned(at=at, by=1, team="desk", assignee=2),
        f.Assigned(at=at, team="desk", assignee=None),
        f.Noted(at=at, by=1, message=9, digest="", mentioned=(3, 4)),
    ]
    assert f.people_in(said) == {1, 2, 3, 4}
