"""Articles are found by their words, alike on both databases, and suggested by category and words (SOP 4.2)."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from forthwith.knowledge import index, reading, suggesting, uses, writing
from forthwith.knowledge.models import Article, ArticleRevision
from forthwith.knowledge.reading import Asked
from forthwith.knowledge.suggesting import About
from forthwith.procedure.case_state import Used
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk, after
from tests.record.test_queries import analyse, whole_reads
from tests.shelf import writer

PRINTER = "Since this morning the printer on the second floor prints only blank pages."


def titles(articles: list[Article]) -> list[str]:
    return [one.title for one in articles]


@pytest.fixture
def shelves(desk: Desk) -> dict[str, Article]:
    """Some articles, all published."""
    return {
        "printer": shelf.published(),
        "vpn": shelf.published(title="VPN drops", body="The tunnel closes after ten minutes.", category="network.vpn"),
        "german": shelf.published(
            title="Das VPN bricht ab", body="Grüße: Straße, 日本語のプリンター.", category="network.vpn", language="de"
        ),
        "toner": shelf.published(title="Order toner", body="Where the printer says so.", category="other"),
    }


@pytest.mark.sop("4.2")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("blank pages", ["Printer prints blank pages"]),
        ("BLANK", ["Printer prints blank pages"]),
        ("bla", ["Printer prints blank pages"]),
        ("printer", ["Printer prints blank pages", "Order toner"]),
        ("printer drum", ["Printer prints blank pages"]),
        ("strasse", ["Das VPN bricht ab"]),
        ("grusse", ["Das VPN bricht ab"]),
        ("日本", ["Das VPN bricht ab"]),
        ("vpn tunnel", ["VPN drops"]),
        ("blank vpn", []),
        ("lank", []),
        ("' OR 1=1 --", []),
        ('"*) NEAR (', []),
    ],
)
def test_words_are_found_in_any_spelling_of_their_letters(
    desk: Desk, shelves: dict[str, Article], typed: str, found: list[str]
) -> None:
    assert titles(reading.page(desk.ana, Asked(typed=typed)).articles) == found


def test_a_word_of_the_title_goes_before_one_of_the_text(desk: Desk, shelves: dict[str, Article]) -> None:
    assert titles(reading.page(desk.ana, Asked(typed="toner")).articles) == [
        "Order toner",
        "Printer prints blank pages",
    ]


def test_the_index_follows_what_is_read(desk: Desk) -> None:
    article = shelf.published()
    writing.revise(writer("ana", after(1)), article.pk, shelf.text(body="Xylophone."), base=1, why="x")
    assert reading.found(desk.ana, ["xylophone"], 5) == []
    writing.ask_review(writer("ana", after(1)), article.pk, revision=2)
    writing.publish(writer("lea", after(2)), article.pk, revision=2)
    assert reading.found(desk.ana, ["xylophone"], 5) == [article]
    assert reading.found(desk.ana, ["drum"], 5) == [], "what it said before is found no more"


def test_a_draft_is_found_in_the_list_alone(desk: Desk) -> None:
    article = shelf.draft()
    assert reading.page(desk.ana, Asked(typed="blank")).articles == [article]
    assert reading.found(desk.ana, ["blank"], 5) == []


def test_the_index_is_written_anew_from_what_is_kept(desk: Desk, shelves: dict[str, Article]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM knowledge_searched")
    assert reading.found(desk.ana, ["vpn"], 5) == []
    assert index.rebuild() == len(shelves)
    assert titles(reading.found(desk.ana, ["tunnel"], 5)) == ["VPN drops"]


def test_what_is_published_while_the_index_is_written_anew_is_found_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.published()
    later, put = shelf.in_review(body="Xylophone."), index.put

    def meanwhile(article: Article, shown: ArticleRevision) -> None:
        monkeypatch.setattr(index, "put", put)
        writing.publish(writer("lea"), later.pk, revision=1)
        put(article, shown)

    monkeypatch.setattr(index, "put", meanwhile)
    index.rebuild()
    assert index.with_any(["xylophone"], most=5) == [later.pk]


def test_a_requester_finds_nothing(desk: Desk, shelves: dict[str, Article]) -> None:
    assert reading.page(desk.rui, Asked()).articles == []
    assert reading.page(desk.rui, Asked(typed="vpn")).articles == []
    assert reading.found(desk.rui, ["vpn"], 5) == []
    assert reading.article_for(desk.rui, shelves["vpn"].pk) is None
    rules = writer("lea").procedure.knowledge
    owed = reading.owed(desk.rui, rules, after(24 * 365))
    assert (owed.due, owed.doubtful, owed.in_review, owed.wanted) == ([], [], [], [])


def test_the_list_is_paged_by_key_the_latest_change_first(desk: Desk) -> None:
    made = [shelf.draft(after(minutes=place % 3), title=f"Article {place}") for place in range(7)]
    read: list[Article] = []
    page = reading.page(desk.ana, Asked(), size=3)
    while True:
        read += page.articles
        if not page.next_key:
            break
        page = reading.page(desk.ana, Asked(), page.next_key, size=3)
    assert read == sorted(made, key=lambda one: (one.changed_at, one.pk), reverse=True)
    assert reading.page(desk.ana, Asked(), "rubbish_1").articles, "a key that says nothing is the first page"


def test_the_list_is_narrowed(desk: Desk, shelves: dict[str, Article], monkeypatch: pytest.MonkeyPatch) -> None:
    draft = shelf.draft(category="network")
    assert set(reading.page(desk.ana, Asked(category="network")).articles) == {
        draft, shelves["vpn"], shelves["german"],
    }  # fmt: skip
    assert reading.page(desk.ana, Asked(category="network", state="draft")).articles == [draft]
    assert reading.page(desk.ana, Asked(state="published", language="de")).articles == [shelves["german"]]
    assert reading.page(desk.ana, Asked(typed="vpn", language="de")).articles == [shelves["german"]]
    monkeypatch.setattr(reading, "MOST_FOUND", 1)
    for narrowed in (Asked(typed="vpn", language="de"), Asked(typed="vpn", language="en")):
        assert len(reading.page(desk.ana, narrowed).articles) == 1, "the best of those, not those of the best"
    writing.revise(writer("ana", after(1)), shelves["vpn"].pk, shelf.TEXT, base=1, why="x")
    assert shelves["vpn"] in reading.page(desk.ana, Asked(state="published")).articles, "it is read still"


def suggested(desk: Desk, category: str, text: str, language: str = "en") -> list[str]:
    procedure = writer("ana").procedure
    found = suggesting.suggested(desk.ana, About(category, text, language), procedure, procedure.knowledge.suggest)
    return titles([one.article for one in found])


@pytest.mark.sop("4.2")
def test_articles_are_suggested_for_the_category_and_the_words_of_a_ticket(
    desk: Desk, shelves: dict[str, Article]
) -> None:
    assert suggested(desk, "hardware.printer", PRINTER) == ["Printer prints blank pages"]
    assert suggested(desk, "other", PRINTER) == ["Printer prints blank pages"], (
        "a category that nobody chose says nothing"
    )
    assert suggested(desk, "software", "Nothing in common at all.") == []
    assert suggested(desk, "network", "It is slow.")[:2] == ["VPN drops", "Das VPN bricht ab"], "one below it"
    assert suggested(desk, "network.vpn", "Es bricht ab", "de")[0] == "Das VPN bricht ab", "in the requester's language"


def test_words_that_any_long_text_has_suggest_nothing(desk: Desk) -> None:
    shelf.published(
        title="A suspicious mail", body="Every team that have one send it to us.", category="other.suspicious_message"
    )
    assert suggested(desk, "hardware.printer", f"{PRINTER} Every one in our team would have it.") == []
    assert suggested(desk, "hardware.printer", "Every team would have this suspicious message.") == [
        "A suspicious mail"
    ]


def test_a_suggestion_says_why(desk: Desk, shelves: dict[str, Article]) -> None:
    procedure = writer("ana").procedure
    (one,) = suggesting.suggested(desk.ana, About("hardware.printer", PRINTER), procedure, 5)
    assert (one.category, one.words) == (True, ("printer", "prints", "blank", "pages"))


def test_what_helped_goes_before_what_did_not(desk: Desk) -> None:
    first, second = shelf.published(), shelf.published()
    numbers = [d.new_ticket() for _ in range(3)]
    for number in numbers:
        uses.record(Used(first.pk, 1, "", "no", after(1)), ticket=number, by=desk.ana.pk, now=after(1))
        uses.record(Used(second.pk, 1, "", "yes", after(1)), ticket=number, by=desk.ana.pk, now=after(1))
    procedure = writer("ana").procedure
    found = suggesting.suggested(desk.ana, About("hardware.printer", PRINTER), procedure, 5)
    assert [one.article for one in found] == [second, first]


def test_only_published_articles_are_suggested(desk: Desk) -> None:
    shelf.in_review()
    retired = shelf.published()
    writing.retire(writer("lea"), retired.pk, revision=1, why="x")
    assert suggested(desk, "hardware.printer", PRINTER) == []


def test_the_number_of_queries_is_the_same_however_many_there_are(
    desk: Desk, django_assert_max_num_queries: object
) -> None:
    for place in range(30):
        shelf.published(title=f"Printer prints blank pages {place}")
    procedure = writer("ana").procedure
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert len(suggesting.suggested(desk.ana, About("hardware.printer", PRINTER), procedure, 5)) == 5
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert len(reading.found(desk.ana, ["blank"], 4)) == 4
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        reading.owed(desk.lea, procedure.knowledge, after(1))


WHOLE = re.compile(
    r"Seq Scan on (knowledge|record)_|SCAN (knowledge|record)_\w+\b(?! USING)|USE TEMP B-TREE FOR|Sort Key"
)


WHOLE_TEXTS = re.compile(
    r"Seq Scan on (knowledge|record)_|SCAN (knowledge|record)_\w+\b(?! USING| VIRTUAL TABLE INDEX 0:M)"
)
"""What was found by words is sorted by how well it fits; it is still the words that lead to it."""


def test_no_list_of_the_library_reads_or_sorts_a_whole_table(desk: Desk) -> None:
    numbers = [d.new_ticket() for _ in range(3)]
    articles = [shelf.draft(after(minutes=place), title=f"Article {place}") for place in range(300)]
    Article.objects.filter(pk__in=[one.pk for one in articles[::2]]).update(
        published=True, failed_since=1, used_since=1, review_due=after(1)
    )
    for number in numbers:
        uses.want(number, by=desk.ana.pk, now=after(1), said="")
        uses.record(Used(articles[0].pk, 1, "", "no", after(1)), ticket=number, by=desk.ana.pk, now=after(1))
    analyse()
    rules = writer("lea").procedure.knowledge
    first = reading.page(desk.ana, Asked(), size=50)
    for read in (
        lambda: reading.page(desk.ana, Asked()),
        lambda: reading.page(desk.ana, Asked(), first.next_key),
        lambda: reading.page(desk.ana, Asked(state="published")),
        lambda: reading.page(desk.ana, Asked(state="draft")),
        lambda: reading.owed(desk.lea, rules, after(2)),
        lambda: reading.revisions_of(articles[0]),
        lambda: reading.decisions_on(articles[0]),
        lambda: reading.uses_of(articles[0]),
    ):
        assert whole_reads(read, WHOLE) == []
    for read in (
        lambda: reading.page(desk.ana, Asked(typed="article 250", category="hardware")),
        lambda: index.with_any(["article"], most=5),
    ):
        assert whole_reads(read, WHOLE_TEXTS) == []
