"""A formatted mail on its page, and files as downloads: nothing is loaded unasked, nothing runs, links say where to."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from forthwith.channels.email.html import sanitise
from forthwith.desk.formatted import host_of, shown
from forthwith.record.models import Attachment, Message
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
HTML = """<p>Hello <img src="cid:Logo@x" alt="our logo"> <img src="https://spy.example/pixel.png?who=ana">
<a href="https://evil.example/login">www.bank.example</a> <a href="https://docs.example/guide">the guide</a></p>"""


PIECES = [
    *("<a href='https://e.example'>", "</a>", "<img src='http://x.example/a'>", "<img src=cid:a>", '"', "<", "'>"),
    *("<img alt='\"><script>' src='//y.example'>", "&lt;", "text", "<b>", "<a href='javascript:x'>"),
]


def formatted_mail() -> Message:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Rui <rui@customer.example>", d.DESK, "A formatted <mail>"
    made["Message-ID"] = "<formatted@customer.example>"
    made.set_content("Hello")
    made.add_alternative(HTML, subtype="html")
    html = made.get_payload()[1]  # type: ignore[index]
    html.add_related(PICTURE, "image", "png", cid="<logo@X>", filename="logo.png")  # type: ignore[union-attr]
    made.add_attachment(b"MZ\x90\0program", maintype="application", subtype="pdf", filename="invoice\u202efdp.exe")
    receipt = d.arrive(made.as_bytes(), timezone.now())
    return Message.objects.get(ticket_id=receipt.ticket, kind="public")


def of(message: Message, rest: str) -> str:
    return f"/tickets/{message.ticket_id}/{rest}"


def fetched(desk: Desk, message: Message, file: Attachment) -> Any:
    answer = as_person(desk.ana).get(of(message, f"files/{file.pk}/"))
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return answer


def page_of(desk: Desk, message: Message, asked: str = "") -> Any:
    return as_person(desk.ana).get(of(message, f"messages/{message.pk}/formatted/{asked}"))


def test_remote_pictures_are_loaded_only_when_asked_for_and_for_that_view_only(desk: Desk) -> None:
    message = formatted_mail()
    before, asked, after = (page_of(desk, message, how) for how in ("", "?pictures=remote", ""))
    for held in (before, after):
        assert b"spy.example" not in held.content
        assert b"1 remote picture not loaded" in held.content
        assert "img-src 'self' data:" in held["Content-Security-Policy"]
        assert "https:" not in held["Content-Security-Policy"]
    assert b'src="https://spy.example/pixel.png?who=ana"' in asked.content
    assert "img-src 'self' data: https: http:" in asked["Content-Security-Policy"]
    assert "script-src" not in asked["Content-Security-Policy"]
    assert "allow-scripts" not in asked["Content-Security-Policy"]
    assert asked["Referrer-Policy"] == "no-referrer"


def test_pictures_of_the_mail_itself_are_shown_from_our_own_downloads(desk: Desk) -> None:
    message = formatted_mail()
    logo = Attachment.objects.get(name="logo.png")
    content = page_of(desk, message).content.decode()
    assert f'<img alt="our logo" src="{of(message, f"files/{logo.pk}/")}">' in content
    given_out = fetched(desk, message, logo)
    assert given_out["Content-Type"] == "image/png"
    assert given_out["Content-Disposition"].startswith("attachment")
    assert "sandbox" in given_out["Content-Security-Policy"]


def test_a_picture_with_a_virus_is_not_shown(desk: Desk) -> None:
    message = formatted_mail()
    Attachment.objects.filter(name="logo.png").update(scan=Attachment.INFECTED)
    assert b"<img" not in page_of(desk, message).content


def test_links_say_where_they_lead(desk: Desk) -> None:
    content = page_of(desk, formatted_mail()).content.decode()
    assert 'www.bank.example</a> <span class="other-host">[leads to evil.example]</span>' in content
    assert 'the guide</a> <span class="host">[docs.example]</span>' in content
    assert "A formatted &lt;mail&gt;" in content


def test_a_program_is_called_one_whatever_it_claims_to_be(desk: Desk) -> None:
    message = formatted_mail()
    program = Attachment.objects.exclude(name="logo.png").get()
    assert "\u202e" not in program.name
    assert (program.type, program.danger) == ("application/pdf", "program")
    client = as_person(desk.ana)
    assert "a program</span>" in client.get(of(message, "")).content.decode()
    given_out = fetched(desk, message, program)
    assert given_out["X-Forthwith-Danger"] == "program"
    assert given_out["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("https://docs.example/a", "docs.example"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://evil.example\\@bank.example/", "evil.example"),
        ("https:evil.example", "evil.example"),
        ("https:///evil.example", "evil.example"),
        ("ht\ntps://evil.\texample", "evil.example"),
        ("https://b\u0430nk.example/", "xn--bnk-6cd.example"),
        ("https://[bad", "a place that cannot be read"),
        ("mailto:rui@customer.example?subject=x", "rui@customer.example"),
        ("#top", ""),
        ("tel:123", ""),
    ],
)
def test_a_host_is_read_as_a_browser_reads_it(href: str, host: str) -> None:
    assert host_of(href) == host


@pytest.mark.parametrize(
    ("link", "beside"),
    [
        ('<a href="https://www.docs.example/">docs.example</a>', ""),
        ('<a href="https://docs.example/">https://docs.example/guide</a>', ""),
        ('<a href="https://evil.example/">docs<b>.example</b></a>', "[leads to evil.example]"),
        ('<a href="https://evil.example/">evil.example or bank.example</a>', "[leads to evil.example]"),
        ('<a href="https://docs.example/"><img src="cid:x" alt="go"></a>', "[docs.example]"),
        ('<a name="x">docs.example</a>', ""),
    ],
)
def test_only_a_link_that_does_not_say_it_itself_gets_its_host_beside_it(link: str, beside: str) -> None:
    found = shown(sanitise(link), pictures={}, remote=False).html
    assert (beside in found) if beside else ("[" not in found)


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=20))
def test_nothing_that_comes_through_the_page_was_not_safe_before(pieces: list[str]) -> None:
    clean = sanitise("".join(pieces))
    found = shown(clean, pictures={"a": "/tickets/1/files/1/"}, remote=False)
    again = shown(clean, pictures={}, remote=True)
    assert ' src="http' not in found.html
    assert found.remote == again.remote
    for html in (found.html, again.html):
        assert "<script" not in html
        assert html.count("<a ") == clean.count("<a ")
        assert "javascript:" not in html


def test_a_page_takes_time_in_proportion_to_its_length() -> None:
    shown(
        '<a href="https://e.example/">' + "a." * 200_000 + "</a>" + '<img alt="' * 1 + "x" * 200_000 + '">',
        pictures={},
        remote=False,
    )
    shown("<a " * 100_000 + '<img "' * 100_000, pictures={}, remote=False)
