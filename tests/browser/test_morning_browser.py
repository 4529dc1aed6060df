"""A morning of an agent: twenty tickets, each dealt with by keyboard alone, and the record of it (SOP 3 to 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.people.models import Person
from forthwith.procedure import facts as f
from tests import desk_fixtures as d
from tests.browser.test_desk_browser import complaints, desk, visit
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser
# Fixtures that the test asks for by name.
__all__ = ["complaints", "desk", "visit"]
TICKETS = 20
_NOTES_POINTERS = "addEventListener('pointerdown', () => sessionStorage.setItem('pointed', '1'), { capture: true })"


class Hands:
    """The agent's hands on the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def open_next(self) -> int:
        """The first row of the queue; its ticket's number."""
        self.press("j", "o")
        self.page.wait_for_url("**/tickets/*/")
        self.page.locator("#composer").wait_for()
        return int(self.page.url.rstrip("/").rsplit("/", 1)[1])

    def open_by_search(self, number: int) -> None:
        self.press("Control+k")
        self.page.locator("#search-q").wait_for()
        self.page.keyboard.type(f"#{number}")
        expect(self.page.locator("#search-options [role=option]").first).to_contain_text(f"#{number}")
        self.press("Enter")
        self.page.wait_for_url(f"**/tickets/{number}/")
        self.page.locator("#composer").wait_for()

    def reply(self, text: str, next_step: str) -> None:
        self.press("r")
        self.page.keyboard.type(text)
        self.press("Tab")
        self.page.keyboard.type(next_step)

    def said(self, text: str) -> None:
        expect(self.page.locator(".toast", has_text=text).first).to_be_visible()

    def sheet(self, key: str, title: str) -> None:
        self.press(key)
        expect(self.page.locator("#act-sheet")).to_contain_text(title)

    def back(self) -> None:
        self.press("q")
        self.page.locator("#rows").wait_for()
        self.page.wait_for_load_state()


@pytest.mark.sop("4.1", "4.3", "6.1")
def test_twenty_tickets_by_keyboard_alone(desk: Desk, visit: Any, complaints: list[str]) -> None:
    Person.objects.update(available=False)
    now = timezone.now()
    numbers = [d.new_ticket(now - timedelta(minutes=90 - n), subject=f"Fault {n}") for n in range(TICKETS)]
    at = visit(desk.ana)
    at.page.add_init_script(_NOTES_POINTERS)
    page = at.go("/")
    hands = Hands(page)

    # All of them are taken at once: the first, and with Shift all up to the last.
    hands.press("j", "v", *["j"] * (TICKETS - 1), "Shift+V")
    expect(page.locator("[data-picked]")).to_have_text(f"{TICKETS} selected")
    hands.press("t")
    expect(page.locator("#act-sheet")).to_contain_text(f"Take: {TICKETS} of {TICKETS} tickets")
    hands.press("Enter")
    hands.said(f"{TICKETS} tickets taken.")

    for number in numbers[:10]:  # answered
        hands.open_by_search(number)
        hands.reply("We look into it now.", "I call you within the hour.")
        hands.press("Control+Enter")
        hands.said("Reply queued")
    for number in numbers[10:13]:  # asked, and waited for
        hands.open_by_search(number)
        hands.reply("Which of the two printers is it?", "I go on when I know which.")
        hands.press("Control+Shift+Enter", "Enter")
        hands.said("Reply queued")
    for number in numbers[13:15]:  # noted
        hands.open_by_search(number)
        hands.press("n")
        page.keyboard.type("The maker knows this fault.")
        hands.press("Control+Enter")
        hands.said("Note kept.")
    for number in numbers[15:17]:  # handed to the specialists
        hands.open_by_search(number)
        hands.sheet("e", "Escalate")
        hands.press("Tab", "Tab")
        page.keyboard.type("It needs the maker.")
        hands.press("Control+Enter")
        hands.said("Escalated")
    for number in numbers[17:19]:  # solved
        hands.open_by_search(number)
        hands.sheet("s", "What was wrong")
        page.keyboard.type("The drum was worn out.")
        hands.press("Tab")
        page.keyboard.type("Put in a new one.")
        hands.press("Tab", "Tab", "ArrowDown", "ArrowDown", "Control+Enter")
        hands.said("Resolved")
    hands.back()
    number = hands.open_next()  # the most urgent that is left: another category
    hands.sheet("c", "Category")
    page.keyboard.type("VPN")
    hands.press("Enter", "Control+Enter")
    hands.said("Category set.")

    assert page.evaluate("sessionStorage.getItem('pointed')") is None
    assert complaints == []
    kinds = {one: d.kinds(one) for one in numbers}
    assert all("Replied" in kinds[one] for one in numbers[:13])
    assert all("WaitingOnRequester" in kinds[one] for one in numbers[10:13])
    assert all("Noted" in kinds[one] for one in numbers[13:15])
    assert all("Escalated" in kinds[one] for one in numbers[15:17])
    assert all("Resolved" in kinds[one] for one in numbers[17:19])
    assert d.facts(number, f.Categorised)[-1].category == "network.vpn"
