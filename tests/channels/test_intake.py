"""A mail comes in: kept before it is understood, answered for whatever it is, and never twice a ticket (SOP 1.2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError

from forthwith.channels.email import intake
from forthwith.people.models import Person
from forthwith.procedure import facts as f
from forthwith.record import raw
from forthwith.record.models import Attachment, Message, RawItem, Ticket
from forthwith.steps import document, receive, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.mark.sop("1.2")
def test_a_mail_is_kept_raw_and_becomes_a_ticket_counted_from_its_receipt(desk: Desk) -> None:
    raw = d.mail()
    receipt = d.arrive(raw)
    item = RawItem.objects.get()
    assert (bytes(item.body), item.outcome, item.ticket_id) == (raw, "ticket", receipt.ticket)
    assert d.row(receipt.ticket or 0).opened_at == item.received_at == d.MONDAY
    assert Message.objects.get().raw_item_id == item.pk


@pytest.mark.sop("1.2")
def test_the_same_mail_twice_is_one_ticket(desk: Desk) -> None:
    raw = d.mail(mail_id="one@customer.example")
    first, again = d.arrive(raw), d.arrive(raw, after(1))
    by_another_road = d.arrive(b"Received: from elsewhere\r\n" + raw, after(2))
    assert first.outcome == "ticket"
    for receipt in (again, by_another_road):
        assert (receipt.outcome, receipt.ticket) == ("ignored", first.ticket)
        assert "came before" in receipt.reason
    assert Ticket.objects.count() == Message.objects.count() == 1


@pytest.mark.sop("1.2")
def test_the_same_message_id_from_somebody_else_is_another_request(desk: Desk) -> None:
    d.arrive(d.mail(mail_id="one@customer.example"))
    other = d.arrive(d.mail(mail_id="one@customer.example", sender="eve@other.example"))
    assert other.outcome == "ticket"
    assert Ticket.objects.count() == 2


def test_mails_without_message_id_are_told_apart_by_their_bytes(desk: Desk) -> None:
    one, other = d.mail(mail_id=""), d.mail("Something else is broken as well.", mail_id="")
    assert [d.arrive(raw).outcome for raw in (one, one, other)] == ["ticket", "ignored", "ticket"]


@pytest.mark.sop("1.2")
def test_a_mail_that_the_database_had_no_time_for_is_understood_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:

        def gone(*_: object, **__: object) -> int:
            raise OperationalError("the server has gone away")

        away.setattr(workflow, "on_request", gone)
        assert d.arrive(d.mail()).outcome == "kept"
    assert RawItem.objects.get().outcome == "kept"
    assert intake.process_kept(after(seconds=5)) == 0, "it may still be at hand elsewhere"
    assert intake.process_kept(after(seconds=11)) == 1
    assert RawItem.objects.get().outcome == "ticket"
    assert Ticket.objects.get().opened_at == d.MONDAY, "the clocks run from the receipt"
    assert intake.process_kept(after(seconds=30)) == 0


@pytest.mark.sop("1.2")
def test_a_mail_that_can_never_be_stored_further_does_not_stay_in_the_way_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> int:
        raise OperationalError("too much of something")

    monkeypatch.setattr(workflow, "on_request", gone)
    d.arrive(d.mail())
    intake.process_kept(after(days=1, seconds=1))
    item = RawItem.objects.get()
    assert (item.outcome, "too much of something" in item.reason) == ("unprocessed", True)


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("error", [ValueError("a \x00 odd thing"), RecursionError("deep"), KeyError("x")])
def test_a_mail_that_breaks_us_is_unprocessed_with_the_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def crash(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(workflow, "on_request", crash)
    receipt = d.arrive(d.mail())
    assert receipt.outcome == "unprocessed"
    item = RawItem.objects.get()
    assert item.reason.startswith(type(error).__name__)
    assert Ticket.objects.count() == Person.objects.filter(email="rui@customer.example").count() - 1 == 0


def test_what_cannot_be_stored_is_not_answered_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(receive, "insert_new", full)
    with pytest.raises(OperationalError):
        d.arrive(d.mail())


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"just a line", "not a mail"), (b"\x00\x01\x02" * 99, "binary"), (b"Subject: hi\n\nno sender", "no sender")],
)
def test_what_is_no_request_is_unprocessed_and_says_why(desk: Desk, raw: bytes, reason: str) -> None:
    receipt = d.arrive(raw)
    assert receipt.outcome == "unprocessed"
    assert reason in receipt.reason
    assert RawItem.objects.get().reason == receipt.reason


@pytest.mark.sop("2.2")
@pytest.mark.parametrize(
    "headers",
    [{"list_id": "<all.customer.example>"}, {"auto_submitted": "auto-generated"}, {"precedence": "bulk"}],
)
def test_robots_and_lists_get_a_ticket_and_no_acknowledgement(desk: Desk, headers: dict[str, str]) -> None:
    number = d.new_ticket(**headers)
    withheld = d.facts(number, f.AcknowledgementWithheld)
    assert len(withheld) == 1
    assert withheld[0].why
    assert d.posted("acknowledgement") == []
    assert d.verdicts(number, after(1))["2.2"] == "not applicable"
    assert d.verdicts(number, after(9))["4.3"] == "not applicable"


@pytest.mark.sop("2.2")
@pytest.mark.parametrize(
    "headers",
    [{"auto_submitted": "auto-replied"}, {"x_autoreply": "yes"}, {"subject": "Out of office: back on Monday"}],
)
def test_an_automatic_answer_to_nothing_of_ours_opens_no_ticket(desk: Desk, headers: dict[str, str]) -> None:
    receipt = d.arrive(d.mail(**headers))
    assert receipt.outcome == "ignored"
    assert "automatic answer" in receipt.reason
    assert (Ticket.objects.count(), d.posted()) == (0, [])


@pytest.mark.sop("2.2")
def test_a_published_automatic_answer_is_ignored(desk: Desk, shared_data: Path) -> None:
    receipt = d.arrive((shared_data / "mail/glpi/27-autoreply.eml").read_bytes())
    assert (receipt.outcome, Ticket.objects.count(), d.posted()) == ("ignored", 0, [])


@pytest.mark.sop("2.2")
def test_a_vacation_notice_is_kept_on_its_ticket_and_changes_nothing(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(minutes=5), then="wait")
    before, mails = d.row(number), len(d.posted())
    notice = d.mail("I am away.", auto_submitted="auto-replied", in_reply_to=f"<{d.posted('reply')[0].mail_id}>")
    assert d.arrive(notice, after(minutes=6)) == intake.Receipt("reply", number)
    assert d.kinds(number)[-1] == "MachineWrote"
    now = d.row(number)
    assert (now.status, now.due_at, now.alarm_at) == (before.status, before.due_at, before.alarm_at)
    assert len(d.posted()) == mails, "nobody is told, and above all not the robot"


@pytest.mark.sop("2.2")
def test_our_own_mail_is_ignored(desk: Desk) -> None:
    number = d.new_ticket()
    ours = d.posted("acknowledgement")[0].mail_id
    assert d.arrive(d.mail(mail_id=ours)).reason == "our own mail came back"
    assert d.arrive(d.mail(sender=settings.DESK_ADDRESS.upper())).outcome == "ignored"
    assert list(Ticket.objects.values_list("pk", flat=True)) == [number]


@pytest.mark.sop("2.2")
def test_two_answering_machines_stop_by_themselves(desk: Desk) -> None:
    """A machine that says nothing of being one, and answers each acknowledgement with a new mail."""
    for turn in range(14):
        receipt = d.arrive(d.mail("Thank you for your message.", subject="Your message"), after(minutes=5.1 * turn))
        assert receipt.outcome == "ticket"
        d.deliver_all(after(minutes=5.1 * turn))
        if turn == 10:
            stopped = receipt
    receipt = stopped
    assert len(d.posted("acknowledgement")) == 12, "ten, and two more when the first were an hour ago"
    withheld = d.facts(receipt.ticket or 0, f.AcknowledgementWithheld)
    assert "10 acknowledgements within 1 h" in withheld[0].why
    d.arrive(d.mail("Hello again.", subject="New"), after(3))
    assert len(d.posted("acknowledgement")) == 13, "after an hour of quiet the address is answered again"


@pytest.mark.sop("6.1")
def test_somebody_of_the_desk_who_answers_by_mail_writes_an_internal_note(desk: Desk) -> None:
    number = d.new_ticket()
    d.mail_news(after(minutes=6))
    to_ana = d.posted("staff_assigned")[0]
    raw = d.mail("I ordered a drum.", sender="Ana <ana@desk.example>", in_reply_to=f"<{to_ana.mail_id}>")
    assert d.arrive(raw, after(1)).outcome == "reply"
    assert d.kinds(number)[-1] == "Noted"
    note = Message.objects.get(kind="internal")
    assert (note.author_id, note.text.strip()) == (desk.ana.pk, "I ordered a drum.")
    assert d.row(number).first_response_at is None
    assert d.posted("reply") == []


def test_an_agent_is_a_requester_on_their_own_ticket(desk: Desk) -> None:
    receipt = d.arrive(d.mail(sender="Ana <ana@desk.example>"))
    number = receipt.ticket or 0
    ack = d.posted("acknowledgement")[0]
    d.arrive(d.mail("It is room 4.", sender="ana@desk.example", in_reply_to=f"<{ack.mail_id}>"), after(1))
    assert d.facts(number, f.RequesterWrote)
    assert Message.objects.filter(kind="internal").count() == 0


def test_somebody_who_has_left_the_desk_writes_no_notes(desk: Desk) -> None:
    number = d.new_ticket()
    d.mail_news(after(minutes=6))
    to_ana = d.posted("staff_assigned")[0]
    Person.objects.filter(pk=desk.ana.pk).update(is_active=False)
    d.arrive(d.mail("Hello?", sender="ana@desk.example", in_reply_to=f"<{to_ana.mail_id}>"), after(1))
    assert d.facts(number, f.Noted) == []


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\nSubject: x\r\n Bcc: all@b.example\n\nHello \x00 there",
        b'From: "A\x00\x07\x1b[31m" <a@b.example>\nSubject: \x00\xff\n\n\x00\xed\xa0\x80 text',
        b"From: =?utf-8?q?Eve=0D=0ABcc:_x@y.example?= <a@b.example>\nSubject: =?utf-8?q?a=0D=0AX:_y=00?=\n\nHello",
        b"From: a@b.example\nSubject: " + b"long " * 2_000_000 + b"\n\nHello",
        b"From: a@b.example\nMessage-ID: <" + b"x" * 50_000 + b"@y>\nReferences: " + b"<a@b> " * 50_000 + b"\n\nHello",
        b"From: " + b"n" * 5000 + b" <a@b.example>\nCc: " + b"c@d.example, " * 9000 + b"\n\nHello",
        b"From: {link}{missing} <a@b.example>\nSubject: {requester} {link} {0} {desk}\n\n{link}",
        b'From: a@b.example\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain; name="../../'
        b'etc/\x00passwd"\nContent-Disposition: attachment; filename="../../../' + b"x" * 9000 + b'"\n\nhi\n--B--',
    ],
    ids=["folded", "control", "encoded newlines", "10 MB subject", "long ids", "long name", "braces", "file name"],
)
def test_hostile_mails_become_tickets_and_forge_nothing(desk: Desk, raw: bytes) -> None:
    from forthwith.outbox.senders import compose

    receipt = d.arrive(raw)
    assert receipt.outcome == "ticket", receipt.reason
    ticket = d.row(receipt.ticket or 0)
    assert "\x00" not in ticket.subject + ticket.requester.name
    assert len(ticket.subject) <= 300
    for outgoing in d.posted():
        head = compose(outgoing).partition(b"\r\n\r\n")[0]
        fields = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
        assert {b"Bcc", b"X"}.isdisjoint(fields)
        assert len(fields) == len(set(fields))
        assert len(outgoing.references) < 5000
    for file in Attachment.objects.all():
        assert len(file.name) <= 255
        assert "\x00" not in file.name


@pytest.mark.sop("2.2")
def test_a_requesters_words_are_never_filled_in(desk: Desk) -> None:
    d.arrive(d.mail(subject="{link} {missing}", sender="{desk} {link} <a@b.example>"))
    sent = d.posted("acknowledgement")[0]
    assert "Hello {desk} {link}," in sent.text
    assert '"{link} {missing}"' in sent.text


def test_attachments_are_kept_by_their_content_with_their_names_as_words_only(desk: Desk) -> None:
    from email.message import EmailMessage

    made = EmailMessage()
    made["From"], made["Subject"] = "rui@customer.example", "See the picture"
    made.set_content("Here.")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="../../escape.png")
    number = d.arrive(made.as_bytes()).ticket or 0
    file = Attachment.objects.get()
    assert (file.name, file.size) == ("escape.png", 4), "no name leads out of the folder it is saved to"
    kept = list(Path(settings.FILES).rglob(file.digest))
    assert [path.read_bytes() for path in kept] == [b"\x89PNG"]
    assert document.discrepancies(d.row(number)) == []


def test_who_is_in_copy_becomes_a_participant(desk: Desk) -> None:
    from forthwith.record import links

    number = d.new_ticket(cc=f"Bo <Bo@customer.example>, {d.DESK}, {links.reply_address(1)}, rui@customer.example")
    assert [fact.address for fact in d.facts(number, f.ParticipantAdded)] == ["bo@customer.example"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.sop("1.2")
def test_many_first_mails_of_one_person_at_once_make_one_person_and_lose_none(busy_desk: Desk) -> None:
    raws = [d.mail(f"Problem number {i} with my screen.", sender="New <new@customer.example>") for i in range(8)]
    raws += [b"X: 1\r\n" + raws[0], b"X: 2\r\n" + raws[0]]
    receipts = d.at_once([lambda raw=raw: d.arrive(raw) for raw in raws])
    assert not [receipt for receipt in receipts if isinstance(receipt, Exception)], receipts
    assert sorted(receipt.outcome for receipt in receipts) == ["ignored"] * 2 + ["ticket"] * 8, receipts
    assert Person.objects.filter(email="new@customer.example").count() == 1
    assert Ticket.objects.count() == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.sop("1.2")
def test_one_mail_delivered_by_many_hands_at_once_is_one_ticket(busy_desk: Desk) -> None:
    raw = d.mail()
    hands = [lambda: d.arrive(raw)] * 6 + [lambda: intake.process_kept(after(1))] * 2
    results = d.at_once(hands)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert {receipt.ticket for receipt in results[:6]} == {Ticket.objects.get().pk}
    assert RawItem.objects.get().outcome == "ticket"


def test_the_raw_item_is_committed_before_anything_is_understood(desk: Desk) -> None:
    item, fresh = receive.keep("email", b"x", sender="s\x00\ud800", recipients=["r\x00"] * 300, now=d.MONDAY)
    assert fresh
    item.refresh_from_db()
    assert (item.outcome, len(item.recipients), "\x00" in item.sender) == ("kept", 100, False)
    assert receive.unsettled("chat", after(1), timedelta(0)) == []


@pytest.mark.sop("1.2")
def test_a_mail_that_ends_the_program_three_times_is_set_aside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    item, _ = receive.keep("email", d.mail(), sender="", recipients=[], now=d.MONDAY)

    def killed(raw: bytes) -> None:
        raise SystemExit(9)

    monkeypatch.setattr(intake, "parse", killed)
    for minutes in (1, 7, 13):
        with pytest.raises(SystemExit):
            intake.process_kept(after(minutes=minutes))
        assert intake.process_kept(after(minutes=minutes + 1)) == 0, "the other may still be at it"
    assert intake.process_kept(after(minutes=19)) == 1
    item.refresh_from_db()
    assert (item.outcome, item.ticket) == ("unprocessed", None)
    assert "3 times" in item.reason


def test_a_database_that_is_away_is_no_fault_of_the_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    item, _ = receive.keep("email", d.mail(), sender="", recipients=[], now=d.MONDAY)

    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(intake, "_understood", away)
        for minute in range(1, 6):
            intake.process_kept(after(minutes=minute))
    intake.process_kept(after(minutes=7))
    item.refresh_from_db()
    assert item.outcome == "ticket"


@pytest.mark.sop("1.2")
def test_a_large_mail_is_kept_as_a_file_read_from_there_and_one_however_often_it_comes(desk: Desk) -> None:
    large = d.mail("The scan is below.\n" + "x" * 70 + ("\n" + "y" * 70) * 20_000)
    receipt = d.arrive(large)
    assert receipt.outcome == "ticket"
    item = RawItem.objects.get()
    assert (item.filed, bytes(item.body), item.size) == (True, b"", len(large))
    assert raw.whole(item) == large
    assert d.arrive(large).outcome == "ignored"
    item.refresh_from_db()
    assert item.repeats == 1
    as_lea = d.as_person(desk.lea)
    RawItem.objects.update(outcome=RawItem.UNPROCESSED)
    assert as_lea.get(f"/ledger/{item.pk}/source/").content == large
