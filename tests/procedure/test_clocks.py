"""The clocks, row by row of their table and bullet by bullet below it (SOP 2.2, 4.3, 5.1).

The business hours are those of the standard procedure, Monday to Friday 09:00 to 17:00 UTC; a ticket is High (first
response 1 h, next reply 2 h, next update 4 h, resolution 8 h, all in business time) unless a test says otherwise.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure.case import Case
from forthwith.procedure.clocks import clocks, running
from forthwith.procedure.model import CLOCKS
from tests.procedure.tickets import AGENT, STANDARD, Ticket, t, variant

SECOND = timedelta(seconds=1)


# Acknowledgement


@pytest.mark.sop("2.2")
def test_the_acknowledgement_is_due_a_quarter_of_an_hour_after_receipt_at_any_hour() -> None:
    clock = Ticket("sat 03:00").clock("acknowledgement")
    assert clock.due_at == t("sat 03:15")
    assert clock.state(t("sat 03:15")) == "running"
    assert clock.state(t("sat 03:15:01")) == "late"


@pytest.mark.sop("2.2")
def test_it_is_met_when_the_relay_takes_it() -> None:
    clock = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").clock("acknowledgement")
    assert (clock.ended_at, clock.state(t("mon 12:00")), clock.detail) == (t("mon 09:01"), "met", "automatic")


@pytest.mark.sop("2.2")
def test_it_is_met_by_hand() -> None:
    ticket = Ticket("mon 09:00", channel="phone").add(f.Acknowledged, "mon 09:02", how="by hand", by=AGENT)
    assert ticket.clock("acknowledgement").detail == "by hand"


@pytest.mark.sop("2.2")
def test_it_is_met_by_a_persons_earlier_reply_in_whatever_order_the_two_were_recorded() -> None:
    first = Ticket("mon 09:00").add(f.Replied, "mon 09:01").add(f.Acknowledged, "mon 09:03")
    second = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:03").add(f.Replied, "mon 09:01")
    for ticket in (first, second):
        clock = ticket.clock("acknowledgement")
        assert (clock.ended_at, clock.detail) == (t("mon 09:01"), "reply")


@pytest.mark.sop("2.2")
def test_it_is_never_paused() -> None:
    ticket = Ticket("mon 09:00").add(f.PutOnHold, "mon 09:01").add(f.Resumed, "mon 11:00")
    assert ticket.clock("acknowledgement").due_at == t("mon 09:15")


@pytest.mark.sop("2.2")
def test_one_that_is_not_owed_ends_the_clock_and_is_not_met() -> None:
    ticket = Ticket("mon 09:00", from_person=False).add(f.AcknowledgementWithheld, "mon 09:00")
    assert ticket.clock("acknowledgement").state(t("tue 09:00")) == "superseded"


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("later", [f.Replied, f.Acknowledged])
def test_one_that_was_not_owed_is_not_late_when_somebody_writes_in_the_end(later: type[f.Fact]) -> None:
    ticket = Ticket("mon 09:00").add(f.AcknowledgementWithheld, "mon 09:00").add(later, "mon 14:00")
    clock = ticket.clock("acknowledgement")
    assert (clock.ended_at, clock.state(t("tue 09:00"))) == (t("mon 09:00"), "superseded")
    assert "acknowledgement_late" not in [key for key, _ in ticket.rungs("tue 09:00")]


@pytest.mark.sop("2.2")
def test_one_that_bounces_later_stays_met() -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.DeliveryFailed, "mon 10:00")
    assert ticket.clock("acknowledgement").state(t("mon 11:00")) == "met"
    assert ticket.case.undelivered == (("acknowledgement", "a@b.example"),)


# First response


@pytest.mark.sop("4.3")
@pytest.mark.parametrize(
    ("received", "priority", "due"),
    [
        ("mon 09:00", "high", "mon 10:00"),
        ("mon 07:00", "high", "mon 10:00"),
        ("mon 16:30", "high", "tue 09:30"),
        ("mon 16:00", "high", "mon 17:00"),
        ("fri 16:30", "high", "next mon 09:30"),
        ("sat 12:00", "medium", "next mon 13:00"),
        ("mon 13:00", "low", "tue 13:00"),
        ("sat 12:00", "critical", "sat 12:15"),
    ],
)
def test_the_first_response_counts_the_priorities_own_time_from_receipt(received: str, priority: str, due: str) -> None:
    assert Ticket(received, priority).clock("first_response").due_at == t(due)


@pytest.mark.sop("4.3")
def test_it_is_met_by_a_persons_first_public_message_and_by_nothing_else() -> None:
    ticket = Ticket("mon 09:00").add(f.Acknowledged, "mon 09:01").add(f.DetailsAsked, "mon 09:02")
    ticket.add(f.Noted, "mon 09:03", by=AGENT).add(f.MachineWrote, "mon 09:04").add(f.RequesterTold, "mon 09:05")
    ticket.add(f.RequesterWrote, "mon 09:06").add(f.Ticked, "mon 09:07")
    assert ticket.clock("first_response").ended_at is None
    ticket.add(f.Replied, "mon 09:30").add(f.Replied, "mon 09:40")
    assert ticket.clock("first_response").ended_at == t("mon 09:30")


@pytest.mark.sop("4.3")
def test_answered_exactly_when_due_is_met_and_a_second_later_is_late_though_no_alarm_ran() -> None:
    met = Ticket("mon 09:00").add(f.Replied, "mon 10:00")
    late = Ticket("mon 09:00").add(f.Replied, "mon 10:00:01")
    assert met.clock("first_response").state(t("fri 09:00")) == "met"
    assert late.clock("first_response").state(t("fri 09:00")) == "late"
    assert late.rungs("mon 10:00:01")[-1] == ("first_response_late", t("mon 10:00"))


@pytest.mark.sop("4.3")
def test_it_does_not_stand_still_while_the_ticket_waits() -> None:
    held = Ticket("mon 09:00").add(f.PutOnHold, "mon 09:10")
    asked = Ticket("mon 09:00").add(f.WaitingOnRequester, "mon 09:10")
    assert held.clock("first_response").due_at == asked.clock("first_response").due_at == t("mon 10:00")


@pytest.mark.sop("4.3")
def test_it_stands_still_when_the_procedure_says_so() -> None:
    pausing = variant(pauses={"on_hold": ["first_response", "resolution"]})
    ticket = Ticket("mon 09:00", procedure=pausing).add(f.PutOnHold, "mon 09:10")
    clock = ticket.clock("first_response")
    assert (clock.due_at, clock.state(t("mon 12:00")), clock.remaining(t("mon 12:00"))) == (None, "paused", 3000)
    ticket.add(f.Resumed, "mon 12:10")
    assert ticket.clock("first_response").due_at == t("mon 13:00")


def test_resolved_without_a_word_it_no_longer_matters() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 09:30")
    assert ticket.clock("first_response").state(t("fri 09:00")) == "superseded"


@pytest.mark.sop("7.1")
def test_reopened_it_does_not_breach_for_the_time_that_the_ticket_slept() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 09:30").add(f.Reopened, "thu 12:00")
    assert ticket.clock("first_response").due_at == t("thu 12:30")


def test_a_first_answer_after_the_resolution_is_not_late_for_the_time_that_the_ticket_slept() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 09:30").add(f.Replied, "tue 12:00")
    assert ticket.clock("first_response").state(t("fri 09:00")) == "met"


def test_a_machine_waits_for_no_answer() -> None:
    ticket = Ticket("mon 09:00", from_person=False).add(f.RequesterWrote, "mon 09:30")
    assert ticket.names() == ["acknowledgement", "resolution"]


def test_without_a_priority_only_what_needs_none_runs() -> None:
    assert Ticket("mon 09:00", None).names() == ["acknowledgement"]


def test_a_priority_set_late_counts_from_receipt() -> None:
    ticket = Ticket("mon 09:00", None).add(f.Prioritised, "mon 09:40", priority="high")
    assert ticket.clock("first_response").due_at == t("mon 10:00")


# Next reply


@pytest.mark.sop("4.3")
def test_the_next_reply_counts_from_the_oldest_message_that_nobody_has_answered() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 09:30")
    ticket.add(f.RequesterWrote, "mon 10:00").add(f.RequesterWrote, "mon 11:30")
    assert ticket.clock("next_reply").due_at == t("mon 12:00")
    ticket.add(f.Replied, "mon 12:00").add(f.RequesterWrote, "mon 13:00")
    assert ticket.clock("next_reply").state(t("fri 09:00")) == "met"
    assert ticket.clock("next_reply", 1).due_at == t("mon 15:00")


@pytest.mark.sop("4.3")
def test_a_message_before_the_first_response_waits_for_that() -> None:
    ticket = Ticket("mon 09:00").add(f.RequesterWrote, "mon 09:10")
    assert "next_reply" not in ticket.names()


@pytest.mark.sop("4.3")
def test_neither_a_note_nor_a_machine_answers() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 09:30").add(f.RequesterWrote, "mon 10:00")
    ticket.add(f.Noted, "mon 10:01").add(f.RequesterTold, "mon 10:02").add(f.MachineWrote, "mon 10:03")
    assert ticket.clock("next_reply").ended_at is None


def test_the_next_reply_does_not_stand_still_and_ends_unmet_when_the_ticket_is_resolved() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 09:30").add(f.RequesterWrote, "mon 10:00")
    ticket.add(f.PutOnHold, "mon 10:10")
    assert ticket.clock("next_reply").due_at == t("mon 12:00")
    ticket.add(f.Resolved, "mon 11:00")
    assert ticket.clock("next_reply").state(t("fri 09:00")) == "superseded"


# Next update


@pytest.mark.sop("4.3")
def test_the_next_update_counts_from_the_last_public_message() -> None:
    ticket = Ticket("mon 09:00")
    assert ticket.clock("next_update").due_at == t("mon 13:00")
    ticket.add(f.Replied, "mon 10:00")
    assert ticket.clock("next_update").state(t("fri 09:00")) == "met"
    assert ticket.clock("next_update", 1).due_at == t("mon 14:00")
    ticket.add(f.RequesterWrote, "mon 11:00")
    assert ticket.clock("next_update", 1).state(t("fri 09:00")) == "superseded"
    assert ticket.clock("next_update", 2).due_at == t("mon 15:00")
    ticket.add(f.Noted, "mon 12:00").add(f.MachineWrote, "mon 12:01")
    assert ticket.clock("next_update", 2).due_at == t("mon 15:00")


@pytest.mark.sop("4.3")
def test_the_next_update_stands_still_while_waiting_on_the_requester() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 10:00").add(f.WaitingOnRequester, "mon 11:00")
    clock = ticket.clock("next_update", 1)
    assert (clock.due_at, clock.state(t("wed 12:00"))) == (None, "paused")
    ticket.add(f.Resumed, "wed 12:00")
    assert ticket.clock("next_update", 1).due_at == t("wed 15:00")


def test_the_next_update_goes_on_while_waiting_for_a_third_party() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 10:00").add(f.PutOnHold, "mon 11:00")
    assert ticket.clock("next_update", 1).due_at == t("mon 14:00")


def test_no_update_is_owed_on_a_resolved_ticket_and_reopened_it_counts_anew() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 10:00").add(f.Resolved, "mon 11:00")
    assert ticket.clock("next_update", 1).state(t("fri 09:00")) == "superseded"
    ticket.add(f.Replied, "mon 12:00")
    assert "next_update" not in [clock.name for clock in running(ticket.case, STANDARD)]
    ticket.add(f.Reopened, "wed 09:00")
    assert ticket.clock("next_update", 2).due_at == t("wed 13:00")


def test_what_an_ended_clock_was_due_by_does_not_move_any_more() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 10:00").add(f.WaitingOnRequester, "mon 11:00")
    assert ticket.clock("next_update").due_at == t("mon 13:00")
    ticket.add(f.Resumed, "mon 12:00")
    assert ticket.clock("next_update").due_at == t("mon 13:00")


# Resolution


@pytest.mark.sop("5.1")
def test_the_resolution_counts_from_receipt_and_is_met_by_resolving() -> None:
    ticket = Ticket("mon 12:00")
    assert ticket.clock("resolution").due_at == t("tue 12:00")
    ticket.add(f.Resolved, "tue 12:00")
    assert ticket.clock("resolution").state(t("fri 09:00")) == "met"


@pytest.mark.sop("5.1")
@pytest.mark.parametrize("wait", [f.PutOnHold, f.WaitingOnRequester])
def test_waiting_takes_business_time_out_of_the_resolution_not_wall_time(wait: type[f.Fact]) -> None:
    ticket = Ticket("mon 09:00").add(wait, "mon 16:00")
    assert ticket.clock("resolution").due_at is None
    assert ticket.clock("resolution").remaining(t("mon 22:00")) == 3600
    # An hour on Monday and an hour on Tuesday were open: eight hours are used up at 11:00.
    ticket.add(f.Resumed, "tue 10:00")
    assert ticket.clock("resolution").due_at == t("tue 11:00")


def test_a_hold_goes_on_though_the_procedure_pauses_nothing() -> None:
    going_on = variant(pauses={"on_hold": []})
    ticket = Ticket("mon 09:00", procedure=going_on).add(f.PutOnHold, "mon 10:00")
    assert ticket.clock("resolution").due_at == t("mon 17:00")


def test_a_hold_with_a_known_end_is_over_then_however_late_it_is_noticed() -> None:
    ticket = Ticket("mon 09:00").add(f.PutOnHold, "mon 10:00", until=t("mon 12:00"))
    assert ticket.clock("resolution").due_at is None
    ticket.add(f.WaitingOnRequester, "mon 14:00").add(f.Resumed, "mon 15:00")
    assert [(w.start, w.end) for w in ticket.case.waits] == [
        (t("mon 10:00"), t("mon 12:00")),
        (t("mon 14:00"), t("mon 15:00")),
    ]


@pytest.mark.sop("7.1")
def test_reopening_continues_the_resolution_without_the_time_between() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 13:00").add(f.Closed, "wed 13:00")
    ticket.add(f.Reopened, "thu 10:00")
    clock = ticket.clock("resolution")
    assert clock.spent(t("thu 10:00")) == 4 * 3600
    assert clock.due_at == t("thu 14:00")
    assert clock.state(t("thu 14:00")) == "running"
    ticket.add(f.Resolved, "thu 14:00:01")
    assert ticket.clock("resolution").state(t("fri 09:00")) == "late"


# Promises


def test_a_promise_is_due_at_its_instant_and_met_by_being_kept_or_withdrawn() -> None:
    due = t("mon 12:00") + timedelta(milliseconds=250)
    ticket = Ticket("mon 09:00").add(f.Promised, "mon 10:00", due=due)
    assert ticket.clock("promise").due_at == due
    assert ticket.clock("promise").state(due + SECOND) == "late"
    for ending in (f.PromiseKept, f.PromiseWithdrawn):
        ended = Ticket("mon 09:00").add(f.Promised, "mon 10:00", due=due).add(ending, "mon 11:00")
        assert ended.clock("promise").state(t("fri 09:00")) == "met"
    ticket.add(f.PromiseKept, "mon 12:00:01")
    assert ticket.clock("promise").state(t("fri 09:00")) == "late"


def test_a_promise_counts_nights_and_does_not_stand_still() -> None:
    ticket = Ticket("mon 09:00").add(f.Promised, "mon 16:00", due=t("tue 08:00"))
    ticket.add(f.WaitingOnRequester, "mon 16:30").add(f.PutOnHold, "mon 17:00")
    clock = ticket.clock("promise")
    assert (clock.due_at, clock.remaining(t("tue 07:00"))) == (t("tue 08:00"), 3600)


def test_resolving_lets_a_promise_rest_and_reopening_does_not_break_it() -> None:
    ticket = Ticket("mon 09:00").add(f.Promised, "mon 10:00", due=t("mon 12:00")).add(f.Resolved, "mon 11:00")
    assert ticket.clock("promise").state(t("tue 09:00")) == "superseded"
    ticket.add(f.Reopened, "wed 09:00")
    assert ticket.clock("promise").due_at == t("wed 10:00")


# Priorities


@pytest.mark.sop("3.2")
def test_lowered_the_new_target_counts_from_receipt() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Prioritised, "mon 09:30", priority="medium")
    clock = ticket.clock("first_response")
    assert (clock.due_at, clock.started_at) == (t("mon 13:00"), t("mon 09:00"))
    assert [basis.due(()) for basis in clock.before] == [t("mon 10:00")]


@pytest.mark.sop("3.2")
@pytest.mark.parametrize(
    ("raised", "due"), [("mon 10:00", "mon 11:00"), ("mon 12:00", "mon 13:00"), ("mon 12:30", "mon 13:00")]
)
def test_raised_it_is_due_at_the_earlier_of_the_old_due_time_and_the_raise_plus_the_new_target(
    raised: str, due: str
) -> None:
    ticket = Ticket("mon 09:00", "medium").add(f.Prioritised, raised, priority="high")
    assert ticket.clock("first_response").due_at == t(due)


@pytest.mark.sop("3.2")
@pytest.mark.parametrize("cycle", ["first_response", "next_update", "resolution"])
def test_nobody_is_late_at_the_moment_of_a_raise(cycle: str) -> None:
    ticket = Ticket("mon 09:00", "low").add(f.Prioritised, "mon 16:00", priority="critical")
    clock = ticket.clock(cycle)
    assert not clock.late_at(t("mon 16:00"))
    assert clock.due_at is not None
    assert clock.due_at > t("mon 16:00")
    assert clock.before


@pytest.mark.sop("3.2")
def test_a_raise_does_not_undo_a_breach() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Prioritised, "mon 10:30", priority="critical")
    assert ticket.clock("first_response").due_at == t("mon 10:00")


@pytest.mark.sop("3.2")
def test_lowered_after_a_raise_it_counts_as_if_it_had_never_been_higher() -> None:
    ticket = Ticket("mon 09:00", "medium").add(f.Prioritised, "mon 12:00", priority="critical")
    assert ticket.clock("first_response").due_at == t("mon 12:15")
    ticket.add(f.Prioritised, "mon 12:10", priority="high")
    assert ticket.clock("first_response").due_at == t("mon 13:00")
    ticket.add(f.Prioritised, "mon 12:20", priority="medium")
    assert ticket.clock("first_response").due_at == t("mon 13:00")
    ticket.add(f.Prioritised, "mon 12:30", priority="low")
    assert ticket.clock("first_response").due_at == t("mon 17:00")


@pytest.mark.sop("3.2")
def test_lowered_to_what_is_still_a_raise_it_counts_from_when_it_was_raised() -> None:
    ticket = Ticket("mon 09:00", "low").add(f.Prioritised, "mon 12:00", priority="critical")
    ticket.add(f.Prioritised, "mon 12:10", priority="high")
    clock = ticket.clock("first_response")
    assert (clock.due_at, clock.started_at) == (t("mon 13:00"), t("mon 12:00"))
    assert [basis.due(()) for basis in clock.before] == [t("mon 17:00"), t("mon 12:15")]


def test_raised_from_a_priority_without_a_target_it_counts_from_the_raise() -> None:
    silent = variant(priorities={"low": {"next_update": None}})
    ticket = Ticket("mon 09:00", "low", silent)
    assert "next_update" not in ticket.names()
    ticket.add(f.Prioritised, "wed 09:00", priority="high")
    assert ticket.clock("next_update").due_at == t("wed 13:00")
    ticket.add(f.Prioritised, "wed 10:00", priority="low")
    assert "next_update" not in ticket.names()


def test_a_priority_that_changes_after_a_clock_ended_leaves_it_alone() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Replied, "mon 10:00")
    ticket.add(f.Prioritised, "mon 11:00", priority="critical")
    assert ticket.clock("first_response").due_at == t("mon 10:00")
    assert ticket.clock("next_update", 1).due_at == t("mon 12:00")


def test_a_later_cycle_counts_by_the_priority_that_it_began_with() -> None:
    ticket = Ticket("mon 09:00", "low").add(f.Replied, "mon 09:30")
    ticket.add(f.Prioritised, "mon 10:00", priority="high").add(f.RequesterWrote, "mon 11:00")
    clock = ticket.clock("next_reply")
    assert (clock.due_at, clock.before) == (t("mon 13:00"), ())


def test_a_later_cycle_knows_nothing_of_priorities_before_it_even_of_a_shorter_target() -> None:
    odd = variant(priorities={"low": {"next_reply": {"target": "1 h"}}})
    ticket = Ticket("mon 09:00", "low", odd).add(f.Replied, "mon 09:30")
    ticket.add(f.Prioritised, "mon 10:00", priority="high").add(f.RequesterWrote, "mon 11:00")
    assert ticket.clock("next_reply").due_at == t("mon 13:00")


def test_raised_during_a_hold_the_new_target_counts_from_the_end_of_the_hold() -> None:
    ticket = Ticket("mon 09:00", "medium").add(f.PutOnHold, "mon 10:00")
    ticket.add(f.Prioritised, "mon 11:00", priority="high")
    assert ticket.clock("resolution").due_at is None
    ticket.add(f.Resumed, "tue 09:00")
    assert ticket.clock("resolution").due_at == t("tue 17:00")


def test_a_priority_that_the_procedure_does_not_have_is_passed_over() -> None:
    ticket = Ticket("mon 09:00", "high").add(f.Prioritised, "mon 09:10", priority="p0")
    assert ticket.clock("first_response").due_at == t("mon 10:00")
    assert Ticket("mon 09:00", "p0").names() == ["acknowledgement"]


# What is common to all


def test_percentages_are_of_the_clocks_own_business_time() -> None:
    ticket = Ticket("mon 16:00", "medium")
    soon = next(rung for rung in STANDARD.escalation if rung.key == "first_response_soon")
    assert ticket.clock("first_response").moment(soon.at) == t("tue 11:00")


def test_what_is_spent_and_what_remains_make_the_target() -> None:
    clock = Ticket("fri 16:00", "medium").clock("first_response")
    for now, spent in (("fri 15:00", 0), ("fri 16:30", 1800), ("sun 12:00", 3600), ("next mon 10:00", 7200)):
        assert (clock.spent(t(now)), clock.remaining(t(now))) == (spent, 4 * 3600 - spent)
    assert clock.remaining(t("next mon 12:30")) == -1800


def test_a_clock_explains_which_time_counted_and_which_did_not() -> None:
    ticket = Ticket("mon 16:00", "high").add(f.PutOnHold, "mon 16:30").add(f.Resumed, "tue 09:30")
    spans = ticket.clock("resolution").explain(t("tue 10:00"))
    assert (spans[0].start, spans[-1].end) == (t("mon 16:00"), t("tue 17:00"))
    counted = sum((span.end - span.start).total_seconds() for span in spans if span.counted)
    assert counted == 8 * 3600


def test_clocks_come_in_the_models_order_and_only_unended_ones_run() -> None:
    ticket = Ticket("mon 09:00").add(f.Replied, "mon 09:30").add(f.RequesterWrote, "mon 10:00")
    ticket.add(f.Promised, "mon 10:10", due=t("mon 15:00"))
    names = list(dict.fromkeys(ticket.names()))
    # The standard procedure sets no target for the start of work.
    assert names == [name for name in CLOCKS if name != "work"]
    open_now = [(clock.name, clock.cycle) for clock in running(ticket.case, STANDARD)]
    assert open_now == [("next_reply", 0), ("next_update", 2), ("resolution", 0), ("promise", 0)]


def test_nothing_received_has_no_clocks() -> None:
    assert clocks(Case(), STANDARD) == ()


# The rules of other help desks: the group 'clock' of threading_cases.json


@pytest.mark.sop("4.3")
def test_thr_046_048_050_the_response_due_is_set_cleared_by_the_answer_and_set_again() -> None:
    ticket = Ticket("mon 09:00")
    assert "first_response" in [clock.name for clock in running(ticket.case, STANDARD)]
    ticket.add(f.Replied, "mon 09:30")
    names = [clock.name for clock in running(ticket.case, STANDARD)]
    assert "first_response" not in names
    assert "next_reply" not in names
    ticket.add(f.RequesterWrote, "mon 10:00")
    assert "next_reply" in [clock.name for clock in running(ticket.case, STANDARD)]


def test_thr_052_a_target_of_four_instead_of_two_hours_moves_the_due_time_by_exactly_two() -> None:
    two = variant(priorities={"high": {"first_response": {"target": "2 h"}}})
    ticket = Ticket("mon 09:00", "high", two)
    before = ticket.clock("first_response").due_at
    ticket.add(f.Prioritised, "mon 09:05", priority="medium")
    after = ticket.clock("first_response").due_at
    assert before is not None
    assert after is not None
    assert after - before == timedelta(hours=2)


def test_thr_054_a_hold_that_does_not_stop_a_clock_leaves_its_due_time() -> None:
    ticket = Ticket("mon 09:00")
    before = ticket.clock("first_response").due_at
    assert ticket.add(f.PutOnHold, "mon 09:10").clock("first_response").due_at == before


def test_thr_056_a_hold_of_a_second_moves_the_due_time_by_a_second() -> None:
    ticket = Ticket("mon 10:00")
    assert ticket.clock("resolution").due_at == t("tue 10:00")
    ticket = Ticket("mon 10:00").add(f.PutOnHold, "mon 10:10:00").add(f.Resumed, "mon 10:10:01")
    assert ticket.clock("resolution").due_at == t("tue 10:00:01")
