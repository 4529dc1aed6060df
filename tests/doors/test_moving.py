"""Open tickets moved to another revision: foreseen ticket by ticket, asked for, done by a run, on record (SOP H1)."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from html import unescape
from threading import Event

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.conformance import STEPS
from forthwith.record import door, drafting, procedures, runs
from forthwith.record.drafting import Hand, Seen
from forthwith.record.judgements import Judgement
from forthwith.record.models import Entry, Revision, Ticket
from forthwith.record.runs import Run
from forthwith.steps import acts, judging, moving
from forthwith.worker import runs as worker
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after, as_person

pytestmark = pytest.mark.sop("H1")
FASTER = re.sub(r"first_response: \{target: [^,]+,", "first_response: {target: 10 min,", document.standard_text())
LATER = after(minutes=5)


def revise(text: str = FASTER, at: datetime = LATER) -> int:
    d.install(text, at)
    return procedures.in_force(at).pk


def work(now: datetime = LATER) -> Run:
    """What a worker's process does, here."""
    run = runs.claim(now)
    assert run is not None
    moving.do(run, lambda: now)
    run.refresh_from_db()
    return run


def test_a_ticket_goes_on_under_the_other_revision_by_a_fact(desk: Desk) -> None:
    number = d.new_ticket()
    was = d.row(number).revision_id
    revision = revise()
    assert moving.move(number, revision, "for all from today", by=Actor.of(desk.lea), now=LATER)
    row, [fact] = d.row(number), d.facts(number, f.MovedToRevision)
    assert (fact.revision, fact.was, fact.why, fact.by) == (revision, was, "for all from today", desk.lea.pk)
    assert row.revision_id == revision
    counted = next(one for one in door.as_it_is(number, now=LATER).clocks() if one.name == "first_response")
    assert counted.due_at == LATER + timedelta(minutes=10), "as a raise is counted: from now, and nobody is late"
    entries = Entry.objects.filter(ticket=number).order_by("seq").values_list("kind", "revision")
    assert [under for kind, under in entries if kind == "MovedToRevision"] == [revision]
    assert not moving.move(number, revision, "again", by=Actor.of(desk.lea), now=LATER)
    d.deliver_all(LATER)
    desk.reply(number, after(minutes=14))
    assert Entry.objects.filter(ticket=number, kind="Replied").get().revision_id == revision
    judging.turn(after(1))
    assert d.verdicts(number, after(1))["4.3"] == "met"
    judged = Judgement.objects.get(ticket=number)
    assert (judged.revision_id, judged.steps[STEPS.index("4.3")]) == (revision, "m")


def test_what_fell_due_under_the_old_one_happens_under_it_first(desk: Desk) -> None:
    number = d.new_ticket()
    revision = revise(document.standard_text().replace("title:", "title: New", 1), after(30))
    moving.move(number, revision, "", by=Actor.of(desk.lea), now=after(30))
    kinds = d.kinds(number)
    assert "Escalated" in kinds[: kinds.index("MovedToRevision")]
    assert "Escalated" not in kinds[kinds.index("MovedToRevision") :]


def test_who_may_not_and_what_is_not_open(desk: Desk) -> None:
    number, revision = d.new_ticket(), revise()
    with pytest.raises(door.NotAllowed):
        moving.move(number, revision, "", by=Actor.of(desk.ana), now=LATER)
    desk.resolve(number, LATER)
    assert not moving.move(number, revision, "", by=Actor.of(desk.lea), now=LATER)
    assert d.facts(number, f.MovedToRevision) == []


def test_a_priority_that_the_system_chose_follows_the_new_matrix(desk: Desk) -> None:
    number = d.new_ticket()
    text = document.standard_text()
    [case] = d.facts(number, f.Prioritised)
    matrix = re.search(rf"(?m)^  {case.impact}: \{{.*\}}$", text)
    assert matrix, text
    other = re.sub(rf"{case.urgency}: \w+", f"{case.urgency}: critical", matrix[0])
    revision = revise(text.replace(matrix[0], other))
    moving.move(number, revision, "", by=Actor.of(desk.lea), now=LATER)
    assert d.row(number).priority == "critical"
    assert d.facts(number, f.Prioritised)[-1].by is None


def test_one_that_cannot_go_on_stays_and_the_run_says_why(desk: Desk) -> None:
    d.install(d.variant(("categories:\n", "categories:\n  oddity: {name: Oddity, team: service_desk}\n")), MONDAY)
    stays, goes = d.new_ticket(), d.new_ticket()
    acts.categorise(stays, by=Actor.of(desk.ana), now=LATER, category="oddity", why="it is odd")
    revision = revise()
    page = as_person(desk.lea).get("/procedure/open-tickets/").content.decode()
    assert "Its category &#x27;oddity&#x27; is not in that revision: change it first." in page
    moving.ask(revision, "", by=desk.lea, now=LATER)
    run = work()
    assert (run.summary["moved"], run.summary["stayed"]) == (1, 1)
    assert [(one["ticket"], "'oddity' is not in that revision" in one["why"]) for one in run.summary["left"]] == [
        (stays, True)
    ]
    assert d.row(goes).revision_id == revision


