"""The steps joined: whatever people, mails, relays and the clock do in whatever order, the record adds up."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from forthwith.outbox.models import Outgoing
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.steps import acts, document, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


def moves(desk: Desk, number: int, chance: random.Random) -> list[Callable[[Any], Any]]:
    """What may happen to a ticket at an instant; much of it is not possible in every state."""
    ana, rui = Actor.of(desk.ana), Actor.requester(desk.rui.pk)
    answer = {"to": links.reply_address(number)}
    return [
        lambda now: desk.reply(number, now, then=chance.choice(["", "wait", "hold"])),
        lambda now: desk.resolve(number, now),
        lambda now: acts.requester_writes(number, by=rui, now=now, text="And?"),
        lambda now: d.arrive(d.mail("By mail.", **answer), now),
        lambda now: d.arrive(d.mail("Away.", auto_submitted="auto-replied", **answer), now),
        lambda now: acts.hold(number, by=ana, now=now, why="part", until=now + timedelta(hours=chance.randrange(1, 9))),
        lambda now: acts.resume(number, by=ana, now=now),
        lambda now: acts.prioritise(
            number, by=ana, now=now, impact=chance.choice(["widespread", "one"]), urgency="stopped", why="so"
        ),
        lambda now: acts.escalate_by_hand(number, by=ana, now=now, kind="functional", why="hard"),
        lambda now: acts.assign(number, by=ana, now=now, team="service_desk", assignee=None),
        lambda now: acts.promise(number, by=ana, now=now, what="x", due=now + timedelta(hours=2)),
        lambda now: acts.confirm(number, by=rui, now=now),
        lambda now: acts.reopen(number, by=ana, now=now, why="so"),
        d.deliver_all,
        lambda now: d.deliver_all(now, refused="550 no"),
        d.alarms,
    ]


@pytest.mark.sop("5.1", "6.1")
@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_events_leaves_a_whole_record_and_an_alarm_ahead(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    now, number = d.MONDAY, d.new_ticket()
    for _ in range(45):
        now += timedelta(seconds=chance.choice([1, 60, 900, 3600, 4 * 3600, 20 * 3600]))
        try:
            chance.choice(moves(desk, number, chance))(now)
        except (acts.NotAllowed, acts.Refused):
            continue
        assert document.discrepancies(d.row(number)) == []
    d.alarms(now)
    alarm = d.row(number).alarm_at
    assert alarm is None or alarm > now
    escalated = [(fact.rung, fact.clock, fact.cycle) for fact in d.facts(number, f.Escalated) if fact.rung]
    assert len(escalated) == len(set(escalated)), "every rung once"


@pytest.mark.sop("2.2")
def test_what_leaves_is_queued_in_the_transaction_of_its_cause(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forthwith.steps.respond.assign_available", lambda case: 1 / 0)
    assert d.arrive(d.mail()).outcome == "unprocessed"
    assert d.posted() == []


def test_mails_to_the_desk_that_fail_are_no_fact_of_the_ticket(desk: Desk) -> None:
    number = d.new_ticket()
    assert d.mail_news(after(minutes=6)) == 1
    Outgoing.objects.exclude(purpose="staff_assigned").delete()
    d.deliver_all(after(minutes=6), refused="550 no")
    assert d.facts(number, f.DeliveryFailed) == []
    told = d.posted("staff_undelivered")
    assert [sent.person_id for sent in told] == [desk.adam.pk], "or Ana would be thought to know of it"
    d.deliver_all(after(minutes=7), refused="550 no")
    assert len(d.posted("staff_undelivered")) == 1


def test_a_reply_that_fails_for_good_is_met_but_not_delivered(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(1))
    d.deliver_all(after(1), refused="552 mailbox full")
    assert d.verdicts(number, after(2))["4.3"] == "met"
    assert [fact.purpose for fact in d.facts(number, f.DeliveryFailed)] == ["reply"]
    assert d.row(number).undelivered
    assert len(d.posted("staff_undelivered")) == 1


def test_on_delivery_of_a_mail_of_no_ticket_is_nothing(desk: Desk) -> None:
    outgoing = Outgoing(purpose="staff_coverage", state=Outgoing.SENT)
    workflow.on_delivery(outgoing, now=d.MONDAY)
