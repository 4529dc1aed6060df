"""The HTML part of a mail: the same words, in markup that every mail program lays out."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.outbox import letterhead, pictures
from forthwith.outbox.composed import compose
from forthwith.outbox.letterhead import Head, Picture
from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record import messages
from forthwith.record.messages import Draft, File
from forthwith.record.models import Message
from forthwith.steps import writing
from tests.desk_fixtures import MONDAY, Desk, new_ticket
from tests.outbox.letters import Read

HEAD = Head(desk="Support", title="Re: Printer [#12]", number=12)
LINK = "http://127.0.0.1:8000/t/12-3:abc_-D/"
WORDS = f"""Hello Rui <Silva>,

We have it. See https://docs.example/a?b=1&c=2, or call.

  - one
  - two

Yes, it is solved:
{LINK}solved/

To add something, reply to this message. To see how it is going, open:
{LINK}
"""
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xd2\0\0\0\x20"


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"


def links(html: str) -> list[str]:
    return [attributes["href"] for tag, attributes in Read(html).elements if tag == "a"]


@pytest.mark.sop("4.3")
def test_it_keeps_the_rules_that_outlook_gmail_and_apple_mail_ask_for() -> None:
    html = letterhead.page(WORDS, HEAD, [Picture("a@desk.example", "screen & all.png", 1234)])
    read = Read(html)
    assert read.open == []
    tags = {tag for tag, _ in read.elements}
    assert tags <= {
        *("html", "head", "meta", "title", "style", "body"),
        *("table", "tr", "td", "p", "br", "a", "img"),
    }
    assert not re.search(r"flex|grid|position\s*:|float|@import|url\(|var\(|javascript:", html)
    for tag, attributes in read.elements:
        assert not {name for name in attributes if name.startswith("on")}
        if tag == "table":
            assert (attributes["role"], attributes["border"]) == ("presentation", "0")
        if tag == "img":
            assert attributes["alt"] == "screen & all.png"
            assert attributes["src"] == "cid:a@desk.example"
            assert int(attributes["width"]) <= letterhead.WIDTH - 48
            assert "max-width:100%" in attributes["style"]
        if tag in ("p", "td", "a"):
            assert "style" in attributes or attributes.get("align"), "styles stand on their elements"
    assert "max-width:600px" in html
    assert '<!--[if mso]><table role="presentation" width="600"' in html
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert len(html.encode()) < 100_000, "Gmail cuts what is longer"


def test_the_words_are_the_same_in_both_parts() -> None:
    said = " ".join("".join(Read(letterhead.page(WORDS, HEAD)).words).split())
    for line in WORDS.splitlines():
        if line and not line.startswith(LINK) and line != "Yes, it is solved:":
            assert " ".join(line.split()) in said
    assert "Yes, it is solved" in said
    assert "Request #12" in said


def test_addresses_are_links_and_the_ticket_is_one_press_away() -> None:
    html = letterhead.page(WORDS, HEAD)
    assert links(html) == ["https://docs.example/a?b=1&c=2", f"{LINK}solved/", LINK, LINK]
    assert html.count("Open your request") == 1


def test_a_mail_links_no_further_than_its_words() -> None:
    assert links(letterhead.page("No address here.\n", HEAD)) == []
    desk = "See http://127.0.0.1:8000/tickets/12/\n"
    assert links(letterhead.page(desk, HEAD)) == ["http://127.0.0.1:8000/tickets/12/"] * 2
    assert "Open the ticket" in letterhead.page(desk, HEAD)


@given(st.text(max_size=300) | st.text(alphabet="<>&\"'ht/:. \n-=", max_size=300))
def test_no_words_become_markup(text: str) -> None:
    framed = Read(letterhead.page(f"x{text}", HEAD))
    assert framed.open == []
    assert {tag for tag, _ in framed.elements} <= {
        *("html", "head", "meta", "title", "style", "body"),
        *("table", "tr", "td", "p", "br", "a"),
    }
    for tag, attributes in framed.elements:
        if tag == "a":
            assert attributes["href"].lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "piece", ["http://", "https://a/) ", "\n \n", "<", "Yes:\nhttp://127.0.0.1:8000/t/x/\n\n", " "]
)
def test_it_takes_time_in_proportion_to_the_words(piece: str) -> None:
    began = time.process_time()
    letterhead.page(piece * (300_000 // len(piece)), HEAD)
    assert time.process_time() - began < 2


def reply_with(desk: Desk, *given: File) -> Message:
    draft = Draft(kind=Message.PUBLIC, text="See.", written_at=MONDAY, author=desk.ana.pk, files=given)
    return messages.write(new_ticket(), draft)


def sent(message: Message, person: Person) -> EmailMessage:
    row = Outgoing(
        purpose="reply",
        ticket_id=message.ticket_id,
        message=message,
        person=person,
        address=person.email,
        subject="Re: Printer",
        text="See.\n",
        mail_id="t1.a@desk.example",
        queued_at=MONDAY,
        next_at=MONDAY,
    )
    return message_from_bytes(compose(row), _class=EmailMessage, policy=policy.default)


@pytest.mark.broken_record
def test_files_go_with_the_mail_and_pictures_are_shown_in_it(desk: Desk) -> None:
    picture = File("screen.png", "image/png", PNG, inline=True, content_id="p1@desk.example")
    mail = sent(reply_with(desk, picture, File("plan für Köln.pdf", "application/pdf", b"%PDF \r\n.\n\xff")), desk.rui)
    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/mixed", "multipart/related", "multipart/alternative", "text/plain", "text/html"),
        *("image/png", "application/pdf"),
    ]
    shown, attached = (part for part in mail.walk() if part.get_filename())
    assert (shown["Content-ID"], shown.get_content_disposition()) == ("<p1@desk.example>", "inline")
    assert (attached.get_filename(), attached.get_content_disposition()) == ("plan für Köln.pdf", "attachment")
    assert attached.get_payload(decode=True) == b"%PDF \r\n.\n\xff"
    html = mail.get_body(("html",))
    assert html is not None
    assert 'src="cid:p1@desk.example"' in unescape(html.get_content())


@pytest.mark.broken_record
def test_a_mail_or_an_odd_type_goes_as_a_file_of_no_kind(desk: Desk) -> None:
    mail = sent(reply_with(desk, File("a.eml", "message/rfc822", b"x"), File("b", "größe", b"y")), desk.rui)
    kinds = [part.get_content_type() for part in mail.walk() if part.get_filename()]
    assert kinds == ["application/octet-stream"] * 2


def test_a_pictures_kind_and_width_come_from_its_content() -> None:
    jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\x10\x01\x02\x03"
    found = [(pictures.kind(c), pictures.width(c)) for c in (PNG, b"GIF89a\x05\x01\0\0", jpeg, b"<svg>", b"", PNG[:12])]
    assert found == [("image/png", 1234), ("image/gif", 261), ("image/jpeg", 258), ("", 0), ("", 0), ("image/png", 0)]


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at_without_harm(content: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a"):
        assert pictures.width(start + content) >= 0


FORMATTED = (
    '<p>See <strong>this</strong> <a href="https://x.example/a">guide</a>:</p>\n<ul>\n<li>a <em>b</em></li>\n</ul>'
)


@pytest.mark.sop("4.3")
def test_what_was_formatted_stands_formatted_among_the_other_words() -> None:
    words = "Hello *Rui*,\n\nSee **this** guide (https://x.example/a):\n\n- a *b*\n\n- not ours\n"
    html = letterhead.page(words, HEAD, formatted=FORMATTED)
    read = Read(html)
    assert read.open == []
    assert "<strong>this</strong>" in html
    assert "Hello *Rui*,</p>" in html, "no mark is read in the wording around it"
    assert "- not ours</p>" in html
    assert html.count("<li ") == 1
    assert links(html) == ["https://x.example/a"]
    for tag, attributes in read.elements:
        assert tag not in ("p", "ul", "li", "a") or "style" in attributes


@pytest.mark.sop("4.3")
@pytest.mark.parametrize("words", ["Other words.\n", "x See **this** guide (https://x.example/a):\n\n- a *b*\n"])
def test_where_the_words_are_not_those_that_were_formatted_they_stand_as_they_are(words: str) -> None:
    html = letterhead.page(words, HEAD, formatted=FORMATTED)
    assert "<strong>" not in html
    assert words[:10] in html


def test_formatted_html_is_sanitised_before_it_leaves() -> None:
    evil = f"{FORMATTED}<script>alert(1)</script>"
    words = "See **this** guide (https://x.example/a):\n\n- a *b*\n"
    assert "script" not in letterhead.page(words, HEAD, formatted=evil)


@pytest.mark.django_db
@pytest.mark.sop("4.3")
def test_both_parts_of_a_mail_say_what_was_formatted_to_the_requester_and_in_copy(desk: Desk) -> None:
    number = new_ticket(MONDAY)
    writing.add_in_copy(number, by=Actor.of(desk.ana), now=MONDAY, address="eva@customer.example")
    desk.reply(number, MONDAY, "    \n```\n  if x < y:\n\n\n    go\n```\n**Done**\u2028so", next_step="*I* call.")
    for row in Outgoing.objects.filter(purpose__startswith="reply"):
        mail = message_from_bytes(compose(row), policy=policy.default)
        bodies = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        text, html = (body.replace("\r\n", "\n") for body in bodies)
        assert "if x < y:\n\n        go\n" in text
        assert "**Done**\nso\n\nNext step: *I* call.\n\nAna" in text
        assert "<strong>Done</strong>" in html, row.purpose
        assert "if x &lt; y:\n\n\n    go" in html
        assert ">Next step: *I* call.</p>" in html
