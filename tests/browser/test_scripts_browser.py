"""The small scripts where things are not as they should be: the reader's clock is wrong, the device is shared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import desk_fixtures as d
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(hours=-1)], ids=["fast", "slow"])
def test_a_clock_goes_by_the_server(desk: Desk, page: Page, sign_in: Any, wrong: timedelta) -> None:
    page.clock.install(time=timezone.now() + wrong)
    sign_in(desk.ana)
    page.goto("/ui/")
    first = page.locator("[data-clock]").first
    state, words = first.get_attribute("data-state"), first.locator(".words").text_content()
    page.clock.run_for(2000)
    expect(first).to_have_attribute("data-state", str(state))
    assert words
    assert first.locator(".words").text_content() in (words, f"{int(words.split()[0]) - 1} min")


def test_a_draft_is_not_for_the_next_person_at_the_device(desk: Desk, page: Page, sign_in: Any) -> None:
    address = f"/tickets/{d.new_ticket(timezone.now())}/"
    field = page.get_by_label("Message", exact=True)
    sign_in(desk.ana)
    page.goto(address)
    field.fill("Not for everybody.")
    # Her session ends, and she signs in again.
    sign_in(desk.ana)
    page.goto(address)
    expect(field).to_have_value("Not for everybody.")
    sign_in(desk.ben)
    page.goto(address)
    expect(field).to_have_value("")


def test_what_has_just_been_exchanged_is_ready_at_once(desk: Desk, page: Page, sign_in: Any) -> None:
    # In business hours it is given to Ana: it is always Ben who can take it.
    sign_in(desk.ben)
    page.goto(f"/tickets/{d.new_ticket(timezone.now())}/")
    # Faster than any hand: take the ticket in the moment in which the note appears.
    page.evaluate(
        """() => { window.stayed = true; new MutationObserver((_, watch) => {
        if (!document.querySelector('.message.note')) return;
        watch.disconnect(); document.querySelector('[data-key="t"]').click();
        }).observe(document.body, {childList: true, subtree: true}) }"""
    )
    page.keyboard.press("n")
    page.keyboard.type("Seen.")
    page.keyboard.press("Control+Enter")
    page.get_by_text("It is yours.").wait_for()
    assert page.evaluate("window.stayed === true")
