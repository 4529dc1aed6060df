"""Every field of the document has words, none has words that is not there, and the words know what a value names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forthwith.procedure import calendar_spec, shape
from forthwith.procedure.document import read, standard
from forthwith.procedure.model import Procedure
from forthwith.procedure.part import Part
from forthwith.procedure.references import references
from forthwith.procedure.said import Said
from forthwith.procedure.term import Term
from forthwith.procedure.terms import SECTIONS, TERMS, term_at
from forthwith.procedure.terms_requests import CALENDAR
from forthwith.procedure.terms_texts import MESSAGES
from forthwith.procedure.wording import TEMPLATES

UNIVERSITY = Path(__file__).resolve().parents[2] / "examples" / "procedures" / "university.yaml"
SECTION_OF = {
    "calendar": "calendars",
    "detail": "details",
    "team": "teams",
    "destination": "teams",
    "priority": "priorities",
    "category": "categories",
    "impact": "impacts",
    "urgency": "urgencies",
    "language": "wording",
}


def fields() -> Iterator[tuple[type[Part], str, Term]]:
    for part, terms in TERMS.items():
        for name, term in terms.items():
            yield part, name, term


@pytest.mark.sop("H1")
def test_every_field_has_a_term_and_every_term_a_field() -> None:
    there = {part: tuple(part.model_fields) for part in shape.parts()}
    assert set(there) == set(TERMS)
    assert {part: tuple(terms) for part, terms in TERMS.items()} == there


@pytest.mark.sop("H1")
def test_the_sections_are_those_of_the_document_in_its_order() -> None:
    assert tuple(SECTIONS) == tuple(Procedure.model_fields)
    assert all(title[0].isupper() for title in SECTIONS.values())


def test_every_key_of_a_calendar_has_a_term() -> None:
    assert tuple(CALENDAR) == calendar_spec.KEYS


def test_every_message_has_a_name() -> None:
    assert tuple(MESSAGES) == tuple(TEMPLATES)


@pytest.mark.sop("H1")
@pytest.mark.parametrize(("part", "name", "term"), [*fields()], ids=lambda value: getattr(value, "__name__", None))
def test_a_term_is_a_title_and_one_sentence_that_can_be_translated(part: type[Part], name: str, term: Term) -> None:
    assert isinstance(term.title, Said)
    assert isinstance(term.says, Said)
    assert 0 < len(term.title) <= 60
    assert term.says[0].isupper() or term.says[0].isdigit()
    assert term.says.endswith((".", ".)"))
    assert ". " not in term.says
    assert part is Procedure or not term.title[0].isupper()


@pytest.mark.sop("H1")
def test_every_value_that_is_named_one_by_one_has_words() -> None:
    for part, name, term in fields():
        named = shape.values_of(part.model_fields[name].annotation)
        if named and name != "format":
            assert tuple(term.choices) == named, (part.__name__, name)


@pytest.mark.sop("H1")
@pytest.mark.parametrize("procedure", [standard(), read(UNIVERSITY.read_text("utf-8"))], ids=["standard", "university"])
def test_a_term_knows_which_section_its_value_names(procedure: Procedure) -> None:
    data = procedure.model_dump(mode="json")
    for path, kind, name in references(procedure):
        here = data
        for step in path:
            here = here[step]
        if here == name:
            term = term_at(path)
            assert term is not None
            assert term.of == SECTION_OF[kind], path


def test_a_path_that_leads_nowhere_has_no_term() -> None:
    assert term_at(("priorities", "high", "colour")) is None
    assert term_at(("colours",)) is None
    assert term_at(("calendars", "business", "weeks")) is None


def test_what_stands_in_a_list_or_under_a_key_has_its_fields_term() -> None:
    hours = term_at(("calendars", "business", "hours", "mon"))
    tells = term_at(("escalation", 3, "tell", 0))
    first = term_at(("priorities", "high", "first_response"))
    assert [term and term.title for term in (hours, tells, first)] == ["hours", "tells", "first response"]
