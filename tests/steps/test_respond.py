"""Step 4: who takes it, what they do, and what the requester hears (SOP 4.1, 4.2, 4.3)."""

from __future__ import annotations

import pytest

from forthwith.people.models import Membership, Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.mark.sop("4.1")
def test_tickets_go_to_who_has_the_fewest_and_say_why(desk: Desk) -> None:
    numbers = [d.new_ticket(after(minutes=i)) for i in range(4)]
    assert [d.row(number).assignee_id for number in numbers] == [desk.ana.pk, desk.ben.pk] * 2
    assert d.facts(numbers[0], f.Assigned)[0].why == "available, with the fewest open tickets"
    assert [len(d.told(person, "assigned")) for person in (desk.ana, desk.ben)] == [2, 2]


@pytest.mark.sop("4.1")
def test_round_robin_goes_on_from_the_latest(desk: Desk) -> None:
    d.install(d.variant(("method: least_loaded", "method: round_robin")), after(-1))
    first, second = d.new_ticket(), d.new_ticket()
    desk.resolve(first, after(1))
    desk.resolve(second, after(1))
    assert d.row(d.new_ticket(after(2))).assignee_id == desk.ana.pk
    assert d.row(d.new_ticket(after(2))).assignee_id == desk.ben.pk


@pytest.mark.sop("4.1")
@pytest.mark.parametrize(
    "change",
    [{"available": False}, {"is_active": False}, {"capacity": 0}, {"shift": "business"}, {"role": "auditor"}],
)
def test_nobody_gets_one_who_is_not_available(desk: Desk, change: dict[str, object]) -> None:
    Person.objects.filter(pk=desk.ana.pk).update(**change)
    sunday = d.MONDAY.replace(day=1) if "shift" in change else d.MONDAY
    if "shift" in change:
        Person.objects.filter(pk=desk.ben.pk).update(shift="always")
    assert d.row(d.new_ticket(sunday)).assignee_id == desk.ben.pk


@pytest.mark.sop("4.1")
def test_a_needed_skill_decides(desk: Desk) -> None:
    d.install(d.variant(("      printer:\n", "      printer:\n        skills: [printers]\n")), after(-1))
    assert d.row(d.new_ticket()).assignee_id is None
    Person.objects.filter(pk=desk.ben.pk).update(skills=["printers", "sap"])
    assert d.row(d.new_ticket()).assignee_id == desk.ben.pk


@pytest.mark.sop("4.1")
def test_when_nobody_is_available_it_waits_visibly_and_the_leader_hears_before_a_target_is_at_risk(desk: Desk) -> None:
    Person.objects.update(available=False)
    number = d.new_ticket()
    waits = d.facts(number, f.Assigned)[0]
    assert (waits.team, waits.assignee, waits.why) == ("service_desk", None, "nobody is available")
    d.deliver_all(after(seconds=1))
    assert d.alarms(after(1, seconds=-1)) == 0
    assert d.alarms(after(1)) == 1
    rung = d.facts(number, f.Escalated)[0]
    assert (rung.rung, rung.at) == ("nobody_assigned", after(1))
    assert desk.lea.pk in rung.told
    assert d.verdicts(number, after(1))["4.3"] == "not due"


@pytest.mark.sop("4.1")
def test_at_capacity_is_not_available(desk: Desk) -> None:
    Person.objects.filter(pk__in=[desk.ana.pk, desk.ben.pk]).update(capacity=1)
    numbers = [d.new_ticket(after(minutes=i)) for i in range(3)]
    assert d.row(numbers[2]).assignee_id is None
    assert d.facts(numbers[2], f.Assigned)[0].why == "everybody available is at capacity"


