"""`forthwith procedure diff|export|import` as scripts use them (SOP H1)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forthwith.config.cli import main
from forthwith.procedure import document
from tests.doors.homes import Home

FASTER = ("first_response: {target: 1 h, calendar: business}", "first_response: {target: 30 min, calendar: business}")
SAID = "Priorities\n  High: first response 1 h → 30 min\n"


@pytest.fixture
def usual(tmp_path: Path) -> str:
    file = tmp_path / "usual.yaml"
    file.write_text(document.standard_text(), "utf-8")
    return str(file)


@pytest.fixture
def faster(tmp_path: Path) -> str:
    file = tmp_path / "faster.yaml"
    file.write_text(document.standard_text().replace(*FASTER, 1), "utf-8")
    return str(file)


@pytest.mark.sop("H1")
def test_two_files_are_compared_without_a_desk(bare: Home, usual: str, faster: str) -> None:
    done = bare.run("procedure", "diff", usual, faster, FORTHWITH_DATABASE_URL="mysql://nowhere")
    assert (done.returncode, done.stdout, done.stderr) == (1, SAID, "")


@pytest.mark.sop("H1")
def test_procedures_that_say_the_same(usual: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["procedure", "diff", usual, usual]) == 0
    assert capsys.readouterr().out == "They say the same.\n"


@pytest.mark.sop("H1")
def test_a_difference_as_json_and_as_yaml(usual: str, faster: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["procedure", "diff", usual, faster, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "path": ["priorities", "high", "first_response", "target"],
            "section": "priorities",
            "kind": "changed",
            "words": "High: first response 1 h → 30 min",
            "lines": [],
        }
    ]
    assert main(["procedure", "diff", usual, faster, "--yaml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line[0] in "+-"] == [f"-    {FASTER[0]}", f"+    {FASTER[1]}"]


def test_a_strangers_words_command_no_terminal(usual: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = tmp_path / "hostile.yaml"
    hostile.write_text(document.standard_text().replace("name: Printer or scanner", 'name: "Printer\\e[31m"'), "utf-8")
    assert main(["procedure", "diff", usual, str(hostile)]) == 1
    said = capsys.readouterr().out
    assert "Printer" in said
    assert "\x1b" not in said


def test_what_cannot_be_compared_is_wrong_use(usual: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("titel: x\n", "utf-8")
    for names, says in (
        (("-", "-"), "Only one of the two can be standard input"),
        (("no-such-file", usual), "no-such-file cannot be read"),
        ((usual, str(other)), "line 1: titel: 'titel' is no key here; did you mean 'title'?"),
    ):
        assert main(["procedure", "diff", *names]) == 2
        assert says in capsys.readouterr().err


@pytest.mark.sop("H1")
def test_a_file_is_installed_and_what_it_changes_is_said_before(own: Home, faster: str) -> None:
    done = own.run("procedure", "import", faster, "--why", "Asked for.")
    assert (done.returncode, done.stderr) == (0, "")
    before, _, after = done.stdout.partition(SAID)
    assert before == "What changes from revision 1:\n\n"
    assert after == (
        f"\nRevision 2 is in force, installed from {faster}.\n"
        "Nobody reviewed it: the history of revisions says that it came from the command line.\n"
    )
    again = own.run("procedure", "import", faster)
    assert again.returncode == 0
    assert again.stdout == f"Nothing changed: {faster} says what revision 2 says, which stays in force.\n"
    assert own.run("procedure", "diff", "1", "in-force").stdout == SAID
    unknown = own.run("procedure", "diff", "3", "-", stdin=document.standard_text())
    assert unknown.returncode == 2
    assert "There is no revision 3; the one in force is 2." in unknown.stderr


@pytest.mark.sop("H1")
def test_a_revision_is_exported_as_it_was_installed(own: Home) -> None:
    out = own.folder / "out.yaml"
    assert own.run("procedure", "export", str(out)).returncode == 0
    assert out.read_bytes() == document.standard_text().encode()
    unknown = own.run("procedure", "export", str(out), "--revision", "2")
    assert unknown.returncode == 1
    assert "There is no revision 2; the one in force is 1." in unknown.stderr
    assert out.read_bytes() == document.standard_text().encode()


def test_what_is_no_procedure_is_not_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = document.standard_text().replace("team: service_desk", "team: service_dsk", 1)
    file = tmp_path / "wrong.yaml"
    file.write_text(text, "utf-8")
    assert main(["procedure", "import", str(file)]) == 1
    line = text[: text.index("service_dsk")].count("\n") + 1
    assert f"line {line}: categories.hardware.team: 'service_dsk' is no team" in capsys.readouterr().err


@pytest.mark.sop("4.1", "5.1")
def test_a_procedure_is_held_against_the_desk(home: Home, usual: str) -> None:
    done = home.run("procedure", "check", usual, "--desk")
    assert (done.returncode, done.stderr) == (0, "")
    assert ": at this desk: teams: have nobody in them yet" in done.stdout
    assert done.stdout.endswith("is a procedure without a fault.\nThis desk could hardly keep 1 of it.\n")
    assert "at this desk" not in home.run("procedure", "check", usual).stdout


def test_without_a_desk_it_says_so(bare: Home, usual: str) -> None:
    done = bare.run("procedure", "check", usual, "--desk")
    assert done.returncode == 1
    assert "forthwith init" in done.stderr
