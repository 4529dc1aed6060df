"""The mails of what people of the desk are told: bundled, in their shift, only what they have not read (SOP 4.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from forthwith.outbox import notices
from forthwith.outbox.models import Outgoing
from forthwith.outbox.senders import compose
from forthwith.outbox.told import Notice
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record.models import Message, Revision
from forthwith.steps import acts, news, writing
from forthwith.worker import upkeep
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket that Ben follows and has read all about."""
    made = d.new_ticket()
    writing.follow(made, by=Actor.of(desk.ben), now=after())
    desk.ben.wishes = {"followed": [True, True]}
    desk.ben.save()
    Notice.objects.all().delete()
    return made


def note(number: int, person: Person, now: datetime, text: str = "It is the drum.") -> None:
    acts.note(number, by=Actor.of(person), now=now, text=text)


def to(person: Person) -> list[Outgoing]:
    return list(Outgoing.objects.filter(person=person, purpose__startswith="staff_news").order_by("pk"))


@pytest.mark.sop("4.3")
def test_ten_events_of_one_ticket_make_one_mail(desk: Desk, number: int) -> None:
    for minute in range(10):
        note(number, desk.sam, after(minutes=minute / 4), f"Part {minute} is worn.")
    assert d.mail_news(after(minutes=4, seconds=59)) == 0
    assert d.mail_news(after(minutes=5)) == 1, "Ana has the ticket, and is mailed no notes unless she wants it"
    (sent,) = to(desk.ben)
    assert all(f"Part {minute} is worn." in sent.text for minute in range(10))
    assert (sent.subject, sent.next_at) == (f"[#{number}] Printer prints blank pages", after(minutes=5))
    assert d.mail_news(after(9)) == 0
    assert set(Notice.objects.filter(person=desk.ben).values_list("mail_at", flat=True)) == {None}


def test_news_of_several_tickets_make_one_mail_that_lists_them(desk: Desk, number: int) -> None:
    other = d.new_ticket(subject="Another thing", sender="Bo <bo@customer.example>")
    writing.follow(other, by=Actor.of(desk.ben), now=after())
    Notice.objects.all().delete()
    note(number, desk.sam, after(minutes=1), "One.")
    note(other, desk.sam, after(minutes=4), "Two.")
    d.mail_news(after(minutes=6))
    (sent,) = to(desk.ben)
    assert (sent.purpose, sent.subject, sent.ticket_id) == ("staff_news_several", "News on 2 tickets", None)
    for words in (f"#{number} Printer prints", f"#{other} Another thing", "One.", "Two.", "/notices/preferences/"):
        assert words in sent.text
    answer = d.mail("Thanks!", sender="Ben <ben@desk.example>", in_reply_to=f"<{sent.mail_id}>")
    receipt = d.arrive(answer, after(1))
    assert (receipt.outcome, receipt.ticket) == ("unprocessed", None), "it opens no ticket in Ben's name"


@pytest.mark.sop("4.3")
def test_what_was_read_in_the_meantime_is_not_mailed(desk: Desk, number: int) -> None:
    note(number, desk.sam, after(minutes=1), "One.")
    note(number, desk.sam, after(minutes=2), "Two.")
    notices.read(desk.ben.pk, after(minutes=3), number=d.told(desk.ben)[0].pk)
    d.mail_news(after(minutes=8))
    (sent,) = to(desk.ben)
    assert "Two." in sent.text
    assert "One." not in sent.text
    note(number, desk.sam, after(1), "Three.")
    notices.read_tickets(desk.ben.pk, [number], after(1.01))
    d.mail_news(after(2))
    assert len(to(desk.ben)) == 1


WEEK = [datetime(2026, 3, day, hour, 1, tzinfo=UTC) for day in range(2, 9) for hour in (0, 7, 9, 12, 16, 17, 23)]


@pytest.mark.sop("4.3")
@pytest.mark.parametrize("at", WEEK, ids=lambda at: f"{at:%a %H}")
def test_no_mail_outside_the_shift_and_one_when_it_begins(desk: Desk, number: int, at: datetime) -> None:
    for minute in (0, 2):
        note(number, desk.sam, at + timedelta(minutes=minute))
    due = at + timedelta(minutes=5)
    d.mail_news(due)
    open_now = at.weekday() < 5 and 9 <= at.hour < 17
    assert len(to(desk.ben)) == open_now
    begins = at.replace(hour=9, minute=0)
    while begins.weekday() > 4 or begins < at:
        begins += timedelta(days=1)
    d.mail_news(begins - timedelta(seconds=1))
    assert len(to(desk.ben)) == open_now
    d.mail_news(begins)
    (sent,) = to(desk.ben)
    assert sent.next_at == (due if open_now else begins)


