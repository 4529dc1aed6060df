"""A document that says only what is its own: what it takes over from the standard, and where its mistakes are shown."""

from __future__ import annotations

import pytest

from forthwith.procedure.document import ProcedureError, digest, read, standard, whole_text, write
from forthwith.procedure.lint import check
from forthwith.procedure.model import Procedure

HEAD = """format: 1
based_on: standard
title: Ours
version: "1"
"""
REVISIONS = """revisions:
  - {version: "1", date: 2026-03-02, description: Ours, author: Somebody}
"""
PRIORITIES = """priorities:
  p1:
    name: First
    description: Everything
    first_response: {target: 1 h, calendar: business}
    resolution: {target: 8 h, calendar: business}
matrix:
  widespread: {stopped: p1, hindered: p1, workaround: p1, whenever: p1}
  several: {stopped: p1, hindered: p1, workaround: p1, whenever: p1}
  one: {stopped: p1, hindered: p1, workaround: p1, whenever: p1}
  nobody: {stopped: p1, hindered: p1, workaround: p1, whenever: p1}
"""


def differing(one: Procedure, other: Procedure) -> set[str]:
    return {name for name in type(one).model_fields if getattr(one, name) != getattr(other, name)}


def test_what_is_not_given_is_the_standards() -> None:
    ours = read(HEAD + REVISIONS)
    assert differing(ours, standard()) == {"title", "version", "revisions"}


def test_a_section_replaces_the_standards_whole_with_what_others_said_of_it() -> None:
    ours = read(HEAD + PRIORITIES + REVISIONS)
    assert list(ours.priorities) == ["p1"]
    assert ours.languages["de"].priorities == {}, "those are the names of other priorities"
    assert ours.languages["de"].teams == standard().languages["de"].teams
    assert differing(ours, standard()) == {"title", "version", "priorities", "matrix", "languages", "revisions"}


def test_macros_keep_what_stands_in_sections_that_are_the_standards() -> None:
    categories = "categories:\n  all: {name: All, team: service_desk}\n"
    assignment = "assignment: {method: by_hand, team: service_desk, category: all, impact: one, urgency: workaround}\n"
    ours = read(HEAD + categories + assignment + REVISIONS)
    assert {macro.category for macro in ours.macros.values()} == {None}
    assert ours.macros["known_outage"].impact == "widespread"


def test_words_are_laid_over_word_by_word() -> None:
    text = 'steps: {"3.2": Ours.}\nwording:\n  en:\n    password_reset: {subject: New, text: "{link}"}\n'
    ours = read(HEAD + text + REVISIONS)
    assert ours.steps == {**standard().steps, "3.2": "Ours."}
    assert ours.words("password_reset").subject == "New"
    assert ours.words("reply") == standard().words("reply")
    assert ours.words("password_reset", "de") == standard().words("password_reset", "de")


def test_it_is_a_whole_document_like_any_other() -> None:
    ours = read(HEAD + PRIORITIES + REVISIONS)
    written = write(ours)
    assert "based_on" not in written
    assert read(written) == ours
    assert digest(read(written)) == digest(ours)


def test_what_is_kept_says_everything_itself() -> None:
    """A revision must not change its meaning when a later program has another standard."""
    text = HEAD + PRIORITIES + REVISIONS
    kept = whole_text(text)
    assert "based_on" not in kept
    assert read(kept) == read(text)
    assert whole_text(kept) == kept


def test_a_mistake_is_shown_at_its_own_line() -> None:
    [problem] = check(HEAD + PRIORITIES.replace("1 h", "1 hour later") + REVISIONS).errors
    assert (problem.path, problem.line) == ("priorities.p1.first_response.target", 9)


def test_a_mistake_in_what_is_taken_over_is_shown_where_that_is_said() -> None:
    calendars = 'calendars:\n  ours:\n    timezone: UTC\n    hours: {mon: [["09:00", "17:00"]]}\n'
    errors = check(HEAD + calendars + REVISIONS).errors
    assert {problem.line for problem in errors} == {2}
    team = next(problem for problem in errors if problem.path == "teams.service_desk.hours")
    assert "'business' is no calendar (this section is the standard procedure's: give your own)" in str(team)


@pytest.mark.parametrize("missing", ["title", "version", "revisions"])
def test_its_name_and_history_are_its_own(missing: str) -> None:
    text = "\n".join(line for line in (HEAD + REVISIONS).split("\n") if missing not in line and "{version" not in line)
    [problem] = [p for p in check(text).errors if p.path == missing]
    assert problem.message == "is missing"


def test_there_is_nothing_else_to_build_on() -> None:
    with pytest.raises(ProcedureError, match=r"line 2: based_on: 'other' is nothing to build on; write standard"):
        read(HEAD.replace("standard", "other") + REVISIONS)


def test_a_slip_in_the_key_is_pointed_out() -> None:
    [problem] = [p for p in check(HEAD.replace("based_on", "based_in") + REVISIONS).errors if p.path == "based_in"]
    assert problem.suggestion == "based_on"
