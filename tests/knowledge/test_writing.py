"""Articles are written, reviewed by somebody else, published, looked at again, retired; nothing is ever changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from forthwith.knowledge import reading, writing
from forthwith.knowledge.models import Article, ArticleRevision, Decision
from forthwith.people.models import Person
from forthwith.procedure.lifecycle import NotAllowed
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk, after
from tests.shelf import writer

SIX_MONTHS = timedelta(days=180)


@pytest.mark.sop("6.2", "D2")
def test_from_a_draft_to_a_published_article(desk: Desk) -> None:
    article = shelf.draft()
    assert (article.state, article.published, article.latest, article.shown) == ("draft", False, 1, 1)
    assert writing.ask_review(writer("ben", after(1)), article.pk, revision=1).state == "in_review"
    done = writing.publish(writer("lea", after(2)), article.pk, revision=1)
    assert (done.state, done.published, done.reviewed_at) == ("published", True, after(2))
    assert done.review_due == after(2) + SIX_MONTHS, "as the procedure says"
    assert [(one.what, str(one.by), one.at) for one in reading.decisions_on(article)] == [
        ("published", "Lea", after(2)),
        ("asked", "Ben", after(1)),
    ]


@pytest.mark.sop("6.2")
def test_nobody_publishes_what_they_wrote_themselves(desk: Desk) -> None:
    article = writing.begin(writer("lea"), shelf.TEXT)
    writing.ask_review(writer("lea"), article.pk, revision=1)
    with pytest.raises(NotAllowed, match="somebody else reviews it"):
        writing.publish(writer("lea"), article.pk, revision=1)
    with pytest.raises(NotAllowed, match="somebody else"):
        writing.send_back(writer("lea"), article.pk, revision=1, why="mine")
    assert writing.publish(writer("adam"), article.pk, revision=1).published


@pytest.mark.sop("6.2")
def test_nor_what_they_wrote_a_part_of_since_it_was_published_last(desk: Desk) -> None:
    article = shelf.published()
    writing.revise(writer("lea"), article.pk, shelf.text(body="Shorter."), base=1, why="shorter")
    writing.revise(writer("ben"), article.pk, shelf.text(body="Shorter still."), base=2, why="typo")
    writing.ask_review(writer("ben"), article.pk, revision=3)
    with pytest.raises(NotAllowed, match="wrote part"):
        writing.publish(writer("lea"), article.pk, revision=3)
    assert writing.publish(writer("adam"), article.pk, revision=3).shown == 3


@pytest.mark.sop("6.2", "R2")
@pytest.mark.parametrize("name", ["ana", "sam", "olga"])
def test_only_those_review_whom_the_procedure_names(desk: Desk, name: str) -> None:
    article = shelf.in_review()
    for decide in (
        lambda: writing.publish(writer(name), article.pk, revision=1),
        lambda: writing.send_back(writer(name), article.pk, revision=1, why="x"),
        lambda: writing.retire(writer(name), article.pk, revision=1, why="x"),
        lambda: writing.confirm(writer(name), article.pk, revision=1),
    ):
        with pytest.raises(NotAllowed, match="team leader, administrator"):
            decide()
    assert shelf.again(article).state == "in_review"


@pytest.mark.django_db
def test_another_procedure_names_others_and_another_time() -> None:
    who = ("reviewed_by: [team_leader, administrator]", "reviewed_by: [agent]")
    d.install(d.variant(who, ("review_every: 180 d", "review_every: 30 d")))
    d.hire()
    article = shelf.in_review()
    done = writing.publish(writer("ana"), article.pk, revision=1)
    assert done.review_due == d.MONDAY + timedelta(days=30)
    with pytest.raises(NotAllowed):
        writing.confirm(writer("lea"), article.pk, revision=1)


def test_the_published_revision_is_read_until_the_next_one_is_published(desk: Desk) -> None:
    article = shelf.published()
    changed = shelf.text(title="Blank pages", category="hardware")
    writing.revise(writer("ana", after(1)), article.pk, changed, base=1, why="shorter title")
    waits = shelf.again(article)
    assert (waits.title, waits.category, waits.shown, waits.latest) == (article.title, "hardware.printer", 1, 2)
    assert (waits.published, waits.state) == (True, "draft")
    assert reading.found(desk.ana, ["blank", "pages"], 5) == [article]
    writing.ask_review(writer("ana", after(1)), article.pk, revision=2)
    done = writing.publish(writer("lea", after(2)), article.pk, revision=2)
    assert (done.title, done.category, done.shown) == ("Blank pages", "hardware", 2)


@pytest.mark.sop("6.2")
def test_two_who_write_at_once_are_told_of_one_another_and_nothing_is_lost(desk: Desk) -> None:
    article = shelf.published()
    writing.revise(writer("ana", after(1)), article.pk, shelf.text(body="Ana's."), base=1, why="hers")
    with pytest.raises(writing.Overtaken, match=r"Ana saved revision 2 while you were writing") as overtaken:
        writing.revise(writer("ben", after(2)), article.pk, shelf.text(body="Ben's."), base=1, why="his")
    assert overtaken.value.latest == 2
    writing.revise(writer("ben", after(2)), article.pk, shelf.text(body="Both."), base=2, why="both")
    said = ArticleRevision.objects.filter(article=article).order_by("number")
    assert [(one.number, one.body) for one in said] == [(1, shelf.TEXT.body), (2, "Ana's."), (3, "Both.")]


def test_what_was_reviewed_is_what_is_published(desk: Desk) -> None:
    article = shelf.in_review()
    writing.revise(writer("ana", after(1)), article.pk, shelf.text(body="Other."), base=1, why="later")
    with pytest.raises(writing.Overtaken, match="revision 2"):
        writing.publish(writer("lea", after(2)), article.pk, revision=1)
    with pytest.raises(writing.Refused, match="a draft by now"):
        writing.publish(writer("lea", after(2)), article.pk, revision=2)


@pytest.mark.sop("6.2")
def test_what_is_decided_is_about_the_revision_that_was_read(desk: Desk) -> None:
    article = shelf.draft()
    writing.revise(writer("ana", after(1)), article.pk, shelf.text(body="Other."), base=1, why="later")
    with pytest.raises(writing.Overtaken, match="Ana saved revision 2"):
        writing.ask_review(writer("ben", after(2)), article.pk, revision=1)
    with pytest.raises(writing.Overtaken, match="Ana saved revision 2"):
        writing.retire(writer("lea", after(2)), article.pk, revision=1, why="wrong")
    writing.ask_review(writer("ben", after(2)), article.pk, revision=2)
    writing.publish(writer("lea", after(3)), article.pk, revision=2)
    with pytest.raises(writing.Refused, match="Revision 2 has been published since you looked"):
        writing.confirm(writer("adam", after(4)), article.pk, revision=1)
    assert writing.confirm(writer("adam", after(4)), article.pk, revision=2).reviewed_at == after(4)


@pytest.mark.sop("6.2")
def test_who_wrote_long_ago_reviews_what_is_new_after_it_was_retired(desk: Desk) -> None:
    article = writing.begin(writer("lea"), shelf.TEXT)
    writing.ask_review(writer("lea"), article.pk, revision=1)
    writing.publish(writer("adam", after(1)), article.pk, revision=1)
    writing.retire(writer("lea", after(2)), article.pk, revision=1, why="The printers are gone.")
    writing.revise(writer("ben", after(3)), article.pk, shelf.text(body="New ones."), base=1, why="new printers")
    writing.ask_review(writer("ben", after(3)), article.pk, revision=2)
    assert writing.authors_since_published(shelf.again(article)) == {Person.objects.get(name="Ben").pk}
    assert writing.publish(writer("lea", after(4)), article.pk, revision=2).shown == 2


def test_sent_back_with_a_reason_it_is_a_draft_again(desk: Desk) -> None:
    article = shelf.in_review()
    with pytest.raises(writing.Refused, match="Say why"):
        writing.send_back(writer("lea"), article.pk, revision=1, why="  ")
    assert writing.send_back(writer("lea"), article.pk, revision=1, why="Which drum?").state == "draft"
    assert reading.decisions_on(article)[0].why == "Which drum?"


@pytest.mark.sop("6.2")
def test_a_retired_article_is_found_no_more_and_a_new_revision_brings_it_back(desk: Desk) -> None:
    article = shelf.published()
    done = writing.retire(writer("lea", after(1)), article.pk, revision=1, why="The printers are gone.")
    assert (done.state, done.published, done.review_due) == ("retired", False, None)
    assert reading.found(desk.ana, ["blank"], 5) == []
    assert reading.page(desk.ana, reading.Asked(state="retired")).articles == [article], "it stays readable"
    with pytest.raises(writing.Refused, match="retired already"):
        writing.retire(writer("lea"), article.pk, revision=1, why="again")
    writing.revise(writer("ben", after(2)), article.pk, shelf.TEXT, base=1, why="new printers")
    writing.ask_review(writer("ben", after(2)), article.pk, revision=2)
    writing.publish(writer("lea", after(3)), article.pk, revision=2)
    assert reading.found(desk.ana, ["blank"], 5) == [article]


@pytest.mark.sop("6.2")
def test_an_article_whose_review_is_due_is_listed_until_it_is_confirmed(desk: Desk) -> None:
    article = shelf.published()
    rules = writer("lea").procedure.knowledge
    just_before = d.MONDAY + SIX_MONTHS - timedelta(seconds=1)
    assert reading.owed(desk.lea, rules, just_before).due == []
    assert reading.owed(desk.lea, rules, d.MONDAY + SIX_MONTHS).due == [article]
    later = d.MONDAY + SIX_MONTHS
    assert writing.confirm(writer("lea", later), article.pk, revision=1).review_due == later + SIX_MONTHS
    assert reading.owed(desk.lea, rules, later).due == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"title": "  "}, "a title and a text"),
        ({"body": "\n"}, "a title and a text"),
        ({"title": "x" * 201}, "longer than 200"),
        ({"body": "x" * 40_001}, "longer than 40,000"),
        ({"category": "hardware.toaster"}, "category"),
        ({"language": "xx"}, "language"),
        ({"audience": "everybody"}, "who may read it"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(desk: Desk, changed: dict[str, Any], says: str) -> None:
    with pytest.raises(writing.Refused, match=says):
        shelf.draft(**changed)
    assert not Article.objects.exists()


def test_what_no_database_can_keep_is_replaced(desk: Desk) -> None:
    article = shelf.draft(title="Null\0 and \ud800", body="a\0b")
    assert article.title == "Null\ufffd and \ufffd"
    assert article.revisions.get().body == "a\ufffdb"


def test_a_revision_says_what_was_changed(desk: Desk) -> None:
    article = shelf.draft()
    with pytest.raises(writing.Refused, match="what you changed"):
        writing.revise(writer("ana"), article.pk, shelf.TEXT, base=1, why=" ")


def test_an_auditor_and_a_requester_write_nothing(desk: Desk) -> None:
    for person in (desk.olga, desk.rui):
        by = writing.Writer(person, writer("ana").procedure, d.MONDAY)
        with pytest.raises(NotAllowed):
            writing.begin(by, shelf.TEXT)
    assert not Article.objects.exists()


def test_a_number_is_one_revisions_only(desk: Desk) -> None:
    article = shelf.draft()
    twice = {"title": "t", "body": "b", "language": "en", "audience": "desk", "by": desk.ana, "at": d.MONDAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleRevision.objects.create(article=article, number=1, **twice)
    assert Decision.objects.count() == 0
