"""The verdicts that reports count: as the ticket's own page says them, made anew when they change (SOP H1)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forthwith.people.permits import Actor
from forthwith.procedure.conformance import STEPS
from forthwith.procedure.marks import OUTCOMES
from forthwith.procedure.model import CLOCKS
from forthwith.record.judgements import Judgement
from forthwith.record.models import Entry, Ticket
from forthwith.steps import acts, judging
from forthwith.worker import judging as worker
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after
from tests.plans import planned

pytestmark = pytest.mark.sop("H1")


def verdicts(number: int) -> dict[str, str]:
    steps = Judgement.objects.get(ticket=number).steps
    return {step: OUTCOMES[letter] for step, letter in zip(STEPS, steps, strict=True)}


def clock(number: int, name: str) -> str:
    return Judgement.objects.get(ticket=number).clocks[CLOCKS.index(name)]


def judge_all(now: datetime) -> None:
    while judging.turn(now):
        pass


def test_a_ticket_is_judged_as_its_page_says_when_it_changes_and_when_time_passes(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(after(minutes=1))
    judge_all(after(minutes=2))
    assert verdicts(number) == d.verdicts(number, after(minutes=2))
    assert (clock(number, "acknowledgement"), clock(number, "first_response")) == ("m", "r")
    due = d.row(number).due_at
    judge_all(due)
    assert clock(number, "first_response") == "r"
    late = due + timedelta(seconds=1)
    judge_all(late)
    assert verdicts(number) == d.verdicts(number, late)
    assert (verdicts(number)["4.3"], clock(number, "first_response")) == ("missing", "l")
    desk.reply(number, late)
    desk.resolve(number, late)
    acts.confirm(number, by=Actor.of(desk.ana), now=late)
    judge_all(late)
    assert verdicts(number)["4.3"] == "late"
    assert Judgement.objects.get(ticket=number).facts == len(d.facts(number))
    assert d.row(number).judge_at is None, "nothing about it changes any more"


def test_nothing_is_judged_before_it_has_come_to_rest(desk: Desk) -> None:
    number = d.new_ticket()
    judge_all(MONDAY - timedelta(seconds=1))
    assert not Judgement.objects.exists()
    desk.reply(number, after(1))
    judge_all(after(minutes=30))
    assert not Judgement.objects.exists()


def test_what_changes_while_it_is_judged_is_judged_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = d.new_ticket()
    judged = judging._judged

    def slow(*of: object) -> object:
        if len(d.facts(number)) == count:
            desk.reply(number, after(1))
        return judged(*of)  # type: ignore[arg-type]

    count = len(d.facts(number))
    monkeypatch.setattr(judging, "_judged", slow)
    judge_all(MONDAY)
    assert d.row(number).judge_at == after(1)


@pytest.mark.broken_record
def test_a_record_that_cannot_be_read_holds_up_no_other(desk: Desk) -> None:
    numbers = [d.new_ticket(subject=f"No {n}") for n in range(3)]
    Entry.objects.filter(ticket=numbers[0], seq=1).update(kind="Nonsense")
    Entry.objects.filter(ticket=numbers[1], seq__gt=1).delete()
    judge_all(after(minutes=1))
    assert set(Judgement.objects.values_list("ticket", flat=True)) == {numbers[1], numbers[2]}
    assert not Ticket.objects.filter(judge_at__lte=after(minutes=1)).exists()


def test_many_are_judged_by_as_many_queries_as_few_but_for_a_line_each(desk: Desk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            judging.turn(after(minutes=1))
        return len([one for one in made.captured_queries if not one["sql"].startswith('UPDATE "record_ticket"')])

    d.new_ticket()
    judging.turn(after(minutes=1))
    d.new_ticket()
    few = queries()
    for n in range(9):
        d.new_ticket(subject=f"No {n}")
    assert queries() == few


def test_those_that_want_it_are_found_by_the_index(desk: Desk) -> None:
    wanting = Ticket.objects.filter(judge_at__lte=MONDAY).order_by("judge_at", "pk").values_list("pk", "fact_count")
    assert "ticket_to_judge" in planned(wanting[:50])


def test_the_worker_goes_on_soon_while_more_wait_and_rests_in_between(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "AT_ONCE", 1)
    for n in range(2):
        d.new_ticket(subject=f"No {n}")
    assert 0 < worker.turn(lambda: after(minutes=1)) < worker.LOOK_EACH_S
    worker.turn(lambda: after(minutes=1))
    assert worker.turn(lambda: after(minutes=1)) == worker.LOOK_EACH_S
    assert Judgement.objects.count() == 2
    d.new_ticket(after(minutes=1))
    assert worker.turn(lambda: after(minutes=1)) == worker.LOOK_EACH_S
    assert Judgement.objects.count() == 2, "it has not come to rest"
