"""The standard procedure is the SOP, whole, and sound by its own lint."""

from __future__ import annotations

import pytest

from forthwith.procedure.document import standard, standard_text
from forthwith.procedure.lint import check
from forthwith.procedure.model import Target
from forthwith.procedure.wording import TEMPLATES, fill

PARTS = {"1": 2, "2": 2, "3": 2, "4": 3, "5": 2, "6": 2, "7": 2}
STEPS = [f"{step}.{part}" for step, parts in PARTS.items() for part in range(1, parts + 1)]
MINUTE, HOUR = 60, 3600


def test_it_has_neither_errors_nor_warnings() -> None:
    assert check(standard_text()).lines() == []


def test_every_step_of_the_sop_is_in_it_in_order() -> None:
    assert list(standard().steps) == STEPS


@pytest.mark.sop("R1", "R2", "R3")
def test_the_three_responsibilities_are_in_it() -> None:
    roles = {key: duty.role for key, duty in standard().responsibilities.items()}
    assert roles == {"R1": "Support Agents", "R2": "Support Team Leader", "R3": "Specialised Teams"}


@pytest.mark.sop("H1")
def test_the_revision_history_begins_with_the_initial_template() -> None:
    (first,) = standard().revisions
    assert (first.version, str(first.date), first.description, first.author) == (
        "1.0",
        "2024-06-15",
        "Initial Template",
        "Support Lead",
    )


@pytest.mark.sop("1.1")
@pytest.mark.parametrize(
    ("channel", "by", "calendar"),
    [
        ("email", "machine", "always"),
        ("portal", "machine", "always"),
        ("chat", "people", "business"),
        ("phone", "people", "business"),
    ],
)
def test_each_channel_is_watched(channel: str, by: str, calendar: str) -> None:
    watch = standard().channels[channel].watch
    assert (watch.by, watch.calendar) == (by, calendar)
    assert watch.silence > 0


@pytest.mark.sop("2.1")
def test_each_channel_asks_for_user_details_description_and_urgency() -> None:
    for channel in standard().channels:
        assert standard().required(channel, None) == ("user_details", "description", "urgency")


@pytest.mark.sop("2.1")
def test_a_category_asks_for_what_it_needs_besides() -> None:
    assert standard().required("email", "hardware.printer")[-1] == "device"
    assert standard().required("email", "other.question") == standard().required("email", None)


@pytest.mark.sop("2.2")
def test_acknowledgement_is_due_after_15_minutes_round_the_clock() -> None:
    assert standard().acknowledgement == Target.model_construct(target=15 * MINUTE, calendar="always")


@pytest.mark.sop("2.2")
def test_acknowledgement_is_manual_on_the_phone_only() -> None:
    ways = {key: channel.acknowledgement for key, channel in standard().channels.items()}
    assert ways == {"email": "automatic", "portal": "automatic", "chat": "automatic", "phone": "manual"}


@pytest.mark.sop("3.1")
def test_the_category_tree_has_the_sops_categories_each_with_an_owner_and_specialists() -> None:
    procedure = standard()
    names = [category.name for category in procedure.categories.values()]
    assert names == ["Hardware", "Software", "Network", "Account Access", "Other"]
    for path, category in procedure.category_paths.items():
        assert category.team == "service_desk", path
        assert category.specialists, path
        assert procedure.teams[category.specialists].level == 2, path
        assert category.examples, path
        assert category.words, path
    assert all(category.children for category in procedure.categories.values())


@pytest.mark.sop("3.2")
@pytest.mark.parametrize(
    ("priority", "description", "seconds", "calendar"),
    [
        ("critical", "System/service down, widespread impact", 15 * MINUTE, "always"),
        ("high", "Major functionality lost, multiple users affected", HOUR, "business"),
        ("medium", "Individual user issue, work-around possible", 4 * HOUR, "business"),
        ("low", "Informational/request, minimal impact", 8 * HOUR, "business"),
    ],
)
def test_the_four_priorities_have_the_sops_first_response(
    priority: str, description: str, seconds: int, calendar: str
) -> None:
    assert list(standard().priorities) == ["critical", "high", "medium", "low"]
    assert standard().priorities[priority].description == description
    target = standard().target("first_response", priority)
    assert target is not None
    assert (target.target, target.calendar) == (seconds, calendar)


