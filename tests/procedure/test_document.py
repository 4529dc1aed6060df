"""The document: every problem with its line, and what is written reads back equal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forthwith.procedure.document import Problem, ProcedureError, digest, read, standard, standard_text, write
from forthwith.procedure.lint import check
from forthwith.procedure.model import Procedure

TEXT = standard_text()


def problems(text: str) -> list[Problem]:
    with pytest.raises(ProcedureError) as caught:
        read(text)
    return caught.value.problems


def line_of(text: str, needle: str) -> int:
    assert text.count(needle) == 1, f"{needle!r} must stand once in the text, not {text.count(needle)} times"
    return text[: text.index(needle)].count("\n") + 1


def changed(old: str, new: str) -> str:
    """The standard procedure with the first `old` replaced."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


BROKEN = [
    # old, new, path, value, a part of the message, suggestion
    (
        "move_to: specialists",
        "move_to: network_tem",
        "escalation.10.move_to",
        "network_tem",
        "no team",
        "network_team",
    ),
    ("kind: functional", "kind: functionel", "escalation.2.kind", "functionel", "not a value", "functional"),
    ("only_if: unassigned", "onlyif: unassigned", "escalation.1.onlyif", "onlyif", "no key here", "only_if"),
    ("at: 25%", "at: quarter", "escalation.1.at", "quarter", "'75%'", ""),
    ("clock: promise", "clock: promises", "escalation.14.clock", "promises", "not a value", "promise"),
    (
        "method: least_loaded",
        "method: least_lodaed",
        "assignment.method",
        "least_lodaed",
        "not a",
        "least_loaded",
    ),
    ("decide_from: 80%", "decide_from: 180%", "suggestions.decide_from", "180%", "from 0% to 100%", ""),
    ("suggest_from: 50%", "suggest_from: half", "suggestions.suggest_from", "half", "'80%'", ""),
    ("learn_outside: business", "learn_outside: busines", "suggestions.learn_outside", "busines", "no cal", "business"),
    ("urgency: workaround", "urgency: work", "assignment.urgency", "work", "no urgency", ""),
    ("category: other", "category: othr", "assignment.category", "othr", "no category", "other"),
    ("timezone: UTC", "timezone: Europe/Berlim", "calendars.business.timezone", "", "Europe/Berlin", ""),
    ('mon: [["09:00"', 'mon: [["19:00"', "calendars.business.hours.mon.0", "", "not after", ""),
    ('mon: [["09:00", "17:00"]]', "mon: 9 to 5", "calendars.business.hours.mon", "", "list of windows", ""),
    ("level: 1", "level: first", "teams.service_desk.level", "first", "no whole number", ""),
    ("rating: 5", "rating: 50", "closing.rating", "50", "less than or equal to 10", ""),
    ("date: 2024-06-15", "date: 2024-06-31", "revisions.0.date", "2024-06-31", "no date", ""),
    ("language: en", "language: fr", "language", "fr", "no language", ""),
    ("format: 1", "format: 2", "format", "2", "not a value", ""),
    (
        "target: 14 d",
        "target: 14 dys",
        "closing.reopen_within.target",
        "14 dys",
        "no length|not a length",
        "",
    ),
    ("capacity: 12", "capacity: 0", "assignment.capacity", "0", "greater than or equal to 1", ""),
    (
        "staff_coverage:",
        "staff_covrage:",
        "wording.en.staff_covrage",
        "staff_covrage",
        "no mess",
        "staff_coverage",
    ),
    ("on_hold: [resolution]", "on_hold: resolution", "pauses.on_hold", "resolution", "no list", ""),
    ("min_words: 8", "min_words: [8]", "details.description.found.min_words", "a list", "whole number", ""),
    ("category: other", "category: Other", "assignment.category", "Other", "no key", "other"),
    ("stopped: critical", "stopped: Critical", "matrix.widespread.stopped", "Critical", "no key", "critical"),
    ("  low:\n    name: Low", "  Low Prio:\n    name: Low", "priorities.Low Prio", "Low Prio", "no key", "low_prio"),
    ("  method: least_loaded", "  method:", "assignment.method", "", "has no value", ""),
    ("category: other", "category:", "assignment.category", "", "has no value", ""),
    (
        "key: to_specialists",
        "key: resolution_soon",
        "escalation.11.key",
        "resolution_soon",
        "earlier rung",
        "",
    ),
]


