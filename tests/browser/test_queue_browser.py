"""The queue in a real browser: looked into, selected and acted on by keyboard, live without moving, for everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record.views import View
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.visits import EACH, accessible
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


def some(count: int) -> list[int]:
    """Tickets in the order of the queue, of nobody."""
    Person.objects.update(available=False)
    now = timezone.now()
    return [d.new_ticket(now - timedelta(minutes=90 - place), subject=f"Fault {place}") for place in range(count)]


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=[f"{size['width']}-{scheme}" for size, scheme in EACH])
def test_views_filters_peek_and_bulk_are_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], scheme: str, size: dict[str, int]
) -> None:
    numbers = some(3)
    View.objects.create(owner=desk.lea, name="Of the printers", says={"category": "hardware.printer"})
    View.objects.create(owner=desk.lea, name="Gone", says={"team": "moon"}, shared="moon")
    page = visit(desk.lea, viewport=size, color_scheme=scheme).go("/")
    page.locator(".more-filters summary").click()
    accessible(page, "filters")
    page.keyboard.press("Escape")
    page.locator(".save-view summary").click()
    accessible(page, "save a view")
    page.keyboard.press("Escape")
    for number in numbers:
        page.locator(f"#row-{number} .pick").check()
    accessible(page, "selected")
    page.locator("#bulk-priority").click()
    page.locator("#act-sheet:popover-open").wait_for()
    accessible(page, "bulk", inside="#act-sheet")
    page.keyboard.press("Escape")
    page.locator(f"#row-{numbers[0]}").hover()
    page.locator(f"#row-{numbers[0]} .peek").click()
    page.locator("#peek:popover-open").wait_for()
    accessible(page, "peek", inside="#peek")
    page.goto(page.url + "views/")
    accessible(page, "views")
    assert complaints == []


def test_the_queue_is_looked_into_by_keyboard(desk: Desk, visit: Any, complaints: list[str]) -> None:
    first, second, third = some(3)
    page = visit(desk.ana).go("/")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    expect(page.locator("#peek-title")).to_contain_text(f"#{first}")
    expect(page.locator("#peek-title")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#peek-title")).to_contain_text(f"#{second}")
    page.keyboard.press("j")
    expect(page.locator("#peek-title")).to_contain_text(f"#{third}")
    page.keyboard.press("k")
    expect(page.locator("#peek-title")).to_contain_text(f"#{second}")
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    expect(page.locator(f"#row-{second} [data-row]")).to_be_focused()
    page.keyboard.press(" ")
    expect(page.locator("#peek-title")).to_contain_text(f"#{second}")
    page.keyboard.press("o")
    page.wait_for_url(f"**/tickets/{second}/")
    assert complaints == []


def test_a_range_is_selected_and_acted_on_and_undone_by_keyboard(desk: Desk, visit: Any, complaints: list[str]) -> None:
    numbers = some(4)
    page = visit(desk.ana).go("/")
    expect(page.locator("#bulk")).to_be_hidden()
    for key in ("j", "v", "j", "j", "Shift+V"):
        page.keyboard.press(key)
    expect(page.locator("[data-picked]")).to_have_text("3 selected")
    page.keyboard.press("t")
    expect(page.locator("#act-sheet")).to_contain_text("Take: 3 of 3 tickets")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("3 tickets taken.")
    expect(page.locator("#act-sheet")).to_be_hidden()
    expect(page.locator("#bulk")).to_be_hidden()
    assert [d.row(number).assignee_id for number in numbers] == [*[desk.ana.pk] * 3, None]
    expect(page.locator(f"#row-{numbers[0]} .owner")).to_contain_text("you")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("3 tickets put back.")
    assert [d.row(number).assignee_id for number in numbers] == [None] * 4
    assert complaints == []


def test_shift_click_selects_a_range_and_what_cannot_be_done_stays_said(desk: Desk, visit: Any) -> None:
    numbers = some(3)
    page = visit(desk.ana).go("/")
    page.locator(f"#row-{numbers[0]} .pick").click()
    page.locator(f"#row-{numbers[2]} .pick").click(modifiers=["Shift"])
    expect(page.locator("[data-picked]")).to_have_text("3 selected")
    page.locator("#bulk-hold").click()
    page.locator("#bulk-hold-why").fill("The supplier.")
    acts.note(numbers[1], by=Actor.of(desk.ben), now=timezone.now(), text="I am on it.")
    page.locator("#act-sheet").get_by_role("button", name="Put on hold · 3 tickets").click()
    expect(page.locator("#act-sheet")).to_contain_text("Ben changed it since you looked.")
    expect(page.locator("#act-sheet")).to_be_visible()
    assert [d.row(number).status for number in numbers] == ["on_hold", "new", "on_hold"]


def test_rows_change_where_they_stand_and_stay_selected(desk: Desk, visit: Any, complaints: list[str]) -> None:
    first, second = some(2)
    at = visit(desk.ana)
    page = at.go("/")
    page.locator(f"#row-{first} .pick").check()
    page.keyboard.press("j")
    page.keyboard.press("j")
    acts.assign(second, by=Actor.of(desk.lea), now=timezone.now(), team="network_team", assignee=None)
    at.event(second)
    expect(page.locator(f"#row-{second} .owner")).to_contain_text("Network")
    assert "changed" in (page.locator(f"#row-{second}").get_attribute("class") or "")
    expect(page.locator(f"#row-{second} [data-row]")).to_be_focused()
    expect(page.locator("[data-changes]")).to_be_hidden()
    third = d.new_ticket(timezone.now() - timedelta(minutes=200))
    at.event(third)
    page.get_by_role("button", name="1 change, show it").click()
    expect(page.locator(f"#row-{third}")).to_be_visible()
    expect(page.locator(f"#row-{first} .pick")).to_be_checked()
    expect(page.locator("[data-picked]")).to_have_text("1 selected")
    page.evaluate("document.activeElement.blur()")
    order = [one.get_attribute("id") for one in page.locator("#rows > .row").all()]
    page.keyboard.press("k")
    above = order[order.index(f"row-{second}") - 1]
    expect(page.locator(f"#{above} [data-row]")).to_be_focused()
    assert complaints == []


def test_a_desk_on_which_something_changes_all_the_time_is_drawn_all_the_same(
    desk: Desk, visit: Any, complaints: list[str]
) -> None:
    some(2)
    page = visit(desk.ana).go("/?list=all")
    page.locator("h1, #main").first.hover(position={"x": 1, "y": 1})
    with page.expect_request(lambda one: one.headers.get("hx-request") == "true" and "list=all" in one.url):
        page.evaluate(
            "window.busy = setInterval(() => "
            "dispatchEvent(new CustomEvent('forthwith:ticket', { detail: { ticket: null } })), 20)"
        )
    page.evaluate("clearInterval(window.busy)")
    assert complaints == []


def test_the_next_page_comes_by_itself_and_j_goes_on_over_it(
    desk: Desk, visit: Any, monkeypatch: pytest.MonkeyPatch, complaints: list[str]
) -> None:
    monkeypatch.setattr("forthwith.record.lists.PAGE", 2)
    numbers = some(5)
    page = visit(desk.ana).go("/")
    expect(page.locator("#rows > .row")).to_have_count(5)
    for number in numbers:
        page.keyboard.press("j")
        expect(page.locator(f"#row-{number} [data-row]")).to_be_focused()
    assert complaints == []


def test_a_view_is_saved_changed_and_kept(desk: Desk, visit: Any, complaints: list[str]) -> None:
    some(2)
    page = visit(desk.lea).go("/")
    page.locator("select[name=priority]").select_option("medium")
    page.wait_for_url("**priority=medium**")
    page.locator(".save-view summary").click()
    page.get_by_label("Name").fill("Medium ones")
    page.get_by_label("Who sees it").select_option("*")
    page.get_by_role("button", name="Save view").click()
    page.wait_for_url("**view=*")
    expect(page.locator("#rail").get_by_role("link", name="Medium ones")).to_have_attribute("aria-current", "page")
    page.get_by_label("Order").select_option("newest")
    page.get_by_role("button", name="Keep in this view").click()
    page.get_by_text("shows this from now on").wait_for()
    expect(page.get_by_label("Order")).to_have_value("newest")
    other = visit(desk.ben).go("/")
    other.locator("#rail").get_by_role("link", name="Medium ones").click()
    expect(other.locator("#rows > .row")).to_have_count(2)
    assert complaints == []
