"""Who of the desk is told of what: once for one thing, never of their own acts, and nobody who may not see it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from forthwith.outbox.models import Outgoing
from forthwith.outbox.told import Notice
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case, advance
from forthwith.steps import acts, mentions, telling, workflow, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket that Ana has."""
    made = d.new_ticket()
    assert d.row(made).assignee_id == desk.ana.pk
    return made


def events(person: Person) -> list[str]:
    return [notice.event for notice in d.told(person)]


ONE, HALF = after(1), after(0.5)


def note(person: Person, number: int, text: str, now: datetime = ONE) -> mentions.Mentioned:
    return writing.note(number, by=Actor.of(person), now=now, text=text)


def follow(person: Person, number: int, now: datetime = HALF) -> None:
    writing.follow(number, by=Actor.of(person), now=now)


def followers(number: int) -> tuple[int, ...]:
    case = Case()
    for fact in d.facts(number):
        case = advance(case, fact)
    return case.followers


@pytest.mark.sop("4.1")
def test_who_is_given_a_ticket_is_told_and_who_takes_one_is_not(desk: Desk, number: int) -> None:
    assert events(desk.ana) == ["assigned"]
    assert (told := d.told(desk.ana)[0]).by is None, told
    acts.take(number, by=Actor.of(desk.ben), now=after(1))
    assert events(desk.ben) == []
    acts.assign(number, by=Actor.of(desk.lea), now=after(2), team="service_desk", assignee=desk.ana.pk, why="hers")
    assert [(one.event, one.by_id, one.why) for one in d.told(desk.ana)][1:] == [("assigned", desk.lea.pk, "hers")]


@pytest.mark.sop("4.3")
def test_who_has_it_and_who_follows_it_hear_of_each_message_but_of_none_of_their_own(desk: Desk, number: int) -> None:
    follow(desk.ben, number)
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(1), text="Still blank.")
    desk.reply(number, after(2))
    note(desk.ben, number, "It is the drum.", after(3))
    note(desk.sam, number, "I have one.", after(4))
    assert events(desk.ana) == ["assigned", "answered", "followed", "followed"]
    assert events(desk.ben) == ["followed", "followed", "followed"]
    assert events(desk.sam) == []
    assert {one.message_id for one in d.told(desk.ben)} == {
        d.facts(number, kind)[-1].message for kind in (f.RequesterWrote, f.Replied, f.Noted)
    }


@pytest.mark.sop("6.1")
def test_who_is_mentioned_is_told_once_and_follows_from_then_on(desk: Desk, number: int) -> None:
    follow(desk.ben, number)
    assert note(desk.ana, number, "@Ben and @sam, have you a drum?").amiss == ()
    assert d.facts(number, f.Noted)[-1].mentioned == (desk.ben.pk, desk.sam.pk)
    assert (events(desk.ben), events(desk.sam)) == (["mentioned"], ["mentioned"])
    assert followers(number) == (desk.ben.pk, desk.sam.pk)
    note(desk.ana, number, "It came.", after(2))
    assert events(desk.sam) == ["mentioned", "followed"]
    writing.unfollow(number, by=Actor.of(desk.sam), now=after(3))
    note(desk.ana, number, "And went.", after(4))
    assert events(desk.sam) == ["mentioned", "followed"]


def test_who_mentions_themselves_is_neither_told_nor_follows(desk: Desk, number: int) -> None:
    note(desk.ben, number, "@Ben: remember this")
    assert (events(desk.ben), followers(number)) == ([], ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@Rui Silva will know", "Rui Silva may not see this note, and was not told."),
        ("ask @Old Hand", "Old Hand does not work here any more, and was not told."),
        ("ask @Kim Lee", "Several people are called Kim Lee, so nobody was told."),
        ("ask @maria", "“@maria” names nobody for certain, so nobody was told."),
    ],
)
def test_who_cannot_be_told_is_not_and_the_writer_hears_of_it(desk: Desk, number: int, text: str, said: str) -> None:
    make = Person.objects.create_user
    make("old@desk.example", name="Old Hand", role="agent", is_active=False)
    make("maria@desk.example", name="Maria Rossi", role="agent")
    for local in ("kim", "lee"):
        make(f"{local}@desk.example", name="Kim Lee", role="agent")
    told = note(desk.ana, number, text)
    assert [one for one in told.amiss if one.startswith(said)], told
    assert not d.facts(number, f.Followed)
    assert not Notice.objects.exclude(person=desk.ana).exists()


