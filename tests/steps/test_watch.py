"""Step 1.1: every channel is watched, and the desk's own mail comes home."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from forthwith.outbox import deliver
from forthwith.record.models import Canary, CoverageGap, RawItem, Ticket, Watch
from forthwith.steps import receive, watch, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

WITH_CANARY = (
    "    acknowledgement: automatic\n",
    "    acknowledgement: automatic\n    canary: {every: 1 h, within: 5 min}\n",
)


def beat(now: datetime) -> None:
    """The machines of the standard procedure's channels show that they listen."""
    receive.heartbeat("email", now)
    receive.heartbeat("portal", now)


@pytest.mark.sop("1.1")
def test_a_silent_mailbox_is_a_gap_with_start_and_end_and_alarms_the_leader_once(desk: Desk) -> None:
    receive.heartbeat("email", d.MONDAY)
    receive.heartbeat("portal", after(1))
    assert workflow.on_watch(after(minutes=10, seconds=-1)) == 0
    assert workflow.on_watch(after(minutes=10)) == 1
    assert workflow.on_watch(after(minutes=30)) == 0
    gap = CoverageGap.objects.get()
    assert (gap.channel, gap.start, gap.end) == ("email", d.MONDAY, None)
    told = d.posted("staff_coverage")
    assert [sent.person_id for sent in told] == [desk.lea.pk]
    assert "Monday 2 March, 10:00 (UTC)" in told[0].text
    assert "10 min" in told[0].text
    beat(after(1))
    gap.refresh_from_db()
    assert gap.end == after(1)
    receive.heartbeat("portal", after(2))
    assert workflow.on_watch(after(1, minutes=10)) == 1, "the next silence is a gap of its own"


@pytest.mark.sop("1.1")
def test_a_channel_watched_by_people_may_be_silent_outside_business_hours(desk: Desk) -> None:
    receive.heartbeat("chat", after(7))
    beat(after(20))
    assert workflow.on_watch(after(20)) == 0
    beat(after(23, minutes=5))
    assert workflow.on_watch(after(23, minutes=5)) == 1, "five minutes after opening"


@pytest.mark.sop("1.1")
def test_a_mailbox_that_was_never_heard_of_is_a_gap_too(desk: Desk) -> None:
    receive.heartbeat("portal", after(1))
    assert workflow.on_watch(d.MONDAY) == 0, "the wait begins"
    assert workflow.on_watch(after(minutes=10, seconds=-1)) == 0
    assert workflow.on_watch(after(minutes=10)) == 1
    gap = CoverageGap.objects.get()
    assert (gap.channel, gap.start, gap.end) == ("email", d.MONDAY, None)
    assert "ever" in d.posted("staff_coverage")[0].text
    assert not Watch.objects.get(channel="email").heard
    receive.heartbeat("email", after(1))
    gap.refresh_from_db()
    assert gap.end == after(1)
    assert Watch.objects.get(channel="email").heard


def sent_home(now: datetime, *, mail_id: str | None = None) -> bytes:
    """Let the relay take the canary that is queued; its bytes as they come back in, with another id if given."""
    row = deliver.claim(now)
    assert row is not None
    assert row.purpose == "canary"
    made = deliver.compose(row)
    if mail_id:
        made = made.replace(f"<{row.mail_id}>".encode(), mail_id.encode())
        assert mail_id.encode() in made
    deliver.settle(row, deliver.Accepted("250 OK"), now=now)
    return made


@pytest.mark.sop("1.1")
@pytest.mark.parametrize("mail_id", [None, "<renamed-by-the-relay@ses.example>"])
def test_a_canary_that_comes_home_is_no_ticket(desk: Desk, mail_id: str | None) -> None:
    d.install(d.variant(WITH_CANARY))
    beat(d.MONDAY)
    assert workflow.on_watch(d.MONDAY) == 0
    assert workflow.on_watch(after(minutes=1)) == 0, "its turn has been"
    assert Canary.objects.count() == 1
    raw = sent_home(after(seconds=2), mail_id=mail_id)
    receipt = d.arrive(raw, after(seconds=3))
    assert (receipt.outcome, receipt.reason) == ("ignored", "canary, home after 3 s")
    assert RawItem.objects.get().reason == "canary, home after 3 s"
    assert Canary.objects.get().home_at == after(seconds=3)
    assert not Ticket.objects.exists()
    beat(after(minutes=9))
    assert workflow.on_watch(after(minutes=9)) == 0
    beat(after(1))
    workflow.on_watch(after(1))
    assert Canary.objects.count() == 2


@pytest.mark.sop("1.1")
def test_a_canary_that_does_not_come_home_is_a_gap_and_alarms_the_leader_once(desk: Desk) -> None:
    d.install(d.variant(WITH_CANARY))
    beat(d.MONDAY)
    workflow.on_watch(d.MONDAY)
    raw = sent_home(d.MONDAY)
    beat(after(minutes=5, seconds=-1))
    assert workflow.on_watch(after(minutes=5, seconds=-1)) == 0
    assert workflow.on_watch(after(minutes=5)) == 1
    assert workflow.on_watch(after(minutes=6)) == 0
    gap = CoverageGap.objects.get()
    assert (gap.channel, gap.start, gap.end) == (watch.round_trip("email"), d.MONDAY, None)
    told = d.posted("staff_coverage")
    assert [sent.person_id for sent in told] == [desk.lea.pk]
    assert "did not come home" in told[0].text
    beat(after(minutes=7))
    gap.refresh_from_db()
    assert gap.end is None, "that the receiver listens does not mean that mail arrives"
    receipt = d.arrive(raw, after(minutes=8))
    assert receipt.reason == "canary, home after 8 min, too late"
    gap.refresh_from_db()
    assert gap.end == after(minutes=8)


@pytest.mark.sop("1.1")
def test_no_canary_flies_where_none_is_asked_for_or_no_mail_leaves(desk: Desk, settings: Any) -> None:
    workflow.on_watch(d.MONDAY)
    settings.DEMO = True
    d.install(d.variant(WITH_CANARY))
    workflow.on_watch(after(minutes=1))
    assert not Canary.objects.exists()


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("subject", ["Canary t0.0123456789abcdef.01234567890123456789", "Canary"])
def test_nobody_else_can_make_a_canary(desk: Desk, subject: str) -> None:
    d.install(d.variant(WITH_CANARY))
    workflow.on_watch(d.MONDAY)
    receipt = d.arrive(d.mail(sender=d.DESK, subject=subject), after(minutes=1))
    assert (receipt.outcome, receipt.reason) == ("ignored", "our own mail came back")
    assert d.arrive(d.mail(subject=subject), after(minutes=1)).outcome == "ticket"
    assert Canary.objects.get().home_at is None
