"""The past judged anew: asked for, done, read beside the old verdicts, stopped, and at the terminal (SOP H1)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forthwith.people.permits import Actor
from forthwith.record import procedures, reports, restatements, runs
from forthwith.record.judgements import Judgement, Restated, Restatement
from forthwith.record.models import Entry
from forthwith.record.reports import Scope
from forthwith.record.runs import Run
from forthwith.steps import acts, judging, moving, restating
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after, as_person
from tests.doors.homes import Home
from tests.plans import planned

pytestmark = pytest.mark.sop("H1")
PERIOD = {"since": "2026-02-01", "until": "2026-03-31"}
QUERY = "since=2026-02-01&until=2026-03-31"
AS_OF = after(days=30)
FRIDAY = '      fri: [["09:00", "17:00"]]\n'
WITH_HOLIDAY = d.variant(("undo: 10 s", "undo: 0 s"), (FRIDAY, f"{FRIDAY}    holidays: [2026-03-02]\n"))
WHY = "The second of March was a holiday"


@pytest.fixture
def week(desk: Desk) -> dict[str, int]:
    """Received on what should have been a holiday: one answered late, one in time, and one that is open."""
    made = {"late": d.new_ticket(subject="Late"), "in time": d.new_ticket(), "open": d.new_ticket(subject="Open")}
    d.deliver_all(after(minutes=1))
    desk.reply(made["in time"], after(1))
    desk.reply(made["late"], after(6))
    for name in ("late", "in time"):
        desk.resolve(made[name], after(6))
        acts.confirm(made[name], by=Actor.of(desk.ana), now=after(7))
    judge_all()
    return made


@pytest.fixture
def corrected(desk: Desk, week: dict[str, int]) -> int:
    """The number of the revision that knows of the holiday."""
    return procedures.install(WITH_HOLIDAY, by=Actor.of(desk.lea), now=after(days=8)).pk


def judge_all() -> None:
    while judging.turn(AS_OF):
        pass


def post(client: Client, revision: int, other: dict[str, str] | None = None) -> Any:
    return client.post("/restatements/ask/", {"revision": revision, "reason": WHY, **PERIOD} | (other or {}))


def work(now: datetime = AS_OF) -> int:
    """What a worker's process does, here; the number of what it did."""
    run = runs.claim(now)
    assert run is not None
    restating.do(run, lambda: now)
    return run.pk


def restated(desk: Desk, revision: int) -> int:
    assert post(as_person(desk.lea), revision).status_code == 302
    return work()


def page(desk: Desk, query: str, at: str = "/conformance/", status: int = 200) -> str:
    answer = as_person(desk.lea).get(f"{at}?{query}")
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def scope(number: int | None) -> Scope:
    return Scope(MONDAY - timedelta(days=30), AS_OF, restatement=number)


def test_a_holiday_turns_late_to_met_and_the_old_verdict_is_kept(
    desk: Desk, week: dict[str, int], corrected: int
) -> None:
    leader = as_person(desk.lea)
    address = post(leader, corrected)["Location"]
    assert "Waiting for a worker" in leader.get(address).content.decode()
    number = work()
    html = " ".join(leader.get(address).content.decode().split())
    assert "2 tickets were judged anew." in html
    assert "1 open ticket was left out: move it to the revision instead." in html
    assert reports.totals(scope(None)).steps["4.3"].late == 1
    anew = reports.totals(scope(number)).steps["4.3"]
    assert (anew.met, anew.late) == (2, 0)
    one = Restated.objects.get(ticket=week["late"])
    judged = Judgement.objects.get(ticket=week["late"])
    assert (one.before, one.facts) == (judged.steps, judged.facts)
    assert restatements.changed(one)["4.3"] == ("late", "met")
    assert Restated.objects.get(ticket=week["in time"]).steps[8] == "m"
    saved = f"{QUERY}&verdicts={number}&step=4.3&way=saved"
    assert f"/conformance/turned/?{saved}".replace("&", "&amp;") in page(desk, f"{QUERY}&verdicts={number}")
    drilled = page(desk, saved, "/conformance/turned/")
    assert f"/tickets/{week['late']}/" in drilled
    assert "late → <b>met</b>" in drilled
    assert f"/tickets/{week['in time']}/" not in drilled
    assert "No ticket turned this way." in page(desk, saved.replace("saved", "lost"), "/conformance/turned/")


