"""The library at the door: who may read and write there, what it costs, and what is done on a ticket (SOP 4.2, 6.2)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from forthwith.desk.article_urls import urlpatterns
from forthwith.knowledge import writing
from forthwith.knowledge.models import Article, ArticleRevision, Decision, Wanted
from forthwith.procedure import facts as f
from tests import desk_fixtures as d
from tests import shelf
from tests.desk_fixtures import Desk, as_person
from tests.shelf import writer

HOSTILE = "<script>alert(1)</script>"
POSTED_ONLY = {"article-preview", "article-do", "article-not-needed"}


def page(client: Client, address: str, status: int = 200, **headers: str) -> str:
    answer = client.get(address, headers=headers or None)
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    return str(answer.content.decode())


def ticket() -> int:
    return d.new_ticket(timezone.now())


def every_address(article: int, number: int) -> dict[str, str]:
    """Each address of the library, by its name: whatever is added is walked too."""
    values = {"int:revision": "1", "slug:key": "publish"}
    addresses = {}
    for one in urlpatterns:
        of = number if str(one.pattern).startswith("tickets/") else article
        parts = re.sub(r"<([^>]+)>", lambda found: values.get(found[1], str(of)), str(one.pattern))  # noqa: B023
        addresses[str(one.name)] = f"/{parts}"
    return addresses


# --- Who may what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["nobody", "rui", "ana", "sam", "lea", "adam", "olga"])
def test_every_address_as_everybody(desk: Desk, who: str) -> None:
    article, number = shelf.in_review(timezone.now()), ticket()
    client = Client() if who == "nobody" else as_person(getattr(desk, who))
    for name, address in every_address(article.pk, number).items():
        answer = client.post(address) if name in POSTED_ONLY else client.get(address)
        if who in ("nobody", "rui"):
            assert answer.status_code == 302, (name, answer.status_code)
            assert "/articles/" not in answer.headers["Location"].partition("?")[0], name
        elif name in ("article-new", "article-edit") and who == "olga":
            assert answer.status_code == 404, name
        elif name not in POSTED_ONLY:
            assert answer.status_code in (200, 302), (name, answer.status_code)
    assert shelf.again(article).published is False


@pytest.mark.parametrize("who", ["rui", "olga", "ana"])
def test_who_may_not_decide_changes_nothing(desk: Desk, who: str) -> None:
    article = shelf.in_review(timezone.now())
    client = as_person(getattr(desk, who))
    for key in ("publish", "send-back", "retire", "confirm"):
        answer = client.post(f"/articles/{article.pk}/do/{key}/", {"revision": 1, "why": "x"})
        assert answer.status_code == (302 if who == "rui" else 403), key
    assert [one.what for one in Decision.objects.all()] == ["asked"]


@pytest.mark.parametrize("who", ["rui", "olga"])
def test_who_does_not_work_on_tickets_writes_nothing(desk: Desk, who: str) -> None:
    article, number = shelf.published(timezone.now()), ticket()
    before = d.kinds(number)
    client = as_person(getattr(desk, who))
    posted = {"title": "t", "body": "b", "language": "en", "audience": "desk", "base": 1, "why": "w", "ticket": number}
    for address in ("/articles/new/", f"/articles/{article.pk}/edit/"):
        assert client.post(address, posted).status_code in (302, 404)
    used = client.post(f"/tickets/{number}/articles/", {"article": article.pk, "helped": "yes"})
    assert used.status_code == (302 if who == "rui" else 403)
    assert client.post(f"/tickets/{number}/articles/not-needed/").status_code == 302
    assert (ArticleRevision.objects.count(), d.kinds(number)) == (1, before)


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    article = shelf.published(timezone.now())
    client = as_person(desk.lea)
    for address in (
        "/articles/99/", f"/articles/{2**70}/", f"/articles/{article.pk}/revisions/9/", "/tickets/99/articles/",
        f"/articles/{article.pk}/compare/?from=7", "/articles/new/?ticket=99", "/articles/new/?ticket=x",
        f"/articles/{article.pk}/revisions/{2**40}/",
    ):  # fmt: skip
        page(client, address, 404)
    assert client.post(f"/articles/{article.pk}/do/burn/", {"revision": 1}).status_code == 404


# --- Reading ----------------------------------------------------------------------------------------------


def test_an_empty_library_says_how_to_begin(desk: Desk) -> None:
    assert "Nothing is written yet." in page(as_person(desk.ana), "/articles/")
    assert "The library owes nothing." in page(as_person(desk.ana), "/articles/owed/")
    assert "No article fits." in page(as_person(desk.ana), "/articles/?q=blank")


def test_an_article_is_read_as_it_was_formatted_and_nothing_in_it_runs(desk: Desk) -> None:
    article = shelf.published(
        timezone.now(), title=HOSTILE, body=f"## Do\n\n{HOSTILE}\n\n[x](javascript:alert(1)) **so**"
    )
    client = as_person(desk.ana)
    for address in (
        f"/articles/{article.pk}/",
        "/articles/",
        f"/articles/{article.pk}/revisions/1/",
        f"/articles/{article.pk}/edit/",
        f"/tickets/{ticket()}/articles/",
    ):
        said = page(client, address)
        assert HOSTILE not in said, address
        assert escape(HOSTILE) in said or "&lt;script" in said, address
    said = page(client, f"/articles/{article.pk}/")
    assert "<h2>Do</h2>" in said
    assert "<strong>so</strong>" in said
    assert 'href="javascript' not in said
    peek = page(client, f"/articles/{article.pk}/peek/", hx_request="true")
    assert HOSTILE not in peek
    assert "<strong>so</strong>" in peek


def test_the_text_to_insert_is_plain(desk: Desk) -> None:
    article = shelf.published(timezone.now(), body=HOSTILE)
    answer = as_person(desk.ana).get(f"/articles/{article.pk}/text/")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content.decode() == HOSTILE


def test_a_preview_is_cleaned(desk: Desk) -> None:
    said = as_person(desk.ana).post("/articles/preview/", {"body": f"**so** {HOSTILE}"}).content.decode()
    assert "<strong>so</strong>" in said
    assert HOSTILE not in said


@pytest.mark.sop("6.2")
def test_two_revisions_are_compared(desk: Desk) -> None:
    article = shelf.published(timezone.now())
    changed = shelf.text(body=f"{shelf.TEXT.body}\n3. {HOSTILE}", category="hardware")
    writing.revise(writer("ana", timezone.now()), article.pk, changed, base=1, why="a third step")
    said = page(as_person(desk.lea), f"/articles/{article.pk}/compare/")
    assert "a third step" in said
    assert escape(f"3. {HOSTILE}") in said
    assert "<del>Hardware › Printer or scanner</del> <ins>Hardware</ins>" in said
    assert "The text is the same." in page(as_person(desk.lea), f"/articles/{article.pk}/compare/?from=2&to=2")


def test_pages_cost_the_same_however_much_there_is(desk: Desk, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    article = shelf.published(now)
    for place in range(12):
        shelf.published(now, title=f"Article {place}")
    for base in range(1, 9):
        writing.revise(writer("ana", now), article.pk, shelf.text(body=f"x{base}"), base=base, why="x")
    number = ticket()
    client = as_person(desk.lea)
    for address, most in (
        ("/articles/", 4),
        ("/articles/?q=article", 5),
        ("/articles/owed/", 7),
        (f"/articles/{article.pk}/", 9),
        (f"/tickets/{number}/articles/", 10),
    ):
        with django_assert_max_num_queries(most):
            page(client, address)


def test_the_list_leads_to_its_next_page(desk: Desk) -> None:
    for place in range(53):
        shelf.draft(timezone.now(), title=f"Article {place}")
    client = as_person(desk.ana)
    first = page(client, "/articles/")
    at = re.search(r'href="(\?after=[^"]+)">Next page', first)
    assert at
    second = page(client, f"/articles/{at[1].replace('&amp;', '&')}")
    assert (first.count('class="article-row"'), second.count('class="article-row"')) == (50, 3)


# --- Writing ----------------------------------------------------------------------------------------------


def posted(**changed: Any) -> dict[str, Any]:
    return {"title": "Worn drums", "body": "Weigh it.", "category": "hardware.printer", "language": "en",
            "audience": "desk", "base": 0} | changed  # fmt: skip


@pytest.mark.sop("6.2")
def test_from_a_solved_ticket_to_a_published_article(desk: Desk) -> None:
    number = ticket()
    desk.resolve(number, timezone.now(), knowledge="to write")
    ana, lea = as_person(desk.ana), as_person(desk.lea)
    assert f'href="/articles/new/?ticket={number}"' in page(ana, "/articles/owed/")
    begun = page(ana, f"/articles/new/?ticket={number}")
    for said in ("Printer prints blank pages", "prints only blank pages since", "The drum was worn.", "We replaced"):
        assert said in begun
    made = ana.post("/articles/new/", posted(ticket=number))
    article = Article.objects.get()
    assert made.headers["Location"] == f"/articles/{article.pk}/"
    assert "ArticleWritten" in d.kinds(number)
    assert not Wanted.objects.exists()
    assert ana.post(f"/articles/{article.pk}/do/ask/", {"revision": 1}).status_code == 302
    assert "Publish revision 1" not in page(ana, f"/articles/{article.pk}/")
    assert "Publish revision 1" in page(lea, f"/articles/{article.pk}/")
    assert lea.post(f"/articles/{article.pk}/do/publish/", {"revision": 1}).status_code == 302
    assert shelf.again(article).published
    assert f"#{number}" in page(ana, f"/articles/{article.pk}/")


@pytest.mark.sop("6.2")
def test_an_article_begins_in_its_own_language_whoever_begins_it(desk: Desk) -> None:
    number = ticket()
    begun = as_person(desk.ana).get(f"/articles/new/?ticket={number}", headers={"accept-language": "de"})
    said = begun.content.decode()
    assert "## What happens" in said, "its language is that of the procedure"
    assert "Was geschieht" not in said


@pytest.mark.sop("6.2")
def test_a_category_that_is_gone_is_not_changed_without_a_word(desk: Desk) -> None:
    article = shelf.published(timezone.now())
    ArticleRevision.objects.update(category="hardware.fax", language="eo")
    client, address = as_person(desk.ana), f"/articles/{article.pk}/edit/"
    form = page(client, address)
    for kept in ("hardware.fax", "eo"):
        assert f'<option value="{kept}" selected>{kept} (no longer in the procedure)</option>' in form
    answer = client.post(address, posted(base=1, why="typo", category="hardware.fax"))
    assert answer.status_code == 422
    assert "Choose a category that the procedure has." in answer.content.decode()
    assert '<option value="hardware.fax" selected>' in answer.content.decode()
    assert ArticleRevision.objects.count() == 1


def test_a_refusal_keeps_what_was_typed(desk: Desk) -> None:
    client = as_person(desk.ana)
    answer = client.post("/articles/new/", posted(title="", body="Long thought about."))
    assert answer.status_code == 422
    assert "Long thought about." in answer.content.decode()
    answer = client.post("/articles/new/", posted(category="hardware.toaster"))
    assert answer.status_code == 422
    assert not Article.objects.exists()


@pytest.mark.sop("6.2")
def test_who_was_overtaken_sees_what_the_other_changed_and_saves_after_all(desk: Desk) -> None:
    article = shelf.published(timezone.now())
    theirs = shelf.text(body="Ben's step.", category="hardware", title="Drums")
    writing.revise(writer("ben", timezone.now()), article.pk, theirs, base=1, why="b")
    client, address = as_person(desk.ana), f"/articles/{article.pk}/edit/"
    answer = client.post(address, posted(base=1, why="mine", body="Ana's step."))
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "Ben saved revision 2 while you were writing." in said
    assert re.search(r'name="base" value="2"', said)
    assert "<del>Hardware</del> <ins>Hardware › Printer or scanner</ins>" in said, "what is taken back is shown too"
    assert "<del>Drums</del> <ins>Worn drums</ins>" in said
    assert "Ana&#x27;s step." in said
    assert client.post(address, posted(base=2, why="mine", body="Both.")).status_code == 302
    assert [one.body for one in ArticleRevision.objects.order_by("number")] == [shelf.TEXT.body, "Ben's step.", "Both."]


def test_a_decision_that_came_too_late_says_so_on_the_page_as_it_is_now(desk: Desk) -> None:
    article = shelf.in_review(timezone.now())
    writing.revise(writer("ben", timezone.now()), article.pk, shelf.text(body="Later."), base=1, why="x")
    answer = as_person(desk.lea).post(f"/articles/{article.pk}/do/publish/", {"revision": 1})
    assert answer.status_code == 409
    assert "Ben saved revision 2" in answer.content.decode()
    answer = as_person(desk.lea).post(f"/articles/{article.pk}/do/retire/", {"revision": 2, "why": ""})
    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()


# --- On a ticket ------------------------------------------------------------------------------------------


@pytest.mark.sop("4.2")
def test_the_panel_offers_what_fits_and_records_that_one_worked_by_it(desk: Desk) -> None:
    article, number = shelf.published(timezone.now()), ticket()
    client, address = as_person(desk.ana), f"/tickets/{number}/articles/"
    offered = page(client, address, hx_request="true")
    assert offered.lstrip()[:15] != "<!doctype html>"
    assert article.title in offered
    assert "its category" in offered
    answer = client.post(address, {"article": article.pk, "helped": "yes"}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "It helped" in answer.content.decode()
    assert [fact.helped for fact in d.facts(number, f.ArticleUsed)] == ["yes"]
    again = client.post(address, {"article": article.pk, "helped": "no"})
    assert again.headers["Location"] == f"/tickets/{number}/"
    assert shelf.again(article).failed == 1
    assert "it helped: no" in page(client, f"/tickets/{number}/")


def test_the_panel_searches(desk: Desk) -> None:
    shelf.published(timezone.now())
    vpn = shelf.published(timezone.now(), title="VPN drops", category="network.vpn")
    client, address = as_person(desk.ana), f"/tickets/{ticket()}/articles/"
    found = page(client, f"{address}?q=vpn", hx_request="true")
    assert vpn.title in found
    assert "Printer" not in found
    assert "No published article has all of these words." in page(client, f"{address}?q=zzz", hx_request="true")


@pytest.mark.parametrize("wrong", [{}, {"article": "x", "helped": "yes"}, {"article": 99, "helped": "yes"}])
def test_what_cannot_be_recorded_is_said(desk: Desk, wrong: dict[str, Any]) -> None:
    number = ticket()
    answer = as_person(desk.ana).post(f"/tickets/{number}/articles/", wrong, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.content.decode()
    assert d.facts(number, f.ArticleUsed) == []


def test_an_article_for_the_desk_alone_goes_into_notes_only(desk: Desk) -> None:
    shelf.published(timezone.now())
    offered = page(as_person(desk.ana), f"/tickets/{ticket()}/articles/", hx_request="true")
    assert 'data-inserts-into="note"' in offered
    assert 'data-inserts-into="reply"' not in offered
    shelf.published(timezone.now(), audience="requesters")
    offered = page(as_person(desk.ana), f"/tickets/{ticket()}/articles/", hx_request="true")
    assert 'data-inserts-into="reply"' in offered


def test_the_ticket_page_itself_asks_the_library_nothing(desk: Desk, django_assert_max_num_queries: Any) -> None:
    shelf.published(timezone.now())
    number = ticket()
    client = as_person(desk.ana)
    with django_assert_max_num_queries(15) as asked:
        said = page(client, f"/tickets/{number}/")
    assert f'hx-get="/tickets/{number}/articles/"' in said
    assert not [one for one in asked.captured_queries if "knowledge_" in one["sql"]]


@pytest.mark.sop("6.2")
def test_resolving_begins_with_the_article_that_helped(desk: Desk) -> None:
    article, number = shelf.published(timezone.now()), ticket()
    client = as_person(desk.ana)
    client.post(f"/tickets/{number}/articles/", {"article": article.pk, "helped": "yes"})
    form = page(client, f"/tickets/{number}/do/resolve/", hx_request="true")
    assert re.search(r'value="used"[^>]*checked', form)
    assert f'value="{article.title}"' in form


@pytest.mark.sop("6.2")
def test_not_needed_takes_a_wanted_article_off_the_list(desk: Desk) -> None:
    number = ticket()
    desk.resolve(number, timezone.now(), knowledge="to write")
    client = as_person(desk.ana)
    assert client.post(f"/tickets/{number}/articles/not-needed/").headers["Location"] == "/articles/owed/"
    assert d.facts(number, f.KnowledgeReviewed)[-1].decision == "not needed"
    assert f"/tickets/{number}/" not in page(client, "/articles/owed/")


# --- In the search ----------------------------------------------------------------------------------------


@pytest.mark.sop("4.2")
def test_the_search_finds_articles_beside_tickets(desk: Desk) -> None:
    article = shelf.published(timezone.now(), title=f"Blank pages {HOSTILE}")
    shelf.draft(timezone.now(), title="Blank draft")
    ticket()
    said = page(as_person(desk.ana), "/search/?q=blank", hx_request="true", hx_target="search-found")
    assert f'href="/articles/{article.pk}/"' in said
    assert HOSTILE not in said
    assert "Blank draft" not in said
    assert 'id="search-articles"' not in page(as_person(desk.ana), "/search/?q=status:open")


def test_the_search_goes_to_the_library(desk: Desk) -> None:
    assert 'href="/articles/"' in page(as_person(desk.ana), "/search/?q=articles")
