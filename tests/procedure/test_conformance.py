"""The verdict on each step of the SOP, in each outcome, with the facts that prove it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure.conformance import STEPS, judge
from tests.procedure.tickets import AGENT, REQUESTER, STANDARD, Ticket, t, variant

NOW = "fri 09:00"


def begun(priority: str | None = "high") -> Ticket:
    """A ticket as it is right after it came in: checked, categorised, prioritised, assigned."""
    ticket = Ticket("mon 09:00", None).add(f.Checked, "mon 09:00", found=("description",))
    ticket.add(f.Categorised, "mon 09:00")
    if priority:
        ticket.add(f.Prioritised, "mon 09:00", priority=priority)
    return ticket.add(f.Assigned, "mon 09:00")


def lacking(*, from_person: bool = True) -> Ticket:
    """One whose request does not say what happens."""
    ticket = Ticket("mon 09:00", from_person=from_person)
    return ticket.add(f.Checked, "mon 09:00", missing=("description",))


def untimed() -> Ticket:
    """One whose priority sets no target for the first response or for what follows it."""
    none = dict.fromkeys(("first_response", "next_reply", "next_update"))
    return Ticket("mon 09:00", "high", variant(priorities={"high": none}))


def solved() -> Ticket:
    """One that was answered and resolved in time, and the requester asked."""
    ticket = begun().add(f.Acknowledged, "mon 09:01").add(f.Replied, "mon 09:20", by=AGENT)
    ticket.add(f.Ticked, "mon 09:30", by=AGENT)
    ticket.add(f.Replied, "mon 10:00", by=AGENT, next_step="").add(f.Resolved, "mon 10:00", by=AGENT)
    ticket.add(f.KnowledgeReviewed, "mon 10:00", by=AGENT)
    return ticket.add(f.ConfirmationAsked, "mon 10:00", by=AGENT)


def confirmed() -> Ticket:
    ticket = solved().add(f.Confirmed, "mon 11:00", by=REQUESTER)
    return ticket.add(f.Closed, "mon 11:00", by=REQUESTER)


@pytest.mark.sop(*STEPS)
def test_on_a_ticket_without_a_hitch_every_step_is_met_or_not_needed() -> None:
    verdicts = judge(confirmed().facts, STANDARD, t(NOW))
    assert list(verdicts) == list(STEPS) == list(STANDARD.steps)
    outcomes = {step: verdict.outcome for step, verdict in verdicts.items()}
    needed = dict.fromkeys(STEPS, "met")
    assert outcomes == {**needed, "5.1": "not applicable", "5.2": "not applicable"}


@pytest.mark.sop(*STEPS)
def test_what_is_met_or_late_names_its_facts_and_is_dated_and_signed_by_the_first() -> None:
    ticket = confirmed()
    for verdict in judge(ticket.facts, STANDARD, t(NOW)).values():
        if verdict.outcome in ("met", "late"):
            first = ticket.facts[verdict.facts[0] - 1]
            assert (verdict.at, verdict.by) == (first.at, first.by)
            assert len(set(verdict.facts)) == len(verdict.facts)
        assert verdict.why.endswith(".")


@pytest.mark.sop(*STEPS)
def test_right_after_receipt_nothing_is_missing_and_what_comes_later_is_not_due() -> None:
    verdicts = judge(Ticket("mon 09:00", None).facts, STANDARD, t("mon 09:00"))
    outcomes = {step: verdict.outcome for step, verdict in verdicts.items()}
    assert outcomes == {**dict.fromkeys(STEPS, "not due"), "1.1": "met", "1.2": "met"}


@pytest.mark.sop("6.1")
def test_a_verdict_is_a_pure_function_of_the_facts_and_the_instant() -> None:
    facts = confirmed().facts
    assert judge(facts, STANDARD, t(NOW)) == judge(list(facts), STANDARD, t(NOW))


def test_without_a_request_there_is_nothing_to_judge() -> None:
    with pytest.raises(ValueError, match="do not begin with a request"):
        judge([], STANDARD, t(NOW))


Told = Callable[[], Ticket]
CASES: dict[str, tuple[str, str, str, Told, tuple[int, ...]]] = {
    # name: step, outcome, when it is asked, the ticket, the facts that the verdict names
    "on a channel that is watched": ("1.1", "met", NOW, begun, (1,)),
    "on a channel that nobody watches": ("1.1", "missing", NOW, lambda: Ticket("mon 09:00", channel="fax"), (1,)),
    "logged": ("1.2", "met", NOW, begun, (1,)),
    "complete": ("2.1", "met", NOW, begun, (2,)),
    "never checked": ("2.1", "missing", NOW, lambda: Ticket("mon 09:00").add(f.Noted, "mon 10:00"), ()),
    "asked for what is missing": (
        "2.1",
        "met",
        NOW,
        lambda: lacking().add(f.DetailsAsked, "mon 09:00").add(f.Noted, "mon 10:00"),
        (3, 4),
    ),
    "given later": (
        "2.1",
        "met",
        NOW,
        lambda: lacking().add(f.DetailsGiven, "mon 09:30").add(f.Noted, "mon 10:00"),
        (3, 4),
    ),
    "checked and never asked": (
        "2.1",
        "missing",
        NOW,
        lambda: lacking().add(f.Noted, "mon 10:00"),
        (3,),
    ),
    "checked and not yet asked": (
        "2.1",
        "not due",
        NOW,
        lacking,
        (3,),
    ),
    "a machine is not asked": (
        "2.1",
        "met",
        NOW,
        lambda: lacking(from_person=False).add(f.Noted, "mon 10:00"),
        (3,),
    ),
    "acknowledged in time": ("2.2", "met", NOW, lambda: begun().add(f.Acknowledged, "mon 09:15"), (6,)),
    "acknowledged late": ("2.2", "late", NOW, lambda: begun().add(f.Acknowledged, "mon 09:15:01"), (6,)),
    "acknowledged by an earlier reply": (
        "2.2",
        "met",
        NOW,
        lambda: begun().add(f.Replied, "mon 09:10").add(f.Acknowledged, "mon 09:20"),
        (6,),
    ),
    "met, not delivered": (
        "2.2",
        "met",
        NOW,
        lambda: begun().add(f.Acknowledged, "mon 09:01").add(f.DeliveryFailed, "mon 12:00"),
        (6, 7),
    ),
    "another message that bounced": (
        "2.2",
        "met",
        NOW,
        lambda: begun().add(f.Acknowledged, "mon 09:01").add(f.DeliveryFailed, "mon 12:00", purpose="closed"),
        (6,),
    ),
    "not acknowledged yet": ("2.2", "not due", "mon 09:15", begun, ()),
    "not acknowledged": ("2.2", "missing", "mon 09:15:01", begun, ()),
    "could not be acknowledged": ("2.2", "missing", NOW, lambda: begun().add(f.DeliveryFailed, "mon 09:02"), (6,)),
    "no acknowledgement owed": (
        "2.2",
        "not applicable",
        NOW,
        lambda: begun().add(f.AcknowledgementWithheld, "mon 09:00"),
        (6,),
    ),
    "no acknowledgement owed, and answered hours later": (
        "2.2",
        "not applicable",
        NOW,
        lambda: begun().add(f.AcknowledgementWithheld, "mon 09:00").add(f.Replied, "mon 14:00"),
        (6,),
    ),
    "acknowledged by hand after a mail that bounced": (
        "2.2",
        "met",
        NOW,
        lambda: begun().add(f.DeliveryFailed, "mon 09:02").add(f.Acknowledged, "mon 09:10", how="by hand"),
        (7,),
    ),
    "acknowledged by a reply that bounced": (
        "2.2",
        "met",
        NOW,
        lambda: (
            begun()
            .add(f.Replied, "mon 09:10")
            .add(f.DeliveryFailed, "mon 09:20")
            .add(f.DeliveryFailed, "mon 09:30", purpose="reply", message=3)
        ),
        (6, 8),
    ),
    "categorised": ("3.1", "met", NOW, begun, (3,)),
    "not categorised": ("3.1", "missing", NOW, lambda: Ticket("mon 09:00").add(f.Replied, "mon 10:00"), ()),
    "not categorised yet": ("3.1", "not due", NOW, lambda: Ticket("mon 09:00"), ()),
    "prioritised": ("3.2", "met", NOW, begun, (4,)),
    "not prioritised": ("3.2", "missing", NOW, lambda: Ticket("mon 09:00", None).add(f.Replied, "mon 10:00"), ()),
    "not prioritised yet": ("3.2", "not due", NOW, lambda: Ticket("mon 09:00", None), ()),
    "assigned": ("4.1", "met", NOW, begun, (5,)),
    "nobody is available": (
        "4.1",
        "not due",
        NOW,
        lambda: Ticket("mon 09:00").add(f.Assigned, "mon 09:00", assignee=None),
        (3,),
    ),
    "worked on by nobody who has it": (
        "4.1",
        "missing",
        NOW,
        lambda: Ticket("mon 09:00").add(f.Assigned, "mon 09:00", assignee=None).add(f.Replied, "mon 10:00"),
        (3,),
    ),
    "never assigned": ("4.1", "missing", NOW, lambda: Ticket("mon 09:00").add(f.Resolved, "mon 10:00"), ()),
    "worked on": (
        "4.2",
        "met",
        NOW,
        lambda: begun().add(f.Ticked, "mon 09:10").add(f.Noted, "mon 09:20"),
        (6, 7),
    ),
    "not worked on yet": ("4.2", "not due", NOW, begun, ()),
    "resolved without work": ("4.2", "missing", NOW, lambda: begun().add(f.Resolved, "mon 10:00"), ()),
    "next step told": ("4.3", "met", "mon 11:00", lambda: begun().add(f.Replied, "mon 10:00"), (6,)),
    "first response late": ("4.3", "late", "mon 11:00", lambda: begun().add(f.Replied, "mon 10:00:01"), (6,)),
    "first response overdue": ("4.3", "missing", "mon 10:00:01", begun, ()),
    "first response not due yet": ("4.3", "not due", "mon 10:00", begun, ()),
    "no priority, no target": ("4.3", "not due", NOW, lambda: begun(None), ()),
    "an answer without a next step": (
        "4.3",
        "missing",
        "mon 10:00:01",
        lambda: begun().add(f.Replied, "mon 09:30", next_step=""),
        (6,),
    ),
    "an answer whose next step may follow": (
        "4.3",
        "not due",
        "mon 10:00",
        lambda: begun().add(f.Replied, "mon 09:30", next_step=""),
        (6,),
    ),
    "a next step that came late": (
        "4.3",
        "late",
        "mon 10:31",
        lambda: begun().add(f.Replied, "mon 09:30", next_step="").add(f.Replied, "mon 10:30"),
        (7,),
    ),
    "an answer that solves it": (
        "4.3",
        "met",
        NOW,
        lambda: begun().add(f.Replied, "mon 09:30", next_step="").add(f.Resolved, "mon 09:30"),
        (7, 6),
    ),
    "a later answer late": (
        "4.3",
        "late",
        "mon 15:00",
        lambda: begun().add(f.Replied, "mon 09:30").add(f.RequesterWrote, "mon 10:00").add(f.Replied, "mon 13:00"),
        (6, 8),
    ),
    "a later answer overdue": (
        "4.3",
        "missing",
        "mon 15:00",
        lambda: begun().add(f.Replied, "mon 09:30").add(f.RequesterWrote, "mon 10:00"),
        (6,),
    ),
    "an answer that bounced": (
        "4.3",
        "met",
        "mon 12:00",
        lambda: begun().add(f.Replied, "mon 09:30").add(f.DeliveryFailed, "mon 09:40", purpose="reply"),
        (6, 7),
    ),
    "resolved without a word": ("4.3", "missing", NOW, lambda: begun().add(f.Resolved, "mon 09:30"), ()),
    "resolved without a word or a priority": (
        "4.3",
        "missing",
        NOW,
        lambda: begun(None).add(f.Resolved, "mon 09:30"),
        (),
    ),
    "answered without a target": ("4.3", "met", NOW, lambda: untimed().add(f.Replied, "tue 09:30"), (3,)),
    "not answered without a target": ("4.3", "not due", NOW, untimed, ()),
    "nobody waits for an answer": (
        "4.3",
        "not applicable",
        NOW,
        lambda: Ticket("mon 09:00", from_person=False),
        (),
    ),
    "nothing to escalate yet": ("5.1", "not due", "mon 09:10", begun, ()),
    "a rung at its very instant": ("5.1", "not due", "mon 09:15", begun, ()),
    "never needed": ("5.1", "not applicable", NOW, confirmed, ()),
    "escalated by the matrix": ("5.1", "met", "mon 09:30", lambda: begun().work("mon 09:30"), (6, 7)),
    "escalated by hand": ("5.1", "met", "mon 09:10", lambda: begun().add(f.Escalated, "mon 09:05"), (6,)),
    "a rung that nobody acted on": ("5.1", "missing", "mon 09:30:01", lambda: begun().work("mon 09:20"), (6,)),
    "not yet escalated": ("5.2", "not due", NOW, begun, ()),
    "never escalated": ("5.2", "not applicable", NOW, confirmed, ()),
    "told with an estimate": (
        "5.2",
        "met",
        NOW,
        lambda: begun().add(f.Escalated, "mon 09:05").add(f.RequesterTold, "mon 09:05", next_update=t("mon 12:00")),
        (7, 6),
    ),
    "told without an estimate": (
        "5.2",
        "missing",
        NOW,
        lambda: begun().add(f.Escalated, "mon 09:05").add(f.RequesterTold, "mon 09:05"),
        (7,),
    ),
    "not told": ("5.2", "missing", NOW, lambda: begun().add(f.Escalated, "mon 09:05"), (6,)),
    "not told of the second": (
        "5.2",
        "missing",
        NOW,
        lambda: (
            begun()
            .add(f.Escalated, "mon 09:05")
            .add(f.RequesterTold, "mon 09:05", next_update=t("mon 12:00"))
            .add(f.Escalated, "mon 11:00")
        ),
        (6, 8),
    ),
    "a rung that the requester need not hear of": (
        "5.2",
        "not due",
        NOW,
        lambda: begun().add(f.Escalated, "mon 09:30", rung="first_response_half"),
        (),
    ),
    "a moot rung": (
        "5.2",
        "not due",
        NOW,
        lambda: begun().add(f.Escalated, "mon 09:30", rung="first_response_late", moot=True),
        (),
    ),
    "documented": ("6.1", "met", NOW, confirmed, (10, 7, 8, 9)),
    "not documented": (
        "6.1",
        "missing",
        NOW,
        lambda: begun().add(f.Resolved, "mon 10:00", cause=" "),
        (6,),
    ),
    "not resolved yet": ("6.1", "not due", NOW, begun, ()),
    "reopened": ("6.1", "not due", NOW, lambda: confirmed().add(f.Reopened, "mon 12:00"), ()),
    "knowledge reviewed": ("6.2", "met", NOW, confirmed, (11,)),
    "knowledge not reviewed": ("6.2", "missing", NOW, lambda: begun().add(f.Resolved, "mon 10:00"), ()),
    "knowledge reviewed later": ("6.2", "not due", NOW, begun, ()),
    "confirmed": ("7.1", "met", NOW, confirmed, (13, 12)),
    "asked and waiting": ("7.1", "not due", NOW, solved, (12,)),
    "kept silent": (
        "7.1",
        "met",
        NOW,
        lambda: solved().add(f.Closed, "thu 10:00", why="nothing was heard"),
        (12, 13),
    ),
    "closed before the requester could answer": (
        "7.1",
        "missing",
        NOW,
        lambda: solved().add(f.Closed, "thu 09:59:59", by=AGENT),
        (12, 13),
    ),
    "closed by the requester": ("7.1", "met", NOW, lambda: solved().add(f.Closed, "mon 11:00", by=REQUESTER), (13, 12)),
    "never asked": (
        "7.1",
        "missing",
        NOW,
        lambda: begun().add(f.Resolved, "mon 10:00").add(f.Closed, "thu 10:00"),
        (),
    ),
    "asked only before it was reopened": (
        "7.1",
        "missing",
        NOW,
        lambda: confirmed().add(f.Reopened, "mon 12:00").add(f.Resolved, "mon 13:00").add(f.Closed, "thu 13:00"),
        (),
    ),
    "nobody is there to ask": ("7.1", "not applicable", NOW, lambda: Ticket("mon 09:00", from_person=False), ()),
    "not yet asked": ("7.1", "not due", NOW, begun, ()),
    "closed": ("7.2", "met", NOW, confirmed, (14,)),
    "not closed yet": ("7.2", "not due", "thu 10:00", solved, ()),
    "not closed though silent": ("7.2", "missing", "thu 10:00:01", solved, ()),
}


@pytest.mark.sop(*STEPS)
@pytest.mark.parametrize("name", CASES)
def test_a_step_has_the_verdict_that_its_facts_prove(name: str) -> None:
    step, outcome, now, tell, numbers = CASES[name]
    verdict = tell().judge(step, now)
    assert (verdict.outcome, verdict.facts) == (outcome, numbers), verdict.why


@pytest.mark.sop(*STEPS)
def test_every_step_and_every_outcome_is_told_above() -> None:
    told = {(step, outcome) for step, outcome, *_ in CASES.values()}
    assert {step for step, _ in told} == set(STEPS)
    assert {outcome for _, outcome in told} == {"met", "late", "missing", "not due", "not applicable"}


@pytest.mark.sop("2.2", "4.3", "5.1", "7.1")
def test_a_verdict_says_by_when_it_had_to_be_done() -> None:
    assert begun().judge("2.2", NOW).due == t("mon 09:15")
    assert begun().judge("4.3", NOW).due == t("mon 10:00")
    assert begun().judge("5.1", NOW).due == t("mon 09:15")
    assert solved().judge("7.1", NOW).due == t("thu 10:00")


@pytest.mark.sop("5.1")
def test_a_breach_for_which_the_matrix_has_no_line_is_no_missing_escalation() -> None:
    ticket = Ticket("mon 09:00", procedure=variant(escalation=[]))
    assert ticket.judge("5.1", NOW).outcome == "not due"


@pytest.mark.sop("4.3")
def test_one_answer_that_two_clocks_waited_for_is_one_late_answer() -> None:
    ticket = begun().add(f.Replied, "mon 09:30").add(f.RequesterWrote, "mon 10:00")
    overdue = ticket.judge("4.3", "mon 15:00")
    assert (overdue.why, overdue.due) == ("The next answer is overdue.", t("mon 12:00"))
    late = ticket.add(f.Replied, "mon 15:00").judge("4.3", "mon 15:00")
    assert (late.why, late.due) == ("The first response was in time; later answers that were not: 1.", t("mon 12:00"))


def test_the_words_name_what_is_meant() -> None:
    assert begun().add(f.Ticked, "mon 10:00").judge("4.2", NOW).why == "Runbook steps followed: 1."
    assert begun().judge("3.1", NOW).why == "Categorised as Hardware."
    assert begun().judge("3.2", NOW).why == "Priority High."
    lacking = begun().add(f.Resolved, "mon 10:00", cause="", solution="").judge("6.1", NOW)
    assert lacking.why == "The resolution lacks what was wrong and what was done."
    both = begun().add(f.Escalated, "mon 09:05").work("mon 09:30").judge("5.1", "mon 09:30")
    assert both.why == "Escalated by the matrix and by hand."
