"""Replays: asked for on the page, done as a worker does, read, stopped, taken away; and at the terminal (SOP H1)."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from forthwith.config.cli import main
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.record import drafting, procedures, runs
from forthwith.record.drafts import Draft
from forthwith.record.models import Entry
from forthwith.record.runs import Run
from forthwith.steps import moving, replaying
from forthwith.steps.replay_pool import Asked
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after, as_person
from tests.doors.homes import Home

pytestmark = pytest.mark.sop("H1")
LONGER = re.sub(r"first_response: \{target: [^,]+,", "first_response: {target: 9 h,", document.standard_text())
PERIOD = {"since": "2026-02-01", "until": "2026-03-31"}
AS_OF = after(days=8)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.FILES = tmp_path


@pytest.fixture
def week(desk: Desk) -> dict[str, int]:
    """One ticket answered in time, one answered late."""
    made = {"in time": d.new_ticket(), "late": d.new_ticket(subject="Late")}
    d.deliver_all(after(minutes=1))
    desk.reply(made["in time"], after(minutes=30))
    desk.reply(made["late"], after(6))
    return made


def post(client: Client, text: str = LONGER, **period: str) -> Any:
    file = SimpleUploadedFile("draft.yaml", text.encode())
    return client.post("/replays/ask/", {"draft": file, **PERIOD, **period})


def work(now: datetime = AS_OF) -> Run:
    """What a worker's process does, here."""
    run = runs.claim(now)
    assert run is not None
    replaying.do(run, lambda: now)
    run.refresh_from_db()
    return run


def test_a_leader_asks_watches_reads_and_takes_away(desk: Desk, week: dict[str, int]) -> None:
    leader = as_person(desk.lea)
    answer = post(leader)
    address = answer["Location"]
    waiting = leader.get(address).content.decode()
    assert "Waiting for a worker" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    run = work()
    assert (run.state, run.done, run.total) == (Run.DONE, 2, 2)
    page = leader.get(address).content.decode()
    assert 'hx-trigger="every 1s"' not in page
    assert f'href="/tickets/{week["late"]}/"' in page
    assert "would not be late any more: 1" in page
    rows = list(csv.DictReader(io.StringIO(b"".join(leader.get(f"{address}file/csv/")).decode())))
    assert [(row["ticket"], row["clock"], row["way"]) for row in rows] == [
        (str(week["late"]), "first_response", "saved")
    ]
    found = json.loads(leader.get(f"{address}file/json/").content)
    assert (found["tickets"], found["turning"]) == (2, 1)


def test_an_auditor_reads_and_asks_for_nothing(desk: Desk, week: dict[str, int]) -> None:
    address = post(as_person(desk.lea))["Location"]
    auditor = as_person(desk.olga)
    page = auditor.get("/replays/").content.decode()
    assert "<form" not in page.partition("<main")[2]
    assert 'id="stop-run"' not in auditor.get(address).content.decode()
    assert auditor.post(f"{address}stop/").status_code == 404
    assert post(auditor).status_code == 404
    assert Run.objects.get().state == Run.ASKED


def test_it_is_stopped_and_another_one_can_be_asked_for(desk: Desk, week: dict[str, int]) -> None:
    leader = as_person(desk.lea)
    address = post(leader)["Location"]
    assert post(leader)["Location"] == "/replays/"
    run = runs.claim(AS_OF)
    assert run is not None
    leader.post(f"{address}stop/")
    with pytest.raises(runs.Stopped):
        replaying.do(run, lambda: AS_OF)
    assert "It was stopped." in leader.get(address).content.decode()
    assert post(leader)["Location"] != address


