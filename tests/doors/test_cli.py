"""The `forthwith` command as scripts use it: output, exit codes, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from forthwith.procedure import document
from tests.doors.homes import MAIL, Home


def test_init_makes_a_desk_and_again_changes_nothing(bare: Home) -> None:
    first = bare.run("init")
    assert first.returncode == 0
    assert "revision 1 installed from the standard" in first.stdout
    second = bare.run("init")
    assert second.returncode == 0
    assert "revision 1 stays in force" in second.stdout
    assert (Path(bare.variables["FORTHWITH_HOME"]) / "secret").stat().st_mode & 0o077 == 0


def test_init_creates_and_repairs_the_administrator(bare: Home) -> None:
    password = bare.folder / "password"
    password.write_text("quite-a-long-one\n")
    of = ("--admin", "Ada@desk.example", "--password-file", str(password))
    assert "ada@desk.example created" in bare.run("init", *of).stdout
    assert "ada@desk.example is in order" in bare.run("init", *of).stdout
    password.write_text("quite-another-one\n")
    assert "ada@desk.example password changed" in bare.run("init", *of).stdout


@pytest.mark.parametrize("weak", ["short", "password123", "ada@desk.example"])
def test_init_refuses_a_weak_password_and_makes_nobody(bare: Home, weak: str) -> None:
    password = bare.folder / "password"
    password.write_text(f"{weak}\n")
    done = bare.run("init", "--admin", "ada@desk.example", "--password-file", str(password))
    assert done.returncode == 1
    assert "password is too weak. This password is too" in done.stderr or "too similar" in done.stderr
    assert "Nobody can sign in yet" in bare.run("init").stdout


def test_nobody_but_the_owner_reads_the_database(bare: Home) -> None:
    home = Path(bare.variables["FORTHWITH_HOME"])
    bare.run("init")
    files = list(home.glob("*.sqlite3*"))
    assert files
    assert [f.name for f in files if f.stat().st_mode & 0o077] == []
    files[0].chmod(0o644)
    bare.run("init")
    assert [f.name for f in home.glob("*.sqlite3*") if f.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--admin", "a@b.example"), 2, "--password-file"),
        (("--admin", "a@b.example", "--password-file", "/no/such/file"), 1, "/no/such/file cannot be read"),
        (("--procedure", "/no/such/file"), 1, "/no/such/file cannot be read"),
    ],
)
def test_init_refuses_with_a_sentence(bare: Home, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = bare.run("init", *arguments)
    assert done.returncode == code
    assert says in done.stderr


def test_init_does_not_send_to_init_for_a_database_that_it_cannot_make(bare: Home) -> None:
    done = bare.run("init", FORTHWITH_DATABASE_URL="sqlite:////no/such/folder/desk.sqlite3")
    assert done.returncode == 1
    assert "/no/such/folder/desk.sqlite3 cannot be used" in done.stderr
    assert "FORTHWITH_DATABASE_URL" in done.stderr
    assert "forthwith init" not in done.stderr


def test_init_says_so_when_the_home_is_not_its_own(bare: Home) -> None:
    home = Path(bare.variables["FORTHWITH_HOME"])
    home.mkdir()
    (home / "files").touch()
    done = bare.run("init")
    assert done.returncode == 1
    assert f"The home folder cannot be used: [Errno 17] File exists: '{home}/files'. Set FORTHWITH_HOME" in done.stderr


def test_init_installs_a_procedure_and_names_what_is_wrong_in_one(bare: Home) -> None:
    other = bare.folder / "other.yaml"
    other.write_text(document.standard_text().replace('version: "1.0"', 'version: "1.1"'))
    assert bare.run("init", "--procedure", str(other)).returncode == 0
    assert document.read(bare.run("procedure", "show").stdout).version == "1.1"
    other.write_text("title: nothing else\n")
    done = bare.run("init", "--procedure", str(other))
    assert done.returncode == 1
    assert "line 1" in done.stderr


def test_a_stranger_s_words_command_no_terminal(own: Home) -> None:
    hostile = "Printer \x9b31m\u202e and".encode()
    body = MAIL.replace(b"Printer prints", hostile).replace(b"The big", b"\x1b]0;owned\x07 The\tbig")
    own.run("mail", "receive", stdin=body % b"one")
    for command in ("ticket show 1", "ticket list", "explain 1", "conformance 1"):
        shown = own.run(*command.split()).stdout
        assert "Printer" in shown
        assert not set("\x1b\x07\x9b\u202e") & set(shown), command
    assert "The big" in " ".join(own.run("ticket", "show", "1").stdout.split())


def test_a_terminal_of_few_letters_shows_the_others_by_number(own: Home) -> None:
    own.run("mail", "receive", stdin=MAIL.replace(b"Printer", "打印机".encode()) % b"one")
    assert "\\u6253" in own.run("ticket", "show", "1", PYTHONIOENCODING="ascii").stdout


def test_a_ticket_as_json_has_the_keys_of_the_contract(home: Home) -> None:
    ticket = home.json("ticket", "show", "1", "--json")
    assert isinstance(ticket, dict)
    contract = (
        "number subject status priority category team assignee requester channel missing clocks messages facts "
        "conformance tags fields field_names minutes minutes_by"
    )
    assert set(contract.split()) <= set(ticket)
    assert (ticket["number"], ticket["subject"]) == (1, "Printer prints blank pages")
    assert ticket["requester"] == {"name": "Rui Silva", "address": "rui@customer.example"}
    assert {clock["name"] for clock in ticket["clocks"]} >= {"acknowledgement", "first_response", "resolution"}
    assert ticket["facts"][0]["kind"] == "Received"
    assert "blank pages" in ticket["messages"][0]["text"]
    assert ticket["conformance"]["steps"]["1.2"]["verdict"] == "met"


def test_lists_are_json_and_go_on_after_a_number(own: Home) -> None:
    for name in ("a", "b", "c"):
        own.receive(name)
    numbers = [ticket["number"] for ticket in own.json("ticket", "list", "--json", "--limit", "2")]  # type: ignore[attr-defined]
    assert numbers == [3, 2]
    rest = own.json("ticket", "list", "--json", "--after", "2", "--status", "new")
    assert [ticket["number"] for ticket in rest] == [1]  # type: ignore[attr-defined]
    assert own.json("ticket", "list", "--json", "--status", "closed") == []


@pytest.mark.parametrize(
    "command",
    [
        ("ticket", "show", "1"),
        ("ticket", "list"),
        ("explain", "1"),
        ("conformance", "1"),
        ("verify",),
        ("procedure", "show"),
    ],
)
def test_every_command_speaks_plain_text(home: Home, command: tuple[str, ...]) -> None:
    done = home.run(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.parametrize("command", ["ticket show", "explain", "conformance"])
def test_an_unknown_ticket_is_said_so(home: Home, command: str) -> None:
    done = home.run(*command.split(), "4711")
    assert done.returncode == 1
    assert done.stderr == "forthwith: There is no ticket #4711.\n"


@pytest.mark.sop("4.3")
def test_explain_says_what_counted_what_did_not_and_when_it_is_due(home: Home) -> None:
    said = home.run("explain", "1").stdout
    for word in ("First response: running", "started", "target", "business hours", "due", "left"):
        assert word in said


def test_conformance_as_json_gives_every_step_a_verdict(home: Home) -> None:
    steps = home.json("conformance", "1", "--json")["steps"]  # type: ignore[index]
    assert {step["verdict"] for step in steps.values()} <= {"met", "late", "missing", "not due", "not applicable"}
    assert steps["1.2"]["facts"] == [1]
    assert steps["1.2"]["by"] == "Rui Silva"


@pytest.mark.sop("6.1")
def test_verify_finds_a_changed_fact_and_names_the_ticket(own: Home) -> None:
    own.receive("a")
    own.receive("b")
    assert own.run("verify").returncode == 0
    with sqlite3.connect(Path(own.variables["FORTHWITH_HOME"]) / "forthwith.sqlite3") as database:
        database.execute("UPDATE record_message SET text = 'something else' WHERE ticket_id = 2")
    database.close()
    done = own.run("verify")
    assert done.returncode == 1
    assert "#2:" in done.stdout
    assert "#1:" not in done.stdout
    assert own.shell("verify | true").returncode == 1, "whoever does not read on gets no other verdict"


def test_the_procedure_shown_is_accepted_by_check_and_reads_back_equal(home: Home) -> None:
    shown = home.run("procedure", "show").stdout
    assert document.read(shown) == document.standard()
    assert home.run("procedure", "check", "-", stdin=shown).returncode == 0


def test_check_names_line_and_suggestion(bare: Home) -> None:
    text = document.standard_text().replace("team: service_desk", "team: service_dsk", 1)
    done = bare.run("procedure", "check", "-", stdin=text)
    assert done.returncode == 1
    line = text[: text.index("service_dsk")].count("\n") + 1
    assert f"line {line}:" in done.stdout
    assert "did you mean 'service_desk'?" in done.stdout


def test_due_answers_each_line_and_goes_on_after_a_bad_one(bare: Home) -> None:
    lines = [
        '{"calendar": "always", "start": "2026-03-02T10:00:00Z", "duration_s": 60}',
        "nonsense",
        '{"calendar": "always", "at": "2026-03-02T10:00:00Z"}',
    ]
    answers = [json.loads(line) for line in bare.run("due", stdin="\n".join(lines)).stdout.splitlines()]
    assert answers[0] == {"due": "2026-03-02T10:01:00Z"}
    assert "error" in answers[1]
    assert answers[2]["open"] is True


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("verify", "FORTHWITH_URL", "ftp://x"),
        ("up", "FORTHWITH_DATABASE_URL", "mysql://x"),
        ("web", "FORTHWITH_SMTP_URL", "http://x"),
        ("worker", "FORTHWITH_SMTP_LISTEN", "2525"),
        ("init", "FORTHWITH_MAIL_FROM", "nobody"),
    ],
)
def test_a_wrong_variable_is_named_with_an_example(bare: Home, command: str, name: str, value: str) -> None:
    done = bare.run(command, **{name: value})
    assert done.returncode == 2
    assert f"{name}='{value}'" in done.stderr
    assert f"Example: {name}=" in done.stderr


@pytest.mark.parametrize("command", [("ticket", "list"), ("verify",), ("web",), ("worker",), ("procedure", "show")])
def test_without_a_desk_every_command_says_how_to_make_one(bare: Home, command: tuple[str, ...]) -> None:
    done = bare.run(*command)
    assert done.returncode == 1
    assert "forthwith init" in done.stderr


def test_whoever_closes_the_pipe_early_hears_no_complaint(home: Home) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORTHWITH_")}
    command = [sys.executable, "-m", "forthwith", "procedure", "show"]
    process = subprocess.Popen(command, env={**kept, **home.variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
    process.stderr.close()


def test_pure_commands_load_no_django(bare: Home) -> None:
    script = (
        "import sys; from forthwith.config.cli import main; main(sys.argv[1:]); "
        "sys.exit(any(name.split('.')[0] in ('django', 'pydantic', 'aiosmtpd') for name in sys.modules))"
    )
    for command in (["due"], ["mail", "parse", os.devnull]):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", script, *command], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        assert time.perf_counter() - started < 10


@pytest.mark.parametrize("command", [(), ("ticket",), ("mail",), ("nonsense",), ("ticket", "show", "x")])
def test_wrong_use_is_told_with_the_usage(bare: Home, command: tuple[str, ...]) -> None:
    done = bare.run(*command)
    assert done.returncode == 2
    assert "usage: forthwith" in done.stderr


def test_version_is_the_package_s(bare: Home) -> None:
    from importlib.metadata import version

    assert bare.run("--version").stdout == f"forthwith {version('forthwith')}\n"


def test_verify_compares_the_search_and_reindex_mends_it(own: Home) -> None:
    own.receive()
    assert own.run("verify").returncode == 0
    with closing(sqlite3.connect(own.folder / "home" / "forthwith.sqlite3")) as database, database:
        database.execute("DELETE FROM record_searched")
    broken = own.run("verify")
    assert broken.returncode == 1
    assert "#1: The search lacks" in broken.stdout
    assert "forthwith reindex" in broken.stdout
    mended = own.run("reindex")
    assert (mended.returncode, "every ticket and person again" in mended.stdout) == (0, True)
    assert own.run("verify").returncode == 0
