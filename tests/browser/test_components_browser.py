"""What many pages are made of, in a real browser: select with search, skeleton, history, what is printed."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import desk_fixtures as d
from tests.browser.visits import PHONE, SCREEN, accessible, faults
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def number(desk: Desk) -> int:
    made = d.new_ticket(timezone.now() - timedelta(hours=2))
    desk.reply(made, timezone.now() - timedelta(hours=1), "We look: https://status.example/a/rather/long/way/to/it?x=1")
    return made


def category(page: Page) -> Any:
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="Category")
    field.wait_for()
    return field


def test_a_category_is_found_and_set_by_keyboard_alone(
    desk: Desk, visit: Any, complaints: list[str], number: int
) -> None:
    page = visit(desk.ana).go(f"/tickets/{number}/")
    field = category(page)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.type("netw vpn")
    options = page.get_by_role("listbox", name="Category").get_by_role("option")
    expect(options).to_have_text(["VPN"])
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    accessible(page, "the list of categories", inside="#act-sheet")
    field.press("Enter")
    expect(field).to_have_value("VPN")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Category set.").wait_for()
    assert d.row(number).category == "network.vpn"
    assert complaints == []


def test_escape_leaves_the_choice_as_it_was_and_only_then_the_sheet(desk: Desk, visit: Any, number: int) -> None:
    page = visit(desk.ana).go(f"/tickets/{number}/")
    field = category(page)
    before = field.input_value()
    page.keyboard.type("zzz")
    expect(page.locator("#act-sheet [role=status]", has_text="Nothing is called so.")).to_have_count(1)
    field.press("Escape")
    expect(page.locator("#act-sheet")).to_be_visible()
    expect(field).to_have_value(before)
    field.press("Escape")
    expect(page.locator("#act-sheet")).to_be_hidden()


def test_it_is_chosen_by_pointer_too_and_sent_as_the_select_would(desk: Desk, visit: Any, number: int) -> None:
    page = visit(desk.ana).go(f"/tickets/{number}/history/")
    page.get_by_role("combobox", name="Step").click()
    page.get_by_role("option", name="4.3").click()
    page.get_by_role("button", name="Narrow").click()
    page.wait_for_url("**step=4.3*")
    expect(page.get_by_role("combobox", name="Step")).to_have_value(re.compile("^4.3 Communicate next steps"))
    expect(page.locator(".past-fact")).to_have_count(1)


def test_where_a_finger_points_it_stays_an_ordinary_select(desk: Desk, visit: Any, number: int) -> None:
    page = visit(desk.ana, viewport=PHONE, has_touch=True, is_mobile=True).go(f"/tickets/{number}/history/")
    expect(page.locator("select#past-step")).to_be_visible()
    expect(page.locator("#past-step-find")).to_have_count(0)


def test_what_takes_a_moment_is_announced(desk: Desk, visit: Any, complaints: list[str], number: int) -> None:
    at = visit(desk.ana)
    page = at.go(f"/tickets/{number}/")
    waiting: list[Any] = []

    def hold(route: Any) -> None:
        waiting.append(route)

    page.route("**/do/assign/", hold)
    page.keyboard.press("a")
    page.locator("#act-sheet .skeleton").wait_for()
    waiting[0].continue_()
    expect(page.locator("#act-assign-to-find")).to_be_focused()
    expect(page.locator("#act-sheet .skeleton")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#do-assign")).to_be_focused()
    assert complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (SCREEN, "dark")], ids=["phone", "screen"])
def test_the_history_is_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], number: int, size: dict[str, int], scheme: str
) -> None:
    at = visit(desk.ana, viewport=size, color_scheme=scheme)
    count = d.row(number).fact_count
    for name, address in {"whole": "", "compared": f"?from=1&to={count}", "nothing": "?step=7.2"}.items():
        page = at.go(f"/tickets/{number}/history/{address}")
        accessible(page, f"history {name}")
    page = at.go(f"/tickets/{number}/history/")
    page.locator(f"#fact-line-{count} .pick a").click()
    page.locator("#fact-line-1 .pick a").click()
    expect(page.get_by_role("row", name="Status New Open")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("width", [390, 720, 1024, 1440, 2560])
def test_no_width_cuts_or_overflows(desk: Desk, visit: Any, number: int, width: int) -> None:
    """720 wide is what 1440 is to who has zoomed to 200 %."""
    at = visit(desk.ana, viewport={"width": width, "height": 900}, forced_colors="active")
    for address in (
        "/",
        f"/tickets/{number}/",
        f"/tickets/{number}/history/?from=1&to=2",
        "/ui/",
        f"/tickets/{number}/clocks/",
    ):
        page = at.go(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.sop("6.1")
def test_what_is_printed_is_whole_and_without_a_frame(desk: Desk, visit: Any, number: int) -> None:
    page = visit(desk.ana).go(f"/tickets/{number}/")
    page.emulate_media(media="print", color_scheme="dark")
    for part in (".bar", ".rail", "#composer", ".acts", "#act-sheet"):
        expect(page.locator(part).first).to_be_hidden()
    for part in ("#conversation", ".side .clocks", ".side .procedure"):
        expect(page.locator(part)).to_be_visible()
    expect(page.locator("#step-2 .inside").get_by_text("2.2")).to_be_visible()
    link = page.locator(".body a").first
    shown = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert "https://status.example/a/rather/long/way/to/it?x=1" in shown
    assert io.BytesIO(page.pdf(prefer_css_page_size=True)).read(5) == b"%PDF-"


def test_the_judgement_of_a_page_finds_what_is_wrong(page: Page) -> None:
    page.set_content("<main><h1>Title</h1><img src='data:,'><p style='color: #ccc'>Pale</p></main>")
    wrong = faults(page)
    assert "color-contrast" in wrong
    assert "image-alt" in wrong
    assert "image-alt" not in faults(page, inside="p")