@pytest.mark.parametrize(
    ("text", "period", "says"),
    [
        ("title: x", {}, "The file is no procedure:"),
        (LONGER, {"until": "2026-01-01"}, "The period ends before it begins."),
        (LONGER, {"since": "2001-01-01"}, "more than ten years"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_queued(desk: Desk, text: str, period: dict[str, str], says: str) -> None:
    answer = post(as_person(desk.lea), text, **period)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Run.objects.exists()


def test_a_ticket_that_cannot_be_read_holds_up_no_other(desk: Desk, week: dict[str, int]) -> None:
    Entry.objects.filter(ticket=week["in time"], seq=1).update(kind="Nonsense")
    found: dict[str, Any] = {}
    asked = Asked(LONGER, MONDAY - timedelta(days=1), AS_OF, AS_OF)
    told: list[tuple[int, int]] = []
    for _ in replaying.pieces(asked, lambda done, total: told.append((done, total)), found):
        pass
    assert (found["tickets"], found["unreadable"]) == (1, 1)
    assert told[-1] == (2, 2)
    Entry.objects.filter(ticket=week["in time"], seq=1).update(kind="Received")


def test_tickets_of_other_times_do_not_count(desk: Desk, week: dict[str, int]) -> None:
    post(as_person(desk.lea), since="2026-03-10")
    assert work().summary["tickets"] == 0
    assert "No ticket was received" in as_person(desk.lea).get(f"/replays/{Run.objects.get().pk}/").content.decode()


def test_at_the_terminal_and_by_two_processes(bare: Home, tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(LONGER, "utf-8")
    bare.run("init", "--demo")
    since = (timezone.now() - timedelta(days=300)).date().isoformat()
    done = bare.run("replay", "--procedure", str(file), "--since", since, "--json")
    assert done.returncode in (0, 1), done.stderr
    assert json.loads(done.stdout)["tickets"] > 0
    assert done.stderr == ""


def test_wrong_use_at_the_terminal_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text("title: x", "utf-8")
    assert main(["replay", "--procedure", str(file), "--since", "2026-01-01"]) == 2
    assert "is no procedure" in capsys.readouterr().err
    assert main(["replay", "--procedure", str(file), "--since", "soon"]) == 2
    assert "'soon' is no day" in capsys.readouterr().err


def test_a_draft_of_the_desk_is_tried_as_it_stands(desk: Desk, week: dict[str, int]) -> None:
    hand = drafting.Hand(desk.lea, AS_OF)
    draft = drafting.begin(hand, "Longer", text=LONGER)
    leader = as_person(desk.lea)
    offered = leader.get(f"/replays/?draft={draft.pk}").content.decode()
    assert f'<option value="{draft.pk}" selected>Longer</option>' in offered
    assert "/replays/?draft=" in leader.get(f"/procedure/drafts/{draft.pk}/changes/").content.decode()
    leader.post("/replays/ask/", {"of": draft.pk, **PERIOD})
    assert work().state == Run.DONE
    nothing = leader.post("/replays/ask/", PERIOD)
    assert (nothing.status_code, "Choose a draft, or a file with one." in nothing.content.decode()) == (422, True)
    Draft.objects.filter(pk=draft.pk).update(text="title: Nothing else")
    broken = leader.post("/replays/ask/", {"of": draft.pk, **PERIOD})
    assert (broken.status_code, "The draft is no procedure yet:" in broken.content.decode()) == (422, True)


def test_the_newest_draft_is_offered_first_and_a_file_counts_before_it(desk: Desk) -> None:
    leader = as_person(desk.lea)
    assert 'value="" selected' in leader.get("/replays/").content.decode()
    drafting.begin(drafting.Hand(desk.lea, after(1)), "Older", text=LONGER)
    newest = drafting.begin(drafting.Hand(desk.lea, after(2)), "Newest", text=LONGER)
    assert f'<option value="{newest.pk}" selected>' in leader.get("/replays/").content.decode()
    file = SimpleUploadedFile("mine.yaml", b"title: [")
    refused = leader.post("/replays/ask/", {"of": newest.pk, "draft": file, **PERIOD})
    assert (refused.status_code, "The file is no procedure:" in refused.content.decode()) == (422, True)


def test_what_a_moved_ticket_met_under_its_earlier_revision_is_no_breach_before_the_draft(
    desk: Desk, week: dict[str, int]
) -> None:
    d.install(re.sub(r"first_response: \{target: [^,]+,", "first_response: {target: 10 min,", LONGER), after(7))
    for number in week.values():
        moving.move(number, procedures.in_force(after(7)).pk, "", by=Actor.of(desk.lea), now=after(7))
    address = post(as_person(desk.lea))["Location"]
    run = work()
    assert run.state == Run.DONE
    found = json.loads(as_person(desk.lea).get(f"{address}file/json/").content)
    counted = [one for one in found["clocks"] if one["clock"] == "first_response" and one["priority"] == "medium"]
    assert [(one["before"]["late"], one["after"]["late"]) for one in counted] == [(1, 0)], counted
