"""Who writes a mail and where it belongs: addresses, Reply-To, forwards, threads, people in copy (SOP 1.2, 4.3)."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings

from forthwith.people.models import Address, Person
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.record.models import Message, Ticket
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


def requester_of(raw: bytes, hours: float = 0) -> Person:
    receipt = d.arrive(raw, after(hours))
    assert receipt.outcome == "ticket", receipt
    return d.row(receipt.ticket or 0).requester


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    "sender", ["RUI@Customer.Example", "Rui <rui+desk@customer.example>", "rui@home.example", "<rui+a+b@home.example>"]
)
def test_a_person_is_known_at_each_of_their_addresses_in_any_form(desk: Desk, sender: str) -> None:
    Address.objects.create(person=desk.rui, address="rui@home.example")
    assert requester_of(d.mail(sender=sender)) == desk.rui


@pytest.mark.sop("1.2")
def test_a_tagged_address_with_an_owner_is_its_owners(desk: Desk) -> None:
    other = Person.objects.create_user("rui+x@customer.example", name="Another Rui")
    assert requester_of(d.mail(sender="rui+x@customer.example")) == other
    assert requester_of(d.mail(sender="+x@customer.example")) not in (other, desk.rui)


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("known", "writes"),
    [("jo@bücher.example", "jo@xn--bcher-kva.example"), ("jo@xn--bcher-kva.example", "Jo@BÜCHER.example")],
)
def test_a_domain_is_the_same_in_both_alphabets(desk: Desk, known: str, writes: str) -> None:
    jo = Person.objects.create_user(known, name="Jo")
    raw = d.mail(sender="x@y.example").replace(b"From: x@y.example", f"From: {writes}".encode())
    assert requester_of(raw) == jo


@pytest.mark.sop("2.2")
def test_an_address_that_writes_again_is_no_longer_undeliverable(desk: Desk) -> None:
    Address.objects.filter(address="rui@customer.example").update(undeliverable_since=after(-1))
    d.new_ticket()
    assert Address.objects.get(address="rui@customer.example").undeliverable_since is None


@pytest.mark.sop("4.3")
def test_answers_go_to_reply_to_and_the_person_is_who_it_is_from(desk: Desk) -> None:
    number = d.new_ticket(reply_to="Front office <office@customer.example>")
    desk.reply(number, after(minutes=5))
    assert d.row(number).requester == desk.rui
    assert {one.address for one in d.posted("acknowledgement", "reply")} == {"office@customer.example"}


@pytest.mark.sop("4.3")
def test_reply_to_on_a_mail_that_proves_nothing_leads_no_answer_away(desk: Desk) -> None:
    number = d.new_ticket()
    forged = d.mail("And?", subject=f"[#{number}]", reply_to="eve@evil.example", cc="eve@evil.example")
    assert d.arrive(forged, after(1)).ticket == number
    desk.reply(number, after(2))
    assert not [one for one in d.posted() if "evil" in one.address]


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    "sender",
    [
        "Website <no-reply@forms.example>",
        "noreply-web@forms.example",
        "wordpress@forms.example",
        "Rui Silva via Contact <list@groups.example>",
        settings.DESK_ADDRESS,
    ],
)
def test_where_from_is_no_person_reply_to_says_who_asks(desk: Desk, sender: str) -> None:
    assert requester_of(d.mail(sender=sender, reply_to="Rui Silva <rui@customer.example>")) == desk.rui
    new = requester_of(d.mail(sender=sender, reply_to="zoe@new.example"), 1)
    assert (new.email, d.posted("acknowledgement")[-1].address) == ("zoe@new.example", "zoe@new.example")


@pytest.mark.sop("1.2")
def test_somebody_on_behalf_of_another_asks_for_the_other(desk: Desk) -> None:
    assert requester_of(d.mail(Sender="Assistant <assistant@customer.example>")) == desk.rui


ORIGINAL = "The scanner makes black stripes on every page since Monday.\n\nZoe"
FORWARDS = {
    "gmail": "FYI, seems angry.\n\n---------- Forwarded message ---------\nFrom: Zoe Lang <zoe@user.example>\n"
    "Date: Mon, 2 Mar 2026 at 09:12\nSubject: Scanner stripes\nTo: <ana@desk.example>\n\n\n" + ORIGINAL,
    "outlook": "FYI, seems angry.\n\n________________________________\nFrom: Zoe Lang <zoe@user.example>\n"
    "Sent: Monday, March 2, 2026 9:12 AM\nTo: Ana <ana@desk.example>\nSubject: Scanner stripes\n\n" + ORIGINAL,
    "old outlook": "FYI, seems angry.\n\n-----Original Message-----\nFrom: Zoe Lang [mailto:zoe@user.example]\n"
    "Sent: Monday, March 2, 2026 9:12 AM\nTo: Ana\nSubject: Scanner stripes\n\n" + ORIGINAL,
    "german outlook": "FYI, seems angry.\n\nVon: Zoe Lang <zoe@user.example>\nGesendet: Montag, 2. März 2026 09:12\n"
    "An: Ana <ana@desk.example>\nBetreff: Scanner stripes\n\n" + ORIGINAL,
    "apple": "FYI, seems angry.\n\n> Begin forwarded message:\n> \n> From: Zoe Lang <zoe@user.example>\n"
    "> Subject: Scanner stripes\n> Date: 2 March 2026 at 09:12:00 CET\n> To: ana@desk.example\n> \n"
    + "".join(f"> {line}\n" for line in ORIGINAL.split("\n")),
    "thunderbird": "FYI, seems angry.\n\n\n-------- Forwarded Message --------\nSubject: \tScanner stripes\n"
    "Date: \tMon, 2 Mar 2026 09:12:00 +0100\nFrom: \tZoe Lang <zoe@user.example>\nTo: \tana@desk.example\n\n\n\n"
    + ORIGINAL,
}


def attached() -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ana <ana@desk.example>", d.DESK, "Fwd: Scanner stripes"
    made["Message-ID"] = "<fwd-1@desk-clients.example>"
    made.set_content("FYI, seems angry.")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Zoe Lang <zoe@user.example>", "Scanner stripes"
    inner["Message-ID"] = "<zoe-1@user.example>"
    inner.set_content(ORIGINAL)
    made.add_attachment(inner)
    return made.as_bytes()


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("client", [*FORWARDS, "attached"])
def test_an_agent_who_forwards_a_users_mail_opens_it_for_that_user(desk: Desk, client: str) -> None:
    subject = "WG: Scanner stripes" if "german" in client else "Fwd: Scanner stripes"
    raw = (
        attached()
        if client == "attached"
        else d.mail(FORWARDS[client], sender="Ana <ana@desk.example>", subject=subject)
    )
    receipt = d.arrive(raw)
    number = receipt.ticket or 0
    ticket = d.row(number)
    assert (ticket.requester.email, ticket.requester.name) == ("zoe@user.example", "Zoe Lang")
    assert ticket.subject == "Scanner stripes"
    assert d.facts(number, f.Received)[0].passed_on_by == desk.ana.pk
    public, note = Message.objects.order_by("pk")
    assert public.text.strip() == ORIGINAL
    assert "angry" not in public.text + public.html + public.new_text
    assert (note.kind, note.author_id, note.text.strip()) == ("internal", desk.ana.pk, "FYI, seems angry.")
    acknowledged = d.posted("acknowledgement")
    assert [one.address for one in acknowledged] == ["zoe@user.example"]


@pytest.mark.sop("1.2")
def test_a_forward_says_that_nothing_vouches_for_who_passed_it_on_and_one_found_forged_passes_nothing_on(
    desk: Desk, settings: Any
) -> None:
    def forwarded(**headers: str) -> int:
        return d.new_ticket(text=FORWARDS["apple"], sender="Ana <ana@desk.example>", subject="Fwd: help", **headers)

    page = d.as_person(desk.ben).get(f"/tickets/{forwarded()}/").content.decode()
    assert "It says that Ana of the desk passed it on; nothing vouches for that." in page
    settings.RECEIVING = replace(settings.RECEIVING, trusted="mx.desk.example")
    good = forwarded(authentication_results="mx.desk.example; dkim=pass header.d=desk.example")
    assert d.facts(good, f.Received)[0].passed_on_by == desk.ana.pk
    assert "nothing vouches" not in d.as_person(desk.ben).get(f"/tickets/{good}/").content.decode()
    forged = forwarded(authentication_results="mx.desk.example; dkim=fail header.d=desk.example")
    assert d.facts(forged, f.Received)[0].passed_on_by is None
    assert d.row(forged).requester_id == desk.ana.pk


def test_a_user_who_forwards_a_mail_asks_for_themselves(desk: Desk) -> None:
    raw = d.mail(FORWARDS["gmail"], subject="Fwd: Scanner stripes")
    assert requester_of(raw) == desk.rui
    own = d.mail("The printer in room 4 is broken.", sender="ana@desk.example", subject="Fwd: or not")
    assert requester_of(own, 1) == desk.ana


def test_a_text_made_to_look_like_many_forwards_is_read_in_time() -> None:
    from time import perf_counter

    from forthwith.channels.email.forwards import forwarded
    from forthwith.channels.email.parse import parse

    hostile = "---------- Forwarded message ---------\nFrom: x\n\n" * 20_000
    read = parse(d.mail(hostile, subject="Fwd: " + "re: " * 9_000))
    before = perf_counter()
    assert forwarded(read) is None
    assert perf_counter() - before < 1


def notified(desk: Desk) -> tuple[int, str]:
    """A ticket that Ana was told of, and the address at which she answers."""
    number = d.new_ticket()
    d.mail_news(after(minutes=6))
    return number, d.posted("staff_assigned")[0].reply_to


QUOTED = "\n\nOn Mon, 2 Mar 2026 at 10:00, Support <{desk}> wrote:\n> {text}\n"


@pytest.mark.sop("4.3")
def test_an_agent_answers_the_requester_from_their_own_mail_client(desk: Desk) -> None:
    number, to = notified(desk)
    quote = QUOTED.format(desk=d.DESK, text=d.posted("staff_assigned")[0].text.replace("\n", "\n> "))
    text = "Please switch it off and on.\n\nNext step: I come to you at noon."
    receipt = d.arrive(d.mail(text + quote, sender="Ana <ana@desk.example>", to=to), after(minutes=9))
    assert receipt == d.Receipt("reply", number)
    replied = d.facts(number, f.Replied)[0]
    assert (replied.by, replied.next_step) == (desk.ana.pk, "I come to you at noon.")
    sent = d.posted("reply")[0]
    assert sent.address == "rui@customer.example"
    assert "switch it off" in sent.text
    assert "/tickets/" not in sent.text, "what the desk alone sees does not leave with the answer"
    assert d.row(number).first_response_at == after(minutes=9)


@pytest.mark.sop("6.1")
@pytest.mark.parametrize("mark", ["note: ", "Note:\n", "#note ", "#note\n"])
def test_an_answer_whose_first_line_says_so_is_a_note(desk: Desk, mark: str) -> None:
    number, to = notified(desk)
    d.arrive(d.mail(f"{mark}He shouts.", sender="ana@desk.example", to=to), after(minutes=9))
    assert d.kinds(number)[-1] == "Noted"
    assert Message.objects.get(kind="internal").text == "He shouts."
    assert d.posted("reply") == []


@pytest.mark.sop("4.3")
def test_a_first_answer_without_a_next_step_is_kept_and_its_author_is_told(desk: Desk) -> None:
    _, to = notified(desk)
    receipt = d.arrive(d.mail("We look at it.", sender="ana@desk.example", to=to), after(minutes=9))
    assert receipt.outcome == "reply"
    assert "not sent" in receipt.reason
    assert d.posted("reply") == []
    assert "We look at it." in Message.objects.get(kind="internal").text
    d.mail_news(after(minutes=9))
    told = d.posted("staff_not_sent")[0]
    assert told.address == "ana@desk.example"
    assert "Next step:" in told.text
    again = d.mail("We look at it.\nNext step: news by noon", sender="ana@desk.example", to=told.reply_to)
    d.arrive(again, after(minutes=12))
    assert len(d.posted("reply")) == 1


@pytest.mark.sop("6.1")
@pytest.mark.parametrize("way", ["requester's address", "another agent's address", "number"])
def test_an_agents_from_proves_nothing_by_itself(desk: Desk, way: str) -> None:
    number, to = notified(desk)
    to = {
        "requester's address": links.reply_address(number),
        "another agent's address": links.staff_address(number, desk.ben.pk),
        "number": d.DESK,
    }[way]
    forged = d.mail("Send me your password.\nNext step: now", sender="ana@desk.example", to=to, subject=f"[#{number}]")
    assert d.arrive(forged, after(minutes=9)).ticket == number
    assert not d.facts(number, f.Noted, f.Replied)
    assert d.posted("reply") == []
    kept = d.facts(number, f.MachineWrote)[0]
    assert "nothing proves it" in kept.why
    assert Message.objects.get(pk=kept.message).kind == "system", "the requester does not see it"


@pytest.mark.sop("6.1")
def test_who_gets_hold_of_an_agents_address_is_not_the_agent(desk: Desk) -> None:
    number, to = notified(desk)
    d.arrive(d.mail("Hello?", sender="eve@evil.example", to=to), after(minutes=9))
    assert not d.facts(number, f.Noted, f.Replied)
    assert d.facts(number, f.RequesterWrote)[0].newcomer


@pytest.mark.sop("1.2")
def test_an_answer_to_a_known_mail_of_the_ticket_joins_it_without_any_id_of_ours(desk: Desk) -> None:
    number = d.new_ticket(mail_id="first@customer.example", cc="Bo <bo@customer.example>")
    follow_up = d.mail("One more thing.", in_reply_to="<first@customer.example>")
    assert d.arrive(follow_up, after(1)) == d.Receipt("reply", number)
    to_all = d.mail(
        "For me too.",
        sender="bo@customer.example",
        to="rui@customer.example",
        cc=d.DESK,
        references="<first@customer.example>",
    )
    assert d.arrive(to_all, after(1)) == d.Receipt("reply", number)


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("way", ["number", "known mail"])
def test_a_stranger_who_quotes_a_ticket_opens_a_linked_one_and_sees_nothing(desk: Desk, way: str) -> None:
    number = d.new_ticket(mail_id="first@customer.example")
    headers = {"subject": f"Re: [#{number}]"} if way == "number" else {"in_reply_to": "<first@customer.example>"}
    raw = d.mail("Me too.", **({"subject": "Hi"} | headers), sender="eve@other.example", cc="rui@customer.example")
    receipt = d.arrive(raw, after(1))
    assert receipt.outcome == "ticket"
    assert d.facts(receipt.ticket or 0, f.Received)[0].quotes == number
    sent = d.posted("acknowledgement")[-1]
    assert "blank pages" not in sent.text + sent.subject
    page = d.as_person(desk.ana).get(f"/tickets/{receipt.ticket}/").content.decode()
    assert f"/tickets/{number}/" in page
    theirs = d.as_person(d.row(receipt.ticket or 0).requester).get(sent.text[sent.text.index("/t/") :].split()[0])
    assert f"#{number}" not in theirs.content.decode().replace(f"[#{number}]", "")


@pytest.mark.sop("1.2")
def test_who_writes_to_a_signed_address_and_was_not_on_the_ticket_is_marked(desk: Desk) -> None:
    number = d.new_ticket()
    raw = d.mail("I have it as well.", sender="bo@other.example", to=links.reply_address(number), cc="eve@x.example")
    assert d.arrive(raw, after(1)) == d.Receipt("reply", number)
    assert d.facts(number, f.RequesterWrote)[0].newcomer
    assert d.facts(number, f.ParticipantAdded) == []
    assert "not on this ticket before" in d.as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    d.arrive(d.mail("Yes.", to=links.reply_address(number)), after(1))
    assert not d.facts(number, f.RequesterWrote)[1].newcomer


@pytest.mark.sop("1.2")
def test_another_subject_under_an_old_reference_offers_a_split(desk: Desk) -> None:
    number = d.new_ticket()
    to = links.reply_address(number)
    for same in ("Re: Printer prints blank pages", f"AW: [#{number}] x", "", "RE: Fwd: printer prints  blank pages"):
        d.arrive(d.mail("It is.", subject=same, to=to), after(1))
    assert {fact.other_subject for fact in d.facts(number, f.RequesterWrote)} == {""}
    d.arrive(d.mail("I need a new phone.", subject="Re: New phone", to=to), after(1))
    assert d.facts(number, f.RequesterWrote)[-1].other_subject == "Re: New phone"
    page = d.as_person(desk.ana).get(f"/tickets/{number}/").content.decode()
    assert "New phone" in page
    assert "another matter" in page


@pytest.mark.sop("4.3")
def test_who_is_in_copy_gets_the_answer_without_the_requesters_link_and_answers_on_the_ticket(desk: Desk) -> None:
    Person.objects.create_user("gone@customer.example", name="Gone")
    Address.objects.filter(address="gone@customer.example").update(undeliverable_since=after(-1))
    number = d.new_ticket(cc="Bo <bo@customer.example>, ben@desk.example, gone@customer.example")
    desk.reply(number, after(minutes=5), text="Please restart it.")
    copies = d.posted("reply_to_others")
    assert [one.address for one in copies] == ["bo@customer.example"]
    assert "Please restart it." in copies[0].text
    assert "/t/" not in copies[0].text
    assert desk.rui.name not in copies[0].name
    answer = d.mail("Works.", sender="bo@customer.example", in_reply_to=f"<{copies[0].mail_id}>", to=copies[0].reply_to)
    assert d.arrive(answer, after(1)) == d.Receipt("reply", number)
    assert not d.facts(number, f.RequesterWrote)[0].newcomer
    desk.resolve(number, after(2))
    assert len(d.posted("reply_to_others")) == 2
    assert "We replaced the drum." in d.posted("reply_to_others")[1].text


@pytest.mark.sop("4.3")
def test_a_lost_copy_is_no_lost_answer(desk: Desk) -> None:
    number = d.new_ticket(cc="Bo <bo@customer.example>")
    d.deliver_all(after(minutes=1))
    desk.reply(number, after(minutes=5))
    mine = d.posted("reply")[0]
    type(mine).objects.filter(pk=mine.pk).update(state="sent")
    d.deliver_all(after(minutes=6), refused="550 no such mailbox")
    assert d.posted("reply_to_others")[0].state == "failed"
    assert not d.row(number).undelivered
    assert d.posted("staff_undelivered") == []


@pytest.mark.sop("2.2")
def test_ten_mails_in_a_row_are_acknowledged_once_with_all_numbers(desk: Desk) -> None:
    numbers = [d.new_ticket(after(seconds=turn), subject=f"Thing {turn}") for turn in range(10)]
    d.deliver_all(after(seconds=20))
    sent = d.posted("acknowledgement")
    assert len(sent) == 1
    for number in numbers:
        assert f"#{number}" in sent[0].text
    assert {d.verdicts(number, after(1))["2.2"] for number in numbers} <= {"met", "not applicable"}


@pytest.mark.sop("2.2")
def test_those_after_the_first_has_left_are_named_in_one_more_within_the_quarter_of_an_hour(desk: Desk) -> None:
    numbers = []
    for turn in range(10):
        numbers.append(d.new_ticket(after(seconds=turn), subject=f"Thing {turn}"))
        d.deliver_all(after(seconds=turn))
    assert len(d.posted("acknowledgement")) == 2
    assert d.deliver_all(after(minutes=5)) == 1
    last = d.posted("acknowledgement")[1]
    assert all(f"#{number}" in last.text for number in numbers[1:])
    assert last.sent_at == after(minutes=5)
    later = d.new_ticket(after(minutes=11))
    d.deliver_all(after(minutes=11))
    assert d.facts(later, f.Acknowledged)


@pytest.mark.sop("4.3")
def test_an_answer_does_not_wait_for_an_acknowledgement_that_gathers_others(desk: Desk) -> None:
    d.new_ticket()
    d.deliver_all(after(seconds=1))
    second = d.new_ticket(after(seconds=2), subject="Other")
    desk.reply(second, after(seconds=30))
    d.deliver_all(after(seconds=31))
    assert d.posted("reply")[0].state == "sent"
    assert Ticket.objects.count() == 2
