"""`forthwith mailbox`: tried before it is connected, its password never an argument nor shown (SOP 1.1)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forthwith.config import cli
from forthwith.record import sealed
from forthwith.record.mailboxes import Mailbox
from tests import desk_fixtures as d
from tests.worker.imap_server import Server


def test_a_mailbox_is_tried_connected_listed_and_removed(
    desk: d.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server.given()
    monkeypatch.setenv("SSL_CERT_FILE", server.ca)
    user, file = server.someone(), tmp_path / "password"
    server.put(user, d.mail(subject="The newest of them"))
    asked = ["mailbox", "add", "--host", server.host, "--port", str(server.imaps), "--user", user]
    file.write_text("wrong\n")
    assert cli.main([*asked, "--password-file", str(file)]) == 1
    assert "refused the sign-in" in capsys.readouterr().err
    assert not Mailbox.objects.exists()
    file.write_text(f"{server.password}\n")
    assert cli.main([*asked, "--password-file", str(file)]) == 0
    said = capsys.readouterr().out
    assert "INBOX: 1 mails, the newest: The newest of them" in said
    assert "from now on" in said
    assert sealed.unseal(Mailbox.objects.get().secret) == server.password
    assert cli.main([*asked, "--password-file", str(file)]) == 1
    assert "connected already" in capsys.readouterr().err


def test_mailboxes_are_listed_and_removed_by_name(desk: d.Desk, capsys: pytest.CaptureFixture[str]) -> None:
    box = Mailbox.objects.create(name="Help", host="h", port=993, user="u", added_at=d.MONDAY, secret="sealed")
    assert cli.main(["mailbox", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["state"], "secret" in row) == ("Help", "new", False)
    assert cli.main(["mailbox", "remove", str(box.pk)]) == 0
    assert not Mailbox.objects.exists()
    assert cli.main(["mailbox", "test", "Help"]) == 1
    assert "There is no mailbox" in capsys.readouterr().err
