"""Working by articles on tickets: the facts, what they prove, the counts, what is wanted (SOP 4.2, 6.2)."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from forthwith.knowledge import reading, writing
from forthwith.knowledge.models import Article, Use, Wanted
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.conformance import judge
from forthwith.record import door, printed, procedures
from forthwith.steps import acts, library
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk, after
from tests.shelf import writer


def use(desk: Desk, number: int, article: Article, helped: str = "yes", hours: float = 1) -> None:
    library.use(number, by=Actor.of(desk.ana), now=after(hours), article=article.pk, helped=helped)


def counts(article: Article) -> tuple[int, int, int, int]:
    found = shelf.again(article)
    return found.used, found.helped, found.helped_in_part, found.failed


def verdict(number: int, step: str, hours: float = 2) -> tuple[str, str]:
    procedure = procedures.load(d.row(number).revision_id)
    found = judge(door.facts_of(number), procedure, after(hours))[step]
    return found.outcome, found.why


@pytest.mark.sop("4.2")
def test_working_by_an_article_is_on_record_and_proves_the_step(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    assert verdict(number, "4.2")[0] == "not due"
    use(desk, number, article, "in part")
    (fact,) = d.facts(number, f.ArticleUsed)
    assert (fact.article, fact.revision, fact.helped, fact.title, fact.by) == (
        article.pk, 1, "in part", article.title, desk.ana.pk,
    )  # fmt: skip
    assert verdict(number, "4.2") == ("met", "Articles followed: 1.")
    assert counts(article) == (1, 0, 1, 0)


@pytest.mark.sop("4.2")
def test_a_runbook_and_an_article_prove_it_together(desk: Desk) -> None:
    number = d.new_ticket()
    use(desk, number, shelf.published())
    step = "Check paper, toner, doors and cables; clear any jam."
    acts.tick(number, by=Actor.of(desk.ana), now=after(1), step=step)
    assert verdict(number, "4.2") == ("met", "Runbook steps followed: 1. Articles followed: 1.")


def test_what_is_said_later_takes_the_place_of_what_was_said_before(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    use(desk, number, article, "yes", 1)
    use(desk, number, article, "no", 2)
    assert counts(article) == (1, 0, 0, 1)
    assert [fact.helped for fact in d.facts(number, f.ArticleUsed)] == ["yes", "no"], "both stay on record"
    assert Use.objects.get().helped == "no"
    assert verdict(number, "4.2", 3) == ("met", "Articles followed: 1.")


def test_only_a_published_article_is_worked_by_and_the_revision_is_the_one_that_is_read(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.in_review()
    with pytest.raises(acts.Refused, match="not published"):
        use(desk, number, article)
    writing.publish(writer("lea"), article.pk, revision=1)
    writing.revise(writer("ana"), article.pk, shelf.TEXT, base=1, why="x")
    use(desk, number, article)
    assert d.facts(number, f.ArticleUsed)[0].revision == 1
    with pytest.raises(acts.Refused, match="Say whether it helped"):
        use(desk, number, article, "perhaps")
    with pytest.raises(acts.Refused, match="not published"):
        library.use(number, by=Actor.of(desk.ana), now=after(1), article=2**63, helped="yes")


def test_a_use_that_is_refused_leaves_no_count(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    acts.merge(number, by=Actor.of(desk.ana), now=after(1), into=d.new_ticket(after(0.5)))
    with pytest.raises(acts.NotAllowed, match=r"(?i)merged"):
        use(desk, number, article, hours=2)
    assert counts(article) == (0, 0, 0, 0)


@pytest.mark.sop("6.2")
def test_an_article_that_often_fails_is_doubtful_until_somebody_says_that_it_is_right(desk: Desk) -> None:
    article = shelf.published()
    rules = writer("lea").procedure.knowledge
    for helped, doubtful in (("no", False), ("yes", False), ("no", True)):
        use(desk, d.new_ticket(), article, helped)
        assert (reading.owed(desk.lea, rules, after(2)).doubtful == [article]) is doubtful, "three uses, half of them"
    writing.revise(writer("ben", after(3)), article.pk, shelf.text(body="Better."), base=1, why="better")
    writing.ask_review(writer("ben", after(3)), article.pk, revision=2)
    writing.publish(writer("lea", after(4)), article.pk, revision=2)
    assert reading.owed(desk.lea, rules, after(5)).doubtful == []
    assert counts(article) == (3, 1, 0, 2), "what was counted stays"


def test_a_word_about_an_earlier_use_does_not_count_against_what_was_reviewed_since(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    use(desk, number, article, "no", 1)
    writing.confirm(writer("lea", after(2)), article.pk, revision=1)
    use(desk, number, article, "yes", 3)
    found = shelf.again(article)
    assert (found.used_since, found.failed_since, found.used, found.failed) == (1, 0, 1, 0)


def test_a_use_at_the_very_instant_of_a_review_can_be_said_otherwise(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    use(desk, number, article, "no", 1)
    writing.confirm(writer("lea", after(1)), article.pk, revision=1)
    use(desk, number, article, "yes", 2)
    found = shelf.again(article)
    assert (found.used_since, found.failed_since, found.used, found.failed) == (1, 0, 1, 0)


@pytest.mark.sop("6.2")
def test_a_ticket_that_was_merged_wants_no_article_until_it_goes_on_by_itself(desk: Desk) -> None:
    number, by = d.new_ticket(), Actor.of(desk.ana)
    desk.resolve(number, after(1), knowledge="to write")
    rules = writer("lea").procedure.knowledge
    acts.merge(number, by=by, now=after(2), into=d.new_ticket(after(1.5)))
    assert reading.owed(desk.lea, rules, after(3)).wanted == [], "it is decided where the work goes on"
    acts.unmerge(number, by=by, now=after(3))
    assert [one.ticket_id for one in reading.owed(desk.lea, rules, after(3)).wanted] == [number]


@pytest.mark.sop("6.2")
def test_an_article_from_a_ticket_is_on_its_record_and_proves_the_step(desk: Desk) -> None:
    number = d.new_ticket()
    desk.resolve(number, after(1), knowledge="to write", article="Worn drums")
    assert verdict(number, "6.2") == ("met", "Knowledge base: to write.")
    assert [(one.ticket_id, one.said, one.by) for one in Wanted.objects.all()] == [(number, "Worn drums", desk.ana)]
    article = library.write(number, shelf.TEXT, by=Actor.of(desk.ana), now=after(2))
    assert (article.state, article.ticket_id) == ("draft", number)
    (fact,) = d.facts(number, f.ArticleWritten)
    assert (fact.article, fact.revision, fact.title) == (article.pk, 1, shelf.TEXT.title)
    assert verdict(number, "6.2", 3) == ("met", "Knowledge base: an article was written.")
    assert not Wanted.objects.exists()


@pytest.mark.sop("6.2")
def test_a_revision_that_a_ticket_taught_is_on_its_record_too(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    by = Actor.of(desk.ana)
    library.revise(number, article.pk, shelf.text(body="More."), by=by, now=after(1), base=1, why="from a ticket")
    assert d.facts(number, f.ArticleWritten)[0].revision == 2
    assert verdict(number, "6.2")[0] == "met"
    with pytest.raises(writing.Overtaken):
        library.revise(number, article.pk, shelf.TEXT, by=by, now=after(2), base=1, why="late")
    assert len(d.facts(number, f.ArticleWritten)) == 1, "nothing is on record that was not saved"


def test_what_cannot_be_saved_leaves_no_fact(desk: Desk) -> None:
    number = d.new_ticket()
    with pytest.raises(acts.Refused, match="a title"):
        library.write(number, shelf.text(title=""), by=Actor.of(desk.ana), now=after(1))
    assert d.facts(number, f.ArticleWritten) == []
    assert not Article.objects.exists()


@pytest.mark.sop("6.2")
def test_an_article_is_wanted_until_it_is_decided_otherwise(desk: Desk) -> None:
    number = d.new_ticket()
    desk.resolve(number, after(1), knowledge="to write")
    rules = writer("lea").procedure.knowledge
    assert [one.ticket_id for one in reading.owed(desk.lea, rules, after(2)).wanted] == [number]
    library.decide(number, by=Actor.of(desk.ana), now=after(2), decision="not needed")
    assert reading.owed(desk.lea, rules, after(2)).wanted == []
    assert d.facts(number, f.KnowledgeReviewed)[-1].decision == "not needed"


@pytest.mark.sop("4.2", "6.2")
def test_a_ticket_as_json_says_by_which_articles_it_was_worked(desk: Desk) -> None:
    number, article = d.new_ticket(), shelf.published()
    use(desk, number, article)
    written = library.write(number, shelf.TEXT, by=Actor.of(desk.ana), now=after(2))
    said = json.loads(json.dumps(printed.whole(d.row(number), timezone.now())))["articles"]
    assert said == {
        "used": [
            {
                "article": article.pk,
                "revision": 1,
                "title": article.title,
                "helped": "yes",
                "at": "2026-03-02T11:00:00Z",
            }
        ],
        "written": [written.pk],
    }
