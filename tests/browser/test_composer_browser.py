"""The composer in a real browser: nothing typed is lost, a reply can be taken back, also by keyboard (SOP 4.3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.record import unsent
from forthwith.record.begun import Held
from forthwith.steps import acts, writing
from tests import desk_fixtures as d
from tests.browser.visits import faults
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def number(desk: Desk, sign_in: Any, page: Page) -> int:
    made = d.new_ticket(timezone.now() - timedelta(minutes=5))
    sign_in(desk.ana)
    page.goto(f"/tickets/{made}/")
    return made


def kept(person: Person, number: int) -> dict[str, str]:
    return {kind: one.text for kind, one in unsent.on(person.pk, number).now.items()}


def test_a_draft_is_saved_at_a_pause_and_survives_reload_and_another_device(
    desk: Desk, number: int, page: Page, complaints: list[str]
) -> None:
    page.keyboard.press("r")
    page.keyboard.type("A long and careful answer.")
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    assert kept(desk.ana, number)["reply"] == "A long and careful answer."
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("A long and careful answer.")
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("A long and careful answer.")
    assert complaints == []


def test_what_was_not_saved_yet_is_saved_on_leaving(desk: Desk, number: int, page: Page) -> None:
    page.locator("#reply-text").fill("Just typed")
    page.goto("/ui/")
    page.evaluate("localStorage.clear()")
    for _ in range(50):
        # The request outlives its page; when it arrives, nobody here is told.
        if kept(desk.ana, number):
            break
        page.goto("/ui/")
    assert kept(desk.ana, number)["reply"] == "Just typed"


def test_a_draft_survives_an_expired_login(desk: Desk, number: int, page: Page, sign_in: Any) -> None:
    Session.objects.all().delete()
    page.locator("#reply-text").fill("Typed while signed out.")
    expect(page.locator("[data-draft-state]")).to_have_text("Kept on this device")
    sign_in(desk.ana)
    page.goto(f"/tickets/{number}/")
    expect(page.locator("#reply-text")).to_have_value("Typed while signed out.")
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    assert kept(desk.ana, number)["reply"] == "Typed while signed out."


def test_two_devices_the_older_text_is_offered(desk: Desk, number: int, page: Page, complaints: list[str]) -> None:
    page.locator("#reply-text").fill("From this device.")
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    unsent.save(desk.ana.pk, number, "reply", "From the phone.", base=1, now=timezone.now())
    page.locator("#reply-text").fill("From this device, and more.")
    page.get_by_text("Another reply that you began").wait_for()
    page.get_by_role("button", name="Write on with this one").click()
    expect(page.locator("#reply-text")).to_have_value("From the phone.")
    page.get_by_text("From this device, and more.").wait_for()
    page.get_by_role("button", name="Discard it").click()
    page.get_by_text("Discarded.").wait_for()
    assert complaints == []


def test_another_persons_change_takes_nothing_and_who_answers_twice_is_asked(
    desk: Desk, number: int, page: Page, complaints: list[str]
) -> None:
    page.locator("#reply-text").fill("Ana's words.")
    page.locator("[name=next_step]").fill("Noon.")
    acts.reply(number, by=Actor.of(desk.ben), now=timezone.now(), text="Ben's words.", next_step="Soon.")
    page.locator("#send-reply").click()
    page.get_by_text("Ben has replied since you looked.").wait_for()
    expect(page.locator("#reply-text")).to_have_value("Ana's words.")
    page.get_by_role("button", name="Send all the same").click()
    page.locator(".message.outgoing", has_text="Ana's words.").wait_for()
    assert len(d.facts(number, f.Replied)) == 2
    expect(page.locator("#reply-text")).to_have_value("")
    assert [text for text in complaints if "409" not in text] == []


def test_a_reply_is_taken_back(desk: Desk, page: Page, sign_in: Any, complaints: list[str]) -> None:
    d.install(document.standard_text(), timezone.now() - timedelta(days=1))
    number = d.new_ticket(timezone.now())
    sign_in(desk.ana)
    page.goto(f"/tickets/{number}/")
    page.keyboard.press("r")
    page.keyboard.type("Too early.")
    page.locator("[name=next_step]").fill("Noon.")
    page.keyboard.press("Control+Enter")
    page.locator(".toast", has_text="Sending in 10 s").get_by_role("button", name="Undo").click()
    page.get_by_text("Your words are in the composer again.").wait_for()
    expect(page.locator("#reply-text")).to_have_value("Too early.")
    assert not d.facts(number, f.Replied)
    page.locator("#send-reply").click()
    page.locator(".held", has_text="Too early.").wait_for()
    expect(page.locator(".held [data-leaves]")).to_have_text(re.compile("sending in \\d+ s"))
    assert faults(page, inside="#conversation") == ""
    writing.send_due(Held.objects.get().leaves_at)
    page.reload()
    page.locator(".message.outgoing:not(.held)", has_text="Too early.").wait_for()
    expect(page.locator("#reply-text")).to_have_value("")
    assert complaints == []


def test_send_and_wait_by_keyboard_alone(desk: Desk, number: int, page: Page, complaints: list[str]) -> None:
    page.keyboard.press("r")
    page.keyboard.type("Which printer is it?")
    page.locator("[name=next_step]").fill("We look when we know.")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("#send-wait")).to_be_focused()
    assert faults(page, inside="#composer") == ""
    page.keyboard.press("ArrowDown")
    expect(page.locator("#send-hold")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".message.outgoing", has_text="Which printer is it?").wait_for()
    assert d.row(number).status == "waiting_on_requester"
    assert complaints == []


def test_send_as_the_solution_opens_the_form_with_the_words_in_it(
    desk: Desk, number: int, page: Page, complaints: list[str]
) -> None:
    page.locator("#reply-text").fill("We changed the drum.")
    page.keyboard.press("Control+Shift+Enter")
    page.locator("#send-resolve").click()
    page.locator("#act-sheet:popover-open").wait_for()
    expect(page.locator("#act-resolve-solution")).to_have_value("We changed the drum.")
    assert complaints == []


def test_files_are_kept_at_once_by_choosing_dropping_and_pasting(
    desk: Desk, number: int, page: Page, complaints: list[str]
) -> None:
    page.locator("#reply-files").set_input_files({"name": "log.txt", "mimeType": "text/plain", "buffer": b"lines"})
    page.locator("#unsent-files", has_text="log.txt").wait_for()
    for event, kind, holder in (("drop", "DragEvent", "dataTransfer"), ("paste", "ClipboardEvent", "clipboardData")):
        page.evaluate(
            """([event, kind, holder]) => { const data = new DataTransfer();
            data.items.add(new File(["x" + event], `${event}.txt`, {type: "text/plain"}));
            document.getElementById("reply-text").dispatchEvent(
            new window[kind](event, {bubbles: true, cancelable: true, [holder]: data})) }""",
            [event, kind, holder],
        )
        page.locator("#unsent-files", has_text=f"{event}.txt").wait_for()
    page.get_by_role("button", name="Remove drop.txt").click()
    expect(page.locator("#unsent-files li")).to_have_count(2)
    page.reload()
    expect(page.locator("#unsent-files li")).to_have_count(2)
    assert faults(page, inside="#composer") == ""
    page.locator("#reply-text").fill("Here.")
    page.locator("[name=next_step]").fill("Noon.")
    page.locator("#send-reply").click()
    page.locator(".message.outgoing", has_text="paste.txt").wait_for()
    assert complaints == []


def test_who_else_is_there_shows_on_the_ticket_and_in_the_queue(
    desk: Desk, number: int, page: Page, complaints: list[str]
) -> None:
    def told(*people: list[Any]) -> None:
        page.evaluate(
            """detail => window.dispatchEvent(new CustomEvent("forthwith:presence", {detail}))""",
            {"whole": False, "tickets": {str(number): people}},
        )

    told([desk.ben.pk, "Ben", True], [desk.ana.pk, "Ana", False])
    expect(page.locator("#composer .here")).to_have_text("Ben writes here")
    told()
    expect(page.locator("#composer .here")).to_be_hidden()
    page.goto("/")
    told([desk.ben.pk, "Ben", False])
    expect(page.locator(f"#row-{number} .here")).to_have_text("Ben looks at this")
    assert complaints == []