def test_of_two_with_one_name_each_is_named_with_the_address(desk: Desk, number: int) -> None:
    one, other = (Person.objects.create_user(f"{x}@desk.example", name="Kim Lee", role="agent") for x in "ab")
    assert note(desk.ana, number, "@Kim Lee (b@desk.example), please.").amiss == ()
    assert (events(one), events(other)) == ([], ["mentioned"])


@pytest.mark.parametrize(
    "text", ["write to ana@Ben.example", "no one", "50 @ 3 EUR", "@media print", "@@@@@@", "x@Ben", "@Benjamin"]
)
def test_what_is_no_mention_calls_nobody(desk: Desk, text: str) -> None:
    assert mentions.of(text) == mentions.Mentioned()


def test_the_longest_name_is_meant(desk: Desk) -> None:
    longer = Person.objects.create_user("bw@desk.example", name="Ben Wood", role="agent")
    assert mentions.of("@Ben Wood, @Ben!").people == (longer, desk.ben)
    assert mentions.of("@Ben Woods").people == (desk.ben,)


def test_many_signs_cost_little(desk: Desk, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        assert len(mentions.of("@Ben Nobody Else " * 6000).people) == 1


@pytest.mark.sop("5.1")
def test_what_is_escalated_shows_beside_the_mails_of_the_matrix(desk: Desk, number: int) -> None:
    d.deliver_all(after(seconds=1))
    d.alarms(after(3.5))
    assert events(desk.ana) == ["assigned", "at_risk", "at_risk"]
    assert events(desk.ben) == ["escalated"]
    d.alarms(after(4.6))
    assert events(desk.ana)[3:] == ["late"], "and not again with the rung for the leaders"
    escalations = Notice.objects.filter(event__in=["at_risk", "late", "escalated"])
    assert escalations
    assert not escalations.exclude(mail_at=None), "their mail has left: it is the matrix's"
    mails = Outgoing.objects.filter(purpose__in=["staff_escalation", "staff_unassigned"])
    assert mails.count() == escalations.count()


def test_who_has_the_ticket_is_told_by_mail_where_the_matrix_does_not_name_them(desk: Desk) -> None:
    wanted = (
        "    tell: [assignee, team_leader]\n    tell_requester: true",
        "    tell: [team_leader]\n    tell_requester: true",
    )
    d.install(d.variant(wanted), after(-1))
    number = d.new_ticket()
    d.deliver_all(after(seconds=1))
    d.alarms(after(4))
    late = d.told(desk.ana, "late")[0]
    assert d.facts(number, f.Escalated)[late.seq and -1].clock == "first_response"
    assert late.mail_at == after(4) + timedelta(minutes=5)


@pytest.mark.sop("2.2")
def test_whose_mail_was_lost_is_told(desk: Desk, number: int) -> None:
    d.deliver_all(after(seconds=1))
    acts.reply(number, by=Actor.of(desk.ben), now=after(1), text="We look.", next_step="Noon.")
    d.deliver_all(after(1), refused="552 mailbox full")
    lost = d.told(desk.ben, "failed")[0]
    assert (lost.why, lost.message_id) == ("552 mailbox full", d.facts(number, f.Replied)[0].message)
    assert d.told(desk.ana, "failed") == []


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "requester"}])
def test_who_has_the_ticket_is_told_of_a_lost_mail_whose_writer_has_left(
    desk: Desk, number: int, change: dict[str, object]
) -> None:
    d.deliver_all(after(seconds=1))
    acts.reply(number, by=Actor.of(desk.ben), now=after(1), text="We look.", next_step="Noon.")
    Person.objects.filter(pk=desk.ben.pk).update(**change)
    d.deliver_all(after(1), refused="552 mailbox full")
    assert (d.told(desk.ben, "failed"), len(d.told(desk.ana, "failed"))) == ([], 1)


@pytest.mark.sop("7.1")
def test_reopened_and_rated(desk: Desk, number: int) -> None:
    desk.resolve(number, after(1))
    acts.reopen(number, by=Actor.of(desk.lea), now=after(2), why="it is back")
    desk.resolve(number, after(3))
    acts.confirm(number, by=Actor.requester(desk.rui.pk), now=after(4))
    acts.rate(number, by=Actor.requester(desk.rui.pk), now=after(5), score=4, comment="Quick.")
    told = [(one.event, one.why) for one in d.told(desk.ana)]
    assert told[1:] == [("reopened", "it is back"), ("rated", "4/5: Quick.")]


