"""The library in a real browser: read, written and reviewed by keyboard, and articles beside a ticket.

`FORTHWITH_TEST_SCREENSHOTS` names a folder that gets a picture of each state.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.knowledge import writing
from forthwith.procedure import facts as f
from tests import desk_fixtures as d
from tests import shelf
from tests.browser.visits import EACH, accessible
from tests.desk_fixtures import Desk
from tests.shelf import writer

pytestmark = pytest.mark.browser


@pytest.mark.sop("4.2")
def test_an_article_is_found_read_inserted_and_worked_by_beside_a_ticket(
    desk: Desk, page_of: Any, complaints: list[str]
) -> None:
    now = timezone.now()
    shelf.published(now, audience="requesters", body="Take the **drum** out.")
    vpn = shelf.published(now, title="VPN drops", category="network.vpn")
    number = d.new_ticket(now)
    page: Page = page_of(desk.ana, f"/tickets/{number}/")
    panel = page.locator(".articles-panel")
    panel.scroll_into_view_if_needed()
    expect(panel.get_by_role("link", name=shelf.TEXT.title)).to_be_visible()
    page.keyboard.press("h")
    expect(page.locator("#articles-q")).to_be_focused()
    page.keyboard.type("vpn")
    expect(panel.get_by_role("link", name=vpn.title)).to_be_visible()
    page.locator("#articles-q").fill("")
    panel.get_by_role("link", name=shelf.TEXT.title).click()
    expect(page.locator("#peek")).to_be_visible()
    accessible(page, "peek", inside="#peek")
    page.keyboard.press("i")
    expect(page.locator("#reply-text")).to_have_value("Take the **drum** out.")
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    expect(panel.get_by_role("link", name=shelf.TEXT.title)).to_be_focused()
    panel.get_by_text("I worked by it").first.click()
    panel.get_by_role("button", name="It helped", exact=True).click()
    expect(panel.get_by_text("It helped ·")).to_be_visible()
    assert [fact.helped for fact in d.facts(number, f.ArticleUsed)] == ["yes"]
    # The ticket's news comes; the panel stays as it is, and what is typed in it too.
    page.locator("#articles-q").fill("vpn")
    expect(panel.get_by_role("link", name=vpn.title)).to_be_visible()
    page.evaluate("htmx.trigger('[data-live]', 'live')")
    expect(page.locator("#conversation")).to_contain_text("worked by the article")
    expect(page.locator("#articles-q")).to_have_value("vpn")
    expect(page.locator("#articles-q")).to_be_focused()
    expect(panel.get_by_role("link", name=vpn.title)).to_be_visible()
    assert complaints == []


def test_a_link_goes_into_a_note_at_the_cursor(desk: Desk, page_of: Any, complaints: list[str]) -> None:
    now = timezone.now()
    article = shelf.published(now)
    page: Page = page_of(desk.ana, f"/tickets/{d.new_ticket(now)}/")
    panel = page.locator(".articles-panel")
    panel.scroll_into_view_if_needed()
    page.locator("label", has_text="Note").first.click()
    page.locator("#note-text").fill("See there.")
    page.locator("#note-text").evaluate("field => field.setSelectionRange(3, 3)")
    panel.get_by_role("button", name="Link in note").click()
    expect(page.locator("#note-text")).to_have_value(
        f"See\n{article.title}: {page.evaluate('location.origin')}/articles/{article.pk}/\n there."
    )
    assert complaints == []


@pytest.mark.sop("6.2")
def test_an_article_is_written_previewed_reviewed_and_published(
    desk: Desk, page_of: Any, complaints: list[str]
) -> None:
    page: Page = page_of(desk.ana, "/articles/")
    page.keyboard.press("w")
    page.wait_for_url("**/articles/new/")
    page.get_by_label("Title").fill("Worn drums")
    page.get_by_label("Text").fill("Take it **out**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#article-preview strong")).to_have_text("out")
    page.get_by_label("Text").press("Control+Enter")
    expect(page.get_by_role("heading", name="Worn drums")).to_be_visible()
    page.get_by_role("button", name="Ask for a review").click()
    expect(page.get_by_text("In review").first).to_be_visible()
    at = page.url.partition("/articles/")[2]
    review: Page = page_of(desk.lea, f"/articles/{at}")
    review.get_by_role("button", name="Publish revision 1").click()
    expect(review.get_by_text("Published", exact=True)).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize(("size", "scheme"), EACH)
def test_the_pages_are_sound(
    desk: Desk, page_of: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    now = timezone.now()
    article = shelf.published(
        now, body="## Do\n\n1. a `b`\n\n```\nlong line " + "x" * 200 + "\n```\n\n|a|b|\n|-|-|\n|1|2|"
    )
    writing.revise(writer("ana", now), article.pk, shelf.text(body="## Do\n\n1. a `c`"), base=1, why="c")
    writing.ask_review(writer("ana", now), article.pk, revision=2)
    number = d.new_ticket(now)
    desk.resolve(number, now, knowledge="to write", article="Worn drums")
    how = {"viewport": size, "color_scheme": scheme}
    at = f"{size['width']}-{scheme}"
    addresses = {
        "list": "/articles/",
        "none": "/articles/?q=zzz",
        "owed": "/articles/owed/",
        "article": f"/articles/{article.pk}/",
        "revision": f"/articles/{article.pk}/revisions/2/",
        "compare": f"/articles/{article.pk}/compare/",
        "edit": f"/articles/{article.pk}/edit/",
        "from-ticket": f"/articles/new/?ticket={number}",
        "ticket": f"/tickets/{number}/articles/",
    }
    for name, address in addresses.items():
        page: Page = page_of(desk.lea, address, **how)
        accessible(page, f"{name}-{at}")
    page = page_of(desk.lea, f"/tickets/{number}/", **how)
    page.locator(".articles-panel").scroll_into_view_if_needed()
    expect(page.locator(".articles-panel").get_by_role("link", name=article.title)).to_be_visible()
    accessible(page, f"panel-{at}", inside=".articles-panel")
    assert complaints == []
