"""What could not be understood: who reads it, in which order and at what price, and that its source can do no harm."""

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

from forthwith.record import procedures
from forthwith.record.models import RawItem
from forthwith.setup import unprocessed
from tests.desk_fixtures import Desk, as_person

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
    return {says: int(count) for says, count in re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", text)}


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("who", "status"),
    [("rui", 404), ("ana", 404), ("sam", 404), ("lea", 200), ("adam", 200), ("olga", 200)],
)
def test_leaders_administrators_and_the_auditor_read_it(desk: Desk, who: str, status: int) -> None:
    kept = item(timezone.now())
    client = as_person(getattr(desk, who))
    assert client.get("/unprocessed/").status_code == status
    assert client.get(f"/unprocessed/{kept.pk}/source/").status_code == status
    assert client.post("/unprocessed/").status_code == 405


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    for address in ("/unprocessed/", "/unprocessed/1/source/"):
        assert Client().get(address).headers["Location"].startswith("/account/login/?next=")


@pytest.mark.sop("1.2")
def test_the_newest_is_first_with_what_is_known_of_it(desk: Desk) -> None:
    now = timezone.now()
    item(now - timedelta(days=30), sender="old@customer.example")
    item(now, sender="new@customer.example", reason="<b>no charset</b>")
    item(now, RawItem.TICKET, sender="fine@customer.example")
    raw = as_person(desk.lea).get("/unprocessed/").content.decode()
    assert "<b>no charset" not in raw
    text = html.unescape(raw)
    assert text.index("new@customer.example") < text.index("old@customer.example")
    assert 'href="mailto:new@customer.example"' in text
    assert "fine@" not in text
    assert "2.0\xa0KB" in text


def test_without_any_it_says_so(desk: Desk) -> None:
    assert "Everything that arrived was understood" in text_of(as_person(desk.lea).get("/unprocessed/"))


def test_it_is_paged_at_one_price(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprocessed, "PAGE", 3)
    now = timezone.now().replace(microsecond=7)
    # Two at each instant: the key must tell them apart.
    made = [item(now - timedelta(hours=place // 2)).pk for place in range(8)]
    client, address = as_person(desk.lea), "/unprocessed/"
    found: list[int] = []
    procedures.current()
    prices = set()
    for _ in range(5):
        with CaptureQueriesContext(connection) as queries:
            text = text_of(client.get(address))
        assert not any('"body"' in query["sql"] for query in queries)
        prices.add(len(queries))
        found += map(int, re.findall(r"/unprocessed/(\d+)/source/", text))
        more = re.search(r'href="(\?[^"]+)">Older', text)
        if not more:
            break
        address = f"/unprocessed/{more[1]}"
    assert found == sorted(made, key=lambda pk: (made.index(pk) // 2, -pk))
    assert len(prices) == 1
    assert max(prices) <= 6


@pytest.mark.parametrize(
    "query", ["at=x&after=1", "at=2026-03-02&after=x", "after=1", "at=0001-01-01T00:00%2B09&after=1"]
)
def test_a_broken_key_breaks_nothing(desk: Desk, query: str) -> None:
    text_of(as_person(desk.lea).get(f"/unprocessed/?{query}"))


@pytest.mark.sop("1.2")
def test_the_week_is_counted_by_outcome(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    item(now - timedelta(days=8), RawItem.TICKET)
    for place, outcome in enumerate(["ticket", "ticket", "reply", "ignored", "unprocessed", "kept"]):
        item(now - timedelta(hours=9 - place), outcome)
    client = as_person(desk.olga)
    text = text_of(client.get("/unprocessed/"))
    assert "Last 7 days: 6 received" in text
    assert sorted(counts(text).values()) == [1, 1, 1, 1, 2]
    assert counts(text)["as a new ticket"] == 2
    assert "There were more" not in text
    monkeypatch.setattr(unprocessed, "MOST_COUNTED", 6)
    assert "There were more" not in text_of(client.get("/unprocessed/"))
    monkeypatch.setattr(unprocessed, "MOST_COUNTED", 4)
    text = text_of(client.get("/unprocessed/"))
    assert "There were more" in text
    assert sum(counts(text).values()) == 4


def test_the_source_is_a_download_that_runs_nothing(desk: Desk) -> None:
    kept = item(timezone.now())
    answer = as_person(desk.lea).get(f"/unprocessed/{kept.pk}/source/")
    assert answer.content == BODY
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"] == f'attachment; filename="item-{kept.pk}.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_only_what_was_not_understood_is_shown(desk: Desk) -> None:
    client = as_person(desk.lea)
    understood = item(timezone.now(), RawItem.TICKET)
    for number in (understood.pk, 10**6, 10**30):
        assert client.get(f"/unprocessed/{number}/source/").status_code == 404


@pytest.mark.parametrize(
    "sender", ["a?cc=b@x.example&body=hi@y.example", 'a"onclick="x@y.example', "javascript:x@y.example"]
)
def test_a_sender_cannot_write_the_link_to_them(desk: Desk, sender: str) -> None:
    item(timezone.now(), sender=sender)
    (link,) = re.findall(r'<a href="(mailto:[^"]*)"', as_person(desk.lea).get("/unprocessed/").content.decode())
    assert not set(link.removeprefix("mailto:")) & set("?&\"':")