@pytest.mark.sop("4.1")
def test_take_next_gives_what_falls_due_first_in_ones_teams(desk: Desk) -> None:
    Person.objects.update(available=False)
    later = d.new_ticket(d.MONDAY)
    sooner = d.new_ticket(after(minutes=5), text="The whole company is down, nobody can work.", subject="Outage")
    d.deliver_all(after(minutes=6))
    by = Actor.of(desk.ana)
    assert acts.take_next(by=Actor.of(desk.sam), now=after(minutes=7)) is None, "another team's"
    assert acts.take_next(by=by, now=after(minutes=7)) == sooner
    assert acts.take_next(by=by, now=after(minutes=7)) == later
    assert acts.take_next(by=by, now=after(minutes=7)) is None
    assert d.row(later).assignee_id == desk.ana.pk
    with pytest.raises(acts.NotAllowed):
        acts.take_next(by=Actor.of(desk.olga), now=after(1))


@pytest.mark.sop("4.1")
def test_take_next_obeys_skill_and_capacity_and_says_why_nothing_was_taken(desk: Desk) -> None:
    d.install(
        d.variant(("  network:\n    name: Network", "  network:\n    name: Network\n    skills: [routing]")),
        now=d.MONDAY,
    )
    Person.objects.update(available=False)
    skilled = d.new_ticket(after(minutes=1), text="The VPN does not connect since this morning.", subject="VPN")
    acts.categorise(skilled, by=Actor.of(desk.lea), now=after(minutes=2), category="network.vpn")
    acts.assign(skilled, by=Actor.of(desk.lea), now=after(minutes=2), team="service_desk", assignee=None)
    by = Actor.of(desk.ana)
    with pytest.raises(acts.Refused, match=r"needs skills that you are not listed with \(routing\)"):
        acts.take_next(by=by, now=after(minutes=3))
    plain = d.new_ticket(after(minutes=4))
    assert acts.take_next(by=by, now=after(minutes=5)) == plain
    Person.objects.filter(pk=desk.ana.pk).update(skills=["routing"], capacity=1)
    with pytest.raises(acts.Refused, match="you have 1 open already, and your capacity is 1"):
        acts.take_next(by=by, now=after(minutes=6))
    Person.objects.filter(pk=desk.ana.pk).update(capacity=2)
    assert acts.take_next(by=by, now=after(minutes=7)) == skilled


@pytest.mark.sop("4.1")
def test_assigning_by_hand_names_who_there_is(desk: Desk) -> None:
    number = d.new_ticket()
    by = Actor.of(desk.lea)
    acts.assign(number, by=by, now=after(1), team="hardware_team", assignee=desk.sam.pk, why="she knows it")
    assert (d.row(number).team, d.row(number).assignee_id) == ("hardware_team", desk.sam.pk)
    assert [notice.why for notice in d.told(desk.sam, "assigned")] == ["she knows it"]
    for team, assignee in (("nowhere", None), ("service_desk", desk.rui.pk), ("service_desk", 999_999)):
        with pytest.raises(acts.Refused):
            acts.assign(number, by=by, now=after(1), team=team, assignee=assignee)
    assert d.row(number).assignee_id == desk.sam.pk


@pytest.mark.sop("4.2")
def test_a_runbook_is_followed_step_by_step(desk: Desk) -> None:
    number = d.new_ticket()
    step = "Check paper, toner, doors and cables; clear any jam."
    acts.tick(number, by=Actor.of(desk.ana), now=after(1), step=step, outcome="all fine")
    assert [(t.step, t.outcome, t.by) for t in d.facts(number, f.Ticked)] == [(step, "all fine", desk.ana.pk)]
    with pytest.raises(acts.Refused):
        acts.tick(number, by=Actor.of(desk.ana), now=after(1), step="Pray")
    assert d.verdicts(number, after(1))["4.2"] == "met"


