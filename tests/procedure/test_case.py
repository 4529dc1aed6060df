"""A case is what its facts add up to (SOP 6.1)."""

from __future__ import annotations

import dataclasses

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, advance, fold
from forthwith.procedure.lifecycle import NotAllowed
from tests.procedure.tickets import AGENT, LEADER, REQUESTER, Ticket, t


def life() -> Ticket:
    """A ticket with everything that can happen to one."""
    ticket = Ticket("mon 09:00", None, follows=3)
    ticket.add(f.Checked, "mon 09:00", found=("user_details",), missing=("description", "urgency"))
    ticket.add(f.DetailsAsked, "mon 09:00", details=("description", "urgency"))
    ticket.add(f.Categorised, "mon 09:00", category="hardware.printer")
    ticket.add(f.Prioritised, "mon 09:00", priority="medium", impact="one", urgency="workaround")
    ticket.add(f.Assigned, "mon 09:00", team="service_desk", assignee=AGENT)
    ticket.add(f.Acknowledged, "mon 09:01").add(f.DeliveryFailed, "mon 09:02")
    ticket.add(f.DetailsGiven, "mon 09:05", details=("description",))
    ticket.add(f.LanguageChosen, "mon 09:03")
    ticket.add(f.ParticipantAdded, "mon 09:06").add(f.ParticipantAdded, "mon 09:07")
    ticket.add(f.ParticipantAdded, "mon 09:08", address="d@d.example")
    ticket.add(f.ParticipantRemoved, "mon 09:09", address="d@d.example")
    ticket.add(f.Noted, "mon 09:10", minutes=5).add(f.Replied, "mon 09:30", minutes=10, by=AGENT)
    ticket.add(f.Ticked, "mon 09:40", step="Look.").add(f.Ticked, "mon 09:41", step="Look.")
    ticket.add(f.MachineWrote, "mon 09:42").add(f.RequesterWrote, "mon 10:00").add(f.Replied, "mon 10:05")
    ticket.add(f.WaitingOnRequester, "mon 10:10").add(f.RequesterWrote, "mon 10:20")
    ticket.add(f.PutOnHold, "mon 10:30", until=t("mon 11:00")).add(f.Resumed, "mon 11:00")
    ticket.add(f.Prioritised, "mon 11:10", priority="high", impact="several", urgency="hindered")
    ticket.add(f.Escalated, "mon 11:20", to_team="hardware_team", rung="to_specialists", clock="resolution")
    ticket.add(f.RequesterTold, "mon 11:20", next_update=t("mon 12:00"))
    ticket.add(f.Promised, "mon 11:30", due=t("mon 12:00")).add(f.PromiseKept, "mon 11:40")
    ticket.add(f.Promised, "mon 11:41", promise="q", due=t("mon 12:00"))
    ticket.add(f.PromiseWithdrawn, "mon 11:42", promise="q")
    ticket.add(f.Resolved, "mon 12:00", minutes=15, category="hardware.printer")
    ticket.add(f.KnowledgeReviewed, "mon 12:00").add(f.ConfirmationAsked, "mon 12:00")
    ticket.add(f.Reopened, "mon 13:00").add(f.Resolved, "mon 14:00", category="software")
    ticket.add(f.ConfirmationAsked, "mon 14:00").add(f.Confirmed, "mon 15:00").add(f.Closed, "mon 15:00")
    return ticket.add(f.Rated, "mon 15:01", score=4)


@pytest.mark.sop("6.1")
def test_a_whole_life_adds_up() -> None:
    case = life().case
    assert (case.status, case.closed_why, case.rating) == ("closed", "the requester confirmed", 4)
    assert (case.channel, case.subject, case.requester, case.follows) == ("email", "Printer", REQUESTER, 3)
    assert (case.missing, case.found) == (("urgency",), {"user_details", "description"})
    assert (case.acknowledged_at, case.acknowledged_how) == (t("mon 09:01"), "automatic")
    assert (case.first_response_at, case.minutes) == (t("mon 09:30"), 30)
    assert (case.team, case.placed_at, case.assignee) == ("hardware_team", t("mon 11:20"), None)
    assert (case.category, case.standings[-1].at) == ("software", t("mon 14:00"))
    assert [ranked.priority for ranked in case.priorities] == ["medium", "high"]
    assert (case.participants, case.ticked) == (("c@d.example",), ("Look.",))
    assert (case.reopened, case.resolved_at, case.closed_at) == (1, t("mon 14:00"), t("mon 15:00"))
    assert (case.promises["p"].kept_at, case.promises["q"].withdrawn_at) == (t("mon 11:40"), t("mon 11:42"))
    assert case.taken == {("to_specialists", 0)}
    assert (case.last_at, case.confirmed_how) == (t("mon 15:01"), "by the requester")


@pytest.mark.sop("6.1")
def test_any_beginning_and_the_rest_give_the_whole_and_change_nothing_before() -> None:
    facts = life().facts
    whole = fold(facts)
    for cut in range(len(facts) + 1):
        case = fold(facts[:cut])
        for fact in facts[cut:]:
            before, copy = case, dataclasses.replace(case, promises=dict(case.promises))
            case = advance(case, fact)
            assert before == copy
        assert case == whole


