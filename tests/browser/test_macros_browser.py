"""Macros, saved replies and formatting in a real browser, by keyboard alone and on a phone (SOP 4.2, 4.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import unsent
from forthwith.record.models import Message
from forthwith.record.replies import EVERYBODY, SavedReply
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.visits import PHONE, SCREEN, faults
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser
SIZES = {"desk": SCREEN, "phone": PHONE}


@pytest.fixture
def asked() -> list[str]:
    """The addresses that were asked for."""
    return []


@pytest.fixture
def opened(visit: Any, asked: list[str], live_server: Any) -> Callable[..., Page]:
    """A person's page, with the addresses that it asks for."""

    def begin(person: Person, path: str, size: str = "desk", scheme: Any = "light") -> Page:
        at = visit(person, viewport=SIZES[size], color_scheme=scheme)
        at.page.on("request", lambda request: asked.append(request.url.removeprefix(live_server.url)))
        return at.go(path)

    return begin


@pytest.fixture
def number(desk: Desk) -> int:
    made = d.new_ticket(timezone.now() - timedelta(minutes=5))
    acts.categorise(made, by=Actor.of(desk.ana), now=timezone.now(), category="network.wifi")
    SavedReply.objects.create(owner=desk.lea, name="Where to find us", text="Room 1.12, {requester}.", shared=EVERYBODY)
    return made