@pytest.mark.sop("4.3")
def test_a_persons_answer_meets_the_first_response_and_reaches_the_requester(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    assert d.row(number).first_response_at is None, "a robot's acknowledgement is none"
    acts.note(number, by=Actor.of(desk.ana), now=after(1), text="Hm.")
    assert d.row(number).first_response_at is None
    desk.reply(number, after(2))
    assert d.row(number).first_response_at == after(2)
    sent = d.posted("reply")[0]
    assert "We look at it now.\n\nNext step: I come to your desk at noon." in sent.text
    assert "Hm." not in sent.text
    assert (sent.message.mail_id, sent.automatic) == (sent.mail_id, False)
    assert d.verdicts(number, after(3))["4.3"] == "met"


@pytest.mark.sop("4.3")
@pytest.mark.parametrize(
    ("then", "status", "resolution_runs"),
    [("", "open", True), ("wait", "waiting_on_requester", False), ("hold", "on_hold", False)],
)
def test_waiting_stands_still_what_the_procedure_says(
    desk: Desk, then: str, status: str, resolution_runs: bool
) -> None:
    from forthwith.procedure.case import fold
    from forthwith.procedure.clocks import clocks
    from forthwith.record import procedures

    number = d.new_ticket()
    desk.reply(number, after(1), then=then)
    assert d.row(number).status == status
    of = {c.name: c for c in clocks(fold(d.facts(number)), procedures.load(d.row(number).revision_id))}
    assert (of["resolution"].due_at is not None) is resolution_runs
    assert (of["next_update"].due_at is not None) is (then != "wait")


@pytest.mark.sop("4.3")
def test_an_answer_ends_the_waiting_and_tells_the_assignee(desk: Desk) -> None:
    number = d.new_ticket()
    desk.reply(number, after(1), then="wait")
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(2), text="Here it is.")
    assert d.row(number).status == "open"
    assert len(d.told(desk.ana, "answered")) == 1
    assert d.row(number).due_clock == "next_reply"


@pytest.mark.sop("4.3")
def test_a_hold_with_a_date_is_over_then_however_late_anybody_noticed(desk: Desk) -> None:
    number = d.new_ticket()
    desk.reply(number, after(minutes=5))
    by = Actor.of(desk.ana)
    with pytest.raises(acts.Refused, match="passed"):
        acts.hold(number, by=by, now=after(1), why="spare part", until=after(1))
    with pytest.raises(acts.Refused, match="waits for"):
        acts.hold(number, by=by, now=after(1), why="")
    acts.hold(number, by=by, now=after(1), why="spare part", until=after(3))
    assert d.alarms(after(2)) == 0
    d.alarms(after(5))
    assert d.row(number).status == "open"
    assert d.facts(number, f.Resumed)[0].at == after(3)


@pytest.mark.sop("4.3")
def test_a_promise_has_a_clock_of_its_own(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(minutes=1))
    by = Actor.of(desk.ana)
    with pytest.raises(acts.Refused):
        acts.promise(number, by=by, now=after(1), what="a drum", due=after(1))
    for what in ("a drum", "a call", "a visit"):
        acts.promise(number, by=by, now=after(1), what=what, due=after(2))
    drum, call, _ = (fact.promise for fact in d.facts(number, f.Promised))
    acts.keep_promise(number, by=by, now=after(1, minutes=30), promise=drum)
    with pytest.raises(acts.Refused, match="why"):
        acts.withdraw_promise(number, by=by, now=after(1, minutes=30), promise=call, why="")
    acts.withdraw_promise(number, by=by, now=after(1, minutes=30), promise=call, why="no part")
    with pytest.raises(acts.Refused, match="not open"):
        acts.keep_promise(number, by=by, now=after(1, minutes=31), promise=drum)
    d.alarms(after(2))
    assert [fact.rung for fact in d.facts(number, f.Escalated)] == ["promise_late"]
    assert d.facts(number, f.Escalated)[0].at == after(2)


@pytest.mark.parametrize("bad", [{"then": "sleep"}, {"minutes": -1}, {"minutes": 10**9}, {"text": " \n"}])
def test_a_reply_that_makes_no_sense_is_refused_whole(desk: Desk, bad: dict[str, object]) -> None:
    number = d.new_ticket()
    before = d.kinds(number)
    with pytest.raises(acts.Refused):
        desk.reply(number, after(1), **bad)
    assert d.kinds(number) == before
    assert d.posted("reply") == []


def test_leading_a_team_alone_gives_no_tickets(desk: Desk) -> None:
    Person.objects.filter(pk__in=[desk.ana.pk, desk.ben.pk]).update(available=False)
    Membership.objects.filter(person=desk.lea).update(leads=True)
    assert d.row(d.new_ticket()).assignee_id is None, "Lea has not said that she is available"
