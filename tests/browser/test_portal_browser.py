"""The requester's pages in a real browser: usable on a phone, by anybody, in light and dark (SOP 2.1, 7.1)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from forthwith.people.permits import Actor
from forthwith.record import links
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.visits import faults
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser
PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
THUMB = 44


@pytest.fixture
def desk(chrome: Browser, transactional_db: None) -> Desk:
    d.install()
    return d.hire()


def tickets(desk: Desk) -> dict[str, int]:
    """One ticket in each state that looks different."""
    now = timezone.now()
    made = {name: d.new_ticket(now - timedelta(hours=3), subject=name.capitalize()) for name in STATES}
    made["incomplete"] = d.new_ticket(now, "It is broken.", subject="Help")
    for name in ("open", "waiting", "escalated", "resolved", "closed", "rated"):
        desk.reply(made[name], now - timedelta(hours=2), "Thank you. Which printer is it, and what does it show?")
    acts.wait(made["waiting"], by=Actor.of(desk.ana), now=now, why="a photo")
    why = "Needs a specialist."
    acts.escalate_by_hand(made["escalated"], by=Actor.of(desk.ana), now=now, kind="functional", why=why)
    for name in ("resolved", "closed", "rated"):
        desk.resolve(made[name], now)
    for name in ("closed", "rated"):
        acts.confirm(made[name], by=Actor.requester(desk.rui.pk), now=now)
    acts.rate(made["rated"], by=Actor.requester(desk.rui.pk), now=now, score=5)
    return made


STATES = ("new", "open", "waiting", "escalated", "resolved", "closed", "rated")


def addresses(desk: Desk) -> dict[str, str]:
    made = tickets(desk)
    url = {name: f"/t/{links.token(number, desk.rui.pk)}/" for name, number in made.items()}
    forms = {
        "details": f"{url['incomplete']}details/",
        "solved": f"{url['resolved']}solved/",
        "solved too early": f"{url['open']}solved/",
        "not yet": f"{url['resolved']}not-yet/",
        "rate": f"{url['closed']}rate/",
        "answered": f"{url['open']}?done=answer",
        "unknown": "/t/nonsense/",
        "mine": "/my/",
        "language": f"{url['open']}language/",
        "copies": f"/c/{links.stop_token(made['open'], 'bo@customer.example')}/",
    }
    return {**url, **forms}


def signed_in(page: Page, desk: Desk, server: Any) -> None:
    client = Client()
    client.force_login(desk.rui)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("FORTHWITH_TEST_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"portal-{name.replace(' ', '-')}.png"), full_page=True)


# The page is the same at each width and in each scheme: a few runs see every width and every scheme, and German where
# its longer words have least room. Pictures want all.
EACH = [(PHONE, "dark", "en"), (SCREEN, "light", "en"), (PHONE, "light", "de")]
if "FORTHWITH_TEST_SCREENSHOTS" in os.environ:
    EACH += [(PHONE, "light", "en"), (SCREEN, "dark", "en"), (PHONE, "dark", "de"), (SCREEN, "light", "de")]


@pytest.mark.parametrize(
    ("size", "scheme", "language"), EACH, ids=[f"{s['width']}-{look}-{of}" for s, look, of in EACH]
)
def test_every_page_is_for_everybody(
    desk: Desk, chrome: Browser, live_server: Any, scheme: Any, size: Any, language: str
) -> None:
    desk.rui.language = language
    desk.rui.save(update_fields=["language"])
    page = chrome.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    signed_in(page, desk, live_server)
    for name, address in addresses(desk).items():
        # The live stream is not served here.
        page.route("**/live/**", lambda route: route.abort())
        page.goto(live_server.url + address)
        picture(page, f"{name}-{size['width']}-{scheme}-{language}")
        assert faults(page) == "", name
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{name} is {wide} wide"
        small = page.evaluate(
            "least => [...document.querySelectorAll('main .button, main textarea, main fieldset label')]"
            ".filter(e => e.getBoundingClientRect().height < least).map(e => e.outerHTML)",
            THUMB,
        )
        assert small == [], name
    page.close()
    assert [text for text in complaints if "404" not in text and "ERR_FAILED" not in text] == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_requester_answers_and_confirms_on_a_phone(
    desk: Desk, chrome: Browser, live_server: Any, scripts: bool
) -> None:
    number = d.new_ticket(timezone.now())
    page = chrome.new_page(viewport=PHONE, java_script_enabled=scripts)
    page.goto(f"{live_server.url}/t/{links.token(number, desk.rui.pk)}/")
    page.get_by_label("Write to us").fill("It is the one on floor two.")
    page.get_by_role("button", name="Send message").click()
    page.get_by_text("Your message has reached us.").wait_for()
    desk.resolve(number, timezone.now())
    page.reload()
    page.get_by_role("link", name="Not yet").click()
    page.get_by_label("What is still wrong?").fill("Still blank.")
    page.get_by_role("button", name="Not yet, please go on").click()
    page.get_by_text("We are working on it again.").wait_for()
    assert d.row(number).status == "open"
    desk.resolve(number, timezone.now())
    page.reload()
    page.get_by_role("button", name="Yes, it is solved").click()
    page.get_by_role("link", name="Tell us how we did").click()
    page.get_by_text("5 (very well)").click()
    page.get_by_role("button", name="Send rating").click()
    page.get_by_text("Thank you for your rating.").wait_for()
    page.close()
    assert d.row(number).status == "closed"
