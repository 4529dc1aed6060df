"""A ticket's whole life in mails: each in the requester's thread, under one subject, saying truly who wrote it."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from forthwith.outbox.composed import compose
from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record import links
from forthwith.record.models import Message
from forthwith.steps import acts, workflow
from forthwith.steps.request import Request
from tests.desk_fixtures import MONDAY, Desk, after, alarms, arrive, deliver_all, install, mail, posted, variant

TO_REQUESTER = ("acknowledgement", "reply", "escalation_notice", "confirmation", "closed")
BY_A_PERSON = ("reply", "confirmation")


def as_sent(row: Outgoing) -> EmailMessage:
    return message_from_bytes(compose(row), _class=EmailMessage, policy=policy.default)


def live_through(desk: Desk, number: int, answer: Any) -> None:
    """Acknowledged, answered twice, escalated, resolved, reopened, resolved again, closed in silence."""
    desk.reply(number, after(1))
    answer("Thank you.", after(2))
    desk.reply(number, after(3), "We have ordered a drum.")
    acts.escalate_by_hand(number, by=Actor.of(desk.ana), now=after(4), kind="hierarchical", why="no drum to be had")
    desk.resolve(number, after(5))
    answer("It prints blank pages again.", after(6))
    desk.resolve(number, after(7))
    deliver_all(after(7))
    alarms(after(days=20))


def check_thread(number: int, first: str, subject: str) -> list[EmailMessage]:
    """Check the threading headers of every mail to the requester, in order; the mails."""
    rows = [row for row in posted(*TO_REQUESTER) if row.ticket_id == number]
    assert {row.purpose for row in rows} == set(TO_REQUESTER)
    theirs = Message.objects.filter(ticket=number, incoming=True).values_list("mail_id", flat=True)
    mails, before = [as_sent(row) for row in rows], [first] if first else []
    for row, sent in zip(rows, mails, strict=True):
        own = sent["Message-ID"].strip("<>")
        references = [one.strip("<>") for one in (sent["References"] or "").split()]
        assert links.read_mail_id(own) == number
        assert own not in references
        if before:
            assert sent["In-Reply-To"].strip("<>") == references[-1]
            assert references[0] == before[0], "the first mail of the thread is always named"
            assert set(references) <= {*before, *theirs}
            assert sent["Subject"] == f"Re: {subject}"
        else:
            assert sent["In-Reply-To"] is sent["References"] is None
            assert sent["Subject"] == subject
        assert links.read_reply_address(sent["Reply-To"].addresses[0].addr_spec) == number
        assert links.read_reply_address(row.reply_to) == number, "also what the envelope comes from"
        by_person = row.purpose in BY_A_PERSON
        automatic = "auto-replied" if row.purpose == "acknowledgement" and first else "auto-generated"
        assert sent["Auto-Submitted"] == (None if by_person else automatic)
        assert (sent["Precedence"] is None) == by_person
        assert sent["Date"].datetime == row.queued_at
        assert sent["List-Unsubscribe"] is None
        before.append(own)
    return mails


@pytest.mark.sop("2.2", "4.3", "5.2", "7.1", "7.2")
def test_every_mail_of_a_mailed_request_is_in_its_thread(desk: Desk) -> None:
    receipt = arrive(mail(mail_id="first@customer.example", subject="Re: AW: Printer"))
    assert receipt.ticket is not None

    def answer(text: str, now: Any) -> None:
        latest = posted(*TO_REQUESTER)[-1]
        again = arrive(mail(text, in_reply_to=f"<{latest.mail_id}>", subject=latest.subject), now)
        assert again.ticket == receipt.ticket

    live_through(desk, receipt.ticket, answer)
    check_thread(receipt.ticket, "first@customer.example", f"Printer [#{receipt.ticket}]")


@pytest.mark.sop("2.2", "4.3")
def test_every_mail_of_a_request_from_the_portal_is_in_one_thread(desk: Desk) -> None:
    request = Request(
        channel="portal",
        received_at=MONDAY,
        author=desk.rui.pk,
        address=desk.rui.email,
        subject="Printer",
        text="It prints blank pages.",
        new_text="It prints blank pages.",
    )
    number = workflow.on_request(request, now=MONDAY)
    by = Actor.requester(desk.rui.pk)
    live_through(desk, number, lambda text, now: acts.requester_writes(number, by=by, now=now, text=text))
    check_thread(number, "", f"Printer [#{number}]")


def test_a_long_thread_names_its_first_mail_and_the_latest(desk: Desk) -> None:
    number = arrive(mail(mail_id="first@customer.example")).ticket
    assert number is not None
    written = []
    for hour in range(1, 15):
        desk.reply(number, after(hour))
        latest = posted("reply")[-1].mail_id
        written += [latest, f"answer-{hour}@customer.example"]
        arrive(mail(mail_id=written[-1], in_reply_to=f"<{latest}>"), after(hour, minutes=1))
    desk.reply(number, after(20))
    references = posted("reply")[-1].references.replace("<", "").replace(">", "").split()
    assert references == ["first@customer.example", *written[-11:]]


def test_a_mail_tried_again_is_the_same_mail(desk: Desk) -> None:
    arrive(mail())
    [row] = posted("acknowledgement")
    first = compose(row)
    row.refresh_from_db()
    row.attempts, row.next_at = 5, after(9)
    headers = [(m["Message-ID"], m["Date"], m["Subject"]) for m in (message_from_bytes(first), as_sent(row))]
    assert str(headers[0]) == str(headers[1])


def with_sender(sender: str) -> str:
    """The standard procedure, its service desk writing as this."""
    hours = "    level: 1\n    hours: business"
    return variant((hours, f"    mail_from: {json.dumps(sender)}\n{hours}"))


@pytest.mark.sop("4.1")
def test_a_team_writes_under_its_own_name_and_answers_come_to_the_desk(db: None) -> None:
    install(with_sender("First line <first@desk.example>"))
    ana = Person.objects.create_user("ana@desk.example", name="Ana", role="agent")
    receipt = arrive(mail())
    assert receipt.ticket is not None
    acts.reply(receipt.ticket, by=Actor.of(ana), now=after(1), text="x", next_step="y")
    sent = as_sent(posted("reply")[0])
    assert sent["From"] == "First line <first@desk.example>"
    assert sent["Reply-To"].addresses[0].display_name == "First line"
    assert links.read_reply_address(sent["Reply-To"].addresses[0].addr_spec) == receipt.ticket
    html = sent.get_body(("html",))
    assert html is not None
    assert "First line" in html.get_content()


@pytest.mark.parametrize("wrong", ["first@desk.example", "A <b>", "A\nBcc: x <a@b>", '"A" <a@b.c>', "A <a@b, c@d>"])
def test_what_could_be_no_sender_is_refused_with_what_to_write(db: None, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"Network team <network@example\.org>"):
        install(with_sender(wrong))


def test_no_paragraph_of_the_standard_wordings_is_cut(desk: Desk) -> None:
    arrive(mail())
    [row] = posted("acknowledgement")
    assert "You do not need to do anything until then." in row.text
