"""`forthwith mail`: as an MTA's pipe calls it, and as scripts look at mails with it (SOP 1.2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doors.homes import MAIL, Home


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
