"""Rows of the outbox on their way: claimed once, tried again, given up, set aside; the ticket hears of it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from forthwith.outbox import deliver
from forthwith.outbox.models import Outgoing
from forthwith.outbox.senders import NO_RELAY, Accepted, Refused
from forthwith.procedure import facts as f
from forthwith.steps import watch, workflow
from forthwith.worker import outbox
from tests.desk_fixtures import MONDAY, Desk, after, facts, hire, install, new_ticket
from tests.worker.relay import Relay


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket whose acknowledgement alone is queued."""
    number = new_ticket()
    Outgoing.objects.exclude(purpose="acknowledgement").delete()
    return number


def acknowledgement() -> Outgoing:
    return Outgoing.objects.get(purpose="acknowledgement")


def turn(now: datetime) -> None:
    outbox.turn(lambda: now, Event())


@pytest.mark.sop("2.2")
def test_acknowledged_is_dated_when_the_relay_took_it(number: int, relay: Relay) -> None:
    turn(after(minutes=3))
    row = acknowledgement()
    assert (row.state, row.sent_at, row.attempts, row.leased_until) == ("sent", after(minutes=3), 1, None)
    assert [fact.at for fact in facts(number, f.Acknowledged)] == [after(minutes=3)]
    assert len(relay.taken) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_recorded_though_the_connection_was_cut_meanwhile(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    hire()
    new_ticket()
    send = deliver.send

    def sent_and_cut(sender: deliver.Sender, row: Outgoing) -> deliver.Outcome:
        outcome = send(sender, row)
        pid = connection.connection.info.backend_pid
        with psycopg.connect(os.environ["FORTHWITH_TEST_POSTGRES_URL"], autocommit=True) as server:
            server.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return outcome

    monkeypatch.setattr(deliver, "send", sent_and_cut)
    monkeypatch.setattr(outbox, "pause_after", lambda failures: 0.0)
    turn(MONDAY)
    assert set(Outgoing.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert len(relay.taken) == Outgoing.objects.count()


def test_what_is_sent_is_not_sent_again(number: int, relay: Relay) -> None:
    turn(after(minutes=1))
    turn(after(hours=9))
    assert len(relay.taken) == 1


def test_all_that_is_due_goes_over_one_connection(desk: Desk, relay: Relay) -> None:
    for person in range(5):
        new_ticket(sender=f"p{person}@customer.example")
    turn(MONDAY)
    assert not Outgoing.objects.filter(state="queued").exists()
    assert relay.connections == 1


@pytest.mark.sop("2.2")
def test_a_temporary_refusal_is_tried_again_later_and_later(number: int, relay: Relay) -> None:
    relay.data = ["451 4.3.0 try later"]
    now, waits = MONDAY, []
    for attempt in range(1, 9):
        turn(now)
        row = acknowledgement()
        assert (row.state, row.attempts, row.error) == ("queued", attempt, "451 4.3.0 try later")
        waits.append(row.next_at - now)
        now = row.next_at
    for attempt, wait in enumerate(waits):
        planned = min(timedelta(minutes=2**attempt), timedelta(hours=1))
        assert planned * 0.75 <= wait <= planned * 1.25
    assert facts(number, f.Acknowledged, f.DeliveryFailed) == []


def test_it_is_not_tried_before_its_time(number: int, relay: Relay) -> None:
    relay.data = ["451 4.3.0 try later"]
    turn(MONDAY)
    turn(acknowledgement().next_at - timedelta(seconds=1))
    assert acknowledgement().attempts == 1


@pytest.mark.sop("2.2")
def test_a_permanent_refusal_is_told_to_the_ticket_at_once(number: int, relay: Relay) -> None:
    relay.rcpt = ["550 5.1.1 no such user"]
    turn(after(minutes=1))
    assert (acknowledgement().state, acknowledgement().error) == ("failed", "550 5.1.1 no such user")
    failed = facts(number, f.DeliveryFailed)
    assert [(fact.purpose, fact.why) for fact in failed] == [("acknowledgement", "550 5.1.1 no such user")]


@pytest.mark.sop("2.2")
def test_after_two_days_of_refusals_it_is_given_up_and_told(
    number: int, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "LONGEST_WAIT", timedelta(hours=12))
    relay.data = ["451 4.3.0 try later"]
    now = MONDAY
    while acknowledgement().state == "queued":
        turn(now)
        now = acknowledgement().next_at
        assert now < after(days=4)
    assert acknowledgement().state == "failed"
    assert now > after(days=2)
    assert len(facts(number, f.DeliveryFailed)) == 1


def test_without_a_relay_it_waits_for_as_long_as_it_takes(number: int, settings: object) -> None:
    settings.RELAY = None  # type: ignore[attr-defined]
    for day in range(4):
        turn(after(days=day))
    row = acknowledgement()
    assert (row.state, row.error, row.attempts) == ("queued", NO_RELAY.words, 0)


def test_a_row_is_claimed_by_one_worker_until_its_lease_ends(number: int) -> None:
    claimed = deliver.claim(MONDAY)
    assert claimed is not None
    assert deliver.claim(MONDAY + timedelta(minutes=1)) is None
    assert deliver.waits_until(MONDAY + timedelta(minutes=1)) is None
    again = deliver.claim(MONDAY + deliver.LEASE)
    assert again is not None
    assert (again.pk, again.attempts) == (claimed.pk, 2)


def test_the_outcome_and_what_the_ticket_hears_are_kept_together_or_not_at_all(number: int) -> None:
    row = deliver.claim(MONDAY)
    assert row is not None

    def told(_: Outgoing) -> None:
        raise OperationalError("the database went away")

    with pytest.raises(OperationalError):
        deliver.settle(row, Accepted("250 OK"), now=MONDAY, told=told)
    assert acknowledgement().state == "queued"
    assert acknowledgement().leased_until is not None


def test_a_sent_row_whose_ticket_cannot_take_it_is_set_aside_and_not_sent_again(
    number: int, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(workflow, "on_delivery", crash)
    turn(MONDAY)
    turn(after(hours=3))
    row = acknowledgement()
    assert row.state == "sent"
    assert "ValueError: no such thing" in row.error
    assert len(relay.taken) == 1


def test_a_row_that_crashes_the_sender_is_set_aside_and_the_others_go_out(
    desk: Desk, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_ticket(subject="one")
    new_ticket(subject="two", sender="eva@customer.example")
    compose = deliver.Sender.send

    def crash(self: deliver.Sender, row: Outgoing) -> Accepted | Refused:
        if row.address == "rui@customer.example":
            raise RuntimeError("cannot be composed")
        return compose(self, row)

    monkeypatch.setattr(deliver.Sender, "send", crash)
    turn(MONDAY)
    aside = Outgoing.objects.get(address="rui@customer.example")
    assert (aside.state, aside.error) == ("failed", "It crashed: RuntimeError: cannot be composed")
    assert Outgoing.objects.get(address="eva@customer.example").state == "sent"
    [failed] = facts(aside.ticket_id or 0, f.DeliveryFailed)
    assert "cannot be composed" in failed.why


@pytest.mark.sop("2.2")
def test_whoever_lost_the_lease_says_nothing_but_that_the_mail_was_sent(number: int) -> None:
    slow, quick = deliver.claim(MONDAY), deliver.claim(MONDAY + deliver.LEASE)
    assert slow is not None
    assert quick is not None
    told: list[str] = []
    refused = Refused("550 5.1.1 no such user", permanent=True)
    deliver.settle(slow, refused, now=after(minutes=7), told=lambda row: told.append(row.state))
    assert acknowledgement().leased_until == quick.leased_until, "the other one is still sending"
    deliver.settle(quick, Accepted("250 OK"), now=after(minutes=8), told=lambda row: told.append(row.state))
    deliver.settle(slow, Refused("451 later", permanent=False), now=after(minutes=9))
    assert (acknowledgement().state, acknowledgement().sent_at) == ("sent", after(minutes=8))
    assert told == ["sent"]


def test_a_mail_that_was_sent_after_the_lease_is_not_sent_a_third_time(number: int) -> None:
    slow, quick = deliver.claim(MONDAY), deliver.claim(MONDAY + deliver.LEASE)
    assert slow is not None
    assert quick is not None
    deliver.settle(slow, Accepted("250 OK"), now=after(minutes=7))
    deliver.settle(quick, Refused("451 later", permanent=False), now=after(minutes=8))
    assert acknowledgement().state == "sent"


@pytest.mark.sop("2.2")
def test_a_bounce_that_is_quicker_than_our_own_books_keeps_its_words(number: int) -> None:
    claimed = deliver.claim(MONDAY)
    assert claimed is not None
    workflow.on_bounce(acknowledgement(), why="550 no such user", now=after(seconds=1))
    deliver.settle(claimed, Accepted("250 OK"), now=after(seconds=2))
    assert (acknowledgement().state, acknowledgement().error) == ("sent", "550 no such user")


@pytest.mark.sop("1.1")
def test_an_alarm_leaves_by_its_own_relay_while_the_other_takes_nothing(
    desk: Desk, relay: Relay, settings: Any
) -> None:
    settings.ALARM_RELAY = settings.RELAY
    settings.RELAY = replace(settings.RELAY, port=1)
    new_ticket()
    watch.check(MONDAY)
    watch.check(after(days=2))
    assert {row.purpose for row in Outgoing.objects.filter(alarm=True)} == {"staff_coverage"}
    now = after(days=2)
    outbox.turn(lambda: now, Event())
    outbox.turn(lambda: now, Event(), alarms=True)
    assert set(Outgoing.objects.filter(alarm=True).values_list("state", flat=True)) == {"sent"}
    assert not Outgoing.objects.filter(alarm=False, state="sent").exists()
    assert len(relay.taken) == Outgoing.objects.filter(alarm=True).count()


def test_an_alarm_does_not_wait_behind_other_mail_to_the_same_person(number: int, relay: Relay, settings: Any) -> None:
    row = acknowledgement()
    Outgoing.objects.create(
        purpose="staff_undelivered",
        alarm=True,
        ticket_id=number,
        address=row.address,
        subject="s",
        text="t",
        mail_id="later@desk.example",
        queued_at=MONDAY,
        next_at=MONDAY,
    )
    outbox.turn(lambda: MONDAY, Event(), alarms=True)
    assert Outgoing.objects.get(alarm=True).state == "sent"
    assert acknowledgement().state == "queued"
