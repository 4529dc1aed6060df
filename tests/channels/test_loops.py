"""The loop breaker: machines that answer each other come to rest, and nobody who writes much is taken for one (2.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from forthwith.channels.email import intake
from forthwith.outbox.models import Outgoing
from forthwith.procedure import facts as f
from forthwith.record.models import RawItem, Ticket
from tests import desk_fixtures as d
from tests.desk_fixtures import DESK, Desk, after

ROBOT = "robot@machine.example"
Answering = Callable[[Outgoing, int], bytes]


def anew(sent: Outgoing, count: int) -> bytes:
    """A machine that strips every mark and thread, and writes to the address that it was given once."""
    return d.mail(f"Thank you for your message, number {count}.", sender=ROBOT, subject="Your message")


def in_thread(sent: Outgoing, count: int) -> bytes:
    """Another desk, without the marks of one: its acknowledgement answers ours, where ours asks for answers."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = ROBOT, sent.reply_to or DESK, f"Re: {sent.subject} [#{count}]"
    made["Message-ID"], made["In-Reply-To"] = f"<answer-{count}@machine.example>", f"<{sent.mail_id}>"
    made.set_content(f"We have your request and give it the number {count}.")
    return made.as_bytes()


def talk(answering: Answering, *, delay: timedelta, lasts: timedelta, step: timedelta) -> list[datetime]:
    """A machine writes once, and then answers all that it gets; when it wrote."""
    now, until = d.MONDAY, d.MONDAY + lasts
    wrote, answered = [now], set[int]()
    d.arrive(d.mail(sender=ROBOT), now)
    while now < until:
        now += step
        d.alarms(now)
        d.deliver_all(now)
        got = Outgoing.objects.filter(address=ROBOT, state="sent", sent_at__lte=now - delay).exclude(pk__in=answered)
        for sent in got:
            answered.add(sent.pk)
            wrote.append(now)
            raw = answering(sent, len(wrote))
            to = sent.reply_to if answering is in_thread and sent.reply_to else DESK
            intake.receive_mail(raw, sender=ROBOT, recipients=[to], now=now)
    return wrote


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("minutes", [0, 7, 25])
def test_a_machine_that_answers_everything_with_a_new_mail_comes_to_rest(desk: Desk, minutes: int) -> None:
    step = timedelta(minutes=15)
    wrote = talk(anew, delay=timedelta(minutes=minutes), lasts=timedelta(days=3), step=step)
    assert wrote[-1] < after(days=2), "there is silence in the end"
    assert len(wrote) <= 45
    assert Ticket.objects.count() == len(wrote), "all of it was stored and answered for"
    assert len(d.posted("staff_loop")) == 1, "the leader is told, once"
    assert d.posted("staff_loop")[0].address == desk.lea.email
    assert ROBOT in d.posted("staff_loop")[0].text


@pytest.mark.sop("2.2")
def test_two_desks_that_acknowledge_each_other_come_to_rest_on_one_ticket(desk: Desk) -> None:
    wrote = talk(in_thread, delay=timedelta(0), lasts=timedelta(days=7), step=timedelta(hours=1))
    assert Ticket.objects.count() == 1
    assert len(wrote) <= 8, "an acknowledgement, and what the matrix tells of one ticket"
    assert wrote[-1] < after(days=4)


def requests(count: int, start: datetime, seconds: float = 60, **of: str) -> list[intake.Receipt]:
    return [
        d.arrive(d.mail(f"Problem {n} with another screen.", **of), start + timedelta(seconds=seconds * n))
        for n in range(count)
    ]


@pytest.mark.sop("2.2")
def test_a_person_who_writes_ten_mails_in_a_row_is_heard_ten_times(desk: Desk) -> None:
    receipts = requests(10, d.MONDAY, seconds=30)
    assert {(one.outcome, one.reason) for one in receipts} == {("ticket", "")}
    for one in receipts:
        (received,) = d.facts(one.ticket or 0, f.Received)
        assert received.from_person
        withheld = d.facts(one.ticket or 0, f.AcknowledgementWithheld)
        assert all("it is named in the acknowledgement" in fact.why for fact in withheld)
    assert d.posted("staff_loop") == []


@pytest.mark.sop("2.2")
def test_above_the_rate_nothing_leaves_by_itself_and_above_the_higher_one_nothing_opens(desk: Desk) -> None:
    d.install(
        d.variant(("quiet: {most: 20, within: 24 h}", "quiet: {most: 4, within: 2 h}"), ("{most: 100,", "{most: 8,"))
    )
    receipts = requests(12, d.MONDAY, sender=ROBOT)
    assert [one.outcome for one in receipts] == ["ticket"] * 8 + ["ignored"] * 4
    for one in receipts[4:]:
        assert one.reason.startswith("loop: robot@machine.example has sent more than ")
    assert "more than 8 mails to support@desk.example within 1 h" in receipts[-1].reason
    fifth = receipts[4].ticket or 0
    assert d.facts(fifth, f.AcknowledgementWithheld)[0].why == receipts[4].reason
    assert not d.facts(fifth, f.Received)[0].from_person
    assert RawItem.objects.filter(outcome="ignored", reason=receipts[-1].reason).count() == 4
    assert len(d.posted("staff_loop")) == 1
    sent = len(d.posted())
    d.alarms(after(days=1))
    assert not [mail for mail in d.posted()[sent:] if mail.address == ROBOT], "not for its earlier tickets either"
    assert not d.facts(receipts[0].ticket or 0, f.RequesterTold), "and the record does not say that it was told"
    # A day later the pair is like any other, and a second loop is told of again.
    later = requests(5, after(days=2), sender=ROBOT)
    assert [bool(one.reason) for one in later] == [False] * 4 + [True]
    assert len(d.posted("staff_loop")) == 2


def few(desk: Desk) -> None:
    d.install(
        d.variant(("quiet: {most: 20, within: 24 h}", "quiet: {most: 2, within: 2 h}"), ("{most: 100,", "{most: 4,"))
    )


@pytest.mark.sop("1.2")
def test_a_conversation_is_never_held_up(desk: Desk) -> None:
    few(desk)
    number = d.new_ticket()
    requests(6, after(minutes=1))
    said = d.mail("It prints again, and then it does not.", subject=f"Re: [#{number}]")
    assert d.arrive(said, after(minutes=20)).outcome == "reply"
    assert "RequesterWrote" in d.kinds(number), "a person's words, not a machine's"


def test_pairs_are_counted_apart(desk: Desk) -> None:
    few(desk)
    assert requests(6, d.MONDAY)[-1].outcome == "ignored"
    other = d.arrive(d.mail(), after(minutes=7), recipients=("Billing+x@desk.example",))
    assert (other.outcome, other.reason) == ("ticket", "")
    tagged = d.arrive(d.mail(), after(minutes=7), recipients=("SUPPORT+anything@desk.example",))
    assert tagged.outcome == "ignored"
    assert d.arrive(d.mail(sender="eva@customer.example"), after(minutes=7)).reason == ""


def test_neither_people_of_the_desk_nor_forms_nor_imported_mails_are_machines(desk: Desk) -> None:
    few(desk)
    assert [one.reason for one in requests(4, d.MONDAY, sender="Ana <ana@desk.example>")] == [""] * 4
    forms = [
        d.arrive(d.mail(sender="forms@site.example", reply_to=f"Eva <eva{n}@customer.example>"), after(minutes=n))
        for n in range(8)
    ]
    assert {(one.outcome, one.reason) for one in forms} == {("ticket", "")}
    from forthwith.steps import receive

    for n in range(8):
        raw = d.mail(f"An old problem {n}.", sender="eva@customer.example")
        item, _ = receive.keep("email", raw, sender="", recipients=[], now=d.MONDAY, silent=True)
        assert intake.process(item, d.MONDAY).reason == ""
    assert d.posted("staff_loop") == []
