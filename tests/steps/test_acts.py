"""What people do: whole or not at all, by whom the lifecycle allows, and never on an old picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forthwith.outbox.models import Outgoing
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.lifecycle import ACTS, AUDITOR, REQUESTER, ROLES, WORKERS
from forthwith.steps import acts, describing, library, writing
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after
from tests.shelf import TEXT, published

RESOLUTION = {"cause": "c", "solution": "s", "category": "other", "knowledge": "not needed"}
STEP = "Check paper, toner, doors and cables; clear any jam."
Play = Callable[[int, Actor], Any]


def send_lost_mail_again(number: int, by: Actor) -> None:
    lost = Outgoing.objects.filter(ticket=number, purpose="acknowledgement")
    lost.update(state=Outgoing.FAILED)
    acts.send_again(number, by=by, now=after(2), mail=lost.get().pk)


# What each act of the lifecycle is called here; played on an open ticket, or on a resolved one.
OPEN: dict[type[f.Fact], Play] = {
    f.Acknowledged: lambda n, by: acts.acknowledge_by_hand(n, by=by, now=after(2)),
    f.SentAgain: send_lost_mail_again,
    f.Categorised: lambda n, by: acts.categorise(n, by=by, now=after(2), category="other"),
    f.Prioritised: lambda n, by: acts.prioritise(
        n, by=by, now=after(2), impact="several", urgency="stopped", why="more"
    ),
    f.Assigned: lambda n, by: acts.assign(n, by=by, now=after(2), team="identity", assignee=None),
    f.Ticked: lambda n, by: acts.tick(n, by=by, now=after(2), step=STEP),
    f.Noted: lambda n, by: acts.note(n, by=by, now=after(2), text="x"),
    f.Replied: lambda n, by: acts.reply(n, by=by, now=after(2), text="x", next_step="y"),
    f.WaitingOnRequester: lambda n, by: acts.wait(n, by=by, now=after(2)),
    f.PutOnHold: lambda n, by: acts.hold(n, by=by, now=after(2), why="part"),
    f.Escalated: lambda n, by: acts.escalate_by_hand(n, by=by, now=after(2), kind="hierarchical", why="hard"),
    f.LanguageChosen: lambda n, by: acts.choose_language(n, by=by, now=after(2), key="de"),
    f.Promised: lambda n, by: acts.promise(n, by=by, now=after(2), what="x", due=after(3)),
    f.Resolved: lambda n, by: acts.resolve(n, by=by, now=after(2), **RESOLUTION),
}
RESOLVED: dict[type[f.Fact], Play] = {
    f.Confirmed: lambda n, by: acts.confirm(n, by=by, now=after(4)),
    f.Reopened: lambda n, by: acts.reopen(n, by=by, now=after(4), why="x"),
    f.Closed: lambda n, by: acts.end(n, by=by, now=after(4), why="x"),
    f.Rated: lambda n, by: acts.rate(n, by=by, now=after(4), score=5),
}
PLAYS = {**OPEN, **RESOLVED}
READER = "reader@customer.example"


def taken_off_copy(number: int, by: Actor) -> None:
    writing.add_in_copy(number, by=a_leader(), now=after(1.5), address=READER)
    writing.take_off_copy(number, by=by, now=after(2), address=READER)


IN_COPY: dict[type[f.Fact], Play] = {
    f.ParticipantAdded: lambda n, by: writing.add_in_copy(n, by=by, now=after(2), address=READER),
    f.ParticipantRemoved: taken_off_copy,
}
PLAYS |= IN_COPY


def unfollowed(number: int, by: Actor) -> None:
    if by.role in WORKERS:
        writing.follow(number, by=by, now=after(1.5))
    writing.unfollow(number, by=by, now=after(2))


FOLLOWING: dict[type[f.Fact], Play] = {
    f.Followed: lambda n, by: writing.follow(n, by=by, now=after(2)),
    f.Unfollowed: unfollowed,
}
PLAYS |= FOLLOWING


def twin(number: int) -> int:
    """Another ticket of the same requester."""
    return d.new_ticket(after(1), subject="The same again")


def unmerged(number: int, by: Actor) -> None:
    acts.merge(number, by=a_leader(), now=after(1.5), into=twin(number))
    acts.unmerge(number, by=by, now=after(2))


def unlinked(number: int, by: Actor) -> None:
    other = twin(number)
    acts.link(number, by=a_leader(), now=after(1.5), to=other)
    acts.unlink(number, by=by, now=after(2), to=other)


def a_leader() -> Actor:
    return Actor.of(Person.objects.get(role="team_leader"))


def first_message(number: int) -> int:
    return int(d.facts(number, f.Received)[0].message)


JOINING: dict[type[f.Fact], Play] = {
    f.Linked: lambda n, by: acts.link(n, by=by, now=after(2), to=twin(n)),
    f.Unlinked: unlinked,
    f.MergedInto: lambda n, by: acts.merge(n, by=by, now=after(2), into=twin(n)),
    f.Unmerged: unmerged,
    f.SplitOff: lambda n, by: acts.split(n, by=by, now=after(2), messages=[first_message(n)]),
}
PLAYS |= JOINING
BY_ARTICLES: dict[type[f.Fact], Play] = {
    f.ArticleUsed: lambda n, by: library.use(n, by=by, now=after(2), article=published().pk, helped="yes"),
    f.ArticleWritten: lambda n, by: library.write(n, TEXT, by=by, now=after(2)),
}
PLAYS |= BY_ARTICLES


def untagged(number: int, by: Actor) -> None:
    describing.add_tags(number, by=a_leader(), now=after(1.5), names=["vpn"])
    describing.remove_tags(number, by=by, now=after(2), names=["vpn"])


DESCRIBING: dict[type[f.Fact], Play] = {
    f.Tagged: lambda n, by: describing.add_tags(n, by=by, now=after(2), names=["vpn"]),
    f.Untagged: untagged,
    f.FieldSet: lambda n, by: describing.fill_in(n, by=by, now=after(2), values={"site": "porto"}),
    f.TimeSpent: lambda n, by: describing.spend(n, by=by, now=after(2), minutes=5),
}
PLAYS |= DESCRIBING


def who(fact: type[f.Fact]) -> set[str]:
    """The roles that the lifecycle's table names for an act by a person."""
    return {
        role for act in ACTS if act.fact is fact and (act.froms != () and act.who != ("system",)) for role in act.who
    }


