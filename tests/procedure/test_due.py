"""Questions of business time as JSON lines: answers, errors in words, and never a traceback (SOP 4.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forthwith.procedure.due import answer, answer_lines

pytestmark = pytest.mark.sop("4.3")

BIZ = {"tz": "UTC", "hours": {"wed": [["09:00", "17:00"]], "thu": [["10:00", "16:00"]]}}
WED = "2006-01-04T15:58:30Z"


def ask(**question: Any) -> dict[str, Any]:
    return answer(json.dumps({"calendar": BIZ, **question}))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"start": WED, "duration_s": 90}, {"due": "2006-01-04T16:00:00Z"}),
        ({"start": WED, "duration_s": 3690}, {"due": "2006-01-04T17:00:00Z"}),
        ({"start": WED, "duration_s": 3691}, {"due": "2006-01-05T10:00:01Z"}),
        ({"start": "2006-01-04T16:58:30.25+01:00", "duration_s": 1}, {"due": "2006-01-04T15:58:31.250000Z"}),
        ({"start": "2006-01-05T10:30:00Z", "duration_s": -3600}, {"due": "2006-01-04T16:30:00Z"}),
        ({"start": "2006-01-03T00:00:00Z", "duration_s": 0}, {"due": "2006-01-04T09:00:00Z"}),
        ({"start": WED, "end": "2006-01-05T10:00:01Z"}, {"seconds": 3691}),
        ({"start": "2006-01-05T10:00:01Z", "end": WED}, {"seconds": -3691}),
        ({"at": WED}, {"open": True, "next_open": WED}),
        ({"at": "2006-01-04T17:00:00Z"}, {"open": False, "next_open": "2006-01-05T10:00:00Z"}),
        ({"calendar": "always", "start": WED, "duration_s": 86_400}, {"due": "2006-01-05T15:58:30Z"}),
        ({"calendar": "always", "at": WED, "pauses": [], "id": "x-1"}, {"open": True, "next_open": WED}),
    ],
)
def test_questions_are_answered(question: dict[str, Any], expected: dict[str, Any]) -> None:
    assert ask(**question) == expected


def test_pauses_do_not_count_in_any_direction() -> None:
    pauses = [
        ["2006-01-04T16:00:00Z", "2006-01-04T16:30:00Z"],
        ["2006-01-04T16:10:00Z", "2006-01-04T20:00:00Z"],
    ]
    start, later = "2006-01-04T15:00:00Z", "2006-01-05T11:00:00Z"
    assert ask(start=start, duration_s=7200, pauses=pauses) == {"due": later}
    assert ask(start=later, duration_s=-7200, pauses=pauses) == {"due": start}
    assert ask(start=start, end=later, pauses=pauses) == {"seconds": 7200}
    assert ask(start=start, duration_s=3600, pauses=[["2006-01-04T16:00:00Z", None]]) == {"due": "2006-01-04T16:00:00Z"}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({}, "a question has"),
        ({"start": WED}, "a question has"),
        ({"duration_s": 1}, "a question has"),
        ({"start": WED, "at": WED}, "a question has"),
        ({"start": WED, "duration_s": 1, "end": WED}, "a question has"),
        ({"start": WED, "duration": 1}, 'did you mean "duration_s"'),
        ({"start": WED, "duration_s": 1, "pause": []}, 'did you mean "pauses"'),
        ({"start": "2006-01-04T15:58:30", "duration_s": 1}, "no time zone"),
        ({"start": "2006-01-04", "duration_s": 1}, "no time zone"),
        ({"start": "yesterday", "duration_s": 1}, "no instant"),
        ({"start": 1136390310, "duration_s": 1}, "`start` is text"),
        ({"start": "0001-01-01T00:00:00+14:00", "duration_s": 1}, "years 1 to 9999"),
        ({"start": "0001-01-01T00:00:00Z", "duration_s": 1}, "covers the years"),
        ({"start": WED, "duration_s": True}, "a whole number"),
        ({"start": WED, "duration_s": 1.5}, "a whole number"),
        ({"start": WED, "duration_s": "90"}, "a whole number"),
        ({"start": WED, "duration_s": None}, "a whole number"),
        ({"start": WED, "duration_s": 10**30}, "covers the years"),
        ({"start": WED, "duration_s": -(10**30)}, "covers the years"),
        ({"calendar": "always", "start": WED, "duration_s": 10**30}, "covers the years"),
        ({"calendar": {"tz": "Mars"}, "at": WED}, "tz: "),
        ({"calendar": {"tz": "UTC"}, "at": WED}, "never open"),
        ({"calendar": None, "at": WED}, "`calendar` is"),
        ({"calendar": [], "at": WED}, "`calendar` is"),
        ({"at": WED, "pauses": [[WED, None]]}, "not with `at`"),
        ({"start": WED, "duration_s": 1, "pauses": WED}, "`pauses` is a list"),
        ({"start": WED, "duration_s": 1, "pauses": [WED]}, "pauses[0] is a pair"),
        ({"start": WED, "duration_s": 1, "pauses": [[None, WED]]}, "pauses[0][0] is text"),
        ({"start": WED, "duration_s": 1, "pauses": [[WED, "2006-01-04T00:00:00Z"]]}, "before it begins"),
        ({"start": WED, "duration_s": 1, "pauses": [[WED, None]]}, "no end"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(question: dict[str, Any], words: str) -> None:
    found = ask(**question)
    assert list(found) == ["error"]
    assert words in found["error"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("due please", "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"calendar": "always", "start": "2006-01-04T15:58:30Z", "duration_s": NaN}', "NaN is not a number"),
        ('{"calendar": "always", "start": "2006-01-04T15:58:30Z", "duration_s": -Infinity}', "not a number"),
        ('{"calendar": "always", "start": "2006-01-04T15:58:30Z", "duration_s": 1e400}', "a whole number"),
        (
            '{"calendar": "always", "start": "2006-01-04T15:58:30Z", "duration_s": ' + "9" * 9000 + "}",
            "limit",
        ),
        ('{"at": "2006-01-04T15:58:30Z"}', "`calendar` is missing"),
    ],
)
def test_garbage_is_an_error_never_a_traceback(line: str, words: str) -> None:
    assert words in answer(line)["error"]


def test_a_bad_line_does_not_stop_the_others_and_blank_ones_are_skipped() -> None:
    good = json.dumps({"calendar": "always", "at": WED})
    answers = list(answer_lines(["\ufeff" + good + "\n", "\n", "  ", "{oops\n", good]))
    assert [list(json.loads(found)) for found in answers] == [
        ["open", "next_open"],
        ["error"],
        ["open", "next_open"],
    ]


keys = st.text(max_size=5) | st.sampled_from(
    [
        "calendar",
        "start",
        "duration_s",
        "end",
        "at",
        "pauses",
        "tz",
        "hours",
        "mon",
        "holidays",
        "country",
        "dates",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([WED, "always", "UTC"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
known = st.fixed_dictionaries({}, optional=dict.fromkeys(["tz", "hours", "holidays", "date_hours"], anything))


@settings(max_examples=100, deadline=None)
@given(
    st.text()
    | anything.map(json.dumps)
    | st.fixed_dictionaries(
        {"calendar": known | anything},
        optional=dict.fromkeys(["start", "duration_s", "end", "at", "pauses"], anything),
    ).map(json.dumps)
)
def test_whatever_comes_one_answer_leaves(line: str) -> None:
    found = answer(line)
    assert set(found) in ({"error"}, {"due"}, {"seconds"}, {"open", "next_open"})
    json.dumps(found)
