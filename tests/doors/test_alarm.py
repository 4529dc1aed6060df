"""What is not watched is shown on every page of who leads, whatever becomes of the mail that tells of it (SOP 1.1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import CoverageGap
from tests.desk_fixtures import Desk, as_person


def gap(channel: str, minutes: int) -> CoverageGap:
    return CoverageGap.objects.create(channel=channel, start=timezone.now() - timedelta(minutes=minutes))


def words(desk: Desk) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", as_person(desk.lea).get("/health/alarm/").content.decode()).split())


@pytest.mark.sop("1.1")
def test_an_open_gap_is_named_and_a_closed_one_is_not(desk: Desk) -> None:
    box = Mailbox.objects.create(
        channel="email", name="post@mail.example", host="mail.example", port=993, added_at=timezone.now()
    )
    gap("email", 30)
    gap("email:canary", 20)
    gap(f"email:mailbox:{box.pk}", 10)
    CoverageGap.objects.create(channel="chat", start=timezone.now(), end=timezone.now())
    said = words(desk)
    assert "Email: not heard since" in said
    assert "Email, there and back: not heard since" in said
    assert "The mailbox post@mail.example: not heard since" in said
    assert "And more" not in said
    assert "Chat" not in said
    gap("portal", 1)
    assert "And more" in words(desk)


def test_what_the_page_shows_already_is_not_said_again(desk: Desk) -> None:
    client = as_person(desk.lea)
    assert client.get("/health/alarm/").status_code == 204
    seen = gap("email", 5).pk
    assert client.get("/health/alarm/").status_code == 200
    assert client.get("/health/alarm/", {"seen": seen}).status_code == 204
    CoverageGap.objects.update(end=timezone.now())
    over = client.get("/health/alarm/", {"seen": seen})
    assert (over.status_code, over.content.strip()) == (200, b"")


@pytest.mark.parametrize(
    ("who", "asks"), [("rui", False), ("ana", False), ("lea", True), ("adam", True), ("olga", True)]
)
def test_only_who_leads_administers_or_audits_is_told(desk: Desk, who: str, asks: bool) -> None:
    client = as_person(getattr(desk, who))
    assert client.get("/health/alarm/").status_code == (204 if asks else 404)
    page = client.get("/", follow=True).content.decode()
    assert ('hx-get="/health/alarm/"' in page) is asks


def test_it_costs_two_or_three_queries_however_many_gaps_there_are(desk: Desk) -> None:
    client = as_person(desk.lea)
    for number in range(30):
        gap(f"gone-{number}", number)
    client.get("/health/alarm/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/health/alarm/")
    assert len(few) <= 6, [query["sql"] for query in few]