def test_a_shift_of_ones_own_counts_and_is_looked_at_when_the_mail_would_leave(desk: Desk, number: int) -> None:
    night = 'calendars:\n  night: {timezone: UTC, hours: {mon: [["20:00", "23:00"]]}}\n'
    d.install(d.variant(("calendars:\n", night), ("undo: 10 s", "undo: 0 s")), after(-1))
    note(number, desk.sam, after())
    Person.objects.filter(pk=desk.ben.pk).update(shift="night")
    d.mail_news(after(minutes=5))
    assert (to(desk.ben), d.told(desk.ben)[0].mail_at) == ([], after(10))
    d.mail_news(after(10))
    assert len(to(desk.ben)) == 1


def test_the_mails_of_the_matrix_wait_for_no_shift_and_no_wish(desk: Desk) -> None:
    for person in Person.objects.all():
        person.wishes = {"escalated": [False, False], "at_risk": [False, False], "late": [False, False]}
        person.save()
    number = d.new_ticket(after(10))
    acts.escalate_by_hand(number, by=Actor.of(desk.ana), now=after(11), kind="hierarchical", why="hard")
    (sent,) = d.posted("staff_escalation")
    assert (sent.person_id, sent.next_at) == (desk.lea.pk, after(11))
    assert d.told(desk.lea) == []


@pytest.mark.sop("4.3")
def test_an_answer_to_news_of_a_note_is_a_note_and_never_reaches_the_requester(desk: Desk, number: int) -> None:
    note(number, desk.sam, after(), "@Ben what do you think?")
    d.mail_news(after(minutes=5))
    (sent,) = to(desk.ben)
    assert sent.purpose == "staff_news_inside"
    assert "kept as an internal note" in sent.text
    answer = d.mail("A lemon.", sender="Ben <ben@desk.example>", to=sent.reply_to, in_reply_to=f"<{sent.mail_id}>")
    assert d.arrive(answer, after(1)).outcome == "reply"
    assert d.facts(number, f.Replied) == []
    assert Message.objects.get(author=desk.ben).kind == "internal"


@pytest.mark.sop("4.3")
def test_an_answer_to_news_of_the_requester_reaches_them(desk: Desk, number: int) -> None:
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(), text="Still blank.")
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(minutes=1), text="And red.")
    d.mail_news(after(minutes=5))
    (sent,) = to(desk.ana)
    assert sent.purpose == "staff_news"
    answer = d.mail("We look.\n\nNext step: noon", sender="Ana <ana@desk.example>", to=sent.reply_to)
    assert d.arrive(answer, after(1)).outcome == "reply"
    assert d.facts(number, f.Replied)[-1].by == desk.ana.pk


def test_one_piece_of_news_is_said_in_its_own_words_and_names_where_to_choose(desk: Desk, number: int) -> None:
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(), text="Still blank.")
    d.mail_news(after(minutes=5))
    (sent,) = d.posted("staff_answered")
    assert "First response due:" in sent.text
    assert "/notices/preferences/" in sent.text


def test_one_piece_of_news_leads_to_its_place_and_says_its_reason_in_the_language_of_the_mail(desk: Desk) -> None:
    d.install(d.variant(("undo: 10 s", "undo: 0 s"), ("\nlanguage: en", "\nlanguage: de")), after(-1))
    number = d.new_ticket()
    d.mail_news(after(minutes=5))
    (sent,) = d.posted("staff_assigned")
    assert f"/tickets/{number}/#fact-" in sent.text
    assert "verfügbar" in sent.text, sent.text
    assert "available" not in sent.text


def test_words_of_before_name_it_too(desk: Desk, number: int) -> None:
    d.install(
        d.variant(("\n\n        What you are told by mail: {settings_link}\n    staff_news:", "\n    staff_news:")),
        after(-1),
    )
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(), text="Still blank.")
    d.mail_news(after(minutes=5))
    assert d.posted("staff_answered")[0].text.endswith("/notices/preferences/\n")