def test_what_somebody_wants_no_news_of_makes_none(desk: Desk, number: int) -> None:
    desk.ana.wishes = {"answered": [False, False], "followed": [False, True], "reopened": [False, False]}
    desk.ana.save()
    rui = Actor.requester(desk.rui.pk)
    acts.requester_writes(number, by=rui, now=after(1), text="Hm.")
    note(desk.ben, number, "Hm.", after(2))
    assert [(one.event, one.shown, one.mail_at is not None) for one in d.told(desk.ana)][1:] == [
        ("followed", False, True)
    ]
    desk.resolve(number, after(3))
    desk.ana.wishes = {"reopened": [False, False]}
    desk.ana.save()
    acts.requester_writes(number, by=rui, now=after(4), text="No.")
    assert events(desk.ana)[2:] == ["answered"], (
        "that it was opened again they do not want to know, the message they do"
    )


def test_imported_mail_tells_nobody_and_a_colleague_who_writes_on_it_does(desk: Desk) -> None:
    number = workflow.on_request(replace(_request(desk), silent=True), now=after(1))
    assert not Notice.objects.exists()
    follow(desk.sam, number, after(2))
    note(desk.lea, number, "@Ben is this still so?", after(3))
    assert (events(desk.ben), events(desk.sam)) == (["mentioned"], ["followed"])
    assert not Outgoing.objects.exists()


@pytest.mark.sop("6.1")
def test_followers_of_a_merged_ticket_follow_the_one_that_goes_on(desk: Desk, number: int) -> None:
    other = d.new_ticket(after(0.1), subject="The same again")
    follow(desk.ben, number)
    follow(desk.sam, number)
    follow(desk.sam, other)
    acts.merge(number, by=Actor.of(desk.lea), now=after(1), into=other)
    assert followers(other) == (desk.sam.pk, desk.ben.pk)
    acts.unmerge(number, by=Actor.of(desk.lea), now=after(2))
    assert (followers(other), followers(number)) == ((desk.sam.pk,), (desk.ben.pk, desk.sam.pk))


