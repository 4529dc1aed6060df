"""Mail of ours that comes back: on record, an alarm, never answered, and no loop (SOP 2.2)."""

from __future__ import annotations

import pytest

from forthwith.people.models import Address, Membership, Person
from forthwith.procedure import facts as f
from forthwith.record.models import Ticket
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

PERMANENT = """From: Mail Delivery System <MAILER-DAEMON@relay.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{id}@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Your mail could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} said the other server

--B
Content-Type: message/rfc822

Message-ID: <{ours}>
Subject: whatever

text
--B--
"""


def bounce(
    ours: str, *, address: str = "rui@customer.example", to: str = d.DESK, status: str = "5.1.1", id: str = "b1"
) -> bytes:
    action = "failed" if status.startswith("5") else "delayed"
    return PERMANENT.format(ours=ours, address=address, to=to, status=status, action=action, id=id).encode()


@pytest.mark.sop("2.2")
def test_a_bounce_says_on_its_ticket_that_the_mail_did_not_arrive_and_alarms_the_leader(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    sent = d.posted("acknowledgement")[0]
    receipt = d.arrive(bounce(sent.mail_id), after(minutes=1))
    assert (receipt.outcome, receipt.ticket) == ("ignored", number)
    failed = d.facts(number, f.DeliveryFailed)
    assert [(fact.purpose, fact.address) for fact in failed] == [("acknowledgement", "rui@customer.example")]
    assert d.row(number).undelivered
    assert d.verdicts(number, after(1))["2.2"] == "met", "met, not delivered"
    assert [told.person_id for told in d.posted("staff_undelivered")] == [desk.lea.pk]
    assert Address.objects.get(address="rui@customer.example").undeliverable_since == after(minutes=1)
    d.arrive(bounce(sent.mail_id, id="b2"), after(minutes=2))
    assert len(d.facts(number, f.DeliveryFailed)) == 1, "told once"
    assert Ticket.objects.count() == 1
    assert len(d.posted("acknowledgement")) == 1, "a bounce is never answered"


@pytest.mark.sop("2.2")
def test_a_bounce_that_names_no_message_finds_its_mail_by_the_signed_address(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    sent = d.posted("acknowledgement")[0]
    receipt = d.arrive(bounce("mangled@nowhere", to=sent.reply_to), after(minutes=1), recipients=(sent.reply_to,))
    assert receipt.ticket == number
    assert len(d.facts(number, f.DeliveryFailed)) == 1


@pytest.mark.sop("2.2")
def test_a_delay_is_no_failure_and_a_strangers_bounce_is_no_ticket(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    delayed = d.arrive(bounce(d.posted("acknowledgement")[0].mail_id, status="4.4.7"), after(minutes=1))
    assert (delayed.outcome, delayed.ticket) == ("ignored", number)
    foreign = d.arrive(bounce("x@elsewhere", id="b3"), after(minutes=1))
    assert (foreign.outcome, foreign.ticket) == ("ignored", None)
    assert d.facts(number, f.DeliveryFailed) == []


@pytest.mark.sop("2.2")
def test_dead_addresses_of_the_desk_do_not_tell_each_other_for_ever(desk: Desk) -> None:
    other = Person.objects.create_user("leo@desk.example", name="Leo", role="team_leader")
    Membership.objects.create(person=other, team="service_desk", leads=True)
    d.new_ticket()
    d.deliver_all(after(seconds=1))
    d.arrive(bounce(d.posted("acknowledgement")[0].mail_id), after(minutes=1))
    d.deliver_all(after(minutes=1))
    told = d.posted("staff_undelivered")[0]
    before = len(d.posted())
    d.arrive(bounce(told.mail_id, address=told.address, id="b4"), after(minutes=2))
    told.refresh_from_db()
    assert told.bounced_at == after(minutes=2)
    assert len(d.posted()) == before
