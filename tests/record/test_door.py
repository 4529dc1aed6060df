"""The one door: all or nothing, in order, by whom it is allowed, and never a lost act (SOP 6.1)."""

from __future__ import annotations

import threading

import pytest

from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import facts as f
from forthwith.record import door, procedures
from forthwith.record.models import Entry, Message, Ticket
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

pytestmark = pytest.mark.sop("6.1")


def test_an_error_inside_leaves_nothing(desk: Desk) -> None:
    number = d.new_ticket()
    entries, row = Entry.objects.count(), d.row(number).chain

    def broken() -> None:
        with door.opened(number, by=Actor.of(desk.ana), now=after(1)) as case:
            case.log(f.PutOnHold(at=after(1), by=desk.ana.pk, why="part"))
            assert case.case.status == "on_hold"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert (Entry.objects.count(), d.row(number).chain, d.row(number).status) == (entries, row, "new")


@pytest.mark.django_db(transaction=True)
def test_an_error_while_a_ticket_is_made_leaves_no_ticket(desk: Desk) -> None:
    row = {"channel": "email", "subject": "x", "requester_id": desk.rui.pk, "opened_at": d.MONDAY}
    by = Actor.requester(desk.rui.pk)
    with pytest.raises(ZeroDivisionError), door.new(procedures.in_force(), row, by=by, now=d.MONDAY):
        raise ZeroDivisionError
    assert Ticket.objects.count() == 0


def test_what_the_lifecycle_or_the_role_forbids_does_not_happen(desk: Desk) -> None:
    number = d.new_ticket()
    for fact, by in (
        (f.Closed(at=after(1), by=desk.ana.pk, why="x"), Actor.of(desk.ana)),
        (f.Noted(at=after(1), by=desk.olga.pk, message=1, digest=""), Actor.of(desk.olga)),
        (f.Received(at=after(1), channel="x", requester=1, subject="", message=1, digest=""), THE_SYSTEM),
    ):
        with pytest.raises(door.NotAllowed), door.opened(number, by=by, now=after(1)) as case:
            case.log(fact)


def test_nobody_signs_for_another(desk: Desk) -> None:
    number = d.new_ticket()
    with (
        pytest.raises(ValueError, match="says it is by"),
        door.opened(number, by=Actor.of(desk.ana), now=after(1)) as case,
    ):
        case.log(f.WaitingOnRequester(at=after(1), by=desk.ben.pk))


def test_a_ticket_that_is_not_there_and_one_that_has_moved_on(desk: Desk) -> None:
    number = d.new_ticket()
    with pytest.raises(door.NoSuchTicket), door.opened(number + 1, by=THE_SYSTEM, now=after(1)):
        pass
    with pytest.raises(door.Conflict), door.opened(number, by=THE_SYSTEM, now=after(1), seen=4):
        pass


def test_opening_without_a_word_writes_nothing(desk: Desk) -> None:
    number = d.new_ticket()
    before = Ticket.objects.values().get(pk=number)
    with door.opened(number, by=THE_SYSTEM, now=after(1)):
        pass
    assert Ticket.objects.values().get(pk=number) == before


def test_each_fact_names_the_revision_it_happened_under(desk: Desk) -> None:
    first = d.new_ticket()
    d.install(d.variant(("target: 15 min, calendar: always", "target: 20 min, calendar: always")), after(1))
    second = d.new_ticket(after(2))
    desk.reply(first, after(3))
    of = {
        number: set(Entry.objects.filter(ticket=number).values_list("revision", flat=True))
        for number in (first, second)
    }
    assert (len(of[first]), len(of[second])) == (1, 1)
    assert of[first] != of[second]


@pytest.mark.django_db(transaction=True)
def test_agents_who_act_at_the_same_time_are_both_kept_in_order(busy_desk: Desk) -> None:
    number = d.new_ticket()
    people = [busy_desk.ana, busy_desk.ben, busy_desk.lea, busy_desk.sam]

    def notes(person: object) -> None:
        for turn in range(5):
            acts.note(number, by=Actor.of(person), now=after(1), text=f"{person} {turn}")  # type: ignore[arg-type]

    results = d.at_once([lambda person=person: notes(person) for person in people])  # type: ignore[misc]
    assert results == [None] * 4
    assert [entry.seq for entry in Entry.objects.filter(ticket=number).order_by("seq")] == list(range(1, 26))
    texts = [Message.objects.get(pk=fact.message).text for fact in d.facts(number, f.Noted)]
    assert len(set(texts)) == 20
    for person in people:
        assert [text for text in texts if text.startswith(str(person))] == [f"{person} {turn}" for turn in range(5)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_saw_the_same_picture_one_acts_and_the_other_hears_of_it(busy_desk: Desk) -> None:
    number = d.new_ticket()
    seen = d.row(number).fact_count

    def answer(person: object) -> None:
        acts.reply(number, by=Actor.of(person), now=after(1), text="Hello.", next_step="I look.", seen=seen)  # type: ignore[arg-type]

    results = d.at_once([lambda p=p: answer(p) for p in (busy_desk.ana, busy_desk.ben, busy_desk.lea)])  # type: ignore[misc]
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Unread", "Unread"], results
    assert len(d.facts(number, f.Replied)) == 1
    assert len(d.posted("reply")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_take_next_get_different_tickets(busy_desk: Desk) -> None:
    from forthwith.people.models import Person

    Person.objects.update(available=False)
    numbers = {d.new_ticket(after(minutes=i)) for i in range(2)}
    results = d.at_once(
        [lambda p=p: acts.take_next(by=Actor.of(p), now=after(1)) for p in (busy_desk.ana, busy_desk.ben)]  # type: ignore[misc]
    )
    assert set(results) == numbers


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_sees_half_an_act(busy_desk: Desk) -> None:
    number = d.new_ticket()
    logged, looked = threading.Event(), threading.Event()

    def acting() -> None:
        with door.opened(number, by=Actor.of(busy_desk.ana), now=after(1)) as case:
            case.log(f.PutOnHold(at=after(1), by=busy_desk.ana.pk, why="part"))
            logged.set()
            assert looked.wait(20)

    def reading() -> str:
        assert logged.wait(20)
        status = d.row(number).status
        looked.set()
        return status

    assert d.at_once([acting, reading]) == [None, "new"]
    assert d.row(number).status == "on_hold"