@pytest.mark.sop("3.2")
@pytest.mark.parametrize(
    ("impact", "urgency", "priority"),
    [
        ("widespread", "stopped", "critical"),
        ("several", "hindered", "high"),
        ("one", "stopped", "medium"),
        ("one", "workaround", "medium"),
        ("nobody", "whenever", "low"),
    ],
)
def test_the_matrix_follows_the_sops_descriptions(impact: str, urgency: str, priority: str) -> None:
    assert standard().priority_for(impact, urgency) == priority


@pytest.mark.sop("3.2")
def test_what_nobody_has_judged_yet_is_medium() -> None:
    start = standard().assignment
    assert standard().priority_for(start.impact, start.urgency) == "medium"


@pytest.mark.sop("3.2")
def test_more_impact_or_urgency_never_lowers_the_priority() -> None:
    procedure = standard()
    rank = procedure.ranks
    grid = [[rank[procedure.priority_for(i, u)] for u in procedure.urgencies] for i in procedure.impacts]
    assert all(row == sorted(row) for row in grid)
    assert all(list(column) == sorted(column) for column in zip(*grid, strict=True))


@pytest.mark.sop("3.1", "3.2")
def test_words_that_suggest_are_phrases_of_at_most_four_words() -> None:
    procedure = standard()
    parts = (*procedure.category_paths.values(), *procedure.impacts.values(), *procedure.urgencies.values())
    for word in (word for part in parts for word in part.words):
        assert 1 <= len(word.split()) <= 4, word
        assert word == word.casefold()


@pytest.mark.sop("4.2")
def test_every_category_has_a_runbook_of_its_own_or_its_parents() -> None:
    for path, category in standard().category_paths.items():
        assert 4 <= len(category.runbook) <= 6, path


@pytest.mark.sop("5.1", "D1")
def test_the_matrix_escalates_at_half_three_quarters_due_and_after_both_ways() -> None:
    rungs = standard().escalation
    for clock in ("first_response", "resolution"):
        at = [str(rung.at) for rung in rungs if rung.clock == clock]
        assert {"50%", "75%", "100%"} <= set(at)
        assert any(moment.startswith("due +") for moment in at)
    assert {rung.kind for rung in rungs} == {"functional", "hierarchical"}
    assert any(rung.move_to == "specialists" for rung in rungs)


@pytest.mark.sop("5.2")
def test_the_requester_is_told_when_a_target_is_missed_and_when_the_ticket_moves() -> None:
    told = {rung.key for rung in standard().escalation if rung.tell_requester}
    assert told == {"first_response_late", "to_specialists", "resolution_late"}


@pytest.mark.sop("2.2", "5.2", "7.1", "D3")
def test_there_are_words_for_every_message_and_they_say_what_matters() -> None:
    procedure = standard()
    assert set(procedure.wording["en"]) == set(TEMPLATES)
    for name, needed in {
        "acknowledgement": ("{number}", "{first_response_due}", "{missing}", "{link}"),
        "missing_details": ("{missing}", "{link}"),
        "escalation_notice": ("{next_update}", "{resolution_estimate}"),
        "confirmation": ("{solved_link}", "{not_yet_link}", "{closes_at}"),
        "closed": ("{reopen_until}", "{rating_link}"),
    }.items():
        for variable in needed:
            assert variable in procedure.words(name).text, (name, variable)
    greeting = fill(procedure.words("acknowledgement").text, {"requester": "Ada", "number": "FW-12"})
    assert "Hello Ada" in greeting
    assert "FW-12" in greeting


@pytest.mark.sop("7.1", "7.2")
def test_silence_closes_after_three_working_days_and_a_reply_reopens_for_two_weeks() -> None:
    closing = standard().closing
    assert (closing.silence.target, closing.silence.calendar) == (24 * HOUR, "business")
    assert (closing.reopen_within.target, closing.reopen_within.calendar) == (14 * 24 * HOUR, "always")


@pytest.mark.sop("D2", "D3")
def test_guide_and_policy_are_part_of_it() -> None:
    assert "article" in standard().knowledge_guide
    assert "next step" in standard().communication_policy
