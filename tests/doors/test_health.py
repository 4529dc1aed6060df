"""The health page: who reads it, and that it says what is watched, what waits and what was lost."""

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

from forthwith.outbox.models import Outgoing
from forthwith.procedure.calendars import Calendar
from forthwith.record.models import Canary, CoverageGap, RawItem, Revision, Ticket, Watch
from forthwith.setup.health import share_watched
from forthwith.steps import receive
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after, as_person


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, (answer.status_code, answer.content[:500])
    plain = re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode()))
    return " ".join(plain.split())


def page(desk: Desk) -> str:
    return text_of(as_person(desk.lea).get("/health/"))


@pytest.mark.sop("1.1")
@pytest.mark.parametrize(
    ("who", "status"),
    [("rui", 404), ("ana", 404), ("sam", 404), ("lea", 200), ("adam", 200), ("olga", 200)],
)
def test_leaders_administrators_and_the_auditor_read_it(desk: Desk, who: str, status: int) -> None:
    client = as_person(getattr(desk, who))
    assert client.get("/health/").status_code == status
    assert client.post("/health/").status_code == 405


def test_strangers_are_sent_to_sign_in(desk: Desk) -> None:
    assert Client().get("/health/").headers["Location"].startswith("/account/login/?next=")


@pytest.mark.sop("1.1")
def test_each_channel_shows_its_watch_and_its_gaps(desk: Desk) -> None:
    now = timezone.now()
    Revision.objects.update(installed_at=now - timedelta(days=10))
    receive.heartbeat("email", now - timedelta(seconds=5))
    Watch.objects.create(channel="portal", last_contact=now - timedelta(hours=1), heard=False)
    CoverageGap.objects.create(channel="email", start=now - timedelta(days=2), end=now - timedelta(days=1))
    CoverageGap.objects.create(channel="email", start=now - timedelta(days=50), end=now - timedelta(days=49))
    CoverageGap.objects.create(channel="portal", start=now - timedelta(hours=1))
    text = page(desk)
    assert "90 % of its time in the last 30 days" in text
    assert text.count("1 day") == 1
    assert "Silence allowed 10 min" in text
    assert text.count("Not watched now") == 1
    assert "never" in text
    assert "for 1 h" in text
    assert text.count("no sign of life is kept for it yet") == 2


@pytest.mark.sop("1.1")
def test_the_canary_s_round_trips_are_shown(desk: Desk) -> None:
    d.install(
        d.variant(
            (
                "    acknowledgement: automatic\n",
                "    acknowledgement: automatic\n    canary: {every: 1 h, within: 5 min}\n",
            )
        )
    )
    assert "none has come home yet" in page(desk)
    now = timezone.now()
    for slot, (ago, home) in enumerate([(7200, 3), (3600, 41), (60, None)]):
        sent = now - timedelta(seconds=ago)
        Canary.objects.create(
            channel="email",
            slot=slot,
            mail_id=str(slot),
            sent_at=sent,
            due_at=sent + timedelta(minutes=5),
            home_at=sent + timedelta(seconds=home) if home else None,
        )
    CoverageGap.objects.create(channel="email:canary", start=now - timedelta(hours=3), end=now - timedelta(hours=2))
    text = page(desk)
    assert "every 1 h, home within 5 min" in text
    assert "41 s, 3.0 s; one is out for 1 min" in text
    assert "No canary came home" in text


def outgoing(state: str, now: datetime, **of: Any) -> None:
    said = {"purpose": "reply", "address": "rui@customer.example", "subject": "x", "text": "x", "mail_id": str(now)}
    Outgoing.objects.create(state=state, queued_at=now, next_at=now, **(said | of))


@pytest.mark.sop("1.1")
def test_what_waits_and_what_was_lost_is_said_in_words(desk: Desk) -> None:
    text = page(desk)
    assert "Nothing waits." in text
    assert "None failed" in text
    assert "All that came has been read." in text
    now = timezone.now()
    outgoing(Outgoing.QUEUED, now, error="451 try later")
    outgoing(Outgoing.FAILED, now - timedelta(hours=1), error="550 <b>no such user</b>")
    outgoing(Outgoing.FAILED, now - timedelta(hours=30), error="550 long ago")
    RawItem.objects.create(channel="email", received_at=now, digest="0", size=1, body=b"x")
    number = d.new_ticket(now)
    Ticket.objects.filter(pk=number).update(alarm_error="it broke", alarm_failed_at=now)
    text = page(desk)
    assert "queued, the oldest since" in text
    assert "451 try later" in text
    assert "1 failed in the last 24 hours" in text
    assert "550 <b>no such user</b>" in html.unescape(as_person(desk.lea).get("/health/").content.decode())
    assert "long ago" not in text
    assert "1 kept and still to be read" in text
    assert f"#{number}" in text
    assert "it broke" in text


def test_it_has_one_price(desk: Desk) -> None:
    client = as_person(desk.lea)
    client.get("/health/")
    prices = []
    for count in (1, 30):
        for number in range(count):
            now = timezone.now() - timedelta(hours=number)
            outgoing(Outgoing.FAILED, now, mail_id=f"{count}-{number}")
            CoverageGap.objects.create(channel="email", start=now, end=now + timedelta(minutes=5))
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/health/").status_code == 200
        assert not any('"body"' in query["sql"] for query in queries)
        prices.append(len(queries))
    assert prices[0] == prices[1] <= 20


@pytest.mark.sop("1.1")
def test_only_time_without_any_gap_is_all_watched() -> None:
    always = Calendar.load("always")

    def share(*spans: tuple[float, float | None]) -> str:
        gaps = [CoverageGap(channel="email", start=after(a), end=None if b is None else after(b)) for a, b in spans]
        return share_watched(always, gaps, d.MONDAY, after(1000))

    assert share() == "100 %"
    assert share((0, 0.001)) == "99.9 %"
    assert share((-50, 100), (900, None)) == "80 %"
    assert share((-50, None)) == "0 %"
    assert share_watched(always, [], d.MONDAY, d.MONDAY) == ""