@pytest.mark.parametrize(("old", "new", "path", "value", "message", "suggestion"), BROKEN)
def test_a_problem_is_named_with_path_line_value_and_the_nearest_name(
    old: str, new: str, path: str, value: str, message: str, suggestion: str
) -> None:
    text = changed(old, new)
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    if path == "escalation.11.key":
        line = text[: text.rindex("key: resolution_soon")].count("\n") + 1
    (problem,) = problems(text)
    assert (problem.path, problem.line, problem.value, problem.suggestion) == (path, line, value, suggestion)
    assert any(part in problem.message for part in message.split("|"))


def test_a_line_of_the_report_says_all_of_it() -> None:
    (problem,) = problems(changed("move_to: specialists", "move_to: network_tem"))
    allowed = "service_desk, hardware_team, applications, network_team, identity, specialists"
    said = f"escalation.10.move_to: 'network_tem' is no team; did you mean 'network_team'? Allowed: {allowed}"
    assert str(problem) == f"line {problem.line}: {said}"


def test_where_a_mapping_is_expected_its_keys_are_named() -> None:
    (problem,) = problems(changed("{target: 15 min, calendar: always}", "15 min"))
    assert (problem.path, problem.value) == ("priorities.critical.first_response", "15 min")
    assert problem.allowed == ("target", "by", "calendar")


def test_a_missing_key_has_the_line_of_what_should_hold_it() -> None:
    text = changed("    name: Portal\n", "")
    (problem,) = problems(text)
    assert (problem.path, problem.message) == ("channels.portal.name", "is missing")
    assert problem.line == text[: text.index("  portal:")].count("\n") + 1


@pytest.mark.sop("3.2")
def test_a_cell_missing_from_the_matrix_is_an_error() -> None:
    text = changed("several: {stopped: high, ", "several: {")
    (problem,) = problems(text)
    assert (problem.path, problem.line) == ("matrix.several.stopped", line_of(text, "several: {hindered"))
    assert "every urgency needs a priority" in problem.message


@pytest.mark.sop("3.2")
def test_a_row_missing_from_the_matrix_is_an_error() -> None:
    text = changed("  one: {stopped: medium, hindered: medium, workaround: medium, whenever: low}\n", "")
    (problem,) = problems(text)
    assert (problem.path, problem.line) == ("matrix.one", line_of(text, "\nmatrix:") + 1)


def test_a_calendar_without_open_time_is_an_error() -> None:
    hours = TEXT[TEXT.index("    hours:\n      mon") : TEXT.index("# The longest silences")]
    (problem,) = problems(changed(hours, "    hours: {}\n"))
    assert problem.path.startswith("calendars.business")
    assert "open" in problem.message


def test_a_revision_whose_calendar_has_run_out_since_is_read_as_of_its_own_day() -> None:
    hours = TEXT[TEXT.index("    hours:\n      mon") : TEXT.index("# The longest silences")]
    text = changed(hours, "    date_hours: {2020-05-04: [[09:00, 17:00]]}\n")
    assert "open" in problems(text)[0].message
    business = read(text, today=date(2020, 5, 1)).calendar("business")
    assert business.next_open(datetime(2020, 5, 1, tzinfo=UTC)) == datetime(2020, 5, 4, 9, tzinfo=UTC)


def test_the_name_of_24x7_cannot_be_taken() -> None:
    (problem,) = problems(changed("calendars:\n", "calendars:\n  always: {timezone: UTC, hours: {mon: []}}\n"))
    assert problem.path.startswith("calendars.always")


