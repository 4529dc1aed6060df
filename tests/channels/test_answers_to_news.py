"""Who answers a mail that was for the desk alone: never in public, whoever they are (SOP 6.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.models import Message
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


def news_of_a_note(desk: Desk, number: int, person: Person) -> Outgoing:
    """The mail by which a person learns that a note calls them in."""
    acts.note(number, by=Actor.of(desk.sam), now=after(), text=f"@{person.name} he is rude, is he not?")
    d.mail_news(after(minutes=6))
    return Outgoing.objects.get(person=person, purpose="staff_news_inside")


def answer(to: Outgoing, sender: str, now: float = 1, **headers: str) -> d.Receipt:
    quoted = "He is.\n\n> he is rude, is he not?"
    ids: dict[str, Any] = {"in_reply_to": f"<{to.mail_id}>", **headers}
    return d.arrive(d.mail(quoted, sender=sender, to=to.reply_to, subject=f"Re: {to.subject}", **ids), after(now))


def seen_outside(number: int) -> str:
    """What the requester reads of the ticket."""
    said = Message.objects.filter(ticket=number, kind="public")
    return " ".join(said.values_list("text", flat=True))


@pytest.mark.sop("6.1")
@pytest.mark.parametrize("who", ["auditor", "unknown address", "in the thread", "own request"])
def test_an_answer_to_news_of_a_note_is_seen_by_the_desk_alone(desk: Desk, who: str) -> None:
    number = d.new_ticket(sender="Ben <ben@desk.example>" if who == "own request" else "Rui <rui@customer.example>")
    mail = news_of_a_note(desk, number, desk.olga if who == "auditor" else desk.ben)
    sender = {"auditor": desk.olga.email, "own request": desk.ben.email}.get(who, "Ben <ben@home.example>")
    if who == "in the thread":
        thread = {"in_reply_to": "<b@home.example>", "references": f"<{mail.mail_id}> <a@x.example> <b@home.example>"}
        receipt = answer(mail, sender, **thread)
    else:
        receipt = answer(mail, sender)
    assert (receipt.outcome, receipt.ticket) == ("reply", number)
    assert not d.facts(number, f.RequesterWrote, f.Replied)
    assert "rude" not in seen_outside(number)
    kept = Message.objects.filter(ticket=number).latest("pk")
    assert "He is." in kept.text
    assert kept.kind == ("internal" if who == "own request" else "system")
    assert "answered" in [one.event for one in d.told(desk.ana)] or who == "own request", "the desk hears of it"


@pytest.mark.sop("6.1")
def test_who_may_write_no_notes_is_given_no_address_of_the_ticket(desk: Desk) -> None:
    number = d.new_ticket()
    assert news_of_a_note(desk, number, desk.olga).reply_to == settings.DESK_ADDRESS
    acts.note(number, by=Actor.of(desk.sam), now=after(1), text="@Ben and you?")
    d.mail_news(after(2))
    assert Outgoing.objects.get(person=desk.ben).reply_to == links.reply_address(number)


@pytest.mark.sop("6.1")
def test_an_answer_from_elsewhere_to_news_of_several_tickets_opens_none(desk: Desk) -> None:
    for subject in ("One", "Two"):
        number = d.new_ticket(subject=subject)
        acts.note(number, by=Actor.of(desk.sam), now=after(), text="@Ben is it so?")
    d.mail_news(after(minutes=6))
    (mail,) = d.posted("staff_news_several")
    receipt = answer(mail, "Ben <ben@home.example>")
    assert (receipt.outcome, receipt.ticket) == ("unprocessed", None)


@pytest.mark.sop("4.3")
def test_an_answer_from_elsewhere_to_a_mail_of_an_escalation_is_not_public_either(desk: Desk) -> None:
    number = d.new_ticket()
    acts.escalate_by_hand(number, by=Actor.of(desk.ana), now=after(), kind="hierarchical", why="hard")
    (mail,) = d.posted("staff_escalation")
    assert answer(mail, "Lea <lea@home.example>").ticket == number
    assert not d.facts(number, f.RequesterWrote, f.Replied)
    assert d.facts(number, f.MachineWrote)[0].why.startswith("it answers a notification of the desk")


@pytest.mark.sop("4.3")
def test_a_requester_who_answers_all_in_such_a_thread_has_answered(desk: Desk) -> None:
    number = d.new_ticket()
    mail = news_of_a_note(desk, number, desk.ben)
    thread = {"in_reply_to": "<b@home.example>", "references": f"<{mail.mail_id}> <b@home.example>"}
    receipt = answer(mail, "Rui Silva <rui@customer.example>", **thread)
    assert (receipt.outcome, receipt.ticket) == ("reply", number)
    assert d.facts(number, f.RequesterWrote)
