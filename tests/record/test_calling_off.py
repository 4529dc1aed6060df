"""A planned revision called off: before it is in force or not at all, whoever is faster (SOP H1)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from forthwith.config.commands import verify
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import editing
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.record import calling_off, door, drafting, procedures, revisions
from forthwith.record.drafting import Hand, Refused, Seen
from forthwith.record.models import Revision
from forthwith.record.runs import Run
from forthwith.steps import moving, receive
from forthwith.steps.request import Request
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

pytestmark = [pytest.mark.django_db, pytest.mark.sop("H1")]
BEGINS = after(5)
JUST_BEFORE = BEGINS - timedelta(microseconds=1)
TARGET = ("priorities", "high", "first_response", "target")


def planned(desk: Desk, target: str = "7 min", at: datetime = BEGINS, base: Revision | None = None) -> Revision:
    """A revision of Lea's, which Adam approved."""
    hand = Hand(desk.lea, after())
    draft = drafting.begin(hand, "Faster", revision=base.pk if base else None)
    draft = drafting.change(hand, Seen(draft.pk, draft.version), partial(editing.put, path=TARGET, value=target))
    draft = drafting.describe(hand, Seen(draft.pk, draft.version), "Faster", "Asked for.")
    if base:
        draft = drafting.rebase(hand, Seen(draft.pk, draft.version), base.pk)
    draft = drafting.submit(hand, Seen(draft.pk, draft.version))
    return drafting.approve(Hand(desk.adam, after()), Seen(draft.pk, draft.version), effective_at=at, moves_open=True)


def call_off(desk: Desk, revision: Revision, at: datetime | None = None) -> Revision:
    return calling_off.call_off(Hand(desk.adam, at or after(1)), revision.pk, "The new shift comes later.")


def test_it_never_comes_into_force_and_stays_in_the_history(desk: Desk) -> None:
    first, made = procedures.in_force(after()), planned(desk)
    called = call_off(desk, made)
    assert [procedures.in_force(at) for at in (after(4), BEGINS, after(days=900))] == [first] * 3
    assert procedures.planned(after(1)) == []
    kept = revisions.latest()[0]
    assert (kept, kept.called_off_at, kept.called_off_by) == (made, after(1), desk.adam)
    assert kept.called_off_why == called.called_off_why == "The new shift comes later."
    assert (kept.text, kept.digest, kept.effective_at) == (made.text, made.digest, BEGINS)
    assert d.row(d.new_ticket(after(6))).revision == first
    again = planned(desk, at=after(8))
    assert revisions.previous(again.pk) == first.pk
    assert procedures.in_force(after(8)) == again


@pytest.mark.parametrize("at", [BEGINS, after(days=3)])
def test_one_that_is_in_force_stays(desk: Desk, at: datetime) -> None:
    made = planned(desk)
    with pytest.raises(Refused, match="in force already"):
        call_off(desk, made, at)
    assert procedures.in_force(BEGINS) == made


def test_up_to_the_instant_it_can_be_called_off_once_and_with_a_reason(desk: Desk) -> None:
    made = planned(desk)
    with pytest.raises(Refused, match="Say why"):
        calling_off.call_off(Hand(desk.adam, after(1)), made.pk, " \n")
    with pytest.raises(Refused, match="longer than 2000"):
        calling_off.call_off(Hand(desk.adam, after(1)), made.pk, "x" * 2001)
    call_off(desk, made, JUST_BEFORE)
    with pytest.raises(Refused, match="already"):
        call_off(desk, made, JUST_BEFORE)
    with pytest.raises(Refused, match="no revision 99"):
        calling_off.call_off(Hand(desk.adam, after(1)), 99, "x")


@pytest.mark.parametrize("who", ["lea", "ana", "olga"])
def test_only_who_may_approve_it_calls_it_off(desk: Desk, who: str) -> None:
    made = planned(desk)
    with pytest.raises(NotAllowed):
        calling_off.call_off(Hand(getattr(desk, who), after(1)), made.pk, "x")
    assert procedures.in_force(BEGINS) == made


def test_what_a_later_one_was_begun_from_is_called_off_after_it(desk: Desk) -> None:
    made = planned(desk)
    later = planned(desk, "8 min", after(9), base=made)
    with pytest.raises(Refused, match=f"Revision {later.pk} was begun from it"):
        call_off(desk, made)
    call_off(desk, later)
    call_off(desk, made)
    assert procedures.planned(after(1)) == []


