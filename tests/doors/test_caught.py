"""The demo's mail catcher: what it keeps, and who may read it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from forthwith.outbox import catcher
from forthwith.outbox.composed import compose
from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from tests.desk_fixtures import MONDAY

MAIL = (
    b"From: Support <support@desk.example>\r\nTo: Rui <rui@customer.example>\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Auto-Submitted: auto-replied\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Open http://127.0.0.1:8000/t/abc:def/ <script>alert(1)</script>\r\n"
)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where mail is caught, in a demo."""
    settings.DEMO, settings.HOME = True, tmp_path
    return tmp_path / "caught"


@pytest.fixture
def client(db: None) -> Client:
    """Somebody who is signed in."""
    client = Client()
    client.force_login(Person.objects.create_user("ana@desk.example", name="Ana", role="agent"))
    return client


def test_a_caught_mail_is_listed_and_read_with_links_that_can_be_followed(folder: Path, client: Client) -> None:
    name = catcher.keep(folder, MAIL, now=MONDAY)
    listed = client.get("/caught/").content.decode()
    assert "Grüße" in listed
    assert f"/caught/{name}/" in listed
    page = client.get(f"/caught/{name}/").content.decode()
    assert 'href="http://127.0.0.1:8000/t/abc:def/"' in page
    assert "<script>alert" not in page


def test_the_newest_comes_first_and_the_oldest_give_way(
    folder: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catcher, "MOST_KEPT", 3)
    for number in range(5):
        catcher.keep(folder, MAIL.replace(b"Rui", b"R%d" % number), now=MONDAY + timedelta(seconds=number))
    page = client.get("/caught/").content.decode()
    assert [page.find(f"R{number} ") for number in (0, 1)] == [-1, -1]
    assert page.index("R4 ") < page.index("R3 ") < page.index("R2 ")


def test_both_parts_of_a_mail_are_shown_and_the_html_can_run_nothing(folder: Path, client: Client) -> None:
    row = Outgoing(
        purpose="reply",
        address="rui@customer.example",
        subject="Printer",
        text="Yes, it is solved:\nhttp://127.0.0.1:8000/t/abc:def/solved/\n\n<script>alert(1)</script>\n",
        mail_id="t1.a@desk.example",
        queued_at=MONDAY,
        next_at=MONDAY,
    )
    name = catcher.keep(folder, compose(row), now=MONDAY)
    page = client.get(f"/caught/{name}/")
    assert "As plain text" in page.content.decode()
    assert 'src="?part=html"' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    html = client.get(f"/caught/{name}/?part=html")
    assert "&lt;script&gt;" in html.content.decode()
    assert html["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in html["Content-Security-Policy"]
    assert html["X-Frame-Options"] == "SAMEORIGIN"


def test_without_mail_it_says_so(folder: Path, client: Client) -> None:
    assert "Nothing has been sent yet" in client.get("/caught/").content.decode()


@pytest.mark.parametrize("name", ["../secret", "..%2Fsecret", "x.eml", "20260302T100000000000-00000000.eml"])
def test_only_caught_mails_can_be_read(folder: Path, client: Client, name: str) -> None:
    (folder.parent / "secret").write_text("hidden")
    assert client.get(f"/caught/{name}/").status_code == 404


def test_nobody_reads_it_without_signing_in(folder: Path, db: None) -> None:
    name = catcher.keep(folder, MAIL, now=MONDAY)
    for path in ("/caught/", f"/caught/{name}/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")


def test_outside_of_a_demo_it_does_not_exist(folder: Path, client: Client, settings: Any) -> None:
    name = catcher.keep(folder, MAIL, now=MONDAY)
    settings.DEMO = False
    assert client.get("/caught/").status_code == 404
    assert client.get(f"/caught/{name}/").status_code == 404


def test_bytes_that_are_hardly_a_mail_do_not_break_the_page(folder: Path, client: Client) -> None:
    for body in (b"", b"\0\xff\xfe", b"Subject: x\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff"):
        name = catcher.keep(folder, body, now=MONDAY)
        assert client.get("/caught/").status_code == 200
        assert client.get(f"/caught/{name}/").status_code == 200