def test_the_report_says_which_verdicts_it_uses_and_what_is_not_in_it(
    desk: Desk, week: dict[str, int], corrected: int
) -> None:
    assert "Verdicts: as each ticket's own revision says." in page(desk, QUERY).replace("&#x27;", "'")
    assert 'name="verdicts"' not in page(desk, QUERY), "there is nothing to choose"
    number = restated(desk, corrected)
    own = page(desk, QUERY)
    assert "restated under revision" in own
    assert WHY in own
    assert "1 late" not in own
    other = page(desk, f"{QUERY}&verdicts={number}")
    assert f"Verdicts: restated under revision {corrected}" in other
    assert "1 ticket of this selection is not in it" in other
    drilled = page(desk, f"{QUERY}&verdicts={number}&step=4.3&outcome=met", "/conformance/tickets/")
    assert "Verdicts: restated under revision" in drilled
    for query, says in (("", "as each ticket's own revision says"), (f"&verdicts={number}", WHY)):
        lines = csv_of(desk, QUERY + query)
        assert lines[0]["part"] == "verdicts"
        assert says in lines[0]["name"]
    assert next(line for line in lines if line["part"] == "not restated")["tickets"] == "1"
    turned = [(line["key"], line["tickets"]) for line in lines if line["name"] == "late or missing before, met now"]
    assert ("4.3", "1") in turned
    assert as_person(desk.lea).get(f"/conformance/file/xlsx/?{QUERY}&verdicts={number}").status_code == 200


def csv_of(desk: Desk, query: str) -> list[dict[str, str]]:
    text = as_person(desk.lea).get(f"/conformance/file/csv/?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_restatement_of_another_period_is_not_offered_and_is_no_silent_fallback(
    desk: Desk, week: dict[str, int], corrected: int
) -> None:
    number = restated(desk, corrected)
    later = "since=2026-05-01&until=2026-05-02"
    assert 'name="verdicts"' not in page(desk, later)
    assert "of another period" in page(desk, f"{later}&verdicts={number}", status=422)
    page(desk, f"{QUERY}&verdicts=999999", status=422)
    page(desk, f"{QUERY}&verdicts=999999", "/conformance/file/csv/", status=404)
    for query in (f"{QUERY}&step=4.3&way=saved", f"{QUERY}&verdicts={number}&step=4.3&way=up"):
        page(desk, query, "/conformance/turned/", status=404)


def test_stopped_half_way_it_leaves_nothing_that_a_report_counts(
    desk: Desk, week: dict[str, int], corrected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restating, "AT_ONCE", 1)
    leader = as_person(desk.lea)
    address = post(leader, corrected)["Location"]
    assert post(leader, corrected)["Location"] == "/restatements/", "one at a time"
    run = runs.claim(AS_OF)
    assert run is not None
    with pytest.raises(runs.Stopped):
        restating.do(run, lambda: AS_OF, lambda done, total: leader.post(f"{address}stop/") and None)
    assert Restated.objects.count() == 1
    assert restatements.whole() == []
    assert restatements.of_ticket(week["late"]) == []
    page(desk, f"{QUERY}&verdicts={run.pk}", status=422)
    assert "No report uses what it had done." in leader.get(address).content.decode()
    assert restating.sweep() == 1
    assert not Restated.objects.exists()
    assert restating.sweep() == 0


def test_one_whose_process_died_is_done_again_from_its_beginning(
    desk: Desk, week: dict[str, int], corrected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restating, "AT_ONCE", 1)
    post(as_person(desk.lea), corrected)
    run = runs.claim(AS_OF)
    assert run is not None

    def dies(done: int, total: int) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        restating.do(run, lambda: AS_OF, dies)
    assert restating.sweep() == 0, "it may be taken up again"
    number = work(AS_OF + runs.SILENT_FOR * 2)
    assert number == run.pk
    assert Restated.objects.filter(restatement=number).count() == 2
    with pytest.raises(runs.Stopped):
        restating.do(run, lambda: AS_OF)


