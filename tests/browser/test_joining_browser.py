"""Tickets merged, split and linked in a real browser: by keyboard, on a phone, with scripts and without.

`FORTHWITH_TEST_SCREENSHOTS` names a folder that gets a picture of each page.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.leaving import left
from tests.desk_fixtures import Desk, arrive, mail

pytestmark = [pytest.mark.browser, pytest.mark.sop("6.1")]
PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
EACH = [(PHONE, "light"), (SCREEN, "dark")]
if "FORTHWITH_TEST_SCREENSHOTS" in os.environ:
    EACH += [(PHONE, "dark"), (SCREEN, "light")]


@pytest.fixture
def desk(chrome: Browser, transactional_db: None) -> Desk:
    d.install()
    return d.hire()


@pytest.fixture
def opened(chrome: Browser, live_server: Any) -> Iterator[Any]:
    pages: list[Page] = []
    complaints: list[str] = []

    def begin(person: Person, at: str, **how: Any) -> Page:
        client = Client()
        client.force_login(person)
        page = chrome.new_page(**{"viewport": SCREEN, "reduced_motion": "reduce", **how})
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/live/**", lambda route: route.fulfill(status=204))
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page.goto(f"{live_server.url}{at}")
        pages.append(page)
        return page

    yield begin
    assert complaints == []
    for page in pages:
        left(page)


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    if folder := os.environ.get("FORTHWITH_TEST_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"joining-{name}.png"), full_page=whole)


def accessible(page: Page, name: str, width: int) -> None:
    page.wait_for_load_state()
    page.evaluate("document.querySelectorAll('.bar, .composer').forEach((part) => part.style.position = 'static')")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def three() -> tuple[int, int, int]:
    """Two tickets of Rui and one of Eve; on the first he writes about another matter too."""
    now = timezone.now()
    one = d.new_ticket(now - timedelta(hours=3), subject="The printer on floor two prints only blank pages")
    two = d.new_ticket(now - timedelta(hours=2), subject="Still blank pages, please help")
    eves = d.new_ticket(now - timedelta(hours=1), subject="Printer", sender="Eve Moreau <eve@customer.example>")
    raw = mail("The VPN is down for all of us, nobody can work.", subject="VPN is down")
    arrive(raw, now - timedelta(minutes=40), recipients=(links.reply_address(one),))
    return one, two, eves


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=[f"{size['width']}-{scheme}" for size, scheme in EACH])
def test_every_page_of_it_is_for_everybody(desk: Desk, opened: Any, size: dict[str, int], scheme: str) -> None:
    one, two, eves = three()
    ana, width = Actor.of(desk.ana), size["width"]
    of = f"{width}-{scheme}"
    acts.link(one, by=ana, now=timezone.now(), to=eves, relation="child")
    page = opened(desk.ana, f"/tickets/{one}/", viewport=size, color_scheme=scheme)
    page.locator("[id^=split-odd]").click()
    expect(page.locator("#act-sheet")).to_be_visible()
    picture(page, f"split-{of}")
    accessible(page, f"split-{of}", width)
    page.keyboard.press("Escape")
    page.locator(".of-message summary").first.click()
    picture(page, f"menu-{of}")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.get_by_label("Or a ticket's number").fill(str(eves))
    page.keyboard.press("Enter")
    expect(page.locator(".both")).to_contain_text("Two people ask")
    picture(page, f"preview-{of}")
    accessible(page, f"preview-{of}", width)
    page.keyboard.press("Escape")
    acts.merge(two, by=ana, now=timezone.now(), into=one)
    page.reload()
    expect(page.locator(".conversation")).to_contain_text(f"from #{two}")
    picture(page, f"merged-from-{of}", whole=True)
    accessible(page, f"merged-from-{of}", width)
    merged = opened(desk.ana, f"/tickets/{two}/", viewport=size, color_scheme=scheme)
    picture(merged, f"merged-into-{of}")
    accessible(merged, f"merged-into-{of}", width)
    theirs = opened(desk.rui, f"/t/{links.token(two, desk.rui.pk)}/", viewport=size, color_scheme=scheme)
    assert links.token(one, desk.rui.pk) in theirs.url
    picture(theirs, f"portal-{of}", whole=True)
    accessible(theirs, f"portal-{of}", width)


def test_merged_and_undone_by_keyboard_alone(desk: Desk, opened: Any) -> None:
    one, two, _ = three()
    page = opened(desk.ana, f"/tickets/{two}/")
    page.keyboard.press("m")
    expect(page.locator("#act-sheet")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".both")).to_contain_text(f"#{one}")
    expect(page.locator("[data-enter]")).to_be_focused()
    assert d.row(two).status == "new"
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("is merged into this ticket")
    assert d.row(two).merged_into_id == one
    page.locator(".toast button", has_text="Undo").focus()
    picture(page, "toast")
    accessible(page, "toast", SCREEN["width"])
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("goes on by itself again")
    assert d.row(two).status == "new"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_message_becomes_a_ticket_and_a_link_goes_with_one_click(desk: Desk, opened: Any, scripts: bool) -> None:
    one, two, _ = three()
    page = opened(desk.ana, f"/tickets/{one}/", java_script_enabled=scripts)
    page.locator("[id^=split-odd]").click()
    form = page.locator("form[data-act-form]")
    expect(form.get_by_label("Subject of the new ticket")).to_have_value("VPN is down")
    form.get_by_role("button", name="Make a ticket").click()
    expect(page.locator(".ticket-head h1")).to_contain_text("VPN is down")
    new = int(d.facts(one, f.SplitOff)[0].ticket)
    page.locator(f"#unlink-{one}").click()
    expect(page.locator(f"#unlink-{one}")).to_have_count(0)
    assert not d.facts(one, f.MergedFrom)
    page.goto(page.url.split("#")[0])
    page.locator("#link-here").click()
    page.get_by_label("Or a ticket's number").fill(str(two))
    page.locator("form[data-act-form]").get_by_role("button", name="Link").click()
    expect(page.locator(f"#unlink-{two}")).to_be_visible()
    page.locator(".toast button", has_text="Undo").click()
    expect(page.locator(f"#unlink-{two}")).to_have_count(0)
    assert d.row(new).subject == "VPN is down"
