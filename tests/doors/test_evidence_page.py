"""A bundle of evidence asked for on the page, made as a worker has it made, taken away and checked (SOP 6.1, H1)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.record import evidence, results, runs
from forthwith.record.models import Revision
from forthwith.record.runs import Run
from forthwith.steps import evidencing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after, as_person

pytestmark = pytest.mark.sop("6.1", "H1")
PERIOD = {"since": "2026-02-01", "until": "2026-03-31"}
AS_OF = after(days=8)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.FILES = tmp_path


@pytest.fixture
def tickets(desk: Desk) -> list[int]:
    """Two tickets of the period, and one of another."""
    return [d.new_ticket(), d.new_ticket(subject="Second"), d.new_ticket(after(days=60), subject="Other")]


def ask(client: Client, **period: str) -> Any:
    return client.post("/conformance/evidence/ask/", {**PERIOD, **period})


def work(now: Any = AS_OF) -> Run:
    """What a worker's process does, here."""
    run = runs.claim(now)
    assert run is not None
    evidencing.do(run, lambda: now)
    run.refresh_from_db()
    return run


def content(client: Client, at: str) -> str:
    answer = client.get(at)
    assert answer.status_code == 200, at
    return answer.content.decode()


def test_a_leader_asks_watches_takes_away_and_checks_it(desk: Desk, tickets: list[int], tmp_path: Path) -> None:
    leader = as_person(desk.lea)
    offered = content(leader, "/conformance/evidence/?since=2026-02-01&until=2026-03-31")
    assert 'value="2026-02-01"' in offered
    address = ask(leader)["Location"]
    waiting = content(leader, address)
    assert "Waiting for a worker" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    run = work()
    assert (run.state, run.done, run.total, run.summary["tickets"]) == (Run.DONE, 2, 2, 2)
    page = content(leader, address)
    assert run.result in page
    assert "python3 evidence/verify.py evidence" in page
    # An auditor reads all, so takes it away too.
    answer = as_person(desk.olga).get(f"{address}file/")
    assert "evidence-2026-02-01-2026-03-31.zip" in answer["Content-Disposition"]
    packed = b"".join(answer)
    assert len(packed) == run.summary["size"]
    with zipfile.ZipFile(BytesIO(packed)) as made:
        assert sorted(name for name in made.namelist() if name.startswith("tickets/")) == [
            f"tickets/{number}.json" for number in tickets[:2]
        ]
        manifest = json.loads(made.read("manifest.json"))
        made.extractall(tmp_path / "evidence")
    assert list(manifest["revisions"]) == [str(Revision.objects.get().pk)]
    command = [sys.executable, "-I", "-S", str(tmp_path / "evidence/verify.py"), str(tmp_path / "evidence")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("Everything fits.")
    listed = content(as_person(desk.olga), "/conformance/evidence/")
    assert "asked for by Lea" in listed
    assert "can be taken away" in listed


def test_an_auditor_asks_for_nothing_and_an_agent_sees_nothing(desk: Desk, tickets: list[int]) -> None:
    address = ask(as_person(desk.lea))["Location"]
    work()
    auditor, agent = as_person(desk.olga), as_person(desk.ana)
    assert "ask/" not in content(auditor, "/conformance/evidence/")
    assert (ask(auditor).status_code, auditor.post(f"{address}stop/").status_code) == (404, 404)
    for at in ("/conformance/evidence/", address, f"{address}file/"):
        assert agent.get(at).status_code == 404
    replay = Run.objects.create(kind="replay", asked_at=AS_OF, asked=evidencing.ask_for(after(), AS_OF))
    for below in ("", "file/"):
        assert as_person(desk.lea).get(f"/conformance/evidence/{replay.pk}/{below}").status_code == 404


def test_it_is_stopped_and_leaves_nothing_behind(desk: Desk, tickets: list[int], tmp_path: Path) -> None:
    leader = as_person(desk.lea)
    address = ask(leader)["Location"]
    assert ask(leader)["Location"] == "/conformance/evidence/"
    assert leader.get(f"{address}file/").status_code == 404
    run = runs.claim(AS_OF)
    assert run is not None
    leader.post(f"{address}stop/")
    with pytest.raises(runs.Stopped):
        evidencing.do(run, lambda: AS_OF)
    assert "It was stopped." in content(leader, address)
    assert not list((tmp_path / "results").iterdir())
    # One whose process was killed left its beginning, which goes soon; what is whole stays.
    whole, begun = results.path_of(results.keep([b"x"])), results.path_of("incoming-x")
    begun.write_bytes(b"PK")
    old = (timezone.now() - timedelta(hours=2)).timestamp()
    for file in (whole, begun):
        os.utime(file, (old, old))
    assert results.sweep(timezone.now()) == 1
    assert whole.exists()


def test_what_fails_is_a_sentence(desk: Desk, tickets: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    leader = as_person(desk.lea)
    monkeypatch.setattr(evidencing, "MOST", 1)
    address = ask(leader)["Location"]
    assert work().state == Run.FAILED
    assert "These are 2 tickets, and a bundle holds 1 at most." in content(leader, address)
    monkeypatch.setattr(evidencing, "MOST", 9)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(evidence, "write", full)
    address = ask(leader)["Location"]
    assert work().state == Run.FAILED
    assert "could not be written to the desk&#x27;s files: No space left on device." in content(leader, address)
    assert ask(leader, until="2026-01-01").status_code == 422


def test_a_bundle_that_was_swept_can_be_asked_for_again(desk: Desk, tickets: list[int]) -> None:
    leader = as_person(desk.lea)
    address = ask(leader)["Location"]
    results.path_of(work().result).unlink()
    assert "The file is not kept any more." in content(leader, address)
    assert leader.get(f"{address}file/").status_code == 404
    assert "not kept any more" in content(leader, "/conformance/evidence/")


def test_a_revision_that_was_called_off_is_told_and_what_happened_under_it_is_a_fault(
    desk: Desk, tickets: list[int], tmp_path: Path
) -> None:
    own = Revision.objects.get()
    told = {"called_off_at": after(-2), "called_off_by": desk.adam, "called_off_why": "No.", "effective_at": after(-1)}
    Revision.objects.filter(pk=own.pk).update(**told)
    made = tmp_path / "bundle.zip"
    with made.open("wb") as file:
        evidence.write(file, after(-1), after(1), AS_OF)
    with zipfile.ZipFile(made) as packed:
        kept = json.loads(packed.read("manifest.json"))["revisions"][str(own.pk)]
    assert (kept["called_off_by"], kept["called_off_why"], kept["reviewed_by"]) == ("Adam", "No.", None)
    command = [sys.executable, "-I", "-S", str(evidence.VERIFIER), str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, f"is under revision {own.pk}, which was called off" in done.stdout) == (1, True)


def test_the_list_asks_as_much_for_many_as_for_few(desk: Desk) -> None:
    leader = as_person(desk.lea)

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            content(leader, "/conformance/evidence/")
        return len(made.captured_queries)

    few = asked()
    for _ in range(25):
        Run.objects.create(kind="evidence", asked_at=AS_OF, asked=evidencing.ask_for(after(), AS_OF), state=Run.STOPPED)
    assert asked() <= few <= 6
