"""Tickets linked, merged and split: right for clocks, mail and verdicts, and undone without a trace (SOP 6.1)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from forthwith.people.models import Person
from forthwith.people.permits import THE_SYSTEM, Actor
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import Clock, clocks
from forthwith.procedure.conformance import judge
from forthwith.procedure.document import standard_text
from forthwith.record import door, links, printed, procedures
from forthwith.record.models import Attachment, Message
from forthwith.steps import acts, document, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after, arrive, mail

pytestmark = pytest.mark.sop("6.1")


@pytest.fixture
def ana(desk: Desk) -> Actor:
    return Actor.of(desk.ana)


def clock(number: int, name: str, cycle: int = 0) -> Clock:
    case, procedure = fold(door.facts_of(number)), procedures.load(d.row(number).revision_id)
    return next(one for one in clocks(case, procedure) if (one.name, one.cycle) == (name, cycle))


def two(now: datetime = d.MONDAY, **second: Any) -> tuple[int, int]:
    """A ticket, and a later one of the same requester."""
    return d.new_ticket(now), d.new_ticket(now + timedelta(minutes=30), subject="Still blank pages", **second)


def writes(number: int, now: datetime, text: str = "Is there any news?", **more: str) -> None:
    arrive(mail(text, subject="Re: it", **more), now, recipients=(links.reply_address(number),))


# Links


def test_a_link_is_told_on_both_and_taken_away_on_both(ana: Actor) -> None:
    part, whole = two()
    acts.link(part, by=ana, now=after(1), to=whole, relation="parent")
    assert fold(door.facts_of(part)).links == ((whole, "parent"),)
    assert fold(door.facts_of(whole)).links == ((part, "child"),)
    acts.unlink(whole, by=ana, now=after(2), to=part)
    assert fold(door.facts_of(part)).links == fold(door.facts_of(whole)).links == ()


@pytest.mark.parametrize(
    ("to", "relation", "why"),
    [
        ("itself", "related", "cannot be linked to itself"),
        ("nowhere", "related", "There is no ticket #99999"),
        ("other", "cousin", "A link is one of"),
        ("twice", "parent", "is linked already"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(ana: Actor, to: str, relation: str, why: str) -> None:
    one, other = two()
    acts.link(one, by=ana, now=after(1), to=(third := d.new_ticket(after(1), subject="Third")))
    numbers = {"itself": one, "nowhere": 99999, "other": other, "twice": third}
    with pytest.raises(acts.Refused, match=why):
        acts.link(one, by=ana, now=after(2), to=numbers[to], relation=relation)


def test_a_link_that_is_gone_is_not_taken_away_again(ana: Actor) -> None:
    one, other = two()
    with pytest.raises(acts.Refused, match="not linked to this ticket"):
        acts.unlink(one, by=ana, now=after(1), to=other)


def test_one_answer_goes_to_all_children_that_are_open(desk: Desk, ana: Actor) -> None:
    parent = d.new_ticket()
    children = [d.new_ticket(after(minutes=10 * i), subject=f"Part {i}") for i in range(1, 4)]
    for child in children:
        acts.link(parent, by=ana, now=after(1), to=child, relation="child")
    desk.resolve(children[0], after(2))
    told = acts.answer_children(parent, by=ana, now=after(3), text="It is being repaired.", next_step="News at four.")
    assert (told.sent, told.left_out) == (2, (f"#{children[0]}: it is resolved",))
    assert [len(d.facts(child, f.Replied)) for child in children] == [1, 1, 1]
    assert not d.facts(parent, f.Replied)
    assert len(d.posted("reply")) == 2
    with pytest.raises(acts.Refused, match="no children"):
        acts.answer_children(children[0], by=ana, now=after(3), text="x")


# Merge


def test_a_merged_ticket_rests_and_the_other_goes_on_for_it(ana: Actor) -> None:
    kept, merged = two()
    d.deliver_all(after(minutes=31))
    acts.merge(merged, by=ana, now=after(1), into=kept)
    row = d.row(merged)
    assert (row.status, row.unresolved, row.merged_into_id, row.alarm_at) == ("merged", False, kept, None)
    assert fold(door.facts_of(kept)).holds == (merged,)
    for one in clocks(fold(door.facts_of(merged)), procedures.load(row.revision_id)):
        if one.name != "acknowledgement":
            assert (one.state(after(500)), one.ended_at) == ("merged", after(1))
    before = d.kinds(merged)
    assert d.alarms(after(500)) > 0
    assert d.kinds(merged) == before, "a merged ticket escalates nothing, whatever its clocks would have said"


def test_what_had_fallen_due_before_the_merge_is_acted_on_then(ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(6), into=kept)
    named = d.kinds(merged)
    assert "Escalated" in named[: named.index("MergedInto")]
    assert clock(merged, "first_response").state(after(7)) == "late"


@pytest.mark.sop("4.3")
def test_an_unanswered_message_counts_on_the_other_from_its_own_time(desk: Desk, ana: Actor) -> None:
    merged, kept = two()
    desk.reply(kept, after(1))
    acts.merge(merged, by=ana, now=after(2), into=kept)
    waiting = clock(kept, "next_reply")
    assert (waiting.started_at, waiting.basis.since, waiting.ended_at) == (d.MONDAY, after(2), None)
    assert waiting.detail == f"a message of #{merged}"
    desk.reply(kept, after(2.5))
    assert (clock(kept, "next_reply").ended_at, clock(kept, "next_reply").ending) == (after(2.5), "met")


def test_what_was_answered_before_asks_nothing_of_the_other(desk: Desk, ana: Actor) -> None:
    merged, kept = two()
    desk.reply(merged, after(1))
    acts.merge(merged, by=ana, now=after(2), into=kept)
    (fact,) = d.facts(kept, f.MergedFrom)
    assert fact.unanswered_since is None
    assert not fold(door.facts_of(kept)).replies_awaited


def test_the_verdicts_of_a_merged_ticket_stop_at_the_merge(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    d.deliver_all(after(minutes=31))
    acts.merge(merged, by=ana, now=after(1), into=kept)
    verdicts = judge(door.facts_of(merged), procedures.load(d.row(merged).revision_id), after(900))
    merge = d.kinds(merged).index("MergedInto") + 1
    assert {step: verdict.outcome for step, verdict in verdicts.items() if step < "4"} == {
        "1.1": "met", "1.2": "met", "2.1": "met", "2.2": "met", "3.1": "met", "3.2": "met",
    }  # fmt: skip
    for step in ("4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7.1", "7.2"):
        verdict = verdicts[step]
        assert (verdict.outcome, verdict.facts, verdict.at) == ("not applicable", (merge,), after(1)), step
        assert verdict.why == f"Merged into #{kept} before its time had come."
    desk.reply(kept, after(1.5))
    assert d.verdicts(kept, after(1.6))["4.3"] == "met"


def test_a_step_that_was_late_before_the_merge_stays_late(ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(20), into=kept)
    assert d.verdicts(merged, after(900))["4.3"] == "missing"


def test_mail_to_a_merged_ticket_lands_on_the_other(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(1), into=kept)
    writes(merged, after(2))
    theirs = Message.objects.filter(ticket=merged, incoming=True).get().mail_id
    arrive(
        mail("And by reference.", subject="Re: Still blank pages", in_reply_to=f"<{links.new_mail_id(merged)}>"),
        after(3),
    )
    arrive(mail("By a number.", subject=f"[#{merged}] hm"), after(4))
    arrive(
        mail("By their own.", subject="Re: Still blank pages", in_reply_to=f"<{theirs}>", cc="rui@customer.example"),
        after(5),
    )
    wrote = d.facts(kept, f.RequesterWrote)
    assert len(wrote) == 4
    assert not any(fact.newcomer for fact in wrote)
    assert [fact.other_subject for fact in wrote[1:]] == ["", "", ""]
    assert d.kinds(merged)[-1] == "MergedInto"
    assert acts.requester_writes(merged, by=Actor.requester(desk.rui.pk), now=after(6), text="By the old page.") == kept


def test_a_machine_and_the_desk_write_to_a_merged_ticket(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(1), into=kept)
    writes(merged, after(2), "I am away.", auto_submitted="auto-replied")
    assert d.kinds(kept)[-1] == "MachineWrote"
    note = mail("note: seen", sender="Ana <ana@desk.example>", to=links.staff_address(merged, desk.ana.pk))
    arrive(note, after(3), recipients=(links.staff_address(merged, desk.ana.pk),))
    assert d.kinds(kept)[-1] == "Noted"


@pytest.mark.sop("2.2")
def test_an_acknowledgement_that_was_on_its_way_is_recorded_and_a_bounce_too(ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(1), into=kept)
    d.deliver_all(after(1.1))
    assert d.kinds(merged)[-1] == "Acknowledged"
    assert clock(merged, "acknowledgement").ending == "merged"
    assert d.verdicts(merged, after(2))["2.2"] in ("missing", "not applicable")


def test_another_requester_follows_the_ticket_that_goes_on_and_leaves_it_with_the_undoing(
    desk: Desk, ana: Actor
) -> None:
    kept, merged = two(sender="Eve <eve@customer.example>", cc="zoe@customer.example")
    acts.merge(merged, by=ana, now=after(1), into=kept)
    assert fold(door.facts_of(kept)).participants == ("eve@customer.example", "zoe@customer.example")
    desk.reply(kept, after(2), "We replace the drum.")
    assert {one.address for one in d.posted("reply_to_others")} == {"eve@customer.example", "zoe@customer.example"}
    writes(merged, after(3), sender="Eve <eve@customer.example>")
    (wrote,) = d.facts(kept, f.RequesterWrote)
    assert not wrote.newcomer
    acts.unmerge(merged, by=ana, now=after(4))
    assert fold(door.facts_of(kept)).participants == ()


def test_who_has_a_reason_of_the_ticket_itself_stays_when_a_merge_is_undone(desk: Desk, ana: Actor) -> None:
    kept, first = two(sender="Eve <eve@customer.example>", cc="zoe@customer.example, yan@customer.example")
    second = d.new_ticket(after(0.5), sender="Eve <eve@customer.example>", cc="yan@customer.example")
    for number in (first, second):
        writing.follow(number, by=Actor.of(desk.ben), now=after(1))
    writing.follow(first, by=Actor.of(desk.sam), now=after(1))
    acts.merge(first, by=ana, now=after(2), into=kept)
    acts.merge(second, by=ana, now=after(2), into=kept)
    acts.note(kept, by=ana, now=after(3), text="@sam, look at it.")
    writes(kept, after(3), sender="Rui Silva <rui@customer.example>", cc="zoe@customer.example")
    acts.unmerge(first, by=ana, now=after(4))
    case = fold(door.facts_of(kept))
    assert set(case.participants) == {"eve@customer.example", "yan@customer.example", "zoe@customer.example"}
    assert set(case.followers) == {desk.ben.pk, desk.sam.pk}, "Ben by the other ticket, Sam called in here"
    acts.unmerge(second, by=ana, now=after(5))
    case = fold(door.facts_of(kept))
    assert (case.participants, case.followers) == (("zoe@customer.example",), (desk.sam.pk,))


def test_undone_both_are_whole_again_and_the_time_between_does_not_count(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    acts.hold(merged, by=ana, now=after(0.75), why="a part is ordered", until=after(4))
    before = d.row(merged)
    left = {one.name: one.remaining(after(1)) for one in _running(merged)}
    acts.merge(merged, by=ana, now=after(1), into=kept)
    writes(merged, after(2))
    acts.unmerge(merged, by=ana, now=after(3))
    row = d.row(merged)
    assert (row.status, row.team, row.assignee_id, row.merged_into_id) == (
        before.status,
        before.team,
        before.assignee_id,
        None,
    )
    assert row.alarm_at is not None
    assert {one.name: one.remaining(after(3)) for one in _running(merged)} == left
    assert len(d.facts(kept, f.RequesterWrote)) == 1, "what was written meanwhile stays where it is"
    case = fold(door.facts_of(kept))
    assert (case.holds, [one.cause for one in case.replies_awaited]) == ((), ["unmerged"])
    assert d.alarms(after(30)) > 0
    writes(merged, after(31))
    assert len(d.facts(merged, f.RequesterWrote)) == 1


def _running(number: int) -> list[Clock]:
    case, procedure = fold(door.facts_of(number)), procedures.load(d.row(number).revision_id)
    return [one for one in clocks(case, procedure) if one.ended_at is None]


def test_a_resolved_ticket_is_not_closed_by_a_silence_in_which_it_was_merged(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    desk.resolve(merged, after(1))
    acts.merge(merged, by=ana, now=after(2), into=kept)
    acts.unmerge(merged, by=ana, now=after(days=30))
    assert d.row(merged).status == "resolved"
    alarm = d.row(merged).alarm_at
    assert alarm is not None
    assert alarm > after(days=30)


def test_chains_move_together_and_are_undone_from_their_end(ana: Actor) -> None:
    first, second = two()
    third = d.new_ticket(after(1), subject="Third")
    acts.merge(second, by=ana, now=after(2), into=first)
    acts.merge(first, by=ana, now=after(3), into=third)
    assert fold(door.facts_of(third)).holds == (second, first)
    writes(second, after(4))
    assert len(d.facts(third, f.RequesterWrote)) == 1
    with pytest.raises(acts.Refused, match=f"#{first} is merged into #{third} itself"):
        acts.unmerge(second, by=ana, now=after(5))
    acts.unmerge(first, by=ana, now=after(5))
    assert fold(door.facts_of(first)).holds == (second,)
    acts.unmerge(second, by=ana, now=after(6))
    assert [d.row(number).status for number in (first, second)] == ["new", "new"]


def test_a_merge_that_makes_no_sense_is_refused_with_a_sentence(desk: Desk, ana: Actor) -> None:
    first, second = two()
    third, closed = d.new_ticket(after(1), subject="Third"), d.new_ticket(after(1), subject="Fourth")
    desk.resolve(closed, after(2))
    with pytest.raises(acts.Refused, match=f"#{closed} is resolved. Reopen it first"):
        acts.merge(first, by=ana, now=after(2), into=closed)
    acts.confirm(closed, by=ana, now=after(2))
    acts.merge(second, by=ana, now=after(2), into=first)
    for number, into, error, why in (
        (first, first, acts.Refused, "into itself"),
        (first, 99999, acts.Refused, "There is no ticket #99999"),
        (first, 2**70, acts.Refused, "There is no ticket"),
        (first, closed, acts.Refused, f"#{closed} is closed. Reopen it first"),
        (third, second, acts.Refused, f"#{second} is merged into #{first} itself. Merge into #{first} instead"),
        (first, second, acts.Conflict, f"Ana has just merged #{second} into #{first}"),
        (second, third, acts.Conflict, f"Ana has merged #{second} into #{first} already"),
    ):
        with pytest.raises(error, match=why):
            acts.merge(number, by=ana, now=after(3), into=into)
    with pytest.raises(acts.Refused, match="is not merged"):
        acts.unmerge(first, by=ana, now=after(3))
    with pytest.raises(acts.NoSuchTicket):
        acts.unmerge(99999, by=ana, now=after(3))


def test_on_a_merged_ticket_nothing_else_can_be_done(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(1), into=kept)
    with pytest.raises(acts.NotAllowed, match="while the ticket is 'Merged'"):
        desk.reply(merged, after(2))
    with pytest.raises(acts.NotAllowed):
        acts.take(merged, by=ana, now=after(2))


# Split


def asked_twice(desk: Desk) -> tuple[int, int]:
    """A ticket that was answered, and the message about another matter that its requester then wrote."""
    number = d.new_ticket()
    desk.reply(number, after(0.5))
    raw = mail("The VPN is down for all of us, nobody can work. It is urgent.", subject="VPN is down")
    arrive(raw, after(1), recipients=(links.reply_address(number),))
    return number, int(d.facts(number, f.RequesterWrote)[0].message)


@pytest.mark.sop("1.2", "2.2", "3.1", "3.2", "4.1")
def test_a_message_becomes_a_ticket_of_its_own_that_runs_the_procedure(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    made = acts.split(number, by=ana, now=after(1.5), messages=[message])
    row = d.row(made)
    assert (row.channel, row.requester_id, row.subject, row.opened_at) == (
        "email",
        desk.rui.pk,
        "VPN is down",
        after(1),
    )
    assert row.category.startswith("network")
    assert d.kinds(made) == ["Received", "Checked", "Categorised", "Prioritised", "SplitFrom", "Assigned", "Linked"]
    (notice,) = d.posted("split_notice")
    assert (notice.ticket_id, notice.address) == (made, "rui@customer.example")
    assert f"#{made}" in notice.text
    assert f"#{number}" in notice.text
    assert d.kinds(number)[-2:] == ["SplitOff", "Linked"]
    assert fold(door.facts_of(number)).links == ((made, "related"),)
    d.deliver_all(after(1.51))
    assert clock(made, "acknowledgement").ending == "met"
    assert d.verdicts(made, after(1.6))["2.2"] == "met"


def test_the_wait_for_an_answer_goes_with_the_message(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    writes(number, after(1.25))
    other = int(d.facts(number, f.RequesterWrote)[1].message)
    acts.split(number, by=ana, now=after(1.5), messages=[message])
    ended, going = (clock(number, "next_reply", cycle) for cycle in (0, 1))
    assert (ended.ended_at, ended.ending) == (after(1.5), "superseded")
    assert (going.started_at, going.basis.since, going.ended_at) == (after(1.25), after(1.5), None)
    acts.split(number, by=ana, now=after(1.6), messages=[other])
    assert clock(number, "next_reply", 1).ended_at == after(1.6)
    assert not fold(door.facts_of(number)).unanswered


@pytest.mark.sop("2.2", "4.3")
def test_nobody_is_late_at_the_birth_of_a_split_ticket(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    made = acts.split(number, by=ana, now=after(days=4), messages=[message])
    (split_from,) = d.facts(made, f.SplitFrom)
    assert "first_response" in split_from.counted_anew
    for one in _running(made):
        assert one.due_at is not None
        assert one.due_at > after(days=4), one
    assert clock(made, "first_response").started_at == after(days=4)
    d.alarms(after(days=4))
    assert not d.facts(made, f.Escalated)
    soon = acts.split(number, by=ana, now=after(days=4), messages=[int(d.facts(number, f.Replied)[0].message)])
    assert fold(door.facts_of(soon)).requester == desk.rui.pk


def test_what_is_not_late_counts_from_the_message(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    made = acts.split(number, by=ana, now=after(1, minutes=5), messages=[message])
    assert clock(made, "first_response").started_at == after(1)
    assert d.facts(made, f.SplitFrom)[0].counted_anew == ()


def test_files_and_html_come_along_and_both_records_vouch_for_them(desk: Desk, ana: Actor) -> None:
    number = d.new_ticket()
    message = int(d.facts(number, f.Received)[0].message)
    Attachment.objects.filter(message=message).delete()
    desk.reply(number, after(0.5), files=[_file()])
    reply = int(d.facts(number, f.Replied)[0].message)
    made = acts.split(number, by=ana, now=after(1), messages=[message, reply])
    kept = Message.objects.filter(ticket=made).order_by("written_at")
    assert [one.digest for one in kept] == [one.digest for one in Message.objects.filter(ticket=number).order_by("pk")]
    assert Attachment.objects.filter(message__ticket=made).count() == 1
    assert clock(made, "first_response").ended_at is None, "an answer on the other ticket is none on this"
    assert printed.whole(d.row(made), after(2))["split_from"] == number


def _file() -> Any:
    from forthwith.record.messages import File

    return File("a.txt", "text/plain", b"x")


def test_a_split_is_undone_by_merging_back(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    made = acts.split(number, by=ana, now=after(1.5), messages=[message])
    acts.merge_back(made, by=ana, now=after(1.6))
    assert d.row(made).merged_into_id == number
    assert clock(number, "next_reply", 1).started_at == after(1)
    with pytest.raises(acts.Refused, match="was not split"):
        acts.merge_back(number, by=ana, now=after(1.7))


def test_a_split_that_makes_no_sense_is_refused(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    acts.note(number, by=ana, now=after(1.1), text="Careful.")
    note = int(d.facts(number, f.Noted)[0].message)
    elsewhere = int(d.facts(d.new_ticket(after(1.2), subject="Other"), f.Received)[0].message)
    for chosen, why in (
        ([], "at least one message"),
        ([elsewhere], "messages of this ticket"),
        ([message, elsewhere], "messages of this ticket"),
        ([note], "at least one of them to or from the requester"),
        (list(range(1, 200)), "up to 100 messages"),
    ):
        with pytest.raises(acts.Refused, match=why):
            acts.split(number, by=ana, now=after(1.5), messages=chosen)
    made = acts.split(number, by=ana, now=after(1.5), messages=[message, note])
    with pytest.raises(acts.Refused, match=f"a ticket of its own already: #{made}"):
        acts.split(number, by=ana, now=after(1.6), messages=[message])


@pytest.mark.sop("2.2")
def test_without_words_for_it_a_split_is_acknowledged_like_any_other(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    d.install(re.sub(r"(?m)^    split_notice:\n(?:      .*\n|\n)+", "", standard_text()), after(1.2))
    made = acts.split(number, by=ana, now=after(1.5), messages=[message])
    assert d.posted("acknowledgement")[-1].ticket_id == made


def test_who_wrote_the_message_asks_on_the_new_ticket(ana: Actor) -> None:
    number = d.new_ticket(cc="zoe@customer.example")
    writes(number, after(1), "My mouse is broken too.", sender="Zoe <zoe@customer.example>")
    message = int(d.facts(number, f.RequesterWrote)[0].message)
    made = acts.split(number, by=ana, now=after(2), messages=[message], subject="Mouse")
    row = d.row(made)
    assert (row.requester.email, row.subject) == ("zoe@customer.example", "Mouse")
    assert d.posted("split_notice")[0].address == "zoe@customer.example"


# At once


@pytest.mark.django_db(transaction=True)
def test_merged_in_opposite_directions_at_once_one_wins_and_one_is_told(busy_desk: Desk) -> None:
    for turn in range(4):
        now = after(turn)
        first, second = d.new_ticket(now, subject=f"One {turn}"), d.new_ticket(now, subject=f"Two {turn}")
        ana, ben = Actor.of(busy_desk.ana), Actor.of(busy_desk.ben)
        results = d.at_once(
            [
                partial(acts.merge, first, by=ana, now=now, into=second),
                partial(acts.merge, second, by=ben, now=now, into=first),
            ]
        )
        assert sorted(type(one).__name__ for one in results) == ["Conflict", "NoneType"]
        merged, kept = (first, second) if results[0] is None else (second, first)
        assert (d.row(merged).merged_into_id, d.row(kept).merged_into_id) == (kept, None)
        assert "has just merged" in str(next(one for one in results if one is not None))


@pytest.mark.django_db(transaction=True)
def test_a_merge_and_a_reply_at_once_lose_nothing(busy_desk: Desk) -> None:
    for turn in range(4):
        now = after(turn)
        kept, merged = d.new_ticket(now, subject=f"One {turn}"), d.new_ticket(now, subject=f"Two {turn}")
        raw = mail("More of it.", subject="Re: it")
        results = d.at_once(
            [
                partial(acts.merge, merged, by=Actor.of(busy_desk.ana), now=now, into=kept),
                partial(arrive, raw, now, recipients=(links.reply_address(merged),)),
                partial(busy_desk.reply, merged, now),
            ]
        )
        assert results[0] is None
        assert results[1].outcome in ("reply", "ticket"), results
        assert results[2] is None or isinstance(results[2], acts.NotAllowed)
        assert d.row(merged).merged_into_id == kept
        wrote = [len(d.facts(number, f.RequesterWrote)) for number in (merged, kept)]
        assert sum(wrote) == 1
        assert results[1].ticket == (kept if wrote[1] else merged)


def test_nobody_but_the_desk_joins_tickets(desk: Desk) -> None:
    one, other = two()
    for by in (Actor.requester(desk.rui.pk), Actor.of(desk.olga), THE_SYSTEM):
        for act in (
            partial(acts.merge, one, into=other),
            partial(acts.link, one, to=other),
            partial(acts.split, one, messages=[int(d.facts(one, f.Received)[0].message)]),
        ):
            with pytest.raises(acts.NotAllowed):
                act(by=by, now=after(1))
    stranger = Actor.requester(Person.objects.create_user("mallory@other.example").pk)
    with pytest.raises(acts.NoSuchTicket):
        acts.merge(one, by=stranger, now=after(1), into=other)


def test_what_scripts_read_says_what_is_joined(desk: Desk, ana: Actor) -> None:
    kept, merged = two()
    acts.merge(merged, by=ana, now=after(1), into=kept)
    acts.link(kept, by=ana, now=after(1), to=(third := d.new_ticket(after(1), subject="Third")), relation="child")
    first = int(d.facts(kept, f.Received)[0].message)
    made = acts.split(kept, by=ana, now=after(1.2), messages=[first])
    of_merged, of_kept = (printed.whole(d.row(number), after(2)) for number in (merged, kept))
    assert (of_merged["status"], of_merged["merged_into"], of_merged["merged"]) == ("merged", kept, [])
    assert {clock["state"] for clock in of_merged["clocks"]} <= {"merged", "late"}
    assert (of_kept["merged_into"], of_kept["merged"]) == (None, [merged])
    assert of_kept["split_off"] == [{"ticket": made, "messages": [first]}]
    assert of_kept["links"] == [{"ticket": third, "relation": "child"}, {"ticket": made, "relation": "related"}]
    assert of_merged["conformance"]["steps"]["7.2"]["verdict"] == "not applicable"
    assert [fact["kind"] for fact in of_merged["facts"]][-1] == "MergedInto"


@pytest.mark.broken_record
def test_a_copy_that_was_changed_shows(desk: Desk, ana: Actor) -> None:
    number, message = asked_twice(desk)
    acts.note(number, by=ana, now=after(1.1), text="Careful.")
    note = int(d.facts(number, f.Noted)[0].message)
    made = acts.split(number, by=ana, now=after(1.5), messages=[message, note])
    Message.objects.filter(ticket=made, kind=Message.INTERNAL).update(text="Careless.")
    seq = d.kinds(made).index("SplitFrom") + 1
    assert document.discrepancies(d.row(made)) == [f"The message of fact {seq} is not what was written."]
    assert document.discrepancies(d.row(number)) == []