@pytest.mark.sop("R1", "R2", "R3")
@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("fact", PLAYS, ids=lambda fact: fact.__name__)
def test_each_act_is_for_the_roles_of_the_table(desk: Desk, fact: type[f.Fact], role: str) -> None:
    if fact is f.FieldSet:
        d.install(d.with_fields())
    number = d.new_ticket()
    if fact in RESOLVED:
        desk.resolve(number, after(3))
    actor = next(p for p in Person.objects.all() if p.role == role)
    by = Actor.of(actor)
    before = d.kinds(number)
    if role in who(fact):
        PLAYS[fact](number, by)
        assert fact.__name__ in d.kinds(number)[len(before) :]
    else:
        with pytest.raises(acts.NotAllowed):
            PLAYS[fact](number, by)
        assert fact.__name__ not in d.kinds(number)[len(before) :]
    assert role != AUDITOR or by.person not in {one.by for one in d.facts(number)}, "the auditor changes nothing"


def test_every_act_with_a_button_is_played() -> None:
    of_promises = {f.PromiseKept, f.PromiseWithdrawn, f.Resumed, f.KnowledgeReviewed}
    assert {act.fact for act in ACTS if act.button} <= {*PLAYS, *of_promises}


@pytest.mark.parametrize("fact", [*RESOLVED, f.RequesterWrote, f.DetailsGiven], ids=lambda fact: fact.__name__)
def test_a_stranger_cannot_act_as_the_requester_and_learns_nothing(desk: Desk, fact: type[f.Fact]) -> None:
    eve = Actor.requester(Person.objects.create_user("eve@other.example", name="Eve").pk)
    number = d.new_ticket()
    desk.resolve(number, after(3))
    before = d.kinds(number)
    plays: dict[type[f.Fact], Play] = {
        **RESOLVED,
        f.RequesterWrote: lambda n, by: acts.requester_writes(n, by=by, now=after(4), text="hi"),
        f.DetailsGiven: lambda n, by: acts.give_details(n, by=by, now=after(4), details={"urgency": "x"}),
    }
    with pytest.raises(acts.NoSuchTicket) as there:
        plays[fact](number, eve)
    with pytest.raises(acts.NoSuchTicket) as nowhere:
        plays[fact](number + 1, eve)
    assert str(there.value).replace(f"#{number}", "#") == str(nowhere.value).replace(f"#{number + 1}", "#")
    assert d.kinds(number) == before


def test_who_is_in_copy_may_write_but_not_end_it(desk: Desk) -> None:
    number = d.new_ticket(cc="bo@customer.example")
    bo = Actor.requester(Person.objects.create_user("bo@customer.example", name="Bo").pk)
    assert acts.requester_writes(number, by=bo, now=after(1), text="Me too.") == number
    desk.resolve(number, after(2))
    with pytest.raises(acts.NoSuchTicket):
        acts.confirm(number, by=bo, now=after(3))


def test_acting_on_an_old_picture_is_a_conflict(desk: Desk) -> None:
    number = d.new_ticket()
    seen = d.row(number).fact_count
    acts.requester_writes(number, by=Actor.requester(desk.rui.pk), now=after(1), text="Wait, it is the other one!")
    with pytest.raises(acts.Conflict, match="has written again"):
        desk.reply(number, after(1), seen=seen)
    with pytest.raises(acts.Conflict):
        desk.resolve(number, after(1), seen=seen)
    desk.reply(number, after(1), seen=d.row(number).fact_count)
    assert len(d.facts(number, f.Replied)) == 1


@pytest.mark.parametrize("number", [0, -1, 999, 2**62, 2**70])
def test_there_is_no_such_ticket(desk: Desk, number: int) -> None:
    with pytest.raises(acts.NoSuchTicket):
        desk.reply(number, after(1))


def test_an_act_that_fails_half_way_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = d.new_ticket()
    before, queued = d.kinds(number), len(d.posted())
    monkeypatch.setattr("forthwith.steps.close.ask", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        desk.resolve(number, after(1))
    assert (d.kinds(number), len(d.posted()), d.row(number).status) == (before, queued, "new")


def test_texts_that_no_database_keeps_are_kept_as_far_as_they_can_be(desk: Desk) -> None:
    number = d.new_ticket()
    odd = "a\x00b\ud800c"
    desk.reply(number, after(1), text=odd, next_step=odd)
    desk.resolve(number, after(2), cause=odd, solution=odd, article=odd)
    assert d.facts(number, f.Resolved)[0].cause == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_an_unassigned_ticket_is_taken_by_who_answers(desk: Desk) -> None:
    Person.objects.update(available=False)
    number = d.new_ticket()
    desk.reply(number, after(1))
    assert d.row(number).assignee_id == desk.ana.pk
    assert Actor.of(desk.rui).role == REQUESTER
