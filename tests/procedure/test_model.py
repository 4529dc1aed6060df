"""The model: what a document's parts mean, and the ways in which it answers questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from forthwith.procedure.document import read, standard, standard_text
from forthwith.procedure.model import CLOCKS, Procedure, Target
from forthwith.procedure.moments import Moment, format_duration, format_percent, parse_duration, parse_percent
from forthwith.procedure.references import DanglingNames


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15 min", 900),
        ("1 h", 3600),
        ("1 h 30 min", 5400),
        ("90m", 5400),
        ("2 hours", 7200),
        ("14 d", 14 * 86400),
        (" 5 S ", 5),
    ],
)
def test_a_length_is_read_as_a_person_writes_it(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "min", "15 mn", "-1 h", "1.5 h", 15, None, ["1 h"]])
def test_what_is_no_length_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="15 min"):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_a_length_is_written_so_that_it_reads_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("75%", 10800),
        ("due", 14400),
        ("due + 30 min", 16200),
        ("due - 15 min", 13500),
        ("due - 5 h", 0),
        ("start + 1 h", 3600),
        ("150 %", 21600),
    ],
)
def test_a_moment_is_counted_from_the_start_of_a_four_hour_target(text: str, seconds: int) -> None:
    assert Moment.read(text).after_start(4 * 3600) == seconds


moments = st.one_of(
    st.builds(Moment, st.just("share"), st.integers(0, 9999)),
    st.builds(Moment, st.just("due"), st.integers(-(10**6), 10**6)),
    st.builds(Moment, st.just("start"), st.integers(0, 10**6)),
)


@given(moments)
def test_a_moment_is_written_so_that_it_reads_back(moment: Moment) -> None:
    assert Moment.read(str(moment)) == moment


@pytest.mark.parametrize("text", ["soon", "start", "start - 1 h", "75", "-5%", "due +", "due 5 min"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Moment.read(text)


def test_a_procedure_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        standard().title = "another"  # type: ignore[misc]


def test_two_procedures_that_are_equal_are_one_key() -> None:
    again = Procedure.model_validate(standard().model_dump(mode="json"))
    assert {standard(): "found"}[again] == "found"


def test_a_sub_category_has_its_parents_team_details_and_runbook_unless_it_has_its_own() -> None:
    paths = standard().category_paths
    network, vpn, shared = paths["network"], paths["network.vpn"], paths["network.shared_files"]
    assert (vpn.team, vpn.specialists, vpn.required) == (network.team, network.specialists, network.required)
    assert vpn.runbook != network.runbook
    assert shared.runbook == network.runbook
    assert paths["other.suspicious_message"].specialists == "identity"


def test_a_parent_stands_before_its_children() -> None:
    seen: set[str] = set()
    for path in standard().category_paths:
        assert "." not in path or path.rpartition(".")[0] in seen
        seen.add(path)


@pytest.mark.sop("3.2")
def test_rank_is_the_order_in_the_document() -> None:
    assert standard().ranks == {"critical": 0, "high": 1, "medium": 2, "low": 3}


def test_every_clock_has_its_target_or_none() -> None:
    procedure = standard()
    for clock in CLOCKS:
        target = procedure.target(clock, "high")
        assert (target is None) == (clock in ("work", "promise"))
    assert procedure.target("acknowledgement", "low") == procedure.acknowledgement


def test_a_calendar_is_found_by_its_name() -> None:
    procedure = standard()
    assert procedure.calendar("always").spec == "always"
    assert procedure.calendar("business").spec == procedure.calendars["business"]
    with pytest.raises(KeyError):
        procedure.calendar("nights")


def test_a_target_of_no_time_is_refused() -> None:
    with pytest.raises(ValidationError):
        Target.model_validate({"target": "0 min", "calendar": "always"})


def test_details_that_channel_and_category_both_want_are_wanted_once() -> None:
    data = standard().model_dump(mode="json")
    data["categories"]["other"]["required"] = ["urgency", "account"]
    procedure = Procedure.model_validate(data)
    assert procedure.required("email", "other") == ("user_details", "description", "urgency", "account")


@pytest.mark.sop("1.2", "2.1")
def test_a_channel_that_the_procedure_does_not_name_asks_for_what_the_category_needs() -> None:
    assert standard().required("fax", "hardware.printer") == ("device",)
    assert standard().required("fax", None) == ()


def test_a_message_without_words_in_the_procedures_language_has_those_of_another() -> None:
    data = standard().model_dump(mode="json")
    data["languages"] = data["macros"] = {}
    data["wording"]["de"] = {"closed": data["wording"]["en"].pop("closed")}
    procedure = Procedure.model_validate(data)
    assert procedure.words("closed") == procedure.wording["de"]["closed"]
    del data["wording"]["de"]
    with pytest.raises(KeyError, match=r"wording\.en"):
        Procedure.model_validate(data).words("closed")


def test_parts_that_do_not_fit_together_are_refused_from_wherever_they_come() -> None:
    data = standard().model_dump(mode="json")
    data["assignment"]["impact"] = "everywhere"
    del data["matrix"]["one"]["stopped"]
    with pytest.raises(ValidationError) as caught:
        Procedure.model_validate(data)
    (error,) = caught.value.errors()
    cause = error["ctx"]["error"]
    assert isinstance(cause, DanglingNames)
    assert [wrong.path for wrong in cause.wrong] == [("assignment", "impact"), ("matrix", "one", "stopped")]


@given(st.integers(0, 100))
def test_a_share_reads_back(share: int) -> None:
    assert parse_percent(format_percent(share)) == share == parse_percent(share)


@pytest.mark.parametrize("text", ["", "half", "-1%", "101%", "0.8", "80", True, None, 1.5])
def test_what_is_no_share_is_told_how_to_write_one(text: object) -> None:
    with pytest.raises(ValueError, match="such as '80%'"):
        parse_percent(text)


def test_a_procedure_of_before_has_suggestions_all_the_same() -> None:
    text = standard_text()
    start, end = text.index("suggestions:\n"), text.index("# Ours. The clocks named here")
    older = read(text[:start] + text[end:])
    assert older.suggestions.learn_outside is None
    assert older.suggestions == standard().suggestions.model_copy(update={"learn_outside": None})
