"""A morning of an agent: twenty tickets, each dealt with by keyboard alone, and the record of it (SOP 3 to 7)."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.people.models import Person
from forthwith.procedure import facts as f
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser
TICKETS = 20
_NOTES_POINTERS = "addEventListener('pointerdown', () => sessionStorage.setItem('pointed', '1'), { capture: true })"


class Hands:
    """The agent's hands on the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def take_all(self, count: int) -> None:
        """Select the first row and, with Shift, all up to the last; take them at once."""
        self.press("j", "v", *["j"] * (count - 1), "Shift+V")
        expect(self.page.locator("[data-picked]")).to_have_text(f"{count} selected")
        self.press("t")
        expect(self.page.locator("#act-sheet")).to_contain_text(f"Take: {count} of {count} tickets")
        self.press("Enter")
        self.said(f"{count} tickets taken.")

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


def answer(hands: Hands) -> None:
    hands.reply("We look into it now.", "I call you within the hour.")
    hands.press("Control+Enter")
    hands.said("Reply queued")


def ask_and_wait(hands: Hands) -> None:
    hands.reply("Which of the two printers is it?", "I go on when I know which.")
    hands.press("Control+Shift+Enter", "Enter")
    hands.said("Reply queued")


def note(hands: Hands) -> None:
    hands.press("n")
    hands.page.keyboard.type("The maker knows this fault.")
    hands.press("Control+Enter")
    hands.said("Note kept.")


def hand_on(hands: Hands) -> None:
    hands.sheet("e", "Escalate")
    hands.press("Tab", "Tab")
    hands.page.keyboard.type("It needs the maker.")
    hands.press("Control+Enter")
    hands.said("Escalated")


def solve(hands: Hands) -> None:
    hands.sheet("s", "What was wrong")
    hands.page.keyboard.type("The drum was worn out.")
    hands.press("Tab")
    hands.page.keyboard.type("Put in a new one.")
    hands.press("Tab", "Tab", "ArrowDown", "ArrowDown", "Control+Enter")
    hands.said("Resolved")


def another_category(hands: Hands) -> None:
    hands.sheet("c", "Category")
    hands.page.keyboard.type("VPN")
    hands.press("Enter", "Control+Enter")
    hands.said("Category set.")


# What is done with how many tickets, and the fact that proves it.
MORNING = (
    (answer, 10, "Replied"),
    (ask_and_wait, 3, "WaitingOnRequester"),
    (note, 2, "Noted"),
    (hand_on, 2, "Escalated"),
    (solve, 2, "Resolved"),
)


@pytest.mark.sop("4.1", "4.3", "6.1")
def test_twenty_tickets_by_keyboard_alone(desk: Desk, visit: Any, complaints: list[str]) -> None:
    Person.objects.update(available=False)
    now = timezone.now()
    numbers = [d.new_ticket(now - timedelta(minutes=90 - n), subject=f"Fault {n}") for n in range(TICKETS)]
    at = visit(desk.ana)
    at.page.add_init_script(_NOTES_POINTERS)
    hands = Hands(at.go("/"))
    hands.take_all(TICKETS)
    left = iter(numbers)
    done = {fact: list(islice(left, count)) for _, count, fact in MORNING}
    for deal, _, fact in MORNING:
        for number in done[fact]:
            hands.open_by_search(number)
            deal(hands)
    hands.back()
    last = hands.open_next()
    another_category(hands)

    assert at.page.evaluate("sessionStorage.getItem('pointed')") is None
    assert complaints == []
    for fact, those in done.items():
        assert all(fact in d.kinds(number) for number in those), fact
    assert d.facts(last, f.Categorised)[-1].category == "network.vpn"
