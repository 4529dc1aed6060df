"""Every letter of a ticket's life, in a language, as it leaves."""

from __future__ import annotations

import struct
import zlib
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

from django.test import Client

from forthwith.outbox.composed import compose
from forthwith.outbox.models import Outgoing
from forthwith.people.permits import Actor
from forthwith.record.messages import File
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

ASKS = {
    "en": ("The printer on the second floor is broken and I cannot print with it.", "Printer prints blank pages"),
    "de": ("Der Drucker im zweiten Stock ist kaputt und ich kann nicht drucken.", "Drucker druckt leere Seiten"),
}
TO_REQUESTERS = {
    *("acknowledgement", "reply", "reply_to_others", "escalation_notice", "confirmation", "closed", "password_reset"),
}


def picture(width: int, height: int) -> bytes:
    """A grey PNG of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x99" * width) * height
    pieces = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*piece) for piece in pieces)


class Read(HTMLParser):
    """The elements of a page with their attributes, and whether they are closed in order."""

    VOID = frozenset({"meta", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)


def life(desk: Desk, language: str) -> dict[str, EmailMessage]:
    """One letter for each purpose, from a ticket on which everything happens; what is missing is asked for in it."""
    text, subject = ASKS[language]
    number = d.new_ticket(text=text, subject=subject, cc="bo@customer.example")
    desk.rui.refresh_from_db()
    long = "https://docs.example/" + "a-very-long-address-without-a-place-to-break-it/" * 4
    desk.reply(
        number,
        after(1),
        f"We look at it now.\n\n  - one\n  - two\n\n{long}",
        files=[File("screen.png", "image/png", picture(1600, 400))],
    )
    why = "It needs somebody who knows the fuser of this very printer."
    acts.escalate_by_hand(number, by=Actor.of(desk.ana), now=after(2), kind="functional", why=why)
    d.mail_news(after(2.2))
    d.arrive(d.mail("Any news?", subject=f"Re: [#{number}]"), after(3))
    acts.note(number, by=Actor.of(desk.lea), now=after(3.2), text="@Ana, @Ben: the fuser is ordered.")
    d.mail_news(after(3.5))
    desk.resolve(number, after(4), solution="We replaced the drum. " * 12)
    d.alarms(after(days=9))
    desk.ana.language = language
    desk.ana.save(update_fields=["language"])
    Client().post("/account/password/reset/", {"email": desk.ana.email})
    return {row.purpose: sent(row) for row in d.posted()}


def sent(row: Outgoing) -> EmailMessage:
    """The mail of a row, read as a mail program does."""
    return message_from_bytes(compose(row), _class=EmailMessage, policy=policy.default)


def html_of(mail: EmailMessage) -> str:
    """Its formatted part."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