def test_all_problems_are_found_at_once_and_in_the_order_of_their_lines() -> None:
    text = changed("capacity: 12", "capacity: 0").replace("  method:", "  metod:").replace("rating: 5", "rating: x")
    found = problems(text)
    assert {p.path for p in found} == {
        "assignment.method",
        "assignment.metod",
        "assignment.capacity",
        "closing.rating",
    }
    assert [p.line for p in found] == sorted(p.line for p in found)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "a mapping is expected"),
        ("- one\n- two\n", 1, "a mapping is expected"),
        ("just words", 1, "a mapping is expected"),
        ("a: [1, 2\nb: 3\n", 2, "is no YAML"),
        ("a: 1\n  b: 2\n", 2, "is no YAML"),
        ("a: 1\nb: *nowhere\n", 2, "undefined alias"),
        ("a: 1\n---\nb: 2\n", 2, "single document"),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, "the first is in line 3"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key that is no text"),
        ("a: 1\nb: !!python/object/apply:os.system [id]\n", 2, "leave tags out"),
        ("a: 1\nb: !!int x\n", 2, "leave tags out"),
        ("a: &a\n  b: *a\n", 1, "contains itself"),
        ("a: 1\nb: \x01\n", 1, "is no YAML"),
        ("a: " + "[" * 1000 + "]" * 1000, 1, "nested more than 40"),
        ("a: " + "[" * 100_000, 1, "nested more than 40"),
        ("a:\n" + "".join(f"{'  ' * i}- b:\n" for i in range(1, 60)), 21, "nested more than 40"),
        ("a: " + "x" * 2_000_001, 1, "longer than"),
    ],
)
def test_what_is_no_yaml_of_this_kind_is_refused_by_line(text: str, line: int, message: str) -> None:
    (problem,) = problems(text)
    assert message in problem.message
    assert problem.line == line


def test_aliases_cannot_blow_a_small_text_up() -> None:
    names = "abcdefghi"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise(names)]
    (problem,) = problems("\n".join(lines))
    assert "counting each use of an alias" in problem.message


def test_an_alias_may_share_a_part() -> None:
    text = TEXT.replace("{target: 4 h, calendar: business}", "&four {target: 4 h, calendar: business}", 1)
    text = text.replace("next_reply: {target: 4 h, calendar: business}", "next_reply: *four", 1)
    assert read(text) == standard()


def test_times_words_and_versions_are_texts_not_what_yaml_1_1_makes_of_them() -> None:
    text = changed('"1.0"\nlanguage', "1.10\nlanguage")
    text = text.replace('mon: [["09:00", "17:00"]]', "mon: [[09:00, 17:00]]", 1)
    text = text.replace("words: [hardware, ", "words: [on, off, yes, no, 1e3, 0x10, 12:30:45, 7, ", 1)
    procedure = read(text)
    assert procedure.version == "1.10"
    assert procedure.calendars == standard().calendars
    words = procedure.categories["hardware"].words
    assert words[:8] == ("on", "off", "yes", "no", "1e3", "0x10", "12:30:45", "7")


def test_the_standard_procedure_reads_back_equal() -> None:
    text = write(standard())
    assert read(text) == standard()
    assert digest(read(text)) == digest(standard())
    assert write(read(text)) == text


def test_what_is_written_reads_well() -> None:
    text = write(standard())
    assert "\n    first_response: {target: 15 min, calendar: always}\n" in text
    assert "\n      mon: [['09:00', '17:00']]\n" in text
    assert "\n      text: |-\n        Hello {requester},\n" in text
    assert "!!" not in text
    assert "&id" not in text


def test_a_calendar_with_holidays_reads_back_equal() -> None:
    text = changed(
        "    timezone: UTC\n",
        "    timezone: Europe/Berlin\n    holidays: {country: DE, subdivision: BE, dates: [2026-12-24]}\n"
        "    date_hours: {2026-12-31: [[09:00, 12:00]]}\n    date_breaks: {2026-11-02: [[10:00, 11:00]]}\n",
    )
    procedure = read(text)
    assert read(write(procedure)) == procedure


def test_the_digest_is_the_documents_meaning_rank_included() -> None:
    data = standard().model_dump(mode="json")
    assert digest(Procedure.model_validate(data)) == digest(standard())
    data["priorities"] = dict(reversed(data["priorities"].items()))
    assert digest(Procedure.model_validate(data)) != digest(standard())
    assert digest(read(changed("target: 15 min", "target: 900 s"))) == digest(standard())
    assert digest(read(changed("target: 15 min", "target: 16 min"))) != digest(standard())


