"""What an open page does with the stream, in a real browser at a real web process (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import sync_playwright

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record import links
from forthwith.steps import acts
from tests.live.desks import Desk
from tests.live.test_live_processes import web_processes

pytestmark = pytest.mark.browser
# The second is proved at the stream; here a slow machine also has to draw.
SOON_MS = 5000


def apart(act: Callable[[str], object], text: str) -> None:
    """Act in a thread of its own: Playwright keeps an event loop in this one, where Django touches no database."""

    def acted() -> None:
        try:
            act(text)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(acted).result()


@pytest.mark.sop("6.1")
def test_the_requesters_page_shows_an_answer_by_itself_and_keeps_what_is_typed(desk: Desk, chromium: str) -> None:
    token = links.token(desk.ticket, desk.requester.pk)
    with web_processes(desk, 1) as [(port, _)], sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = chrome.new_page()
        with page.expect_response(lambda answer: "/live/" in answer.url) as opened:
            page.goto(f"http://127.0.0.1:{port}/t/{token}/")
        assert opened.value.status == 200
        page.get_by_label("Write to us").fill("By the way")
        apart(desk.note, "Between us.")
        apart(desk.reply, "We are on our way.")
        page.get_by_text("We are on our way.").wait_for(timeout=SOON_MS)
        page.get_by_text("We are working on it").wait_for(timeout=SOON_MS)
        assert "Between us" not in page.content()
        assert page.get_by_label("Write to us").input_value() == "By the way"
        chrome.close()


@pytest.mark.sop("4.3")
def test_the_bell_counts_up_while_the_page_is_open(desk: Desk, chromium: str) -> None:
    other = Person.objects.create_user("bo@desk.example", name="Bo Berg", role="agent")
    name, _, value = desk.cookie(other).partition("=")

    def called_in(text: str) -> None:
        acts.note(desk.ticket, by=Actor.of(desk.agent), now=timezone.now(), text=text)

    with web_processes(desk, 1) as [(port, _)], sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = chrome.new_context(base_url=f"http://127.0.0.1:{port}")
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        with page.expect_response(lambda answer: "/live/" in answer.url):
            page.goto("/notices/")
        page.get_by_text("Nothing to tell you yet.").wait_for(timeout=SOON_MS)
        apart(called_in, "@Bo Berg, please.")
        page.locator("#bell-link [data-count='1']").wait_for(timeout=SOON_MS)
        apart(called_in, "@Bo Berg, again.")
        page.locator("#bell-link [data-count='2']").wait_for(timeout=SOON_MS)
        page.get_by_text("There is something new, show it").click()
        page.get_by_role("link", name="mentioned you in a note").first.click()
        page.locator("#bell-link:not(:has([data-count]))").wait_for(timeout=SOON_MS)
        chrome.close()
