"""The ledger: who reads it, in which order and at what price, what is done by hand, and that no source does harm."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from forthwith.outbox.models import Outgoing
from forthwith.record import procedures
from forthwith.record.models import RawItem, Ticket
from forthwith.setup import ledger, source
from tests.desk_fixtures import DESK, Desk, arrive, as_person, kinds, mail, posted

BODY = b"Subject: \xff<script>alert(1)</script>\r\n\r\n\0broken"


def item(at: datetime, outcome: str = RawItem.UNPROCESSED, **of: Any) -> RawItem:
    number = RawItem.objects.count()
    said = {"sender": f"s{number}@customer.example", "reason": "the charset is unknown", "body": BODY, **of}
    return RawItem.objects.create(
        channel="email", received_at=at, digest=f"{number:064}", size=2048, outcome=outcome, **said
    )


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, (answer.status_code, answer.content[:500])
    return html.unescape(answer.content.decode())


def counts(text: str) -> dict[str, int]:
    return {says: int(count) for says, count in re.findall(r">([^<>]+) <b>(\d+)</b>", text)}


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("who", "status"),
    [("rui", 404), ("ana", 404), ("sam", 404), ("lea", 200), ("adam", 200), ("olga", 200)],
)
def test_leaders_administrators_and_the_auditor_read_it(desk: Desk, who: str, status: int) -> None:
    kept = item(timezone.now())
    client = as_person(getattr(desk, who))
    assert client.get("/ledger/").status_code == status
    assert client.get(f"/ledger/{kept.pk}/source/").status_code == status
    assert client.get(f"/ledger/{kept.pk}/").status_code == status
    assert client.post("/ledger/").status_code == 405


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    for address in ("/ledger/", "/ledger/1/source/"):
        assert Client().get(address).headers["Location"].startswith("/account/login/?next=")


@pytest.mark.sop("1.2")
def test_the_newest_is_first_with_what_is_known_of_it(desk: Desk) -> None:
    now = timezone.now()
    item(now - timedelta(days=30), sender="old@customer.example")
    item(now, sender="new@customer.example", reason="<b>no charset</b>")
    item(now, RawItem.TICKET, sender="fine@customer.example")
    raw = as_person(desk.lea).get("/ledger/?outcome=unprocessed").content.decode()
    assert "<b>no charset" not in raw
    text = html.unescape(raw)
    assert text.index("new@customer.example") < text.index("old@customer.example")
    assert 'href="mailto:new@customer.example"' in text
    assert "fine@" not in text
    assert "2.0\xa0KB" in text


def test_without_any_it_says_so(desk: Desk) -> None:
    assert "Everything that arrived was understood" in text_of(as_person(desk.lea).get("/ledger/?outcome=unprocessed"))
    assert "Nothing has arrived yet" in text_of(as_person(desk.lea).get("/ledger/"))


@pytest.mark.parametrize("narrowed", ["", "?outcome=unprocessed"])
def test_it_is_paged_at_one_price(desk: Desk, monkeypatch: pytest.MonkeyPatch, narrowed: str) -> None:
    monkeypatch.setattr(ledger, "PAGE", 3)
    now = timezone.now().replace(microsecond=7)
    # Two at each instant: the key must tell them apart.
    made = [item(now - timedelta(hours=place // 2)).pk for place in range(8)]
    client, address = as_person(desk.lea), f"/ledger/{narrowed}"
    found: list[int] = []
    procedures.current()
    prices = set()
    for _ in range(5):
        with CaptureQueriesContext(connection) as queries:
            text = text_of(client.get(address))
        assert not any('"body"' in query["sql"] for query in queries)
        prices.add(len(queries))
        found += map(int, re.findall(r"/ledger/(\d+)/\"", text))
        more = re.search(r'href="(\?[^"]+)">Older', text)
        if not more:
            break
        address = f"/ledger/{html.unescape(more[1])}"
    by_outcome = sorted(made, key=lambda pk: (made.index(pk) // 2, -pk))
    assert found == (by_outcome if narrowed else made[::-1])
    assert len(prices) == 1
    assert max(prices) <= 6


@pytest.mark.parametrize(
    "query", ["at=x&after=1", "at=2026-03-02&after=x", "after=1", "at=0001-01-01T00:00%2B09&after=1"]
)
def test_a_broken_key_breaks_nothing(desk: Desk, query: str) -> None:
    text_of(as_person(desk.lea).get(f"/ledger/?outcome=unprocessed&{query}"))


@pytest.mark.sop("1.2")
def test_the_week_is_counted_by_outcome(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    item(now - timedelta(days=8), RawItem.TICKET)
    for place, outcome in enumerate(["ticket", "ticket", "reply", "ignored", "unprocessed", "kept"]):
        item(now - timedelta(hours=9 - place), outcome)
    client = as_person(desk.olga)
    text = text_of(client.get("/ledger/"))
    assert "Last 7 days: 6 received" in text
    said = counts(text)
    assert said.pop("All") == sum(said.values()) == 6
    words = ("New ticket", "Added to a ticket", "Left aside", "Unprocessed", "Dismissed", "Still to be read")
    assert said == dict(zip(words, (2, 1, 1, 1, 0, 1), strict=True))
    assert "There were more" not in text
    monkeypatch.setattr(ledger, "MOST_COUNTED", 6)
    assert "There were more" not in text_of(client.get("/ledger/"))
    monkeypatch.setattr(ledger, "MOST_COUNTED", 4)
    text = text_of(client.get("/ledger/"))
    assert "There were more" in text
    assert counts(text)["All"] == 4


def test_the_source_is_a_download_that_runs_nothing(desk: Desk) -> None:
    kept = item(timezone.now())
    answer = as_person(desk.lea).get(f"/ledger/{kept.pk}/source/")
    assert answer.content == BODY
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"] == f'attachment; filename="item-{kept.pk}.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_what_became_a_ticket_by_itself_is_read_there(desk: Desk) -> None:
    client = as_person(desk.lea)
    understood = item(timezone.now(), RawItem.TICKET)
    for number in (understood.pk, 10**6, 10**30):
        for address in (f"/ledger/{number}/", f"/ledger/{number}/source/"):
            assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "sender", ["a?cc=b@x.example&body=hi@y.example", 'a"onclick="x@y.example', "javascript:x@y.example"]
)
def test_a_sender_cannot_write_the_link_to_them(desk: Desk, sender: str) -> None:
    item(timezone.now(), sender=sender)
    (link,) = re.findall(r'<a href="(mailto:[^"]*)"', as_person(desk.lea).get("/ledger/").content.decode())
    assert not set(link.removeprefix("mailto:")) & set("?&\"':")


@pytest.mark.sop("1.2")
def test_the_old_addresses_lead_to_the_ledger(desk: Desk) -> None:
    client = as_person(desk.lea)
    assert client.get("/unprocessed/").headers["Location"] == "/ledger/?outcome=unprocessed"
    assert client.get("/unprocessed/7/source/").headers["Location"] == "/ledger/7/source/"


SAID = {
    "address": "Rui@customer.example",
    "subject": "Printer",
    "text": "It prints blank pages.",
    "reason": "advertising",
}


@pytest.mark.sop("1.2")
def test_an_item_is_mended_by_hand_into_a_ticket(desk: Desk) -> None:
    kept = item(timezone.now() - timedelta(minutes=5))
    client = as_person(desk.lea)
    assert "Make a ticket of it" in text_of(client.get(f"/ledger/{kept.pk}/"))
    answer = client.post(f"/ledger/{kept.pk}/mend/", SAID)
    assert answer.headers["Location"] == f"/ledger/{kept.pk}/"
    kept.refresh_from_db()
    assert (kept.outcome, kept.decided_by, kept.reason) == (RawItem.TICKET, desk.lea, "the charset is unknown")
    assert kept.decided_at is not None
    assert kept.ticket is not None
    ticket = kept.ticket
    assert (ticket.subject, ticket.requester, ticket.opened_at) == ("Printer", desk.rui, kept.received_at)
    assert [sent.address for sent in posted("acknowledgement")] == ["rui@customer.example"]
    assert (kinds(ticket.pk)[0], kinds(ticket.pk)[-1]) == ("Received", "Noted")
    text = text_of(client.get(f"/ledger/{kept.pk}/"))
    assert "made into a ticket by hand" in text
    assert "by Lea" in text
    assert "Make a ticket of it" not in text


@pytest.mark.sop("1.2")
def test_an_item_is_dismissed_with_a_reason(desk: Desk) -> None:
    kept = item(timezone.now())
    client = as_person(desk.adam)
    assert client.post(f"/ledger/{kept.pk}/dismiss/", {"reason": " "}).status_code == 422
    client.post(f"/ledger/{kept.pk}/dismiss/", SAID)
    kept.refresh_from_db()
    assert (kept.outcome, kept.decided_by, kept.decision) == (RawItem.DISMISSED, desk.adam, "advertising")
    text = text_of(client.get("/ledger/?outcome=dismissed"))
    assert "advertising, by Adam" in text
    assert counts(text)["Dismissed"] == 1


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("act", ["mend", "dismiss"])
def test_an_item_is_decided_once_and_never_by_the_auditor(desk: Desk, act: str) -> None:
    kept = item(timezone.now())
    auditor = as_person(desk.olga)
    assert "Make a ticket of it" not in text_of(auditor.get(f"/ledger/{kept.pk}/"))
    assert auditor.post(f"/ledger/{kept.pk}/{act}/", SAID).status_code == 403
    assert as_person(desk.ana).post(f"/ledger/{kept.pk}/{act}/", SAID).status_code == 404
    assert not Ticket.objects.exists()
    as_person(desk.lea).post(f"/ledger/{kept.pk}/dismiss/", SAID)
    answer = as_person(desk.adam).post(f"/ledger/{kept.pk}/{act}/", SAID, follow=True)
    assert "has been answered for since you looked" in text_of(answer)
    kept.refresh_from_db()
    assert (kept.outcome, kept.decided_by) == (RawItem.DISMISSED, desk.lea)
    assert not Ticket.objects.exists()
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(("said", "wrong"), [("x", "valid email"), ("", "required"), (DESK, "desk's own address")])
def test_what_cannot_be_a_ticket_is_said_at_the_form(desk: Desk, said: str, wrong: str) -> None:
    kept = item(timezone.now())
    answer = as_person(desk.lea).post(f"/ledger/{kept.pk}/mend/", SAID | {"address": said})
    assert answer.status_code == 422
    assert wrong in html.unescape(answer.content.decode())
    assert RawItem.objects.get().outcome == RawItem.UNPROCESSED


@pytest.mark.sop("1.2")
def test_a_repeat_is_counted_on_the_item_that_it_repeats(desk: Desk) -> None:
    raw = mail()
    for _ in range(3):
        arrive(raw, timezone.now())
    assert RawItem.objects.get().repeats == 2
    text = text_of(as_person(desk.lea).get("/ledger/"))
    assert counts(text)["All"] == 1
    assert "2 repeats" in text
    assert "came 2 more times" in text


def test_the_form_begins_with_what_can_be_made_out(desk: Desk) -> None:
    raw = b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n"
    text = text_of(as_person(desk.lea).get(f"/ledger/{item(timezone.now(), body=raw).pk}/"))
    assert 'value="Caf\u00e9"' in text
    assert "Hello</textarea>" in text
    assert "SGVsbG8=</pre>" in re.sub(r"\s+</pre>", "</pre>", text)


@given(st.binary(max_size=300))
def test_no_source_breaks_the_page(body: bytes) -> None:
    source.guessed(b"Subject: " + body)
    source.guessed(body)
    source.shown(body)