texts = st.text(max_size=80) | st.sampled_from(
    [
        "no",
        "~",
        "null",
        "09:00",
        "1.0",
        "- a",
        "a: b",
        "#x",
        "'",
        '"',
        "{a}",
        "a\n\n  b\n",
        "\ta",
        "x\u2028y",
        "x\x85y",
        "x\ry",
        "=",
        "<<",
    ]
)
keys = st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z")
targets = st.builds(
    lambda seconds, calendar: {"target": f"{seconds} s", "calendar": calendar},
    st.integers(1, 10**8),
    st.sampled_from(["always", "business"]),
)


def slim() -> dict[str, Any]:
    """The standard procedure as data, without most of its categories and wording."""
    data = standard().model_dump(mode="json")
    data["categories"] = {"other": data["categories"]["other"]}
    data["wording"] = {"en": {"closed": data["wording"]["en"]["closed"]}}
    data["details"] = {key: data["details"][key] for key in ("user_details", "description", "urgency")}
    data["languages"] = {"en": data["languages"]["en"]}
    macro = data["macros"]["working_on_it"]
    data["macros"] = {"working_on_it": {**macro, "text": {"en": macro["text"]["en"]}, "next_step": {}}}
    return data


SLIM_TEXT = write(Procedure.model_validate(slim()))


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """The standard procedure with texts, lists, targets and a matrix of any kind."""
    data = slim()
    for name in ("title", "version", "purpose", "scope", "knowledge_guide", "communication_policy"):
        data[name] = draw(texts)
    data["steps"] = draw(st.dictionaries(texts, texts, max_size=5))
    for priority in data["priorities"].values():
        priority["resolution"] = draw(st.none() | targets)
        priority["name"] = draw(texts)
    for name in ("words", "examples", "runbook"):
        data["categories"]["other"][name] = draw(st.lists(texts, max_size=6))
    data["categories"]["other"]["children"] = {
        key: {"name": draw(texts)} for key in draw(st.lists(keys, unique=True, max_size=3))
    }
    # Without variables: those of a message are known, and others are errors.
    plain = texts.map(lambda text: text.replace("{", "("))
    data["macros"]["working_on_it"]["text"]["en"] = draw(plain)
    data["macros"]["working_on_it"]["next_step"] = draw(st.fixed_dictionaries({}, optional={"en": plain}))
    data["macros"]["working_on_it"]["then"] = draw(st.sampled_from([None, "wait", "hold", "resolve"]))
    data["wording"]["en"]["reply"] = {"subject": draw(plain), "text": draw(plain)}
    data["wording"].update(draw(st.dictionaries(keys.filter(lambda key: key != "en"), st.just({}), max_size=2)))
    data["languages"]["en"]["name"] = draw(texts)
    data["languages"]["en"]["words"] = draw(st.lists(texts, max_size=6))
    data["languages"]["en"]["priorities"] = draw(st.dictionaries(st.sampled_from(sorted(data["priorities"])), texts))
    data["languages"]["en"]["details"] = draw(
        st.dictionaries(st.sampled_from(sorted(data["details"])), st.fixed_dictionaries({"name": texts, "ask": texts}))
    )
    data["pauses"] = draw(st.just({}) | st.just({"on_hold": ["next_update"]}))
    data["escalation"] = draw(st.permutations(data["escalation"]))[: draw(st.integers(0, 5))]
    for row in data["matrix"].values():
        row["stopped"] = draw(st.sampled_from(sorted(data["priorities"])))
    return Procedure.model_validate(data)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(procedures())
def test_any_procedure_reads_back_equal(procedure: Procedure) -> None:
    again = read(write(procedure))
    assert again == procedure
    assert digest(again) == digest(procedure)


@settings(max_examples=80)
@given(st.text(alphabet="ab:[]{}&*!|>-?#'\"%@`,\n \t0~\x00é", max_size=200))
def test_any_text_is_read_or_refused_with_reasons(text: str) -> None:
    with pytest.raises(ProcedureError) as caught:
        read(text)
    assert caught.value.problems
    assert all(problem.line >= 1 and problem.message for problem in caught.value.problems)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(SLIM_TEXT) - 1), st.sampled_from(list(":[]{}-\n\t\"'&*!xX09 ")), st.integers(0, 3))
def test_a_slip_of_the_finger_is_judged_within_the_text(at: int, put: str, cut: int) -> None:
    text = SLIM_TEXT[:at] + put + SLIM_TEXT[at + cut :]
    lines = [problem.line for problem in check(text).errors]
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
