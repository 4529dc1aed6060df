"""The first real day: one mail runs the whole procedure, and every step is proved (issue: the main job)."""

from __future__ import annotations

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure.conformance import STEPS
from forthwith.record import links
from forthwith.steps import acts, document
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.mark.sop(*STEPS)
def test_a_mail_runs_the_whole_procedure_and_every_step_is_proved(desk: Desk) -> None:
    number = d.new_ticket(d.MONDAY)
    assert d.kinds(number) == ["Received", "Checked", "Categorised", "Prioritised", "Assigned"]
    ticket = d.row(number)
    assert (ticket.category, ticket.assignee_id, ticket.missing) == ("hardware.printer", desk.ana.pk, [])
    assert d.verdicts(number, d.MONDAY)["2.2"] == "not due"

    d.deliver_all(after(seconds=2))
    assert d.kinds(number)[-1] == "Acknowledged"
    assert d.verdicts(number, after(seconds=3))["2.2"] == "met"

    # Nobody answers in the four business hours of a single person's trouble: the matrix escalates by itself.
    d.alarms(after(4, seconds=1))
    escalated = d.facts(number, d.f.Escalated)
    assert [fact.rung for fact in escalated] == ["first_response_half", "first_response_soon", "first_response_late"]
    assert escalated[-1].at == after(4)
    assert d.kinds(number)[-1] == "RequesterTold"
    notice = d.posted("escalation_notice")[-1]
    assert notice.address == "rui@customer.example"
    assert "Tuesday 3 March, 10:00 (UTC)" in notice.text

    desk.reply(number, after(4, minutes=30))
    answer = d.posted("reply")[-1]
    said = d.arrive(d.mail("Yes please.", in_reply_to=f"<{answer.mail_id}>", subject=f"Re: {answer.subject}"), after(5))
    assert (said.outcome, said.ticket) == ("reply", number)
    acts.tick(
        number,
        by=Actor.of(desk.ana),
        now=after(5, minutes=30),
        step="Check paper, toner, doors and cables; clear any jam.",
        outcome="Toner is fine.",
    )
    desk.reply(number, after(5, minutes=40), "I am on my way.")
    desk.resolve(number, after(6))
    asked = d.posted("confirmation")[-1]
    assert links.ticket_url(number, desk.rui.pk) + "solved/" in asked.text

    acts.confirm(number, by=Actor.requester(desk.rui.pk), now=after(6, minutes=20))
    acts.rate(number, by=Actor.requester(desk.rui.pk), now=after(6, minutes=21), score=5, comment="Thanks!")
    assert d.row(number).status == "closed"
    assert d.verdicts(number, after(7)) == dict.fromkeys(STEPS, "met") | {"4.3": "late"}
    assert document.discrepancies(d.row(number)) == []
    assert d.row(number).alarm_at is None
