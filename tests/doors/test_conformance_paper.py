"""The report of a period on paper: what stands on it, and what happens where nothing is printed (SOP H1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from forthwith.floor import conformance_paper, paper
from forthwith.floor.asked import AskForm
from forthwith.record import procedures, reported, reports, restatements
from forthwith.record.judgements import Judgement, Restated, Restatement
from forthwith.record.reports import Scope
from forthwith.steps import judging, restating
from forthwith.ui import printing
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after

pytestmark = pytest.mark.sop("H1")
ALL = Scope(MONDAY - timedelta(days=30), MONDAY + timedelta(days=30))
PERIOD = {"since": "2026-02-01", "until": "2026-03-31"}
QUERY = "since=2026-02-01&until=2026-03-31"


@pytest.fixture
def tickets(desk: Desk) -> dict[str, int]:
    """One answered late and one never in a first week, one two weeks later."""
    made = {"late": d.new_ticket(subject="Late"), "never": d.new_ticket(subject="#set page(fill: red) $x$ *Never*")}
    d.deliver_all(after(minutes=1))
    desk.reply(made["late"], after(6))
    made["next"] = d.new_ticket(after(days=14), subject="Next", text="VPN drops, urgent. " * 5)
    while judging.turn(after(days=15)):
        pass
    return made


def said(**asked: str) -> dict[str, Any]:
    procedure = procedures.current()
    form = AskForm({**PERIOD, **asked}, procedure, timezone.localdate(MONDAY))
    assert form.is_valid()
    return conformance_paper.paper(form, procedure, after(days=15))


def table(made: dict[str, Any], title: str) -> dict[str, Any]:
    return next(one for one in made["tables"] if one["title"] == title)


def test_it_says_what_it_is_of_and_what_it_rests_on(desk: Desk, tickets: dict[str, int]) -> None:
    made = said(priority="medium")
    about = dict(made["about"])
    assert about["Tickets received"] == "1 Feb 2026 to 31 Mar 2026, both days whole (UTC)"
    assert about["Narrowed to"] == "Priority: Medium"
    number = procedures.in_force().pk
    count = reports.totals(Scope(ALL.first, ALL.last, priority="medium")).tickets
    assert about["Judged under"] == f"revision {number}: {count} tickets"
    assert "under the revision that it is worked by" in about["Verdicts"]


def test_it_tells_what_was_met_from_what_is_not_due_or_does_not_apply(desk: Desk, tickets: dict[str, int]) -> None:
    made, total = said(), reports.totals(ALL)
    steps = table(made, "Step by step")
    assert steps["head"][2:] == ["in time", "late", "missing", "not due yet", "not applicable"]
    for row in steps["rows"]:
        tally = total.steps[row["name"].split()[0]]
        counts = (tally.met, tally.late, tally.missing, tally.not_due, tally.not_applicable)
        assert (row["share"], row["counts"]) == (tally.share, list(map(str, counts)))
    assert f"not due yet {total.whole.not_due}, not applicable {total.whole.not_applicable}" in made["sum"]
    clock = next(row for row in table(made, "Clocks")["rows"] if row["name"] == "Medium · first response")
    assert clock["counts"] == ["0", "3"]
    for by in ("Priority", "Category", "Channel", "Team"):
        rows = table(made, f"Split by: {by}")["rows"]
        assert sum(int(row["counts"][0]) for row in rows) == total.tickets
    weeks = made["weeks"]
    assert (weeks["many"], [bar["at"] for bar in weeks["bars"]]) == (3, [0, 2])
    assert [row["name"] for row in weeks["table"]["rows"]] == ["2 Mar 2026", "16 Mar 2026"]


def test_the_worst_tickets_come_first_and_it_says_how_many_are_left_out(
    desk: Desk, tickets: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    Judgement.objects.filter(ticket=tickets["next"]).update(steps="xxlmmmmmmmmmmmm")
    rows, many = reported.worst(ALL, 2)
    assert rows[0].ticket_id == tickets["next"]
    assert many == 3
    worst = said()["worst"]
    assert worst["rows"][0][0] == f"#{tickets['next']}"
    assert worst["rows"][0][5] == "late: 2.1; missing: 1.1, 1.2"
    assert worst["note"] == "These are all tickets on which a step was late or missing."
    monkeypatch.setattr(conformance_paper, "MOST_WORST", 1)
    whole = said()
    short = whole["worst"]
    assert len(short["rows"]) == 1
    assert "On 2 more tickets" in short["note"]
    assert f"/conformance/?{QUERY}" in short["note"].replace("\N{ZERO WIDTH SPACE}", "")
    assert whole["where"].endswith(f"/conformance/?{QUERY}")
    Judgement.objects.update(steps="m" * 15)
    assert said()["worst"] == {**worst, "rows": [], "note": "Nothing was late or missing on any ticket."}


def test_long_names_long_periods_and_what_looks_like_markup_are_printed(desk: Desk, tickets: dict[str, int]) -> None:
    Judgement.objects.filter(ticket=tickets["late"]).update(
        team="An-extraordinarily-long-name" * 2, opened_at=after(days=-3000)
    )
    long = {"since": "2017-01-01", "until": "2026-03-31"}
    made = said(**long)
    assert made["weeks"]["many"] > 400
    assert len(made["weeks"]["ticks"]) <= 8
    answer = d.as_person(desk.lea).get("/conformance/file/pdf/", long)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "conformance-2017-01-01-2026-03-31.pdf" in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF-")


def test_an_empty_period_says_so(desk: Desk, tickets: dict[str, int]) -> None:
    made = said(since="2020-01-01", until="2020-02-01")
    assert (made["sum"], made["tables"], made["weeks"], made["worst"]) == (
        "No ticket was received in this period.",
        [],
        None,
        None,
    )
    answer = d.as_person(desk.olga).get("/conformance/file/pdf/?since=2020-01-01&until=2020-02-01")
    assert answer.content.startswith(b"%PDF-")


def test_it_says_that_it_rests_on_a_restatement(desk: Desk, tickets: dict[str, int]) -> None:
    desk.resolve(tickets["late"], after(7))
    period = {"since": ALL.first, "until": ALL.last, "reason": "A holiday was missing"}
    run = restatements.ask(Restatement(revision=procedures.in_force(), **period), desk.lea, after(days=15), here=True)
    assert run is not None
    restating.do(run, lambda: after(days=15))
    made = said(verdicts=str(run.pk))
    about, number = dict(made["about"]), procedures.in_force().pk
    assert about["Verdicts"].startswith(f"Restated under revision {number} on 17 Mar 2026: A holiday was missing.")
    held = reports.totals(Scope(ALL.first, ALL.last, restatement=run.pk)).tickets
    assert about["Judged under"].startswith(f"revision {number}: {held} ticket")
    assert held == 1
    assert f"not counted: {3 - held}." in about["Verdicts"]
    assert made["turned"] is None
    one = Restated.objects.get(ticket=tickets["late"])
    one.before, one.steps = "lm" + one.before[2:], "ml" + one.steps[2:]
    one.save()
    turned = said(verdicts=str(run.pk))["turned"]
    assert [(row[0].split()[0], *row[1:]) for row in turned["rows"]] == [("1.1", "1", "0"), ("1.2", "0", "1")]
    answer = d.as_person(desk.lea).get("/conformance/file/pdf/", {**PERIOD, "verdicts": run.pk})
    assert answer.content.startswith(b"%PDF-")
    empty = said(verdicts=str(run.pk), priority="critical")
    assert (empty["tables"], empty["sum"]) == ([], "The restatement holds no ticket of this selection.")


def test_it_speaks_german(desk: Desk, tickets: dict[str, int]) -> None:
    with translation.override("de"):
        made = said()
    assert (made["language"], made["title"]) == ("de", "Einhaltung")
    assert dict(made["about"])["Eingegangene Tickets"].startswith("1. Feb 2026 bis 31. ")
    assert "noch nicht fällig" in made["sum"]


def test_where_nothing_is_printed_a_sentence_says_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda name: None)
    lea = d.as_person(desk.lea)
    answer = lea.get(f"/conformance/file/pdf/?{QUERY}")
    assert answer.status_code == 501
    assert f"/conformance/file/xlsx/?{QUERY.replace('&', '&amp;')}" in answer.content.decode()
    assert lea.get("/conformance/file/pdf/?since=2026-03-01&until=2026-02-01").status_code == 404
    assert d.as_person(desk.ana).get(f"/conformance/file/pdf/?{QUERY}").status_code == 404
    monkeypatch.setattr(paper, "LIMIT", paper.Limit(0))
    assert lea.get(f"/conformance/file/pdf/?{QUERY}").status_code == 429


def test_it_reads_no_fact_and_asks_as_much_for_many_as_for_few(desk: Desk, tickets: dict[str, int]) -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as made:
            said()
        return [one["sql"] for one in made.captured_queries]

    few = asked()
    assert not [sql for sql in few if "record_entry" in sql]
    for n in range(3):
        d.new_ticket(after(minutes=n), subject=f"Another {n}")
    while judging.turn(after(days=15)):
        pass
    assert len(asked()) == len(few) <= 13
