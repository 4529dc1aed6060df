"""Clocks on a page whose reader's own clock is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect

from forthwith.people.models import Person
from tests.desk_fixtures import as_person, install

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(hours=-1)], ids=["fast", "slow"])
def test_a_clock_goes_by_the_server(
    chrome: Browser, live_server: Any, transactional_db: None, wrong: timedelta
) -> None:
    install()
    session = as_person(Person.objects.create_user("ana@desk.example", name="Ana", role="agent")).cookies
    page = chrome.new_page(base_url=live_server.url)
    page.clock.install(time=timezone.now() + wrong)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session[name].value, "url": live_server.url}])
    page.route("**/live/**", lambda route: route.fulfill(status=204))
    page.goto("/ui/")
    first = page.locator("[data-clock]").first
    state, words = first.get_attribute("data-state"), first.locator(".words").text_content()
    page.clock.run_for(2000)
    expect(first).to_have_attribute("data-state", str(state))
    assert words
    assert first.locator(".words").text_content() in (words, f"{int(words.split()[0]) - 1} min")
    page.close()
