"""The search in a real browser: from any page by one key, by keyboard alone, for everybody, and without jumping.

`FORTHWITH_TEST_SCREENSHOTS` names a folder that gets a picture of each state.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.people.permits import Actor
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.visits import EACH, accessible
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


def ask(page: Page, typed: str) -> None:
    """Open the box if it is not open, type, and wait for the answer to that."""
    if not page.locator("[data-search][open]").count():
        page.keyboard.press("Control+k")
    page.locator("#search-q").fill(typed)
    page.locator(f"#search-found [data-typed='{typed}']").wait_for(state="attached")


def fill() -> int:
    now = timezone.now()
    for place in range(12):
        d.new_ticket(now - timedelta(hours=3 + place), subject=f"Printer {place} prints blank pages")
    return d.new_ticket(now - timedelta(hours=1), subject="VPN <b>drops</b> every ten minutes & more")


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=[f"{size['width']}-{scheme}" for size, scheme in EACH])
def test_every_state_is_for_everybody(
    desk: Desk, page_of: Any, complaints: list[str], scheme: str, size: dict[str, int]
) -> None:
    number = fill()
    page = page_of(desk.ana, f"/tickets/{number}/", viewport=size, color_scheme=scheme)
    for name, typed in {
        "empty": "",
        "many": "printer",
        "markup": "drops",
        "number": str(number),
        "people": "rui",
        "nothing": "zeppelin",
        "unknown": "team:moon printer",
        "slip": "slva",
        "act": "esc",
    }.items():
        ask(page, typed)
        accessible(page, name)
    page = page_of(desk.ana, "/search/?q=printer", viewport=size, color_scheme=scheme)
    accessible(page, "page")
    page = page_of(desk.ana, "/search/", viewport=size, color_scheme=scheme)
    accessible(page, "empty page")
    assert complaints == []


def test_from_any_page_by_keyboard_alone(desk: Desk, page_of: Any, complaints: list[str]) -> None:
    number = fill()
    for address in ("/", f"/tickets/{number}/", "/health/", "/ledger/", "/people/", "/search/"):
        page = page_of(desk.adam, address)
        ask(page, "drops")
        expect(page.locator(f"#hit-{number}")).to_have_attribute("aria-selected", "true")
        expect(page.locator("#search-q")).to_have_attribute("aria-activedescendant", f"hit-{number}")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tickets/{number}/")
    assert complaints == []


def test_arrows_walk_and_the_focus_comes_back(desk: Desk, page_of: Any, complaints: list[str]) -> None:
    fill()
    page = page_of(desk.ana, "/")
    page.keyboard.press("j")
    before = page.evaluate("document.activeElement.id || document.activeElement.getAttribute('href')")
    ask(page, "printer")
    options = page.locator("#search-found [role=option]")
    assert options.count() == 7, "six tickets, and the way to all"
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.nth(6)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_hidden()
    assert page.evaluate("document.activeElement.id || document.activeElement.getAttribute('href')") == before
    page.keyboard.press("Control+k")
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=printer")
    expect(page.locator("#search-page-q")).to_have_value("printer")
    assert complaints == []


def test_enter_waits_for_the_answer_to_what_was_typed(desk: Desk, page_of: Any, complaints: list[str]) -> None:
    number = fill()
    page = page_of(desk.ana, "/")
    ask(page, "printer")
    page.locator("#search-q").press_sequentially("x")
    page.locator("#search-q").fill("drops")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{number}/")
    assert complaints == []


def test_before_anything_is_typed_enter_does_nothing(desk: Desk, page_of: Any) -> None:
    fill()
    page = page_of(desk.ana, "/")
    ask(page, "")
    page.keyboard.press("Enter")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)
    assert page.url.endswith("/")


def test_the_box_acts_on_the_ticket_one_is_on(desk: Desk, page_of: Any, complaints: list[str]) -> None:
    number = fill()
    acts.take(number, by=Actor.of(desk.ana), now=timezone.now())
    page = page_of(desk.ben, f"/tickets/{number}/")
    ask(page, "prio")
    page.keyboard.press("Enter")
    page.locator("#act-sheet:popover-open form").wait_for()
    page.keyboard.press("Escape")
    ask(page, "internal")
    page.keyboard.press("Enter")
    expect(page.locator("#note-text")).to_be_focused()
    ask(page, "take")
    page.keyboard.press("Enter")
    page.get_by_text("It is yours.").wait_for()
    page.wait_for_load_state("load")
    assert d.row(number).assignee_id == desk.ben.pk
    ask(page, "late")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?list=late")
    assert complaints == []


def test_the_dialog_does_not_jump_while_results_come(desk: Desk, page_of: Any) -> None:
    fill()
    page = page_of(desk.ana, "/")
    ask(page, "")
    box = page.locator("#search").bounding_box()
    for typed in ("printer", "zeppelin", "drops"):
        ask(page, typed)
        assert page.locator("#search").bounding_box() == box


def test_without_scripts_the_same_is_a_page(desk: Desk, page_of: Any) -> None:
    number = fill()
    page = page_of(desk.ana, "/", java_script_enabled=False)
    page.get_by_role("link", name="Search").click()
    page.locator("#search-page-q").fill("drops")
    page.get_by_role("button", name="Search").click()
    page.locator(f"a[href='/tickets/{number}/']").click()
    assert page.url.endswith(f"/tickets/{number}/")