def test_all_are_moved_by_a_run_that_can_be_stopped(desk: Desk) -> None:
    numbers = [d.new_ticket() for _ in range(3)]
    answered = d.new_ticket()
    desk.resolve(answered, after(minutes=2))
    revision = revise()
    leader = as_person(desk.lea)
    page = leader.get("/procedure/open-tickets/").content.decode()
    assert f"Move 3 tickets to revision {revision}" in page
    assert leader.post("/procedure/open-tickets/ask/", {"why": ""}).status_code == 422
    assert leader.post("/procedure/open-tickets/ask/", {"why": "for all"}).status_code == 302
    assert "Waiting for a worker" in leader.get("/procedure/open-tickets/").content.decode()
    [run] = Run.objects.all()
    leader.post(f"/procedure/open-tickets/{run.pk}/stop/")
    assert runs.claim(LATER) is None
    leader.post("/procedure/open-tickets/ask/", {"why": "for all"})
    run = work()
    assert (run.state, run.summary["moved"], run.summary["stayed"]) == (Run.DONE, 3, 0)
    assert {one.revision_id for one in Ticket.objects.filter(pk__in=numbers)} == {revision}
    assert d.row(answered).revision_id != revision
    page = leader.get("/procedure/open-tickets/").content.decode()
    assert "3 tickets moved" in page
    assert "No open ticket is left to move." in page
    assert "for all" in as_person(desk.ana).get(f"/tickets/{numbers[0]}/history/").content.decode()


def test_a_draft_says_what_it_would_do_ticket_by_ticket(desk: Desk) -> None:
    now = timezone.now()
    answered, *numbers = [d.new_ticket(now) for _ in range(3)]
    desk.reply(answered, now)
    made = drafting.begin(Hand(desk.lea, now), "Faster", text=FASTER)
    page = unescape(as_person(desk.adam).get(f"/procedure/drafts/{made.pk}/open-tickets/").content.decode())
    assert page.count("First response:") == 2
    assert page.index(f"#{numbers[1]} ") < page.index(f"#{answered} "), "what changes stands before what does not"
    assert "Of these 3, 2 change." in page
    assert d.facts(numbers[0], f.MovedToRevision) == []


def test_the_preview_is_what_then_happens(desk: Desk) -> None:
    number = d.new_ticket()
    revision = revise()
    [outlook] = moving.foresee(procedures.load(revision), revision, LATER)
    moving.move(number, revision, "", by=Actor.of(desk.lea), now=LATER)
    case = door.as_it_is(number, now=LATER)
    due = {one.name: one.due_at for one in case.clocks()}
    assert {one.clock: one.becomes for one in outlook.shifts} == {one.clock: due[one.clock] for one in outlook.shifts}
    assert outlook.shifts


def test_queries_do_not_grow_with_tickets(desk: Desk) -> None:
    leader, counted = as_person(desk.lea), []
    revise()
    for more in (1, 6):
        for _ in range(more):
            d.new_ticket(MONDAY)
        with CaptureQueriesContext(connection) as seen:
            leader.get("/procedure/open-tickets/")
        counted.append(len(seen))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("moves", [True, False])
def test_approved_with_its_open_tickets_the_worker_moves_them_once_it_is_in_force(
    desk: Desk, moves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    number = d.new_ticket(now)
    made = drafting.begin(Hand(desk.lea, now), "Faster", text=FASTER)
    drafting.describe(Hand(desk.lea, now), Seen(made.pk, 1), "Faster", "the new contract")
    drafting.submit(Hand(desk.lea, now), Seen(made.pk, 2))
    posted = {"version": 3, "answer": "", **({"moves_open": "on"} if moves else {})}
    assert as_person(desk.adam).post(f"/procedure/drafts/{made.pk}/do/approve/", posted).status_code == 302
    revision = Revision.objects.latest("pk")
    assert revision.moves_open is moves
    monkeypatch.setattr(worker, "_command", lambda _: [sys.executable, "-c", ""])
    worker.turn(timezone.now, Event())
    asked = Run.objects.filter(kind=moving.KIND)
    if not moves:
        assert not asked.exists()
        return
    assert asked.get().asked_by == desk.adam
    moving.do(asked.get(), timezone.now)
    worker.turn(timezone.now, Event())
    assert asked.count() == 1, "it is asked for once"
    [fact] = d.facts(number, f.MovedToRevision)
    assert (fact.by, fact.why, fact.revision) == (desk.adam.pk, "the new contract", revision.pk)
