"""The tour in a real browser: it leads from the queue to a ticket, stands in nobody's way, and is left by a key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from forthwith.people import hints
from forthwith.people.models import Person
from tests import desk_fixtures as d
from tests.browser.visits import PHONE, SCREEN, accessible
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def ana(desk: Desk) -> Person:
    """Ana on her first day."""
    hints.seen(desk.ana, 0)
    d.new_ticket(timezone.now() - timedelta(minutes=5))
    return desk.ana


def seen(person: Person) -> int:
    return Person.objects.get(pk=person.pk).hints_seen


def test_it_leads_from_the_queue_to_a_ticket_by_keyboard(ana: Person, visit: Any, complaints: list[str]) -> None:
    page = visit(ana).go("/")
    page.get_by_role("region", name="What is next is on top").wait_for()
    page.locator("#tour-next").press("Enter")
    expect(page.locator("#tour")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/tickets/*/")
    page.wait_for_load_state("networkidle")
    for title in ("The clock, and why it says so", "A reply, and the next step", "The procedure, step by step"):
        page.get_by_role("region", name=title).wait_for()
        page.locator("#tour-next").press("Enter")
    expect(page.get_by_role("heading", name="Everything by keyboard")).to_be_focused()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("#tour")).to_have_count(0)
    assert seen(ana) == hints.ALL
    page.reload()
    expect(page.locator("#tour")).to_have_count(0)
    assert complaints == []


def test_escape_leaves_it_and_the_sheet_of_keys_begins_it_anew(ana: Person, visit: Any, complaints: list[str]) -> None:
    page = visit(ana).go("/")
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert seen(ana) == hints.ALL
    page.keyboard.press("?")
    page.get_by_role("button", name="Take the tour again").click()
    page.get_by_role("region", name="What is next is on top").wait_for()
    assert seen(ana) == 0
    assert complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (SCREEN, "light")], ids=["phone", "screen"])
def test_each_hint_is_for_everybody_and_on_a_phone_covers_nothing(
    ana: Person, visit: Any, complaints: list[str], size: dict[str, int], scheme: str
) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5), subject="Another")
    at = visit(ana, viewport=size, color_scheme=scheme)
    for before, address in enumerate(("/", *[f"/tickets/{number}/"] * 4)):
        hints.seen(ana, before)
        page = at.go(address)
        expect(page.locator("#tour")).to_contain_text(f"Hint {before + 1} of 5")
        box = page.locator("#tour").bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
        assert box["y"] >= 0
        if size is PHONE:
            assert page.locator("#tour").evaluate("tour => getComputedStyle(tour).position") == "static"
        else:
            assert box["y"] + box["height"] <= size["height"]
        accessible(page, f"hint {before + 1}")
    assert complaints == []


def test_the_tour_works_without_scripts(ana: Person, visit: Any, chrome: Browser) -> None:
    page = visit(ana, java_script_enabled=False).go("/")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#tour")).to_have_count(0)
    page.locator("[data-row]").first.click()
    page.get_by_role("region", name="The clock, and why it says so").wait_for()
    page.get_by_role("button", name="No thanks").click()
    expect(page.locator("#tour")).to_have_count(0)
    assert page.url.endswith("/tickets/1/") or "/tickets/" in page.url
    assert seen(ana) == hints.ALL