def test_the_mails_of_a_ticket_are_one_thread(desk: Desk, number: int) -> None:
    for hour in (0, 1, 2):
        note(number, desk.sam, after(hour))
        d.mail_news(after(hour, minutes=5))
    first, second, third = to(desk.ben)
    assert third.in_reply_to == second.mail_id
    assert third.references.split() == [f"<{first.mail_id}>", f"<{second.mail_id}>"]
    assert {one.subject for one in (first, second, third)} == {f"[#{number}] Printer prints blank pages"}
    assert b"Auto-Submitted: auto-generated" in compose(third)


def test_a_procedure_without_these_words_lends_those_of_the_standard(desk: Desk, number: int) -> None:
    text = re.sub(r"(?m)^    staff_(?:news\w*|answered):\n(?:      .*\n|\n)+", "", Revision.objects.latest("pk").text)
    assert "staff_news" not in text
    d.install(text, after(-1))
    note(number, desk.sam, after())
    d.mail_news(after(minutes=5))
    assert "It is the drum." in to(desk.ben)[0].text


def test_a_person_who_has_left_is_mailed_nothing(desk: Desk, number: int) -> None:
    note(number, desk.sam, after())
    Person.objects.filter(pk=desk.ben.pk).update(role="requester")
    assert d.mail_news(after(minutes=5)) == 1
    assert to(desk.ben) == []
    assert d.told(desk.ben)[0].mail_at is None


def test_news_that_crash_wait_and_hold_up_nobody(desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ana.wishes = {"followed": [True, True]}
    desk.ana.save()
    note(number, desk.sam, after())
    whole = news._mail

    def breaks(person: Person, waiting: list[Notice], now: datetime) -> None:
        whole(person, waiting, now)
        if person == desk.ana:
            raise RuntimeError("broken")

    monkeypatch.setattr(news, "_mail", breaks)
    assert d.mail_news(after(minutes=5)) == 2
    assert (len(to(desk.ben)), to(desk.ana)) == (1, [])
    monkeypatch.undo()
    assert d.mail_news(after(minutes=14)) == 0
    assert d.mail_news(after(minutes=15)) == 1
    assert len(to(desk.ana)) == 1


def test_whose_news_have_waited_longest_is_mailed_first(desk: Desk, number: int) -> None:
    for minute, person in enumerate((desk.sam, desk.ben, desk.ana)):
        Notice.objects.create(
            person=person, ticket_id=number, event="mentioned", at=after(), mail_at=after(minutes=minute)
        )
    for person in (desk.sam, desk.ben, desk.ana):
        assert news.mail_due(after(1))
        assert Outgoing.objects.latest("pk").person == person


@pytest.mark.django_db(transaction=True)
def test_any_number_of_workers_mail_each_thing_once(desk: Desk, number: int, tmp_path: Path) -> None:
    people = [Person.objects.create_user(f"p{i}@desk.example", name=f"P{i}", role="administrator") for i in range(6)]
    for person in people:
        writing.follow(number, by=Actor.of(person), now=after())
    for minute in range(4):
        note(number, desk.sam, after(minutes=minute), " ".join(f"@{person.name}" for person in people))
    with d.shared_by_threads(tmp_path):
        results = d.at_once([partial(d.mail_news, after(minutes=8))] * 4)
        assert all(isinstance(one, int) for one in results), results
        mails = Outgoing.objects.filter(person__in=people)
        assert sorted(mails.values_list("person", flat=True)) == [person.pk for person in people]
        assert not Notice.objects.filter(mail_at__isnull=False, person__in=people)


def test_old_notices_go(desk: Desk, number: int) -> None:
    note(number, desk.sam, after())
    turn = upkeep.Upkeep(lambda: after(days=91))
    assert Notice.objects.count() == 2
    turn.turn()
    assert Notice.objects.count() == 0


def test_more_than_a_mail_holds_comes_to_rest_in_the_shift_and_out_of_it(desk: Desk, number: int) -> None:
    rows = [
        Notice(
            person=desk.ben, ticket_id=number, event="followed", why=f"n{i}", at=after(), mail_at=after(8 + i // 100)
        )
        for i in range(250)
    ]
    Notice.objects.bulk_create(rows)
    assert d.mail_news(after(10)) == 3, "it is evening: all that is due is put off"
    assert set(Notice.objects.values_list("mail_at", flat=True)) == {after(23)}
    assert d.mail_news(after(23)) == 3
    assert len(to(desk.ben)) == 3
