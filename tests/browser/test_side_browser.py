"""The panel beside the conversation in a real browser: tags, fields, timer by keyboard; what is known of who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from forthwith.people import notes
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.steps import acts, describing
from tests import desk_fixtures as d
from tests.browser.visits import EACH, accessible
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


def described(desk: Desk) -> int:
    """A ticket with tags, fields and a note on who asks."""
    d.install(d.with_fields())
    now, by = timezone.now(), Actor.of(desk.ana)
    number = d.new_ticket(now - timedelta(hours=1))
    acts.categorise(number, by=by, now=now, category="hardware.printer")
    describing.add_tags(number, by=by, now=now, names=["printer", "floor-2", "a-rather-long-tag-that-somebody-gave-it"])
    describing.fill_in(number, by=by, now=now, values={"site": "porto", "asset": "IT 0815 " * 12})
    notes.write(desk.rui, "person", "Prefers a call before noon.", by=desk.ana, now=now)
    return number


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=[f"{size['width']}-{scheme}" for size, scheme in EACH])
def test_the_panel_is_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], scheme: str, size: dict[str, int]
) -> None:
    number = described(desk)
    page = visit(desk.lea, viewport=size, color_scheme=scheme).go(f"/tickets/{number}/")
    page.locator("#timer-start").click()
    page.locator("#bar-timer").wait_for()
    page.locator(f"#requester-{number}").scroll_into_view_if_needed()
    page.get_by_text("Prefers a call before noon.").wait_for()
    page.locator("#note-write-person summary").click()
    accessible(page, "panel")
    for key, opener in (("tags", "#tags-here"), ("fields", "#fields-here"), ("timer", "#timer-stop")):
        page.locator(opener).click()
        page.locator("#act-sheet:popover-open form").wait_for()
        accessible(page, key, inside="#act-sheet")
        page.keyboard.press("Escape")
        expect(page.locator("#act-sheet")).to_be_hidden()
    page.goto(page.url.partition("/tickets/")[0] + "/timer/")
    accessible(page, "timer")
    page.goto(page.url.partition("/timer/")[0] + "/?tag=printer&columns=requester,tags,field_site")
    accessible(page, "tagged")
    assert complaints == []


@pytest.mark.sop("3.1", "6.1")
def test_tags_fields_and_time_by_keyboard_alone(desk: Desk, visit: Any, complaints: list[str]) -> None:
    number = described(desk)
    page = visit(desk.ana).go(f"/tickets/{number}/")
    sheet = page.locator("#act-sheet:popover-open form")
    page.keyboard.press("#")
    sheet.wait_for()
    expect(page.locator("#act-sheet input[name=names]")).to_be_focused()
    page.keyboard.type("Jammed")
    page.keyboard.press("Enter")
    page.locator(".labels .label", has_text="jammed").wait_for()
    page.keyboard.press("d")
    sheet.wait_for()
    page.keyboard.type("4711")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#fields-title + dl")).to_contain_text("4711")
    page.keyboard.press("w")
    page.locator("#bar-timer").wait_for()
    page.keyboard.press("w")
    sheet.wait_for()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    page.keyboard.type("in the cellar")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#time-title + dl")).to_contain_text("12 min")
    assert (d.row(number).tags[2], d.row(number).fields["cost_centre"]) == ("jammed", "4711")
    assert [one.remark for one in d.facts(number, f.TimeSpent)] == ["in the cellar"]
    page.keyboard.press("t")
    page.get_by_text("It is yours.").wait_for()
    assert complaints == []


def test_what_was_loaded_and_typed_of_a_person_outlives_a_live_change(desk: Desk, visit: Any) -> None:
    number = described(desk)
    page = visit(desk.ana).go(f"/tickets/{number}/")
    page.locator(f"#requester-{number}").scroll_into_view_if_needed()
    page.get_by_text("Prefers a call before noon.").wait_for()
    page.locator("#note-write-person summary").click()
    page.locator("#note-person-text").fill("Half a no")
    page.locator("h1").first.click()
    describing.add_tags(number, by=Actor.of(desk.ben), now=timezone.now(), names=["by-ben"])
    page.evaluate("window.htmx.trigger(document.querySelector('[data-live]'), 'live')")
    page.locator(".labels .label", has_text="by-ben").wait_for()
    expect(page.locator("#note-person-text")).to_have_value("Half a no")
    page.locator("#note-write-person button").click()
    page.get_by_text("Note kept.").wait_for()
    expect(page.locator(".person-notes")).to_contain_text("Half a no")
