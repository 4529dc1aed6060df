"""`forthwith evidence`: a bundle that an auditor checks without this program (SOP 6.1, H1)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from forthwith.record import evidence
from tests import desk_fixtures as d
from tests.desk_fixtures import MONDAY, Desk, after
from tests.doors.homes import Home

pytestmark = [pytest.mark.sop("6.1", "H1"), pytest.mark.django_db]


@pytest.fixture
def bundle(desk: Desk, tmp_path: Path) -> Path:
    """The evidence of two tickets, without a third of the week after, unpacked."""
    answered = d.new_ticket()
    d.new_ticket(subject="Second")
    d.new_ticket(after(days=7), subject="A week later")
    d.deliver_all(after(minutes=1))
    desk.reply(answered, after(1))
    made = BytesIO()
    assert evidence.write(made, MONDAY - timedelta(days=1), after(days=1), after(days=8)) == 2
    (tmp_path / "bundle.zip").write_bytes(made.getvalue())
    with zipfile.ZipFile(made) as packed:
        packed.extractall(tmp_path / "bundle")
    return tmp_path / "bundle"


def checked(bundle: Path, program: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The bundle's own program, run by an interpreter that knows no package."""
    command = [sys.executable, "-I", "-S", str(program or bundle / "verify.py"), str(bundle)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_it_checks_itself_in_a_bare_interpreter_packed_and_unpacked(bundle: Path) -> None:
    done = checked(bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Everything fits.")
    packed = checked(bundle.with_suffix(".zip"), bundle / "verify.py")
    assert packed.stdout == done.stdout
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["tickets"] == 2
    assert manifest["verdicts"]["1.2"] == {"met": 2}
    assert sum(manifest["verdicts"]["4.3"].values()) == 2
    assert [name for name in manifest["files"] if name.startswith("revisions/")]


def _swap(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(bundle: Path) -> None:
        file = next(bundle.glob(name))
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return change


def _rehashed(bundle: Path) -> None:
    """A forger who changes a fact, and the manifest with it."""
    file = sorted(bundle.glob("tickets/*.json"))[0]
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    _swap(f"tickets/{file.name}", '"channel": "email"', '"channel": "phone"')(bundle)
    whole = json.loads(file.read_text("utf-8"))
    whole["facts"][1]["noted_at"] = "2026-03-01T00:00:00Z"
    file.write_text(json.dumps(whole), "utf-8")
    _swap("manifest.json", before, hashlib.sha256(file.read_bytes()).hexdigest())(bundle)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_swap("tickets/*.json", "blank pages", "blank pages!"), "was changed"),
        (_swap("revisions/*.yaml", "15 min", "16 min"), "was changed"),
        (_rehashed, "does not fit the chain"),
        (lambda bundle: next(bundle.glob("tickets/*.json")).unlink(), "is missing"),
        (lambda bundle: (bundle / "tickets" / "99.json").write_text("{}"), "is not in the manifest"),
        (_swap("manifest.json", '"met": 2', '"met": 3'), "do not add up"),
        (_swap("manifest.json", '"tickets": 2', '"tickets": 1'), "there are 2 tickets"),
    ],
)
def test_a_changed_bundle_is_seen(bundle: Path, change: Callable[[Path], object], says: str) -> None:
    change(bundle)
    done = checked(bundle)
    assert done.returncode == 1
    assert says in done.stdout


def test_what_is_no_bundle_is_said_so(bundle: Path, tmp_path: Path) -> None:
    (bundle / "manifest.json").write_text("no JSON")
    done = checked(bundle)
    assert done.returncode == 2
    assert "cannot be read" in done.stdout
    assert done.stderr == ""


def test_the_command_writes_it(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    done = home.run("evidence", "--since", "2020-01-01", "--until", "2099-12-31", str(file))
    assert done.returncode == 0
    assert "python verify.py" in done.stdout
    with zipfile.ZipFile(file) as packed:
        assert "tickets/1.json" in packed.namelist()
        packed.extractall(tmp_path / "unpacked")
    assert checked(tmp_path / "unpacked").returncode == 0
    wrong = home.run("evidence", "--since", "2026-02-01", "--until", "2026-01-01", str(file))
    assert "ends before it begins" in wrong.stderr
    assert "is no day" in home.run("evidence", "--since", "yesterday", "--until", "2026-01-01", str(file)).stderr