@pytest.mark.sop("4.2", "4.3")
def test_a_macro_answers_by_keyboard_alone(
    desk: Desk, number: int, opened: Any, complaints: list[str], asked: list[str]
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/")
    page.keyboard.press("r")
    page.keyboard.type("/vpn")
    expect(page.locator("#offers-words")).to_be_focused()
    expect(page.locator("#offers [aria-selected=true]")).to_contain_text("VPN: set the connection up anew")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_be_focused()
    expect(page.locator("#reply-text")).to_have_value(re.compile("^Hello Rui Silva,"))
    expect(page.locator("[name=next_step]")).to_have_value("You try it and tell me whether it works.")
    expect(page.locator("#also")).to_contain_text("category Network › VPN")
    expect(page.locator("#also")).to_contain_text("wait for the requester")
    page.keyboard.type("\n\nCall me if not.")
    page.keyboard.press("Control+Enter")
    page.locator(".message.outgoing", has_text="Call me if not.").wait_for()
    assert page.locator(".message.outgoing li").count() == 3, "its list is a list"
    assert d.facts(number, f.Replied)[0].macro == "vpn_reconnect"
    assert d.row(number).category == "network.vpn"
    assert d.kinds(number)[-1] == "WaitingOnRequester"
    expect(page.locator("#also")).not_to_contain_text("category")
    assert asked.count(f"/tickets/{number}/replies/") == 1, "fetched once"
    assert complaints == []


def test_arrows_walk_typing_narrows_without_asking_and_escape_loses_nothing(
    desk: Desk, number: int, opened: Any, complaints: list[str], asked: list[str]
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/")
    page.keyboard.press("r")
    page.keyboard.type("/")
    page.locator("#offers [role=option]").first.wait_for()
    several = page.locator("#offers [role=option]:visible").count()
    first = page.locator("#offers [aria-selected=true]").text_content()
    page.keyboard.press("ArrowDown")
    assert page.locator("#offers [aria-selected=true]").text_content() != first
    expect(page.locator("#offers-words")).to_have_attribute(
        "aria-activedescendant", str(page.locator("#offers [aria-selected=true]").get_attribute("id"))
    )
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#offers [role=option]:visible").last).to_have_attribute("aria-selected", "true")
    before = len(asked)
    page.keyboard.type("etc/hosts")
    expect(page.locator("#offers [role=option]:visible")).to_have_count(0)
    page.get_by_text("No text has these words").wait_for()
    assert len(asked) == before
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#reply-text")).to_have_value("/etc/hosts")
    page.keyboard.type(" and/or")
    expect(page.locator("#offers")).to_be_hidden()
    page.keyboard.type("\n/room")
    expect(page.locator("#offers [role=option]:visible")).to_have_count(0 if several == 0 else 1)
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value("/etc/hosts and/or\nRoom 1.12, Rui Silva.")
    page.keyboard.press("Control+z")
    expect(page.locator("#reply-text")).to_have_value("/etc/hosts and/or\n")
    assert complaints == []


def test_a_note_is_offered_texts_and_no_macro(desk: Desk, number: int, opened: Any) -> None:
    page = opened(desk.ana, f"/tickets/{number}/")
    page.keyboard.press("n")
    page.keyboard.type("/")
    expect(page.locator("#offers [role=option]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#note-text")).to_have_value("Room 1.12, Rui Silva.")
    page.keyboard.type("\n/usr")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#note-text")).to_have_value("Room 1.12, Rui Silva.\n/usr")
    expect(page.locator("#offers")).to_be_hidden()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_what_a_macro_proposes_is_taken_back_and_stays_over_a_reload(
    desk: Desk, number: int, opened: Any, complaints: list[str], size: str
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/", size)
    page.locator("#reply-text").focus()
    page.locator("[data-tool=texts]").click()
    page.locator("#offers [role=option]", has_text="VPN").click()
    page.get_by_role("button", name="Not: wait for the requester").click()
    expect(page.locator("#also")).not_to_contain_text("wait")
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    page.reload()
    expect(page.locator("#also")).to_contain_text("category Network › VPN")
    expect(page.locator("#also")).not_to_contain_text("wait")
    assert unsent.also_of(desk.ana.pk, number)["category"] == "network.vpn"
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_tools_are_for_everybody(
    desk: Desk, number: int, opened: Any, complaints: list[str], size: str, scheme: str
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/", size, scheme)
    page.locator("#reply-text").focus()
    page.keyboard.type("/")
    page.locator("#offers [role=option]").first.wait_for()
    check(page)
    page.keyboard.type("vpn")
    page.keyboard.press("Enter")
    page.locator("#also li").first.wait_for()
    check(page)
    page.locator("[data-tool=preview]").click()
    page.locator("#composer-preview ol").wait_for()
    check(page)
    for path in ("/replies/", f"/replies/{SavedReply.objects.create(owner=desk.ana, name='x' * 80, text='y').pk}/"):
        page.goto(path)
        page.get_by_text("What is filled in").click()
        # Half of a button under the bar, which stays in place, is no fault of the button.
        page.evaluate("scrollTo(0, 0)")
        check(page)
    assert complaints == []


def check(page: Page) -> None:
    assert faults(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the page"


@pytest.mark.sop("4.3")
def test_formatting_by_keyboard_with_a_preview_and_undo(
    desk: Desk, number: int, opened: Any, complaints: list[str]
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/")
    field = page.locator("#reply-text")
    with page.expect_response("**/ui/marks.js") as loaded:
        page.keyboard.press("r")
    page.evaluate("address => import(address).then(() => true)", loaded.value.url)
    page.keyboard.type("Please wait")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Control+b")
    expect(field).to_have_value("**Please wait**")
    page.keyboard.press("Control+b")
    expect(field).to_have_value("Please wait")
    page.keyboard.press("Control+i")
    expect(field).to_have_value("*Please wait*")
    page.keyboard.press("Control+z")
    expect(field).to_have_value("Please wait")
    page.keyboard.press("End")
    page.keyboard.type("\n\n- one\ntwo\n\nend")
    expect(field).to_have_value("Please wait\n\n- one\n- two\nend")
    # Back into the bar: one stop, arrows within it.
    page.locator("[data-tool=texts]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tool=preview]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#composer-preview li")).to_have_text(["one", "two"])
    expect(field).to_be_hidden()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.locator("[name=next_step]").fill("Noon.")
    page.locator("#send-reply").click()
    expect(page.locator(".message.outgoing li")).to_have_text(["one", "two"])
    assert Message.objects.get(author=desk.ana).text.startswith("Please wait\n\n- one\n- two\nend")
    assert complaints == []


def test_what_is_pasted_stays_text_and_an_address_over_words_is_their_link(
    desk: Desk, number: int, opened: Any, complaints: list[str]
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/")
    field = page.locator("#reply-text")
    with page.expect_response("**/ui/marks.js") as loaded:
        field.fill("see the guide")
    page.evaluate("address => import(address).then(() => true)", loaded.value.url)
    paste = """([text, html]) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      data.setData("text/html", html);
      const field = document.getElementById("reply-text");
      return field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    }"""
    field.evaluate("field => field.setSelectionRange(4, 13)")
    assert not page.evaluate(paste, ["https://x.example/a_b", "<a href=x>x</a>"])
    expect(field).to_have_value("see [the guide](https://x.example/a_b)")
    assert page.evaluate(paste, ["plain", "<b style='x'>plain</b>"]), "left to the browser, which pastes words alone"
    assert complaints == []


@pytest.mark.sop("4.3")
def test_copies_and_the_language_are_seen_and_changed_by_keyboard(
    desk: Desk, number: int, opened: Any, complaints: list[str]
) -> None:
    page = opened(desk.ana, f"/tickets/{number}/")
    expect(page.locator(".to.for-reply")).to_have_text("to Rui Silva, in English")

    def do(name: str) -> None:
        page.locator(".ticket-head summary", has_text="More").press("Enter")
        page.get_by_role("link", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).press(
            "Enter"
        )
        page.locator("#act-sheet form").wait_for()

    do("Add somebody in copy")
    page.keyboard.type("eva@customer.example")
    page.keyboard.press("Enter")
    expect(page.locator(".to.for-reply")).to_have_text("to Rui Silva, in English · one more in copy")
    assert d.facts(number, f.ParticipantAdded)[0].address == "eva@customer.example"
    do("Take somebody off the copies")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".to.for-reply")).to_have_text("to Rui Silva, in English")
    do("Requester's language")
    page.keyboard.type("Deutsch")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".to.for-reply")).to_have_text("to Rui Silva, in Deutsch")
    assert complaints == []