def test_the_ticket_says_it_on_its_history(desk: Desk, week: dict[str, int], corrected: int) -> None:
    number = restated(desk, corrected)
    for person, links in ((desk.lea, True), (desk.ana, False)):
        html = " ".join(as_person(person).get(f"/tickets/{week['late']}/history/").content.decode().split())
        assert f"Restated under revision {corrected}:" in html
        assert "4.3 late → <b>met</b>" in html
        assert WHY in html
        assert (f"/restatements/{number}/" in html) == links
    assert "Restated under" not in as_person(desk.ana).get(f"/tickets/{week['open']}/history/").content.decode()


def test_an_auditor_reads_and_asks_for_nothing(desk: Desk, week: dict[str, int], corrected: int) -> None:
    number = restated(desk, corrected)
    auditor = as_person(desk.olga)
    assert "<form" not in auditor.get("/restatements/").content.decode().partition("<main")[2]
    assert auditor.get(f"/restatements/{number}/").status_code == 200
    assert post(auditor, corrected).status_code == 404
    assert auditor.post(f"/restatements/{number}/stop/").status_code == 404
    for address in ("/restatements/", f"/restatements/{number}/", f"/conformance/turned/?{QUERY}"):
        assert as_person(desk.ana).get(address).status_code == 404


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"reason": "  "}, "Say what was wrong"),
        ({"until": "2026-01-01"}, "The period ends before it begins."),
        ({"revision": "999999"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_queued(desk: Desk, other: dict[str, str], says: str) -> None:
    answer = post(as_person(desk.lea), procedures.in_force().pk, other)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Run.objects.exists()
    assert not Restatement.objects.exists()


@pytest.mark.broken_record
def test_a_ticket_that_cannot_be_read_holds_up_no_other(desk: Desk, week: dict[str, int], corrected: int) -> None:
    Entry.objects.filter(ticket=week["in time"], seq=1).update(kind="Nonsense")
    number = restated(desk, corrected)
    assert Run.objects.get(pk=number).summary == {"restated": 1, "open": 1, "unreadable": 1}
    assert "cannot be read" in as_person(desk.lea).get(f"/restatements/{number}/").content.decode()


def test_a_restatement_stands_when_a_ticket_changes_later(desk: Desk, week: dict[str, int], corrected: int) -> None:
    number = restated(desk, corrected)
    before = Restated.objects.get(ticket=week["late"])
    acts.reopen(week["late"], by=Actor.of(desk.ana), now=after(days=8), why="It came back.")
    judge_all()
    kept = Restated.objects.get(ticket=week["late"], restatement=number)
    assert (kept.steps, kept.before, kept.facts) == (before.steps, before.before, before.facts)
    assert Judgement.objects.get(ticket=week["late"]).facts > kept.facts


def test_what_was_moved_on_the_way_is_judged_as_if_it_had_come_under_that_revision(desk: Desk) -> None:
    number = d.new_ticket()
    d.deliver_all(MONDAY)
    faster = re.sub(r"first_response: {target: [^,]+,", "first_response: {target: 30 min,", d.variant())
    revision = procedures.install(faster, by=Actor.of(desk.lea), now=after(1)).pk
    assert moving.move(number, revision, "For all from now on", by=Actor.of(desk.lea), now=after(1))
    desk.reply(number, after(1, minutes=20))
    desk.resolve(number, after(2))
    judge_all()
    restated(desk, revision)
    one = Restated.objects.get(ticket=number)
    assert one.before == Judgement.objects.get(ticket=number).steps
    assert restatements.changed(one)["4.3"] == ("met", "late")


def test_it_asks_as_much_for_many_tickets_as_for_few(desk: Desk, week: dict[str, int], corrected: int) -> None:
    def queries(address: str) -> int:
        client = as_person(desk.lea)
        with CaptureQueriesContext(connection) as made:
            assert client.get(address).status_code == 200
        return len(made)

    number = restated(desk, corrected)
    query = f"{QUERY}&verdicts={number}"
    addresses = (f"/conformance/?{query}&by=team", f"/conformance/turned/?{query}&step=4.3&way=saved")
    few = [queries(one) for one in addresses]
    assert few[0] <= 14
    for n in range(4):
        other = d.new_ticket(after(minutes=n), subject=f"Another {n}")
        d.deliver_all(after(minutes=n))
        desk.reply(other, after(6))
        desk.resolve(other, after(6, minutes=n))
    judge_all()
    again = restated(desk, corrected)
    found = [queries(one.replace(f"verdicts={number}", f"verdicts={again}")) for one in addresses]
    assert found == few
    assert reports.totals(scope(again)).tickets == 6
    assert queries("/restatements/") <= 9


def test_pages_go_on_by_key(desk: Desk, week: dict[str, int], corrected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    number = restated(desk, corrected)
    Restated.objects.update(before="l" * 15, steps="m" * 15)
    monkeypatch.setattr(reports, "PAGE", 1)
    query = f"{QUERY}&verdicts={number}&step=4.3&way=saved"
    first = page(desk, query, "/conformance/turned/")
    rows = restatements.turned_tickets(scope(number), "4.3", "saved")
    assert len(rows) == 2
    assert f"/tickets/{rows[0].ticket_id}/" in first
    assert f"after={rows[0].ticket_id}" in first
    rest = restatements.turned_tickets(scope(number), "4.3", "saved", (rows[0].opened_at, rows[0].ticket_id))
    assert [row.ticket_id for row in rest] == [rows[1].ticket_id]


def test_a_period_and_a_ticket_are_found_by_an_index(desk: Desk) -> None:
    assert "restated_opened" in planned(scope(1).judged)
    assert "(ticket_id=" in planned(Restated.objects.filter(ticket=1)).replace(" ", "")


ACTS = ("reply", "wait", "wrote", "hold", "resume")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 40)), max_size=4), settled=st.booleans())
def test_under_its_own_revision_it_says_what_the_judgement_says(
    desk: Desk, drawn: list[tuple[str, int]], settled: bool
) -> None:
    with transaction.atomic():
        number = _worked(desk, drawn, settled)
        judge_all()
        asked = Restatement(revision=procedures.in_force(), since=MONDAY, until=after(1), reason="?")
        run = restatements.ask(asked, None, AS_OF, here=True)
        assert run is not None
        restating.do(run, lambda: AS_OF)
        one, judged = Restated.objects.get(ticket=number), Judgement.objects.get(ticket=number)
        shared = ("steps", "clocks", "facts", "opened_at", "channel", "category", "priority", "team")
        assert {name: getattr(one, name) for name in shared} == {name: getattr(judged, name) for name in shared}
        assert one.before == judged.steps
        assert restatements.turned(scope(run.pk)) == {}
        transaction.set_rollback(True)


