"""A person at the desk in a real browser, and what every page has to be: for everybody, at every width, in each scheme.

`FORTHWITH_TEST_SCREENSHOTS` names a folder that gets a picture of each page that is judged.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings
from playwright.sync_api import Browser, Page

from forthwith.people.models import Person
from tests.desk_fixtures import as_person

PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
LONG = "An-extraordinarily-long-name-without-any-space-in-it-that-somebody-may-well-have"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The page is the same at each width and in each scheme: two runs see every width and every scheme. Pictures want all.
EACH = [(PHONE, "light"), (SCREEN, "dark")]
if "FORTHWITH_TEST_SCREENSHOTS" in os.environ:
    EACH += [(PHONE, "dark"), (SCREEN, "light")]


# Whatever else it finds, each element that every rule has passed, takes longer to hand over than the page to load.
_JUDGED = """({inside, rules}) => axe.run(inside ?? document, {runOnly: rules, resultTypes: ["violations"]})
    .then(({violations}) => ({violations}))"""


class Visit:
    """A person at the desk: their page, and what the browser complained of."""

    def __init__(self, chrome: Browser, server: Any, person: Person | None, complaints: list[str], **how: Any) -> None:
        self.server = server
        # What still fades in has not yet the contrast that it will have.
        usual = {"viewport": SCREEN, "reduced_motion": "reduce", "base_url": server.url}
        self.page: Page = chrome.new_page(**{**usual, **how})
        self.page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: complaints.append(str(error)))
        # The live stream is not served here; its events are sent to the page by hand.
        self.page.route("**/live/**", lambda route: route.fulfill(status=204))
        if person:
            self.sign_in(person)

    def sign_in(self, person: Person) -> None:
        name = settings.SESSION_COOKIE_NAME
        value = as_person(person).cookies[name].value
        self.page.context.add_cookies([{"name": name, "value": value, "url": self.server.url}])

    def go(self, address: str) -> Page:
        self.page.goto(address)
        return self.page

    def event(self, ticket: int) -> None:
        self.page.evaluate(
            "ticket => window.dispatchEvent(new CustomEvent('forthwith:ticket', {detail: {ticket}}))", ticket
        )

    def leave(self) -> None:
        """Close the page without its last words: they would outlive it, and meet the next test's database."""
        self.page.context.set_offline(True)
        self.page.close()


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture of the page, called after the test's file, its width and its scheme, where somebody wants one."""
    if folder := os.environ.get("FORTHWITH_TEST_SCREENSHOTS"):
        of = Path(os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]).stem
        about = of.removeprefix("test_").removesuffix("_browser")
        width = page.viewport_size["width"] if page.viewport_size else 0
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
        page.screenshot(path=Path(folder, f"{about}-{name}-{width}-{scheme}.png"), full_page=whole)


def faults(page: Page, *, inside: str | None = None) -> str:
    """What axe says against the page, or against one part of it; empty when it is for everybody."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(_JUDGED, {"inside": inside, "rules": RULES}))
    return found.generate_report() if found.violations_count else ""


def accessible(page: Page, name: str, *, inside: str | None = None) -> None:
    """No rule of RULES is broken on the page, or in one part of it; and nothing sticks out to the side."""
    page.wait_for_load_state()
    picture(page, name)
    # What sticks to the screen's edge covers what can be scrolled from under it.
    page.evaluate("document.querySelectorAll('.bar, .composer').forEach((part) => part.style.position = 'static')")
    wrong = faults(page, inside=inside)
    assert not wrong, f"{name}: {wrong}"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} sticks out by {wide} px"
