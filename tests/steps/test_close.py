"""Step 7: is it solved, how was it, and the recorded end (SOP 7.1, 7.2)."""

from __future__ import annotations

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

pytestmark = pytest.mark.sop("7.1", "7.2")


@pytest.fixture
def resolved(desk: Desk) -> int:
    """Resolved at 12:00 on Monday; silence closes it on Thursday at 12:00."""
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    desk.reply(number, after(1))
    desk.resolve(number, after(2))
    return number


@pytest.fixture
def rui(desk: Desk) -> Actor:
    return Actor.requester(desk.rui.pk)


def test_the_requester_is_asked_in_the_mail_that_brings_the_solution(desk: Desk, resolved: int) -> None:
    sent = d.posted("confirmation")[0]
    link = links.ticket_url(resolved, desk.rui.pk)
    assert f"{link}solved/" in sent.text
    assert f"{link}not-yet/" in sent.text
    assert "We replaced the drum." in sent.text
    assert "Thursday 5 March, 12:00 (UTC)" in sent.text
    assert not sent.automatic
    assert sent.message.mail_id == sent.mail_id, "a reply to it finds the ticket and the conversation"
    assert d.row(resolved).alarm_at == after(days=3, hours=2)


def test_solved_closes_it_and_asks_for_a_rating(desk: Desk, resolved: int, rui: Actor) -> None:
    acts.confirm(resolved, by=rui, now=after(3))
    assert d.kinds(resolved)[-2:] == ["Confirmed", "Closed"]
    assert d.facts(resolved, f.Confirmed)[0].how == "by the requester"
    closed = d.posted("closed")[0]
    assert f"{links.ticket_url(resolved, desk.rui.pk)}rate/" in closed.text
    with pytest.raises(acts.NotAllowed):
        acts.confirm(resolved, by=rui, now=after(3))


def test_an_agent_records_what_they_were_told(desk: Desk, resolved: int) -> None:
    acts.confirm(resolved, by=Actor.of(desk.ana), now=after(3))
    assert d.facts(resolved, f.Confirmed)[0].how == "told to an agent"


@pytest.mark.parametrize("how", ["not yet", "reply", "portal"])
def test_not_yet_or_any_answer_reopens(desk: Desk, resolved: int, rui: Actor, how: str) -> None:
    if how == "not yet":
        assert acts.not_yet(resolved, by=rui, now=after(3)) == resolved
    elif how == "portal":
        assert acts.requester_writes(resolved, by=rui, now=after(3), text="No.") == resolved
    else:
        raw = d.mail("No.", in_reply_to=f"<{d.posted('confirmation')[0].mail_id}>")
        assert d.arrive(raw, after(3)).ticket == resolved
    row = d.row(resolved)
    assert (row.status, row.resolved_at, row.assignee_id) == ("open", None, desk.ana.pk)
    assert d.kinds(resolved)[-2:] == ["Reopened", "RequesterWrote"]
    assert [notice.event for notice in d.told(desk.ana)][1:] == ["reopened"], "one thing is told once"


def test_silence_closes_it_dated_when_it_fell_due(resolved: int) -> None:
    due = after(days=3, hours=2)
    assert d.alarms(due.replace(minute=0, second=0) - (after(seconds=1) - d.MONDAY)) == 0
    d.alarms(after(days=5))
    closed = d.facts(resolved, f.Closed)
    assert [(fact.at, fact.by) for fact in closed] == [(due, None)]
    assert "nothing was heard" in closed[0].why
    assert d.alarms(after(days=50)) == 0
    assert d.verdicts(resolved, after(days=50))["7.1"] == "met"


def test_within_the_window_an_answer_reopens_and_after_it_opens_a_linked_ticket(
    desk: Desk, resolved: int, rui: Actor
) -> None:
    acts.confirm(resolved, by=rui, now=after(3))
    assert "Monday 16 March, 13:00 (UTC)" in d.posted("closed")[0].text
    late = acts.requester_writes(resolved, by=rui, now=after(days=14, hours=3), text="It is broken again.")
    assert late != resolved
    assert d.row(late).follows_id == resolved
    assert d.row(resolved).status == "closed"
    raw = d.mail("And again.", in_reply_to=f"<{d.posted('closed')[0].mail_id}>")
    by_mail = d.arrive(raw, after(days=15))
    assert by_mail.outcome == "ticket"
    assert d.row(by_mail.ticket or 0).follows_id == resolved
    with pytest.raises(acts.Refused, match="too long"):
        acts.reopen(resolved, by=Actor.of(desk.ana), now=after(days=15), why="x")
    assert acts.requester_writes(resolved, by=rui, now=after(days=14, hours=2), text="In time.") == resolved
    assert d.row(resolved).status == "open"


def test_details_given_after_the_window_do_not_reopen(desk: Desk, rui: Actor) -> None:
    number = d.new_ticket(text="The printer shows error 49 again and again all day long.")
    desk.resolve(number, after(2))
    acts.confirm(number, by=rui, now=after(3))
    with pytest.raises(acts.Refused, match="too long"):
        acts.give_details(number, by=rui, now=after(days=20), details={"urgency": "urgent"})


def test_a_rating_is_given_once_on_the_scale(resolved: int, rui: Actor) -> None:
    for score in (0, 6, -1):
        with pytest.raises(acts.Refused, match="from 1 to 5"):
            acts.rate(resolved, by=rui, now=after(3), score=score)
    acts.rate(resolved, by=rui, now=after(3), score=4, comment="c" * 9999)
    assert d.facts(resolved, f.Rated)[0].comment == "c" * 2000
    with pytest.raises(acts.Refused, match="already"):
        acts.rate(resolved, by=rui, now=after(3), score=1)


def test_closing_and_reopening_say_why(desk: Desk, resolved: int) -> None:
    by = Actor.of(desk.ana)
    for act in (acts.end, acts.reopen):
        with pytest.raises(acts.Refused, match="Say why"):
            act(resolved, by=by, now=after(3), why=" ")
    acts.end(resolved, by=by, now=after(3), why="told on the phone")
    acts.reopen(resolved, by=by, now=after(4), why="it came back")
    assert d.row(resolved).status == "open"
    assert d.facts(resolved, f.Closed)[0].why == "told on the phone"


def test_a_robots_ticket_is_closed_without_a_word(desk: Desk) -> None:
    number = d.new_ticket(auto_submitted="auto-generated")
    desk.resolve(number, after(2))
    assert d.facts(number, f.ConfirmationAsked) == []
    d.alarms(after(days=9))
    assert d.row(number).status == "closed"
    assert d.posted("confirmation", "closed", "escalation_notice") == []
