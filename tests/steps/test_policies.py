"""What policies ask of the desk beyond the standard: where tickets start, whom rungs tell, what ends by itself."""

from __future__ import annotations

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import procedures
from forthwith.record.models import Revision
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

REMINDER = (
    "escalation:\n",
    "escalation:\n  - {key: again, clock: age, at: start + 1 h, calendar: always, every: 4 h, kind: hierarchical, "
    "tell_teams: [hardware_team]}\n",
)
UNANSWERED = (
    "  rating: 5\n",
    "  rating: 5\n  unanswered:\n    after: {target: 2 bd, calendar: business}\n"
    "    cause: The requester did not answer.\n    solution: Nothing more was done.\n",
)


@pytest.mark.sop("4.1")
def test_a_ticket_starts_where_its_priority_says(desk: Desk) -> None:
    d.install(d.variant(("    name: Medium\n", "    name: Medium\n    team: hardware_team\n")), after(-1))
    number = d.new_ticket()
    row = d.row(number)
    assert (row.priority, row.team, row.assignee_id) == ("medium", "hardware_team", desk.sam.pk)


@pytest.mark.sop("5.1")
def test_a_reminder_tells_a_named_team_again_and_again_and_what_was_missed_once(desk: Desk) -> None:
    d.install(d.variant(REMINDER), after(-1))
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(minutes=10))
    d.alarms(after(1))
    # No worker runs for ten hours: five and nine o'clock have come; only the latter is told.
    d.alarms(after(10))
    reminders = [fact for fact in d.facts(number, f.Escalated) if fact.rung == "again"]
    assert [fact.at for fact in reminders] == [after(1), after(5), after(9)]
    assert [fact.told for fact in reminders] == [(desk.sam.pk, desk.lea.pk), (), (desk.sam.pk, desk.lea.pk)]
    about = [sent for sent in d.posted("staff_escalation") if sent.person_id == desk.sam.pk]
    assert len(about) == 2
    assert "Time since receipt" in about[0].text
    assert d.row(number).alarm_at <= after(13)
    desk.resolve(number, after(11))
    d.alarms(after(40))
    assert len([fact for fact in d.facts(number, f.Escalated) if fact.rung == "again"]) == 3


@pytest.mark.sop("6.1", "7.2")
def test_what_waits_for_its_requester_for_too_long_ends_by_itself(desk: Desk) -> None:
    d.install(d.variant(UNANSWERED), after(-1))
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(0.5))
    acts.wait(number, by=Actor.of(desk.ana), now=after(1))
    d.alarms(after(days=2, hours=0.9))
    assert d.row(number).status == "waiting_on_requester"
    assert d.row(number).alarm_at == after(days=2, hours=1)
    d.alarms(after(days=2, hours=3))
    row = d.row(number)
    assert (row.status, row.closed_at, row.resolved_at) == ("closed", after(days=2, hours=1), after(days=2, hours=1))
    resolved = d.facts(number, f.Resolved)[0]
    assert (resolved.by, resolved.cause) == (None, "The requester did not answer.")
    assert "nothing was heard" in d.posted("closed")[0].text
    assert d.verdicts(number, after(days=3))["7.2"] == "met"
    answer = d.mail("Here I am.", in_reply_to=f"<{d.posted('closed')[0].mail_id}>")
    assert d.arrive(answer, after(days=3)).ticket == number
    assert d.row(number).status == "open"


@pytest.mark.sop("3.2")
def test_what_is_installed_says_everything_itself(desk: Desk) -> None:
    text = (
        'format: 1\nbased_on: standard\ntitle: Ours\nversion: "1"\n'
        'revisions: [{version: "1", date: 2026-03-02, description: Ours, author: Us}]\n'
    )
    d.install(text, after(-1))
    first = Revision.objects.latest("pk")
    assert "based_on" not in first.text
    assert procedures.current().title == "Ours"
    d.install(text, after(1))
    assert Revision.objects.latest("pk") == first, "the same again changes nothing"
