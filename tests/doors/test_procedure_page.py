"""The procedure as a page, as PDF and as YAML: all of it, its revisions, how it was met lately (SOP H1, D1 to D3)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone, translation

from forthwith.floor import paper
from forthwith.floor.manual import chapters
from forthwith.floor.manual_calendars import calendars
from forthwith.floor.speaking import Speaker
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure.model import Procedure
from forthwith.record import procedures, revisions
from forthwith.steps import judging
from forthwith.ui import printing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person
from tests.doors.homes import Home
from tests.procedure.changing import full

pytestmark = [pytest.mark.sop("H1"), pytest.mark.django_db]
TODAY = date(2026, 12, 1)
FASTER = ("first_response: {target: 1 h, calendar: business}", "first_response: {target: 30 min, calendar: business}")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "procedures"
HOSTILE = '#read("x") *b* <script>alert(1)</script> {{ 7|add:7 }}'


def page(client: Client, at: str = "/procedure/") -> str:
    answer = client.get(at)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def changed(*changes: tuple[str, str]) -> str:
    text = document.standard_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def drawn(calendar: dict[str, Any], today: date = TODAY) -> dict[str, Any]:
    """The first calendar of a procedure as it is drawn, by the kinds of its blocks."""
    data = yaml.safe_load(document.standard_text())
    data["calendars"]["business"] = calendar
    section = next(iter(calendars(Speaker(Procedure.model_validate(data)), today)))
    return {block["kind"]: block for block in (asdict(section)["blocks"])}


def test_every_part_of_the_document_is_on_the_page(desk: Desk) -> None:
    html = page(as_person(desk.ana))
    written = document.read(document.standard_text())
    in_the_head = {"format", "title", "version", "language", "acknowledgement"}
    empty = {"fields", "exemptions", "service_levels"}
    for section in set(Procedure.model_fields) - in_the_head - empty:
        assert f'id="{section}"' in html, section
    texts = [
        *written.steps.values(),
        *(one.text for one in written.responsibilities.values()),
        *(line for category in written.category_paths.values() for line in category.runbook),
        *(part for one in written.wording["de"].values() for part in (one.subject, one.text)),
        *(text for macro in written.macros.values() for text in macro.text.values()),
        *(one.says for one in written.impacts.values()),
    ]
    for text in texts:
        assert text.strip() in html, text


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_real_policies_are_told_too(file: Path) -> None:
    written = document.read(file.read_text("utf-8"))
    said = json.dumps([asdict(one) for one in chapters(written, TODAY)], ensure_ascii=False)
    for priority in written.priorities.values():
        assert json.dumps(priority.name, ensure_ascii=False) in said
    for one in written.exemptions:
        assert json.dumps(one.why, ensure_ascii=False) in said
    for rung in written.escalation:
        if rung.every:
            assert "again every " in said


@pytest.mark.sop("3.2")
def test_service_levels_say_whom_they_are_for_and_what_they_change() -> None:
    said = json.dumps([asdict(one) for one in chapters(full(), TODAY)], ensure_ascii=False)
    for words in ("Service levels", "Acme, Globex", "High: first response", "The first that fits counts."):
        assert words in said


def test_every_link_within_the_page_leads_somewhere(desk: Desk) -> None:
    html = page(as_person(desk.ana))
    places = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= places


@pytest.mark.sop("D1")
def test_the_escalation_matrix_says_when_to_whom_and_how(desk: Desk) -> None:
    shown = chapters(procedures.current(), TODAY)
    matrix = {one.title: one for one in next(one for one in shown if one.key == "escalation").blocks[:-1]}  # type: ignore[union-attr]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in matrix["High"].blocks[0].rows}  # type: ignore[union-attr]
    assert rows["at 75 % of the first response"] == [
        "45 min (business)",
        "all",
        "tells the assignee and the team leader",
    ]
    assert rows["at 50 % of the resolution"][2].startswith("moves the ticket to the category's specialists; tells")
    assert rows["at 25 % of the first response"][1] == "all; if nobody has the ticket"
    assert "30 min after the first response is due" in rows


def test_a_calendar_is_drawn_as_a_week_and_as_the_coming_year() -> None:
    hours = {"fri": [["22:00", "06:00+1"]], "mon": [["09:00", "12:00"], ["13:00", "17:30"]]}
    listed = [{"date": "2026-12-25", "name": "Christmas Day"}, {"date": "2027-12-24", "name": "Too far"}]
    found = drawn(
        {
            "timezone": "Europe/Berlin",
            "hours": hours,
            "holidays": listed,
            "date_hours": {"2026-12-28": [["10:00", "11:00"]]},
            "date_breaks": {"2027-01-04": [["09:00", "10:00"]]},
        }
    )
    week = found["week"]["days"]
    assert (week[0]["hours"], week[0]["spans"]) == ("09:00–12:00, 13:00–17:30", [(540, 180), (780, 270)])
    assert (week[4]["hours"], week[4]["spans"]) == ("22:00–06:00 the next day", [(1320, 120)])
    assert (week[5]["hours"], week[5]["spans"]) == ("closed", [(0, 360)])
    months = found["year"]["months"]
    assert [months[0]["name"], months[-1]["name"], len(months)] == ["December 2026", "November 2027", 12]
    december = months[0]["days"]
    assert (december[24], december[27], december[6], december[0]) == ("h", "s", "o", "c")
    assert found["pairs"]["rows"] == [
        ("Fri 25 Dec 2026", "Christmas Day"),
        ("Mon 28 Dec 2026", "open 10:00–11:00"),
        ("Mon 4 Jan 2027", "break 09:00–10:00"),
    ]


def test_a_number_says_how_often_it_was_met_and_leads_leaders_to_the_report(desk: Desk) -> None:
    now = timezone.now()
    number = d.new_ticket(now - timedelta(days=3))
    d.deliver_all(now - timedelta(days=3))
    desk.reply(number, now - timedelta(days=3))
    while judging.turn(now):
        pass
    html = page(as_person(desk.lea))
    assert "met 100 % of 1 in 90 days" in html
    assert 'href="/conformance/#step-2.2"' in html
    assert 'href="/conformance/?priority=medium#step-4.3"' in html
    assert 'id="step-4.3"' in page(as_person(desk.lea), "/conformance/")
    html = page(as_person(desk.ana))
    assert "met 100 % of 1 in 90 days" in html
    assert "/conformance/" not in html


def test_the_number_of_queries_does_not_grow(desk: Desk, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        d.new_ticket(subject=f"Printer {number}")
        text = document.standard_text().replace('version: "1.0"', f'version: "1.{number}"', 1)
        procedures.install(text, by=Actor.of(desk.lea), now=d.after(number))
    client = as_person(desk.lea)
    latest = procedures.in_force().pk
    page(client)
    with django_assert_max_num_queries(12):
        page(client)
    with django_assert_max_num_queries(12):
        page(client, f"/procedure/revisions/{latest}/")


def test_revisions_with_who_and_what_they_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = procedures.in_force().pk
    second = procedures.install(changed(FASTER), by=Actor.of(desk.lea), now=d.after(1)).pk
    client = as_person(desk.ana)
    html = page(client)
    assert f"/procedure/revisions/{second}/" in html
    assert desk.lea.name in html
    html = page(client, f"/procedure/revisions/{second}/")
    assert "High: first response 1 h → 30 min" in html
    assert "not in force any more" not in html
    html = page(client, f"/procedure/revisions/{first}/")
    assert "It is the first revision." in html
    assert f"new tickets are received under revision {second}" in html
    assert "1 h in calendar business" in html
    for nowhere in (0, second + 1, 2**70):
        assert client.get(f"/procedure/revisions/{nowhere}/").status_code == 404
    monkeypatch.setattr(revisions, "PAGE", 1)
    assert f"?before={second}" in page(client)
    html = page(client, f"/procedure/revisions/?before={second}")
    assert f"/procedure/revisions/{first}/" in html
    assert f"/procedure/revisions/{second}/" not in html
    page(client, "/procedure/revisions/?before=nonsense")


@pytest.mark.sop("D3")
def test_what_the_document_says_is_text_and_never_markup(desk: Desk) -> None:
    text = changed(("title: Procedures for Handling Technical Support Requests", f"title: {json.dumps(HOSTILE)}"))
    text = text.replace("Be quick, be honest, be kind.", HOSTILE, 1)
    procedures.install(text, by=Actor.of(desk.lea), now=d.after(1))
    html = as_person(desk.ana).get("/procedure/").content.decode()
    assert "<script>alert" not in html
    assert html.count("{{ 7|add:7 }}") >= 2
    answer = as_person(desk.ana).get("/procedure/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


def test_yaml_is_the_text_that_was_installed(desk: Desk) -> None:
    first = procedures.in_force().pk
    text = changed(FASTER)
    second = procedures.install(text, by=Actor.of(desk.lea), now=d.after(1)).pk
    client = as_person(desk.ana)
    answer = client.get("/procedure/yaml/")
    assert answer.content.decode() == text
    assert f"procedure-{second}.yaml" in answer["Content-Disposition"]
    assert FASTER[0] in client.get(f"/procedure/yaml/?revision={first}").content.decode()
    for nowhere in ("99", "x", "-1", "9" * 30):
        assert client.get(f"/procedure/yaml/?revision={nowhere}").status_code == 404


def test_without_a_press_a_sentence_says_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda name: None)
    answer = as_person(desk.ana).get("/procedure/pdf/")
    assert answer.status_code == 501
    assert "pip install" in answer.content.decode()
    monkeypatch.setattr(paper, "LIMIT", paper.Limit(0))
    assert as_person(desk.ana).get("/procedure/pdf/").status_code == 429


def test_before_there_is_a_procedure(db: None) -> None:
    lea = d.Person.objects.create_user("lea@desk.example", name="Lea", role="team_leader")
    assert "forthwith init" in page(as_person(lea))
    assert as_person(lea).get("/procedure/pdf/").status_code == 404
    assert "There is no older revision." in page(as_person(lea), "/procedure/revisions/")


def test_it_speaks_german_about_what_the_desk_wrote(desk: Desk) -> None:
    with translation.override("de"):
        said = json.dumps([asdict(one) for one in chapters(procedures.current(), TODAY)], ensure_ascii=False)
    assert "bei 75 % der Zeit (erste Antwort)" in said
    assert "Dezember 2026" in said


def test_the_command_writes_it(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "procedure.pdf"
    assert home.run("procedure", "pdf", str(file)).returncode == 0
    assert file.read_bytes().startswith(b"%PDF-")
    assert "There is no revision 7" in home.run("procedure", "pdf", str(file), "--revision", "7").stderr