def test_a_merge_brings_no_more_followers_than_a_ticket_takes(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = d.new_ticket(after(0.1), subject="The same again")
    for person in (desk.ben, desk.sam):
        follow(person, number)
    follow(desk.lea, other)
    monkeypatch.setattr(telling, "MOST_FOLLOWERS", 2)
    acts.merge(number, by=Actor.of(desk.lea), now=after(1), into=other)
    assert followers(other) == (desk.lea.pk, desk.ben.pk)


def test_nobody_follows_twice_or_stops_what_they_do_not_follow(desk: Desk, number: int) -> None:
    follow(desk.ben, number)
    with pytest.raises(acts.Refused, match="You follow this ticket already"):
        follow(desk.ben, number)
    with pytest.raises(acts.Refused, match="You do not follow"):
        writing.unfollow(number, by=Actor.of(desk.sam), now=after(1))
    with pytest.raises(acts.NotAllowed):
        follow(desk.olga, number)


def moves(desk: Desk, number: int, chance: random.Random) -> list[tuple[Person, Callable[[datetime], object]]]:
    """What may happen, each with who does it."""
    staff = [desk.ana, desk.ben, desk.sam, desk.lea]
    who, other = chance.choice(staff), chance.choice(staff)
    by, rui = Actor.of(who), Actor.requester(desk.rui.pk)
    return [
        (desk.rui, lambda now: acts.requester_writes(number, by=rui, now=now, text="And now?")),
        (desk.rui, lambda now: acts.rate(number, by=rui, now=now, score=3)),
        (who, lambda now: acts.note(number, by=by, now=now, text=f"@{other.name} and @{who.name}")),
        (who, lambda now: acts.note(number, by=by, now=now, text="So.")),
        (who, lambda now: acts.reply(number, by=by, now=now, text="We look.", next_step="Soon.")),
        (who, lambda now: writing.follow(number, by=by, now=now)),
        (who, lambda now: writing.unfollow(number, by=by, now=now)),
        (who, lambda now: acts.take(number, by=by, now=now)),
        (who, lambda now: acts.assign(number, by=by, now=now, team="service_desk", assignee=other.pk)),
        (who, lambda now: acts.escalate_by_hand(number, by=by, now=now, kind="hierarchical", why="hard")),
        (
            who,
            lambda now: acts.escalate_by_hand(
                number, by=by, now=now, kind="functional", why="hard", to_team="hardware_team"
            ),
        ),
        (who, lambda now: acts.reopen(number, by=by, now=now, why="it is back")),
        (desk.ana, lambda now: desk.resolve(number, now)),
    ]


def rung_names(fact: f.Escalated, before: list[f.Fact], mine: set[int]) -> set[int]:
    """Whom a rung names, and who has the ticket where it is the first of its clock, or the first after it was due."""
    late = ("_late", "_overdue")
    same = [
        one for one in before if isinstance(one, f.Escalated) and (one.clock, one.cycle) == (fact.clock, fact.cycle)
    ]
    known = [one for one in same if not fact.rung.endswith(late) or one.rung.endswith(late)]
    return {*fact.told} | (mine if fact.rung and not known else set())


def expected(case: Case, fact: f.Fact, before: list[f.Fact], then: f.Fact | None) -> set[int]:
    """Whom a fact is news to, by the rules as they are written in the documentation."""
    mine = {case.assignee} if case.assignee else set()
    news: set[int] = set()
    match fact:
        case f.Assigned(assignee=int(agent)):
            news = {agent}
        case f.RequesterWrote() | f.Replied():
            news = mine | {*case.followers}
        case f.Noted(mentioned=called):
            news = mine | {*case.followers, *called}
        case f.Escalated():
            news = rung_names(fact, before, mine)
        case f.Rated():
            news = mine
        case f.Reopened() if not isinstance(then, f.RequesterWrote):
            news = mine
    return news


@pytest.mark.sop("4.3", "5.1")
@pytest.mark.parametrize("seed", range(8))
def test_each_thing_tells_each_person_once_whatever_happens(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    number, now = d.new_ticket(), after(0)
    actors = dict.fromkeys(range(1, len(d.facts(number)) + 1), desk.rui.pk)
    for _ in range(25):
        now += timedelta(minutes=chance.choice([1, 7, 90]))
        d.alarms(now)
        who, move = chance.choice(moves(desk, number, chance))
        before = len(d.facts(number))
        try:
            move(now)
        except (acts.NotAllowed, acts.Refused):
            continue
        actors |= dict.fromkeys(range(before + 1, len(d.facts(number)) + 1), who.pk)
    facts, case = d.facts(number), Case()
    for seq, fact in enumerate(facts, 1):
        then = facts[seq] if seq < len(facts) else None
        wanted = expected(case, fact, facts[: seq - 1], then) - {actors.get(seq)}
        case = advance(case, fact)
        told = sorted(Notice.objects.filter(ticket=number, seq=seq).values_list("person", flat=True))
        assert told == sorted(wanted), (seq, fact)
    assert not Notice.objects.exclude(seq__isnull=False)


def test_a_mail_of_the_desk_kept_as_a_note_is_news_to_who_follows(desk: Desk, number: int) -> None:
    follow(desk.ben, number)
    d.mail_news(after(minutes=6))
    to_ana = d.posted("staff_assigned")[0]
    d.arrive(d.mail("Note: ordered.", sender="Ana <ana@desk.example>", to=to_ana.reply_to), after(1))
    assert d.kinds(number)[-1] == "Noted"
    assert events(desk.ben) == ["followed"]
    assert events(desk.ana) == ["assigned"]


@pytest.mark.sop("6.1")
def test_a_note_by_mail_calls_in_as_one_on_the_page(desk: Desk, number: int) -> None:
    d.mail_news(after(minutes=6))
    to_ana = d.posted("staff_assigned")[0]
    d.arrive(d.mail("Note: @Sam have you one?", sender="Ana <ana@desk.example>", to=to_ana.reply_to), after(1))
    assert d.facts(number, f.Noted)[0].mentioned == (desk.sam.pk,)
    assert (events(desk.sam), followers(number)) == (["mentioned"], (desk.sam.pk,))


def test_nobody_who_has_left_or_may_not_see_it_is_told(desk: Desk, number: int) -> None:
    follow(desk.ben, number)
    follow(desk.sam, number)
    Person.objects.filter(pk=desk.ben.pk).update(is_active=False)
    Person.objects.filter(pk=desk.sam.pk).update(role="requester")
    workflow.on_reply(number, _request(desk), now=after(1))
    assert (events(desk.ben), events(desk.sam)) == ([], [])
    assert events(desk.ana) == ["assigned", "answered"]


def _request(desk: Desk) -> workflow.Request:
    return workflow.Request(
        channel="email",
        received_at=after(1),
        author=desk.rui.pk,
        address=desk.rui.email,
        subject="Re",
        text="Again.",
        new_text="Again.",
    )
