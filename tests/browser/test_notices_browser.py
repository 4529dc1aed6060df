"""Notices in a real browser: `@` in a note by keyboard alone, the bell, and what axe says (SOP 4.3, 6.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.visits import faults
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def number(desk: Desk) -> int:
    return d.new_ticket(timezone.now() - timedelta(minutes=5))


@pytest.mark.sop("6.1")
def test_somebody_is_called_in_by_keyboard_alone(
    desk: Desk, number: int, page: Page, sign_in: Any, complaints: list[str]
) -> None:
    Person.objects.create_user("benta@desk.example", name="Benta Åberg", role="agent")
    sign_in(desk.ana)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/colleagues/" in request.url else None)
    page.goto(f"/tickets/{number}/")
    page.keyboard.press("n")
    page.keyboard.type("Please look, x@ben and @be")
    options = page.get_by_role("listbox", name="People of the desk").get_by_role("option")
    expect(options).to_have_text(["BenSupport agent", "Benta ÅbergSupport agent"])
    expect(options.first).to_have_attribute("aria-selected", "true")
    field = page.locator("#note-text")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "listbox-1")
    assert faults(page) == ""
    page.keyboard.press("Tab")
    expect(field).to_have_value("Please look, x@ben and @Benta Åberg ")
    expect(field).to_be_focused()
    expect(options).to_have_count(0)
    page.keyboard.type("@abe")
    expect(options).to_have_text(["Benta ÅbergSupport agent"])
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    for _ in "@abe":
        page.keyboard.press("Backspace")
    page.keyboard.type("@SA")
    expect(options).to_have_text(["SamSpecialist"])
    page.keyboard.press("Enter")
    assert len(asked) == 1, "the people are fetched once"
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.note .body")).to_have_text("Please look, x@ben and @Benta Åberg @Sam")
    benta = Person.objects.get(email="benta@desk.example")
    assert d.facts(number, f.Noted)[0].mentioned == (benta.pk, desk.sam.pk)
    assert [notice.event for notice in d.told(desk.sam)] == ["mentioned"]
    expect(page.locator("#ticket-head")).to_contain_text("followed by Benta Åberg, Sam")
    assert complaints == []


def test_a_list_that_could_not_be_fetched_is_asked_for_again(desk: Desk, number: int, page: Page, sign_in: Any) -> None:
    sign_in(desk.ana)
    page.route("**/colleagues/", lambda route: route.abort(), times=1)
    page.goto(f"/tickets/{number}/")
    page.keyboard.press("n")
    with page.expect_event("requestfailed"):
        page.keyboard.type("@b")
    page.keyboard.type("e")
    expect(page.get_by_role("option", name="Ben")).to_be_visible()


@pytest.mark.sop("4.3")
def test_the_bell_counts_and_leads_and_is_read_by_looking(
    desk: Desk, number: int, page: Page, sign_in: Any, complaints: list[str]
) -> None:
    sign_in(desk.ben)
    page.goto("/")
    page.keyboard.press("b")
    page.wait_for_url("**/notices/")
    for text in ("@Ben one", "@Ben two"):
        acts.note(number, by=Actor.of(desk.ana), now=timezone.now(), text=text)
    page.evaluate("window.dispatchEvent(new CustomEvent('forthwith:notices'))")
    expect(page.locator("#bell-link .count")).to_have_text("2 unread")
    page.get_by_text("There is something new, show it").click()
    expect(page.get_by_role("link", name="Ana mentioned you in a note")).to_have_count(2)
    page.get_by_role("button", name="Mark as read").first.click()
    expect(page.locator("#bell-link .count")).to_have_text("1 unread")
    with page.expect_response("**/notices/bell/"):
        page.get_by_role("link", name="@Ben one").click()
    expect(page.locator("article.note").first).to_be_in_viewport()
    expect(page.locator("#bell-link .count")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator("#do-follow")).to_be_visible()
    expect(page.locator("#ticket-head")).not_to_contain_text("followed by")
    assert complaints == []


def test_the_bell_is_asked_when_the_stream_may_have_missed_something(
    desk: Desk, number: int, page: Page, sign_in: Any
) -> None:
    streams: list[Any] = []

    def hold(route: Any) -> None:
        streams.append(route)

    page.route("**/live/**", hold)
    sign_in(desk.ben)
    with page.expect_response("**/notices/bell/"), page.expect_request("**/live/**"):
        page.goto(f"/tickets/{number}/")

    def note_and(body: str) -> None:
        acts.note(number, by=Actor.of(desk.ana), now=timezone.now(), text="@Ben look")
        # One answer of the page on, the stream's request is here.
        expect(page.locator("#bell-link")).to_be_visible()
        with page.expect_response("**/notices/bell/"):
            streams.pop().fulfill(content_type="text/event-stream", body=f"retry: 20\n{body}\n")

    with page.expect_request("**/live/**"):
        note_and("event: resync\ndata: {}\n")
    note_and(": it is open again\n")


def test_the_bell_of_who_is_signed_out_takes_nobody_away(
    desk: Desk, number: int, page: Page, sign_in: Any, complaints: list[str]
) -> None:
    sign_in(desk.ben)
    with page.expect_response("**/notices/bell/"):
        page.goto(f"/tickets/{number}/")
    Session.objects.all().delete()
    with page.expect_request("**/notices/bell/"):
        page.evaluate("window.dispatchEvent(new CustomEvent('forthwith:notices'))")
    page.evaluate("window.setTimeout(() => document.body.dataset.later = '', 300)")
    page.locator("body[data-later]").wait_for()
    assert page.url.endswith(f"/tickets/{number}/")
    expect(page.locator("#bell-link")).to_have_count(1)
    expect(page.locator("[data-toast]")).to_have_count(0)
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_and_nothing_overflows(
    desk: Desk, number: int, page: Page, sign_in: Any, scheme: Any, width: int
) -> None:
    sign_in(desk.ben)
    acts.note(number, by=Actor.of(desk.ana), now=timezone.now(), text="@Ben " + "very-long-word-without-end-" * 20)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for at in ("/notices/", "/notices/preferences/", "/notices/?after=r1"):
        page.goto(at)
        expect(page.locator("#bell-link .count")).to_have_text("1 unread")
        assert faults(page) == "", at
        assert page.evaluate("document.documentElement.scrollWidth") <= width, at
        ends = "[...document.querySelectorAll('.bar .end > *')].map((e) => e.getBoundingClientRect().right)"
        assert max(page.evaluate(ends)) <= width, at