def test_a_draft_that_was_begun_from_it_is_not_approved_onto_it(desk: Desk) -> None:
    made, hand = planned(desk), Hand(desk.lea, after(1))
    draft = drafting.begin(hand, "Next", revision=made.pk)
    draft = drafting.rebase(hand, Seen(draft.pk, draft.version), made.pk)
    draft = drafting.change(hand, Seen(draft.pk, draft.version), partial(editing.put, path=TARGET, value="9 min"))
    draft = drafting.describe(hand, Seen(draft.pk, draft.version), "Next", "Asked for.")
    draft = drafting.submit(hand, Seen(draft.pk, draft.version))
    call_off(desk, made)
    with pytest.raises(Refused, match=f"begun from revision {made.pk}"):
        drafting.approve(Hand(desk.adam, after(2)), Seen(draft.pk, draft.version), effective_at=after(9))


def test_the_database_says_no_too(desk: Desk) -> None:
    made = planned(desk)
    for wrong in ({"called_off_at": BEGINS}, {"called_off_why": ""}, {"called_off_by": None}):
        told = {"called_off_at": after(1), "called_off_by": desk.adam, "called_off_why": "x", **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            Revision.objects.filter(pk=made.pk).update(**told)


def test_a_ticket_is_received_under_no_revision_that_was_called_off_since_it_was_read(desk: Desk) -> None:
    first, made = procedures.in_force(after()), planned(desk)
    read = procedures.in_force(BEGINS)
    assert read == made
    call_off(desk, made, JUST_BEFORE)
    row = {"channel": "email", "subject": "x", "requester_id": desk.rui.pk, "opened_at": BEGINS}

    def opened() -> None:
        with transaction.atomic(), door.new(read, row, by=THE_SYSTEM, now=BEGINS) as case:
            assert case.ticket.revision_id == first.pk
            assert case.procedure is procedures.load(first.pk)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened()


def test_no_open_ticket_is_moved_to_it(desk: Desk) -> None:
    number, made = d.new_ticket(), planned(desk)
    call_off(desk, made, JUST_BEFORE)
    with pytest.raises(moving.Stays, match=f"Revision {made.pk} was called off"):
        moving.move(number, made.pk, "x", by=Actor.of(desk.adam), now=BEGINS)
    assert d.row(number).revision != made
    moving.begin(after(6))
    assert not Run.objects.exists()


def test_verify_tells_of_a_ticket_under_it(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    made = planned(desk)
    number = d.new_ticket(after(6))
    assert revisions.used_though_called_off() == []
    with pytest.raises(Refused, match="in force already"):
        call_off(desk, made, JUST_BEFORE)
    told = {"called_off_at": after(1), "called_off_by": desk.adam, "called_off_why": "x"}
    Revision.objects.filter(pk=made.pk).update(**told)
    assert revisions.used_though_called_off() == [(made.pk, number)]
    assert verify.under_what_was_called_off() == 1
    assert f"#{number}: It is under revision {made.pk}, which was called off" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_called_off_while_the_first_ticket_comes_in_under_it(busy_desk: Desk) -> None:
    """By the clock of one machine it is in force, by that of another not yet: one of both waits, and yields."""
    made = planned(busy_desk)
    inside, asked = threading.Event(), threading.Event()

    def receiving() -> int:
        said = {"subject": "x", "text": "x", "new_text": "x"}
        request = Request(channel="email", author=busy_desk.rui.pk, address="r@x.example", received_at=BEGINS, **said)
        with receive.new_ticket(request, by=Actor.requester(busy_desk.rui.pk), now=BEGINS) as case:
            inside.set()
            assert asked.wait(20)
            return case.number

    def calling() -> Revision:
        assert inside.wait(20)
        asked.set()
        return call_off(busy_desk, made, JUST_BEFORE)

    number, refused = d.at_once([receiving, calling])
    assert isinstance(refused, Refused), refused
    assert d.row(number).revision == made
    assert procedures.in_force(BEGINS) == made


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_comes_while_it_is_called_off_waits_and_goes_under_the_one_before(busy_desk: Desk) -> None:
    first, made = procedures.in_force(after()), planned(busy_desk)
    called, read = threading.Event(), threading.Event()

    def calling() -> None:
        with transaction.atomic():
            call_off(busy_desk, made, JUST_BEFORE)
            called.set()
            assert read.wait(20)

    def receiving() -> int:
        assert called.wait(20)
        seen = procedures.in_force(BEGINS)
        assert seen == made, "not committed yet"
        read.set()
        return d.new_ticket(BEGINS)

    number = d.at_once([calling, receiving])[1]
    assert d.row(number).revision == first
