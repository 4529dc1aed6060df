"""Step 5: the matrix applied once, dated when due; the requester told, with estimates (SOP 5.1, 5.2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record.models import Entry
from forthwith.steps import acts, workflow
from forthwith.worker import alarms
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

FIVE_SECONDS = Path(__file__).resolve().parents[2] / "examples/procedures/five-seconds.yaml"
CRITICAL = {"subject": "Everything is down", "text": "The whole company is down, nobody can work. Please help at once."}


@pytest.fixture
def answered(desk: Desk) -> int:
    """A ticket that was acknowledged and answered, so that only its resolution clock can fall due early."""
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(minutes=1), then="wait")
    acts.resume(number, by=Actor.of(desk.ana), now=after(minutes=1))
    return number


def rungs(number: int) -> list[str]:
    return [fact.rung for fact in d.facts(number, f.Escalated)]


@pytest.mark.sop("5.1")
def test_a_rung_is_acted_on_at_its_instant_once_and_dated_then(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    assert d.row(number).alarm_at == after(2)
    assert not workflow.on_alarm(after(2) - timedelta(microseconds=1))
    assert workflow.on_alarm(after(2))
    assert not workflow.on_alarm(after(2)), "once"
    assert not workflow.on_alarm(after(2, minutes=10))
    escalated = d.facts(number, f.Escalated)
    assert [(fact.rung, fact.at, fact.kind) for fact in escalated] == [("first_response_half", after(2), "functional")]
    assert set(escalated[0].told) == {desk.ana.pk, desk.ben.pk, desk.lea.pk}


@pytest.mark.sop("5.1")
def test_a_worker_that_comes_late_dates_each_rung_when_it_fell_due(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    d.alarms(after(20))
    assert [(fact.rung, fact.at) for fact in d.facts(number, f.Escalated)] == [
        ("first_response_half", after(2)),
        ("first_response_soon", after(3)),
        ("first_response_late", after(4)),
        ("first_response_overdue", after(4, minutes=30)),
        ("next_update_soon", after(6)),
    ]


@pytest.mark.sop("5.1")
def test_the_specialised_team_takes_over_with_a_person_and_the_mails_name_it(desk: Desk, answered: int) -> None:
    half = after(days=1, hours=4)
    d.alarms(half)
    moved = next(fact for fact in d.facts(answered, f.Escalated) if fact.rung == "to_specialists")
    assert (moved.to_team, moved.at, moved.kind) == ("hardware_team", half, "functional")
    row = d.row(answered)
    assert (row.team, row.assignee_id) == ("hardware_team", desk.sam.pk)
    assert d.kinds(answered)[-3:] == ["Escalated", "RequesterTold", "Assigned"]
    told = [sent for sent in d.posted("staff_escalation") if sent.person_id == desk.sam.pk]
    assert "Team: Hardware" in told[-1].text


@pytest.mark.sop("5.2")
def test_the_requester_is_told_with_estimates_that_lie_ahead(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    d.alarms(after(4))
    told = d.facts(number, f.RequesterTold)[0]
    assert (told.next_update, told.resolution_estimate) == (after(24), after(days=3))
    sent = d.posted("escalation_notice")[0]
    assert "Next news from us: by tomorrow, Tuesday 3 March, 10:00 (UTC)." in sent.text
    assert "We expect to solve it: by Thursday 5 March, 10:00 (UTC)." in sent.text
    assert sent.automatic
    d.alarms(after(days=10))
    for told in d.facts(number, f.RequesterTold):
        assert told.next_update > told.at
        assert told.resolution_estimate > told.at
    assert "as soon as we can" not in d.posted("escalation_notice")[-1].text


@pytest.mark.sop("5.2")
def test_the_estimate_is_how_long_alike_tickets_took(desk: Desk) -> None:
    for hours in (1, 1, 1, 2, 3, 6):
        desk.resolve(d.new_ticket(), after(hours))
    number = d.new_ticket(after(1))
    acts.escalate_by_hand(number, by=Actor.of(desk.ana), now=after(2), kind="hierarchical", why="too hard")
    assert d.facts(number, f.RequesterTold)[0].resolution_estimate == after(7), "of those that took over an hour"


@pytest.mark.sop("5.1")
def test_by_hand_for_complexity_with_a_reason(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    by = Actor.of(desk.ana)
    for bad in ({"why": " "}, {"kind": "sideways"}, {"to_team": "nowhere"}):
        with pytest.raises(acts.Refused):
            acts.escalate_by_hand(number, by=by, now=after(1), **({"kind": "functional", "why": "hard"} | bad))
    assert rungs(number) == []
    acts.escalate_by_hand(number, by=by, now=after(1), kind="functional", why="needs a part")
    fact = d.facts(number, f.Escalated)[0]
    assert (fact.by, fact.why, fact.to_team, fact.rung) == (desk.ana.pk, "needs a part", "hardware_team", "")
    assert d.row(number).assignee_id == desk.sam.pk
    assert len(d.posted("escalation_notice")) == 1
    assert {d.verdicts(number, after(1))[step] for step in ("5.1", "5.2")} == {"met"}


@pytest.mark.sop("5.1")
def test_what_was_answered_before_the_worker_came_moves_nothing_any_more(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(4, minutes=1))
    d.alarms(after(4, minutes=2))
    assert all(fact.moot for fact in d.facts(number, f.Escalated) if fact.clock == "first_response")
    assert d.posted("escalation_notice") == []
    assert "first_response_late" in rungs(number), "answered after due is a breach, also when no alarm had run"


@pytest.mark.sop("5.1")
def test_a_first_response_of_five_seconds_escalates_at_the_fifth(desk: Desk) -> None:
    d.install(FIVE_SECONDS.read_text(), after(-1))
    number = d.new_ticket(**CRITICAL)
    assert d.row(number).priority == "critical"
    late = "first_response_late"
    d.alarms(after(seconds=4.999))
    assert late not in rungs(number)
    d.alarms(after(seconds=5))
    d.alarms(after(seconds=5))
    assert rungs(number).count(late) == 1
    assert next(fact for fact in d.facts(number, f.Escalated) if fact.rung == late).at == after(seconds=5)


@pytest.mark.sop("5.1")
@pytest.mark.django_db(transaction=True)
def test_many_workers_act_once(busy_desk: Desk) -> None:
    d.install(FIVE_SECONDS.read_text(), after(-1))
    numbers = [d.new_ticket(**CRITICAL) for _ in range(3)]
    workers = d.at_once([lambda: d.alarms(after(seconds=5))] * 6)
    assert not [result for result in workers if isinstance(result, Exception)], workers
    for number in numbers:
        assert rungs(number).count("first_response_late") == 1
        assert len(set(rungs(number))) == len(rungs(number))


def test_an_alarm_that_crashes_is_shown_and_stands_aside_for_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, other = d.new_ticket(), d.new_ticket(after(seconds=1))
    d.deliver_all(after(seconds=1))
    with monkeypatch.context() as broken:
        broken.setattr(workflow.escalate, "act", lambda case, due: 1 / 0)
        with pytest.raises(workflow.AlarmCrashed) as crashed:
            workflow.on_alarm(after(2))
        assert crashed.value.number == number
        workflow.set_alarm_aside(number, "ZeroDivisionError", after(2))
    assert d.alarms(after(2, seconds=1)) == 1, "the other one is not held up"
    assert rungs(other) == ["first_response_half"]
    assert (rungs(number), d.row(number).alarm_error) == ([], "ZeroDivisionError")
    assert workflow.try_alarms_again(after(2, minutes=9)) == 0
    assert workflow.try_alarms_again(after(2, minutes=11)) == 1
    assert d.alarms(after(2, minutes=11)) == 1
    assert d.facts(number, f.Escalated)[0].at == after(2)


def test_a_stale_alarm_is_put_right_and_does_not_come_up_for_ever(desk: Desk) -> None:
    from forthwith.record.models import Ticket

    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    Ticket.objects.filter(pk=number).update(alarm_at=after(minutes=1))
    assert d.alarms(after(minutes=5)) == 1
    assert d.row(number).alarm_at == after(2)


def test_a_ticket_whose_facts_cannot_be_read_holds_up_no_other(desk: Desk) -> None:
    number, other = d.new_ticket(), d.new_ticket(after(seconds=1))
    d.deliver_all(after(seconds=1))
    entry = Entry.objects.get(ticket=number, seq=1)
    Entry.objects.filter(pk=entry.pk).update(kind="Nonsense")
    assert alarms.act(after(2))
    assert "Nonsense" in d.row(number).alarm_error
    assert d.alarms(after(2, seconds=1)) == 1
    assert rungs(other) == ["first_response_half"]
    Entry.objects.filter(pk=entry.pk).update(kind=entry.kind)


@pytest.mark.sop("4.1")
def test_the_leader_is_told_that_nobody_has_a_ticket_before_its_target_is_at_risk(desk: Desk) -> None:
    Person.objects.update(available=False)
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    d.alarms(after(1))
    assert rungs(number) == ["nobody_assigned"]
    told = d.posted("staff_unassigned")
    assert desk.lea.pk in [sent.person_id for sent in told]
    assert "nobody has it" in told[0].subject