def _worked(desk: Desk, drawn: list[tuple[str, int]], settled: bool) -> int:
    """A ticket on which what was drawn is done, as far as it may be, and which is resolved at the end."""
    at, by = MONDAY, Actor.of(desk.ana)
    number = d.new_ticket(subject="Any")
    d.deliver_all(at)
    done: dict[str, Callable[[], Any]] = {
        "reply": lambda: desk.reply(number, at),
        "wait": lambda: acts.wait(number, by=by, now=at, why="A question."),
        "wrote": lambda: acts.requester_writes(number, by=Actor.of(desk.rui), now=at, text="More."),
        "hold": lambda: acts.hold(number, by=by, now=at, why="A part.", until=at + timedelta(days=1)),
        "resume": lambda: acts.resume(number, by=by, now=at, why="It goes on."),
    }
    for act, hours in drawn:
        at += timedelta(hours=hours)
        with suppress(ValueError), transaction.atomic():
            done[act]()
    desk.resolve(number, at + timedelta(hours=1))
    if settled:
        acts.confirm(number, by=by, now=at + timedelta(hours=2))
    return number


def test_at_the_terminal(bare: Home) -> None:
    bare.run("init", "--demo")
    since = (timezone.now() - timedelta(days=300)).date().isoformat()
    asked = ("--revision", "1", "--since", since, "--reason", "Nothing was wrong")
    found = bare.json("restate", *asked, "--json")
    assert isinstance(found, dict)
    assert found["restated"] > 0
    assert (found["unreadable"], found["turned"]) == (0, {})
    done = bare.run("restate", *asked)
    assert (done.returncode, "No step turned." in done.stdout) == (0, True)
    for wrong, says in (("99", "There is no revision 99."), ("x", "x")):
        refused = bare.run("restate", "--revision", wrong, "--since", since, "--reason", "x")
        assert refused.returncode == 2
        assert says in refused.stderr