def test_nothing_is_no_ticket() -> None:
    assert fold([]) == Case()


def test_every_wait_is_kept_with_its_cause_and_what_it_was_for() -> None:
    ticket = Ticket("mon 09:00").add(f.WaitingOnRequester, "mon 10:00")
    ticket.add(f.PutOnHold, "mon 11:00", until=t("tue 09:00"))
    assert ticket.case.wait_until == t("tue 09:00")
    assert [(w.start, w.end, w.cause) for w in ticket.case.waits] == [
        (t("mon 10:00"), t("mon 11:00"), "waiting_on_requester"),
        (t("mon 11:00"), None, "on_hold"),
    ]
    ticket.add(f.WaitingOnRequester, "mon 12:00")
    assert ticket.case.wait_until is None


def test_a_requester_who_writes_ends_the_waiting_but_not_a_hold() -> None:
    waiting = Ticket("mon 09:00").add(f.WaitingOnRequester, "mon 10:00").add(f.RequesterWrote, "mon 11:00")
    held = Ticket("mon 09:00").add(f.PutOnHold, "mon 10:00").add(f.RequesterWrote, "mon 11:00")
    assert (waiting.case.status, held.case.status) == ("open", "on_hold")


@pytest.mark.sop("7.1")
def test_a_reopened_ticket_is_unconfirmed_and_must_be_asked_about_again() -> None:
    ticket = Ticket("mon 09:00").add(f.Resolved, "mon 10:00").add(f.ConfirmationAsked, "mon 10:00")
    ticket.add(f.Confirmed, "mon 11:00").add(f.Closed, "mon 11:00").add(f.Reopened, "mon 12:00")
    case = ticket.case
    assert (case.confirmed_at, case.confirmation_asked_at, case.resolved_at, case.closed_at) == (None,) * 4
    assert (case.status, case.reopened) == ("open", 1)
    assert [(span.start, span.end) for span in case.asleep] == [(t("mon 10:00"), t("mon 12:00"))]


@pytest.mark.sop("5.1")
def test_a_moot_escalation_is_on_record_and_moves_nothing() -> None:
    ticket = Ticket("mon 09:00").add(f.Assigned, "mon 09:00")
    ticket.add(f.Escalated, "mon 10:00", rung="r", to_team="hardware_team", moot=True)
    case = ticket.case
    assert (case.team, case.assignee, case.taken) == ("service_desk", AGENT, {("r", 0)})


def test_a_promise_must_be_there_to_be_kept_or_withdrawn_and_only_once() -> None:
    ticket = Ticket("mon 09:00")
    kept = f.PromiseKept(at=t("mon 10:00"), by=LEADER, promise="p")
    withdrawn = f.PromiseWithdrawn(at=t("mon 10:00"), by=LEADER, promise="p", why="no")
    promised = f.Promised(at=t("mon 09:30"), by=LEADER, promise="p", what="a call", due=t("mon 12:00"))
    for fact in (kept, withdrawn):
        with pytest.raises(NotAllowed, match="There is no promise 'p'"):
            advance(ticket.case, fact)
    made = advance(ticket.case, promised)
    with pytest.raises(NotAllowed, match="There is already a promise 'p'"):
        advance(made, promised)
    with pytest.raises(NotAllowed, match="'p' has already been kept"):
        advance(advance(made, kept), withdrawn)
    with pytest.raises(NotAllowed, match="'p' has already been withdrawn"):
        advance(advance(made, withdrawn), kept)


def test_how_a_ticket_stood_is_kept() -> None:
    ticket = Ticket("mon 09:00", "low").add(f.Categorised, "mon 09:01").add(f.Assigned, "mon 09:02")
    ticket.add(f.Prioritised, "mon 09:03", priority="high")
    ticket.add(f.Escalated, "mon 09:04", to_team="hardware_team")
    stood = [(s.at, s.priority, s.category, s.team, s.assignee) for s in ticket.case.standings]
    assert stood == [
        (t("mon 09:00"), None, None, None, None),
        (t("mon 09:00"), "low", None, None, None),
        (t("mon 09:01"), "low", "hardware", None, None),
        (t("mon 09:02"), "low", "hardware", "service_desk", AGENT),
        (t("mon 09:03"), "high", "hardware", "service_desk", AGENT),
        (t("mon 09:04"), "high", "hardware", "hardware_team", None),
    ]


@pytest.mark.sop("2.2")
def test_a_lost_mail_is_lost_no_more_once_it_is_sent_again_until_it_fails_again() -> None:
    ticket = Ticket("mon 09:00").add(f.DeliveryFailed, "mon 09:02")
    assert fold(ticket.facts).undelivered
    ticket.add(f.SentAgain, "mon 09:10", by=AGENT)
    assert not fold(ticket.facts).undelivered
    ticket.add(f.DeliveryFailed, "mon 09:12", address="c@b.example")
    assert fold(ticket.facts).undelivered == (("acknowledgement", "c@b.example"),)
