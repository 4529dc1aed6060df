"""Step 1: what arrives is logged once, and every channel is watched (SOP 1.1, 1.2)."""

from __future__ import annotations

import pytest

from forthwith.record.models import CoverageGap
from forthwith.steps import receive, workflow
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.mark.sop("1.2")
def test_a_request_is_logged_in_the_order_of_the_procedure(desk: Desk) -> None:
    number = d.new_ticket()
    assert d.kinds(number) == ["Received", "Checked", "Categorised", "Prioritised", "Assigned"]
    received = d.facts(number)[0]
    assert (received.at, received.channel, received.requester) == (d.MONDAY, "email", desk.rui.pk)


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(
    ("subject", "text", "shown"),
    [("", "\n  Help me\nplease", "Help me"), ("  ", " ", "(no subject)"), ("s" * 2000, "x", "s" * 300)],
)
def test_every_ticket_has_a_subject(desk: Desk, subject: str, text: str, shown: str) -> None:
    assert d.row(d.new_ticket(text=text, subject=subject)).subject == shown


@pytest.mark.sop("1.1")
def test_a_silent_mailbox_is_a_gap_with_start_and_end_and_alarms_the_leader_once(desk: Desk) -> None:
    receive.heartbeat("email", d.MONDAY)
    assert workflow.on_watch(after(minutes=10, seconds=-1)) == 0
    assert workflow.on_watch(after(minutes=10)) == 1
    assert workflow.on_watch(after(minutes=30)) == 0
    gap = CoverageGap.objects.get()
    assert (gap.channel, gap.start, gap.end) == ("email", d.MONDAY, None)
    told = d.posted("staff_coverage")
    assert [sent.person_id for sent in told] == [desk.lea.pk]
    assert "Monday 2 March, 10:00 (UTC)" in told[0].text
    assert "10 min" in told[0].text
    receive.heartbeat("email", after(1))
    gap.refresh_from_db()
    assert gap.end == after(1)
    assert workflow.on_watch(after(1, minutes=10)) == 1, "the next silence is a gap of its own"


@pytest.mark.sop("1.1")
def test_a_channel_watched_by_people_may_be_silent_outside_business_hours(desk: Desk) -> None:
    receive.heartbeat("chat", after(7))
    assert workflow.on_watch(after(20)) == 0
    assert workflow.on_watch(after(23, minutes=5)) == 1, "five minutes after opening"
