"""The `forthwith` command as scripts use it: output, exit codes, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forthwith.procedure import document

MAIL = b"""\
From: Rui Silva <rui@customer.example>
To: support@desk.example
Subject: Printer prints blank pages
Message-ID: <%s@customer.example>

The big laser printer on floor two prints only blank pages since this morning. It is urgent, please help.
"""


class Home:
    """A home of its own, and the command run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {"FORTHWITH_HOME": str(folder / "home")}

    def run(self, *arguments: str, stdin: bytes | str = b"", **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORTHWITH_")}
        done = subprocess.run(
            [sys.executable, "-m", "forthwith", *arguments],
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            env={**kept, **self.variables, **variables},
            capture_output=True,
            timeout=60,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err + out, err + out
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def shell(self, line: str, *, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        """The command as a shell line, for what is done to its standard streams."""
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {sys.executable} -m forthwith {line}"],
            input=stdin,
            env={"PATH": os.environ["PATH"], **self.variables},
            capture_output=True,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def json(self, *arguments: str, stdin: bytes | str = b"") -> object:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def receive(self, name: str = "one") -> dict[str, object]:
        found = self.json("mail", "receive", stdin=MAIL % name.encode())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A home in which nothing is set up."""
    return Home(tmp_path)


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What `forthwith init` makes, once, to be copied."""
    made = Home(tmp_path_factory.mktemp("new"))
    assert made.run("init").returncode == 0
    return made


def copied(new_home: Home, folder: Path) -> Home:
    shutil.copytree(new_home.variables["FORTHWITH_HOME"], folder / "home")
    return Home(folder)


@pytest.fixture
def own(new_home: Home, tmp_path: Path) -> Home:
    """A desk with nothing in it, of this test alone."""
    return copied(new_home, tmp_path)


@pytest.fixture(scope="session")
def home(new_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A desk with one ticket, which the tests only read."""
    made = copied(new_home, tmp_path_factory.mktemp("cli"))
    made.receive("first")
    return made


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


@pytest.mark.sop("1.2")
def test_a_mail_through_a_pipe_is_answered_for(own: Home) -> None:
    assert own.receive() == {"outcome": "ticket", "ticket": 1, "reason": ""}
    again = own.receive()
    assert (again["outcome"], again["ticket"]) == ("ignored", 1)
    for odd in (b"\0\1\2 no mail", b""):
        assert own.json("mail", "receive", stdin=odd)["outcome"] == "unprocessed"  # type: ignore[index]


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"FORTHWITH_DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"},
        {"FORTHWITH_HOME": "/proc/forthwith"},
        {"FORTHWITH_MAIL_FROM": "nobody"},
    ],
)
def test_a_mail_that_cannot_be_stored_is_left_to_the_mta(bare: Home, variables: dict[str, str]) -> None:
    done = bare.run("mail", "receive", stdin=MAIL % b"one", **variables)
    assert done.returncode == 75
    assert done.stdout == ""
    assert "try again later" in done.stderr


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    "wrong",
    ["mail receive --sendr x", "mail receive extra", "mail receive --sender"],
)
def test_a_slip_in_the_configuration_of_the_mta_delays_mail_and_loses_none(bare: Home, wrong: str) -> None:
    done = bare.run(*wrong.split(), stdin=MAIL % b"one")
    assert done.returncode == 75
    assert "usage: forthwith" in done.stderr


@pytest.mark.sop("1.2")
def test_a_pipe_without_a_mail_in_it_is_no_mail_lost(own: Home) -> None:
    assert own.shell("mail receive <&-").returncode == 75


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("nowhere", [">/dev/full", ">&-", "| true"])
def test_a_mail_that_is_stored_is_stored_whoever_takes_the_answer(own: Home, nowhere: str) -> None:
    done = own.shell(f"mail receive {nowhere}", stdin=MAIL % b"one")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(own.json("ticket", "list", "--json")) == 1  # type: ignore[arg-type]


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("sender", ["", "<>", "MAILER-DAEMON"])
def test_a_mail_from_the_empty_sender_is_not_acknowledged(own: Home, sender: str) -> None:
    given = own.run("mail", "receive", "--sender", sender, stdin=MAIL % b"one")
    assert json.loads(given.stdout)["outcome"] == "ticket"
    kinds = [fact["kind"] for fact in own.json("ticket", "show", "1", "--json")["facts"]]  # type: ignore[index]
    assert "AcknowledgementWithheld" in kinds


def test_a_stranger_s_words_command_no_terminal(own: Home) -> None:
    hostile = "Printer \x9b31m\u202e and".encode()
    body = MAIL.replace(b"Printer prints", hostile).replace(b"The big", b"\x1b]0;owned\x07 The\tbig")
    own.run("mail", "receive", stdin=body % b"one")
    for command in ("ticket show 1", "ticket list", "explain 1", "conformance 1"):
        shown = own.run(*command.split()).stdout
        assert "Printer" in shown
        assert not set("\x1b\x07\x9b\u202e") & set(shown), command
    assert "The big" in own.run("ticket", "show", "1").stdout.replace("  ", " ")


def test_a_terminal_of_few_letters_shows_the_others_by_number(own: Home) -> None:
    own.run("mail", "receive", stdin=MAIL.replace(b"Printer", "打印机".encode()) % b"one")
    assert "\\u6253" in own.run("ticket", "show", "1", PYTHONIOENCODING="ascii").stdout


def test_a_ticket_as_json_has_the_keys_of_the_contract(home: Home) -> None:
    ticket = home.json("ticket", "show", "1", "--json")
    assert isinstance(ticket, dict)
    contract = (
        "number subject status priority category team assignee requester channel missing clocks messages facts "
        "conformance"
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


def test_mail_parse_prints_one_line_a_file_and_an_error_for_what_is_none(bare: Home) -> None:
    good, bad = bare.folder / "good.eml", bare.folder / "bad.eml"
    good.write_bytes(MAIL % b"x")
    bad.write_bytes(b"\0\1\2")
    done = bare.run("mail", "parse", str(good), str(bad), "/no/such/file")
    assert done.returncode == 0
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert seen[0]["from"] == {"name": "Rui Silva", "address": "rui@customer.example"}
    assert [set(line) for line in seen[1:]] == [{"file", "error"}, {"file", "error"}]
    assert json.loads(bare.run("mail", "parse", stdin=MAIL % b"x").stdout)["message_id"] == "x@customer.example"


def test_mail_parse_knows_the_desk_s_own_mail_in_its_home_alone(home: Home, bare: Home) -> None:
    script = "import django; django.setup(); from forthwith.record import links; print(links.new_mail_id(1))"
    variables = {**os.environ, **home.variables, "DJANGO_SETTINGS_MODULE": "forthwith.config.settings"}
    made = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, check=True)
    ours = MAIL.replace(b"%s@customer.example", made.stdout.strip())
    assert json.loads(home.run("mail", "parse", stdin=ours).stdout)["automatic"]["kind"] == "own"
    for stranger in (ours.replace(b"<t1.", b"<t2."), MAIL % b"x"):
        assert json.loads(home.run("mail", "parse", stdin=stranger).stdout)["automatic"] is None
    assert json.loads(bare.run("mail", "parse", stdin=ours).stdout)["automatic"] is None
    assert not Path(bare.variables["FORTHWITH_HOME"]).exists()


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
