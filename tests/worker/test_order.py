"""Mails of a ticket leave in order, nobody waits for another's dead address, a relay that is away is spared."""

from __future__ import annotations

import socket
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from forthwith.config.environment import Relay as Named
from forthwith.outbox import deliver
from forthwith.outbox.models import Outgoing
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.steps import acts
from forthwith.worker import outbox
from tests.desk_fixtures import MONDAY, Desk, after, arrive, facts, mail, new_ticket, posted, row
from tests.worker.relay import Relay


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket whose acknowledgement alone is queued."""
    number = new_ticket()
    Outgoing.objects.exclude(purpose="acknowledgement").delete()
    return number


def turn(now: datetime) -> float:
    return outbox.turn(lambda: now, Event())


def purposes(relay: Relay) -> list[str]:
    ids = {row.mail_id: row.purpose for row in posted()}
    return [ids[sent["Message-ID"].strip("<>")] for _, _, sent in relay.taken]


@pytest.mark.sop("4.3")
def test_a_later_mail_of_a_ticket_does_not_overtake_one_that_waits(desk: Desk, number: int, relay: Relay) -> None:
    relay.data = ["451 4.3.0 try later", "250 OK"]
    turn(MONDAY)
    desk.reply(number, after(seconds=5))
    Outgoing.objects.filter(purpose__startswith="staff_").delete()
    turn(after(seconds=6))
    assert purposes(relay) == []
    turn(after(minutes=2))
    assert purposes(relay) == ["acknowledgement", "reply"]


def test_another_ticket_and_another_person_do_not_wait_for_a_dead_address(
    desk: Desk, number: int, relay: Relay
) -> None:
    relay.rcpt = ["450 4.2.1 not now", "250 OK"]
    turn(MONDAY)
    other = new_ticket(after(seconds=1), sender="eva@customer.example")
    again = new_ticket(after(seconds=2))
    desk.reply(again, after(seconds=3))
    turn(after(seconds=4))
    sent = Outgoing.objects.filter(state="sent").values_list("ticket", "purpose")
    assert {(other, "acknowledgement"), (again, "reply")} <= set(sent)
    assert posted("acknowledgement")[0].state == "queued"


def test_what_failed_for_good_holds_up_nothing(desk: Desk, number: int, relay: Relay) -> None:
    relay.rcpt = ["550 5.1.1 no such user", "250 OK"]
    desk.reply(number, after(seconds=5))
    turn(after(seconds=6))
    assert "reply" in purposes(relay)


@pytest.mark.sop("2.2")
def test_a_relay_that_is_away_is_asked_with_one_mail_a_turn_and_every_mail_says_why(
    desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in range(4):
        new_ticket(sender=f"p{person}@customer.example")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.RELAY = Named("127.0.0.1", port)
    assert turn(MONDAY) == outbox.RELAY_AWAY_S
    assert sum(Outgoing.objects.values_list("attempts", flat=True)) == 1
    said = set(Outgoing.objects.values_list("state", "error"))
    assert len(said) == 1
    assert "cannot be used" in said.pop()[1]
    for minute in range(1, 60):
        turn(after(minutes=minute))
    assert all(row.next_at <= after(minutes=67) for row in posted()), "it is asked again every five minutes"


@pytest.mark.sop("2.2")
def test_one_mail_too_big_for_the_relay_is_said_before_it_is_sent(
    number: int, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver.Sender, "_ready", smaller(deliver.Sender._ready))
    turn(MONDAY)
    [lost] = posted("acknowledgement")
    assert lost.state == "failed"
    assert "too big for the relay" in lost.error
    assert relay.raw == []


def smaller(ready: Any) -> Any:
    def announced(self: Any, relay: Any) -> Any:
        smtp = ready(self, relay)
        smtp.esmtp_features["size"] = "1000"
        return smtp

    return announced


@pytest.mark.sop("2.2", "6.1")
def test_a_lost_mail_is_sent_again_to_another_address_and_so_are_those_after_it(
    desk: Desk, number: int, relay: Relay
) -> None:
    relay.rcpt = ["550 5.1.1 no such user", "250 OK"]
    turn(MONDAY)
    [lost] = posted("acknowledgement")
    assert row(number).undelivered
    before = lost.mail_id
    by = Actor.of(desk.ana)
    acts.send_again(number, by=by, now=after(1), mail=lost.pk, address=" rui@home.example ")
    assert not row(number).undelivered
    [again] = facts(number, f.SentAgain)
    assert (again.by, again.was, again.address) == (desk.ana.pk, "rui@customer.example", "rui@home.example")
    turn(after(1, minutes=1))
    [lost] = posted("acknowledgement")
    assert (lost.state, lost.address, lost.mail_id) == ("sent", "rui@home.example", before)
    assert [fact.at for fact in facts(number, f.Acknowledged)] == [after(1, minutes=1)]
    desk.reply(number, after(2))
    assert posted("reply")[-1].address == "rui@home.example"
    arrive(mail("I am back.", in_reply_to=f"<{before}>"), after(3))
    desk.reply(number, after(4))
    assert posted("reply")[-1].address == "rui@customer.example", "where they wrote from since"


def test_only_what_was_lost_is_sent_again_and_only_to_an_address(desk: Desk, number: int, relay: Relay) -> None:
    by = Actor.of(desk.ana)
    [queued] = posted("acknowledgement")
    with pytest.raises(acts.Refused, match="has not failed"):
        acts.send_again(number, by=by, now=after(1), mail=queued.pk)
    relay.rcpt = ["550 5.1.1 no such user", "250 OK"]
    turn(MONDAY)
    with pytest.raises(acts.Refused, match="is no address"):
        acts.send_again(number, by=by, now=after(1), mail=queued.pk, address="nobody")
    with pytest.raises(acts.Refused, match="no such mail"):
        acts.send_again(number, by=by, now=after(1), mail=queued.pk + 1000)
    [to_staff] = posted("staff_undelivered")
    Outgoing.objects.filter(pk=to_staff.pk).update(state="failed")
    with pytest.raises(acts.Refused, match="no such mail"):
        acts.send_again(number, by=by, now=after(1), mail=to_staff.pk)
    acts.send_again(number, by=by, now=after(1), mail=queued.pk)
    with pytest.raises(acts.Refused, match="again already"):
        acts.send_again(number, by=by, now=after(1), mail=queued.pk)
