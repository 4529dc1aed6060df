"""The report of a period: shares, splits, weeks, drilling to tickets, and files (SOP H1)."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.people.permits import Actor
from forthwith.record import reports
from forthwith.record.judgements import Judgement
from forthwith.record.reports import Scope
from forthwith.steps import acts, judging
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after
from tests.plans import planned

pytestmark = pytest.mark.sop("H1")
ALL = Scope(MONDAY - timedelta(days=30), MONDAY + timedelta(days=30))
PERIOD = "since=2026-02-01&until=2026-03-31"


@pytest.fixture
def week(desk: Desk) -> dict[str, int]:
    """Three tickets: one that was worked in time, one answered late, one that nobody answers; and one a week later."""
    made = {"in time": d.new_ticket(), "late": d.new_ticket(subject="Late"), "never": d.new_ticket(subject="Never")}
    d.deliver_all(after(minutes=1))
    desk.reply(made["in time"], after(1))
    desk.resolve(made["in time"], after(2))
    acts.confirm(made["in time"], by=Actor.of(desk.ana), now=after(2))
    desk.reply(made["late"], after(6))
    made["next week"] = d.new_ticket(after(days=7), subject="Next week", text="VPN drops, urgent. " * 5)
    while judging.turn(after(days=8)):
        pass
    return made


def leader(desk: Desk) -> Client:
    return d.as_person(desk.lea)


def page(desk: Desk, query: str = PERIOD, at: str = "/conformance/", status: int = 200) -> str:
    answer = leader(desk).get(f"{at}?{query}")
    assert answer.status_code == status
    return answer.content.decode()


def test_shares_tell_what_was_met_from_what_is_not_due_or_does_not_apply(desk: Desk, week: dict[str, int]) -> None:
    total = reports.totals(ALL)
    assert total.tickets == 4
    first_response = total.steps["4.3"]
    assert (first_response.met, first_response.late, first_response.missing) == (1, 1, 2)
    assert first_response.share == 0.25
    closed = total.steps["7.2"]
    assert (closed.met, closed.due, closed.not_due) == (1, 1, 3)
    for step, tally in total.steps.items():
        counted = (tally.met, tally.late, tally.missing, tally.not_due, tally.not_applicable)
        assert sum(counted) == 4, step


def test_the_steps_that_were_kept_least_come_first_and_lead_to_their_tickets(desk: Desk, week: dict[str, int]) -> None:
    html = page(desk)
    assert html.index("<b>4.3</b>") < html.index("<b>1.2</b>")
    assert "25.0 %" in html
    drilled = page(desk, f"{PERIOD}&step=4.3&outcome=late", "/conformance/tickets/")
    assert f"/tickets/{week['late']}/" in drilled
    assert f"/tickets/{week['in time']}/" not in drilled
    assert "No ticket has this verdict" in page(desk, f"{PERIOD}&step=4.3&outcome=not+due", "/conformance/tickets/")


def test_it_is_split_narrowed_and_told_week_by_week(desk: Desk, week: dict[str, int]) -> None:
    html = page(desk, f"{PERIOD}&by=category")
    assert "Hardware" in html
    groups = {group.key: group.tickets for group in reports.split(ALL, "category")}
    assert groups == {"hardware": 3, "network": 1}
    network = Scope(ALL.first, ALL.last, category="network")
    assert reports.totals(network).tickets == 1
    weeks = reports.weeks(ALL, timezone.get_default_timezone())
    assert [(str(monday), group.tickets) for monday, group in weeks] == [("2026-03-02", 3), ("2026-03-09", 1)]
    assert reports.totals(Scope(ALL.first, MONDAY)).tickets == 0
    clocks = reports.clocks(ALL)
    assert clocks["medium", "first_response"].met + clocks["medium", "first_response"].late == 4


def test_an_empty_period_a_wrong_one_and_nonsense(desk: Desk, week: dict[str, int]) -> None:
    assert "No ticket was received in this period." in page(desk, "since=2020-01-01&until=2020-02-01")
    assert "The period ends before it begins." in page(desk, "since=2026-03-01&until=2026-02-01", status=422)
    assert "more than ten years" in page(desk, "since=1990-03-01&until=2026-02-01", status=422)
    assert page(desk, "since=yesterday", status=422)
    assert page(desk, "by=colour&priority=purple", status=422)
    for query in ("step=9.9&outcome=late", "step=4.3&outcome=great", "step=4.3&outcome=late&since=nonsense"):
        page(desk, query, "/conformance/tickets/", status=404)
    page(desk, f"{PERIOD}&step=4.3&outcome=late&at=x&after=-3", "/conformance/tickets/")


def test_pages_go_on_by_key(desk: Desk, week: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "PAGE", 1)
    first = reports.tickets(ALL, "4.3", "missing")
    assert [row.ticket_id for row in first] == [week["next week"], week["never"]]
    rest = reports.tickets(ALL, "4.3", "missing", (first[0].opened_at, first[0].ticket_id))
    assert [row.ticket_id for row in rest] == [week["never"]]
    html = page(desk, f"{PERIOD}&step=4.3&outcome=missing", "/conformance/tickets/")
    assert f"after={week['next week']}" in html


def test_as_files(desk: Desk, week: dict[str, int]) -> None:
    answer = leader(desk).get(f"/conformance/file/csv/?{PERIOD}")
    assert "conformance-2026-02-01-2026-03-31.csv" in answer["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    by_part: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_part.setdefault(line["part"], []).append(line)
    assert (by_part["all"][0]["tickets"], len(by_part["step"]), len(by_part["week"])) == ("4", 15, 2)
    assert next(line for line in by_part["step"] if line["key"] == "4.3")["share met"] == "0.25"
    assert {line["name"] for line in by_part["category"]} == {"Hardware", "Network"}
    book = zipfile.ZipFile(io.BytesIO(leader(desk).get(f"/conformance/file/xlsx/?{PERIOD}").content))
    assert "xl/worksheets/sheet1.xml" in book.namelist()
    assert leader(desk).get(f"/conformance/file/exe/?{PERIOD}").status_code == 404


def test_a_formula_in_a_name_stays_a_text(desk: Desk, week: dict[str, int]) -> None:
    Judgement.objects.filter(ticket=week["late"]).update(team="=HYPERLINK(1)")
    lines = leader(desk).get(f"/conformance/file/csv/?{PERIOD}").content.decode("utf-8-sig")
    assert ",'=HYPERLINK(1)," in lines


def test_it_reads_no_fact_and_asks_as_much_for_many_tickets_as_for_few(desk: Desk, week: dict[str, int]) -> None:
    def asked() -> list[str]:
        client = leader(desk)
        with CaptureQueriesContext(connection) as made:
            assert client.get(f"/conformance/?{PERIOD}&by=team").status_code == 200
        return [one["sql"] for one in made.captured_queries]

    few = asked()
    assert not [sql for sql in few if "record_entry" in sql]
    for n in range(5):
        d.new_ticket(after(minutes=n), subject=f"Another {n}")
    while judging.turn(after(days=8)):
        pass
    assert len(asked()) == len(few) <= 12


def test_what_is_still_to_be_judged_is_said(desk: Desk, week: dict[str, int]) -> None:
    assert "in a moment" in page(desk), "their time went on"
    while judging.turn(timezone.now()):
        pass
    assert "in a moment" not in page(desk)
    d.new_ticket(timezone.now() - timedelta(minutes=2))
    assert "1 ticket has changed and is judged in a moment" in page(desk)


def test_a_period_is_found_by_the_index(desk: Desk) -> None:
    assert "judgement_opened" in planned(Scope(MONDAY, after(1)).judged)
