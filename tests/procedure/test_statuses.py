"""What statuses are called is data of the procedure; the usual names hold where a document says nothing (SOP 7.1)."""

from __future__ import annotations

from typing import Any

import pytest

from forthwith.procedure import document
from forthwith.procedure.document import ProcedureError
from forthwith.procedure.lifecycle import STATUSES
from forthwith.procedure.lint import lint
from forthwith.procedure.said import Said
from forthwith.procedure.statuses import FOR_REQUESTERS, DeskLabels, RequesterLabels, label_of, told_of
from tests.procedure.tickets import STANDARD, variant

PARKED = {"desk": {"on_hold": "Parked"}, "requesters": {"on_hold": "We wait for a part"}}


def found(**sections: Any) -> dict[str, str]:
    return {".".join(map(str, one.path)): one.message for one in lint(variant(**sections))}


def test_every_status_has_a_name_for_both() -> None:
    assert tuple(DeskLabels.model_fields) == tuple(RequesterLabels.model_fields) == tuple(STATUSES)
    assert tuple(FOR_REQUESTERS) == tuple(STATUSES)


def test_a_document_from_before_says_what_the_standard_says() -> None:
    text = document.standard_text()
    old = text[: text.index("# Ours. What the states")] + text[text.index("# Ours. The clocks named here") :]
    assert document.read(old).statuses == STANDARD.statuses
    assert document.digest(document.read(old)) == document.digest(STANDARD)


def test_the_usual_names_can_be_said_in_another_language_and_a_desks_own_are_its_own() -> None:
    assert isinstance(label_of(STANDARD, "on_hold", "de"), Said)
    own = variant(statuses=PARKED, languages={"de": {"statuses": {"on_hold": "Geparkt"}}})
    assert [label_of(own, "on_hold", key) for key in ("en", "de", "fr")] == ["Parked", "Geparkt", "Parked"]
    assert not isinstance(label_of(own, "on_hold", "fr"), Said)
    assert told_of(own, "on_hold", "de") == "We wait for a part"
    assert label_of(own, "new", "de") == "New"


def test_lint_sees_two_that_are_called_the_same() -> None:
    assert found(statuses={"desk": {"on_hold": "OPEN"}}, languages={"de": {"statuses": {"on_hold": "Wartet"}}}) == {
        "statuses.desk.on_hold": "is what 'open' is called too: nobody can tell them apart"
    }
    assert list(found(languages={"de": {"statuses": {"open": "Neues", "new": "Neues"}}})) == [
        "languages.de.statuses.open"
    ]
    assert found(statuses={"requesters": {"open": "We have your request"}}, languages={
        "de": {"statuses_for_requesters": {"open": "Ihre Anfrage ist bei uns"}}}) == {}  # fmt: skip


def test_lint_sees_a_language_without_the_desks_own_names() -> None:
    said = found(statuses=PARKED)
    assert said == {
        f"languages.de.{section}": "have no name for on_hold: pages in this language say the procedure's own"
        for section in ("statuses", "statuses_for_requesters")
    }
    whole = {"statuses": {"on_hold": "Geparkt"}, "statuses_for_requesters": {"on_hold": ""}}
    said = found(statuses=PARKED, languages={"de": whole})
    assert list(said) == ["languages.de.statuses_for_requesters.on_hold"]
    assert said["languages.de.statuses_for_requesters.on_hold"].startswith("is empty")


@pytest.mark.parametrize(
    ("sections", "path", "says"),
    [
        ({"statuses": {"desk": {"new": ""}}}, "statuses.desk.new", "at least 1 character"),
        ({"statuses": {"desk": {"new": "N" * 61}}}, "statuses.desk.new", "is longer than 60 characters"),
        ({"statuses": {"desk": {"parked": "Parked"}}}, "statuses.desk.parked", "is no key here"),
        ({"languages": {"de": {"statuses": {"parked": "x"}}}}, "languages.de.statuses.parked", "is no status"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(sections: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(ProcedureError) as refused:
        variant(**sections)
    (problem,) = refused.value.problems
    assert problem.path == path
    assert says in problem.sentence
