"""The agents' desk in a real browser: for everybody, by keyboard, live without jumping, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from forthwith.people.permits import Actor
from forthwith.steps import acts, workflow
from tests import desk_fixtures as d
from tests.browser.visits import EACH, accessible, picture
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


def tickets(desk: Desk) -> dict[str, int]:
    """One ticket in each state that looks different."""
    now = timezone.now()
    made = {
        name: d.new_ticket(now - timedelta(hours=2), subject=name.capitalize()) for name in ("long", "error", "late")
    }
    for hours in range(6):
        desk.reply(made["long"], now - timedelta(minutes=110 - 10 * hours), "We look at it, and write again soon. " * 6)
        acts.note(made["long"], by=Actor.of(desk.ben), now=now - timedelta(minutes=105 - 10 * hours), text="Found it.")
    d.deliver_all(now - timedelta(minutes=40))
    desk.reply(made["long"], now - timedelta(minutes=30), "One more word.")
    d.deliver_all(now - timedelta(minutes=20), refused="550 5.1.1 no such mailbox")
    late = d.new_ticket(now - timedelta(days=8), subject="Waited far too long")
    d.alarms(now)
    workflow.set_alarm_aside(made["error"], "ZeroDivisionError: division by zero", now)
    return {**made, "late": late}


@pytest.mark.parametrize(("size", "scheme"), EACH, ids=[f"{size['width']}-{scheme}" for size, scheme in EACH])
def test_every_page_is_for_everybody(
    desk: Desk, visit: Any, complaints: list[str], scheme: str, size: dict[str, int]
) -> None:
    made = tickets(desk)
    at = visit(desk.ana, viewport=size, color_scheme=scheme)
    stranger = visit(None, viewport=size, color_scheme=scheme)
    addresses = {"queue": "/", "empty": "/?list=hold", "components": "/ui/", "not found": "/nothing/"}
    addresses |= {name: f"/tickets/{number}/" for name, number in made.items()}
    for name, address in addresses.items():
        page = at.go(address)
        accessible(page, name)
    for address in ("/account/login/", "/account/password/reset/"):
        accessible(stranger.go(address), address)
    assert [text for text in complaints if "404" not in text] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_unfolds_is_for_everybody_too(desk: Desk, visit: Any, complaints: list[str], scheme: str) -> None:
    made = tickets(desk)
    page = visit(desk.ana, color_scheme=scheme).go(f"/tickets/{made['long']}/")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    accessible(page, "everything open")
    page.keyboard.press("n")
    accessible(page, "a note", inside="#composer")
    page.evaluate("document.activeElement.blur()")
    for key in ("a", "p", "c", "e", "s", "?"):
        page.keyboard.press(key)
        page.locator(".sheet:popover-open").wait_for()
        accessible(page, f"sheet {key}", inside=".sheet:popover-open")
        page.keyboard.press("Escape")
        if key != "?":
            expect(page.locator("[data-key]:focus")).to_have_count(1)
    assert complaints == []


def test_signing_in_and_out(desk: Desk, visit: Any, complaints: list[str]) -> None:
    desk.ana.set_password("a calm desk")
    desk.ana.save(update_fields=["password"])
    page = visit(None).go("/")
    page.get_by_label("E-mail address").fill("ana@desk.example")
    page.get_by_label("Password").fill("wrong one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password").fill("a calm desk")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="All open").wait_for()
    page.locator("#me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert complaints == []


def test_a_ticket_is_worked_by_keyboard(desk: Desk, visit: Any, complaints: list[str]) -> None:
    first, second = (d.new_ticket(timezone.now() - timedelta(minutes=90 - place)) for place in range(2))
    page = visit(desk.ana).go("/")
    page.keyboard.press("j")
    expect(page.locator(f"#row-{first} [data-row]")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f"#row-{second} [data-row]")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("o")
    page.wait_for_url(f"**/tickets/{first}/")
    page.keyboard.press("r")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("rna: these are letters now.")
    page.locator("[name=next_step]").fill("I call at noon.")
    page.keyboard.press("Control+Enter")
    page.locator(".message.outgoing", has_text="these are letters now").wait_for()
    assert page.locator("#reply-text").input_value() == ""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    expect(page.locator("#add-note")).to_be_visible()
    expect(page.locator("#send-reply")).to_be_hidden()
    page.keyboard.type("Only for us.")
    page.keyboard.press("Control+Enter")
    page.locator(".message.note", has_text="Only for us.").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("p")
    page.get_by_text("Everybody: A whole service").click()
    page.get_by_text("Work has stopped: Nothing works").click()
    page.get_by_role("textbox", name="Why").fill("The whole site.")
    page.get_by_role("button", name="Set priority").click()
    page.get_by_text("Priority set; the clocks follow it.").wait_for()
    assert d.row(first).priority == "critical"
    assert complaints == []


def test_single_keys_can_be_switched_off(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now())
    page = visit(desk.ana).go(f"/tickets/{number}/")
    page.keyboard.press("?")
    page.get_by_label("Switch single keys off").check()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".sheet:popover-open")).to_have_count(0)


def test_what_is_typed_survives_a_conflict_a_reload_and_a_live_change(
    desk: Desk, visit: Any, complaints: list[str]
) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    at = visit(desk.ana)
    page = at.go(f"/tickets/{number}/")
    page.locator("#reply-text").fill("A long and careful answer.")
    page.locator("[name=next_step]").fill("I call at noon.")
    page.locator("#history > summary").click()
    acts.reply(number, by=Actor.of(desk.ben), now=timezone.now(), text="Ben was here.", next_step="I look.")
    page.locator("#send-reply").click()
    page.get_by_text("Not sent yet").wait_for()
    assert page.locator("#reply-text").input_value() == "A long and careful answer."
    page.locator(".message.outgoing", has_text="Ben was here.").wait_for()
    page.reload()
    page = at.go(f"/tickets/{number}/")
    expect(page.locator("#reply-text")).to_have_value("A long and careful answer.")
    page.locator("#history > summary").click()
    page.locator("#reply-text").focus()
    acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text="Ben again.")
    at.event(number)
    fresh = page.locator(".message.note", has_text="Ben again.")
    fresh.wait_for(timeout=1000)
    assert "changed" in (fresh.get_attribute("class") or "")
    expect(page.locator("#reply-text")).to_be_focused()
    expect(page.locator("#reply-text")).to_have_value("A long and careful answer.")
    assert page.locator("#history").get_attribute("open") is not None
    page.locator("#send-reply").click()
    page.locator(".message.outgoing", has_text="A long and careful answer.").wait_for()
    page.reload()
    assert page.locator("#reply-text").input_value() == ""
    assert [text for text in complaints if "409" not in text] == []


def test_a_change_shows_on_the_queue_within_a_second_but_never_under_a_hand(
    desk: Desk, visit: Any, complaints: list[str]
) -> None:
    now = timezone.now()
    first = d.new_ticket(now - timedelta(minutes=50))
    at = visit(desk.ana)
    page = at.go("/")
    page.mouse.move(5, 5)
    second = d.new_ticket(now - timedelta(minutes=90), sender="Bo <bo@customer.example>")
    at.event(second)
    page.locator(f"#row-{second}").wait_for(timeout=1000)
    assert "changed" in (page.locator(f"#row-{second}").get_attribute("class") or "")
    assert page.locator("#rail").get_by_role("link", name="All open").inner_text().split() == ["All", "open", "2"]
    assert page.locator("#rows > .row").first.get_attribute("id") == f"row-{second}"
    page.locator(f"#row-{first}").hover()
    third = d.new_ticket(now - timedelta(minutes=120), sender="Cy <cy@customer.example>")
    at.event(third)
    page.get_by_role("button", name="1 change, show it").wait_for(timeout=1000)
    assert page.locator(f"#row-{third}").count() == 0
    page.get_by_role("button", name="1 change, show it").click()
    page.locator(f"#row-{third}").wait_for(timeout=1000)
    assert complaints == []


def test_a_form_stays_open_while_the_ticket_behind_it_changes(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now())
    at = visit(desk.ana)
    page = at.go(f"/tickets/{number}/")
    page.keyboard.press("e")
    page.locator("#act-escalate-why").fill("It needs the maker.")
    acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text="Meanwhile.")
    at.event(number)
    page.locator(".message.note", has_text="Meanwhile.").wait_for(timeout=1000)
    assert page.locator("#act-escalate-why").input_value() == "It needs the maker."
    page.get_by_role("button", name="Escalate", exact=True).click()
    page.get_by_text("Escalated; the requester is told.").wait_for()


def test_a_clock_counts_down_and_turns(desk: Desk, visit: Any) -> None:
    at = visit(desk.ana)
    at.page.clock.install()
    page = at.go("/ui/")
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 1"))
    page.evaluate(
        """() => { const clock = document.querySelector('[data-clock]').cloneNode(true);
        document.querySelector('[data-clock]').replaceWith(clock);
        clock.dateTime = new Date(Number(clock.dataset.made) + 2600).toISOString();
        clock.dataset.left = 2; clock.dataset.total = 100 }"""
    )
    clock = page.locator(".clock").first
    for passed_ms, state, words in ((1000, "soon", "2 s"), (1000, "soon", "1 s"), (2000, "late", "late 0 s")):
        page.clock.run_for(passed_ms)
        expect(clock).to_have_attribute("data-state", state)
        expect(clock.locator(".words")).to_have_text(words)


def test_the_desk_works_without_scripts(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    page = visit(desk.ana, java_script_enabled=False).go("/")
    page.locator("select[name=priority]").select_option("medium")
    page.get_by_role("button", name="Narrow").click()
    page.locator(f"#row-{number} [data-row]").click()
    page.get_by_label("Message", exact=True).fill("We look.")
    page.locator("[name=next_step]").fill("I call at noon.")
    page.get_by_role("button", name="Send reply").click()
    page.get_by_text("Reply queued").wait_for()
    page.get_by_role("link", name="Category").click()
    page.locator("#again-category-category").select_option("network.vpn")
    page.get_by_role("button", name="Set category").click()
    page.get_by_text("Category set.").wait_for()
    assert d.row(number).category == "network.vpn"


def test_the_rows_that_follow_come_in_their_order(
    desk: Desk, visit: Any, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forthwith.record.lists.PAGE", 2)
    numbers = [d.new_ticket(timezone.now() - timedelta(minutes=90 - place)) for place in range(5)]
    page = visit(desk.ana).go("/")
    expect(page.locator("#rows > .row")).to_have_count(5)
    shown = [one.get_attribute("id") for one in page.locator("#rows > .row").all()]
    assert shown == [f"row-{number}" for number in numbers]
    assert complaints == []


def test_a_lost_session_loses_no_words(desk: Desk, visit: Any, live_server: Any) -> None:
    number = d.new_ticket(timezone.now())
    at = visit(desk.ana)
    page = at.go(f"/tickets/{number}/")
    page.locator("#reply-text").fill("Written for an hour.")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "csrftoken", "value": "x" * 32, "url": live_server.url}])
    at.event(number)
    page.get_by_role("heading", name="Sign in").wait_for()
    at.sign_in(desk.ana)
    page = at.go(f"/tickets/{number}/")
    expect(page.locator("#reply-text")).to_have_value("Written for an hour.")


def test_a_server_that_fails_is_said_and_loses_no_words(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now())
    page = visit(desk.ana).go(f"/tickets/{number}/")
    page.locator("#reply-text").fill("Written for an hour.")
    page.route("**/write/", lambda route: route.fulfill(status=500, body="oops"))
    page.locator("#send-reply").click()
    page.get_by_text("The desk could not do this just now.").wait_for()
    expect(page.locator("#reply-text")).to_have_value("Written for an hour.")


def test_a_note_never_becomes_a_reply(desk: Desk, visit: Any, complaints: list[str]) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    at = visit(desk.ana)
    page = at.go(f"/tickets/{number}/")
    page.keyboard.press("n")
    page.keyboard.type("He is always like that.")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    expect(page.locator("#reply-text")).to_be_focused()
    expect(page.locator("#reply-text")).to_have_value("")
    page.reload()
    with page.expect_popup() as opened:
        page.evaluate("window.open(location.href)")
    second = opened.value
    for one in (page, second):
        expect(one.locator("#mode-note")).to_be_checked()
        expect(one.locator("#note-text")).to_have_value("He is always like that.")
        expect(one.locator("#reply-text")).to_have_value("")
        expect(one.locator("#send-reply")).to_be_hidden()
    second.close()
    page.locator("label", has=page.locator("#mode-reply")).click()
    page.locator("#reply-text").fill("We look.")
    page.locator("[name=next_step]").fill("I call at noon.")
    page.locator("#send-reply").click()
    page.locator(".message.outgoing", has_text="We look.").wait_for()
    expect(page.locator("#note-text")).to_have_value("He is always like that.")
    assert "always" not in d.posted("reply")[0].text
    page.locator("#add-note").click()
    page.locator(".message.note", has_text="He is always like that.").wait_for()
    page.reload()
    expect(page.locator("#note-text")).to_have_value("")
    assert complaints == []


def test_all_that_was_sent_is_forgotten_and_what_is_written_next_is_kept(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    at = visit(desk.ana)
    page = at.go(f"/tickets/{number}/")
    page.locator("#reply-text").fill("We look.")
    page.locator("[name=next_step]").fill("I call at noon.")
    page.locator("#send-reply").click()
    fresh = page.locator(".message.outgoing", has_text="We look.")
    expect(fresh).to_be_focused()
    box, composer = fresh.bounding_box(), page.locator("#composer").bounding_box()
    assert box
    assert composer
    assert box["y"] + box["height"] <= composer["y"]
    toast, button = page.locator(".toast").bounding_box(), page.locator("#send-reply").bounding_box()
    assert toast
    assert button
    assert toast["x"] >= button["x"] + button["width"]
    picture(page, "sent")
    for field in ("#reply-text", "[name=next_step]"):
        expect(page.locator(field)).to_have_value("")
    page.locator("#reply-text").fill("And one more thing.")
    acts.note(number, by=Actor.of(desk.ben), now=timezone.now(), text="Meanwhile.")
    at.event(number)
    page.locator(".message.note", has_text="Meanwhile.").wait_for()
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("And one more thing.")
    expect(page.locator("[name=next_step]")).to_have_value("")


def test_a_refused_form_stays_open_at_what_is_wrong(desk: Desk, visit: Any, complaints: list[str]) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    page = visit(desk.ana).go(f"/tickets/{number}/")
    page.keyboard.press("s")
    assert page.locator("[name=knowledge]:checked").count() == 0
    page.locator("#act-resolve-cause").fill("Worn drum")
    page.get_by_role("button", name="Resolve and ask to confirm").click()
    page.locator("#act-sheet:popover-open [role=alert]").wait_for()
    expect(page.locator("#act-resolve-solution")).to_be_focused()
    picture(page, "refused")
    page.keyboard.type("never a shortcut")
    expect(page.locator("#act-resolve-solution")).to_have_value("never a shortcut")
    expect(page.locator("#act-resolve-cause")).to_have_value("Worn drum")
    assert page.locator("#reply-text").input_value() == ""
    page.locator("#act-sheet [name=knowledge]").first.check()
    page.get_by_role("button", name="Resolve and ask to confirm").click()
    page.get_by_text("Resolved; the requester is asked to confirm.").wait_for()
    assert page.url.endswith(f"/tickets/{number}/")
    assert [text for text in complaints if "422" not in text] == []


def test_a_refusal_of_the_act_itself_leads_to_the_empty_field(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    page = visit(desk.ana).go(f"/tickets/{number}/")
    page.keyboard.press("p")
    page.get_by_text("Everybody: A whole service").click()
    page.get_by_role("button", name="Set priority").click()
    page.locator("#act-sheet:popover-open").get_by_text("Say why the priority changes").wait_for()
    expect(page.locator("#act-priority-why")).to_be_focused()


def test_on_an_act_s_own_page_letters_are_no_shortcuts(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    page = visit(desk.ana).go(f"/tickets/{number}/do/escalate/")
    expect(page.locator("#again-escalate-kind_0")).to_be_focused()
    page.get_by_role("button", name="Escalate", exact=True).click()
    page.get_by_role("alert").wait_for()
    expect(page.locator("#again-escalate-why")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    expect(page.locator("#reply-text")).not_to_be_focused()


def test_back_leads_to_the_queue_however_much_was_done(desk: Desk, visit: Any, complaints: list[str]) -> None:
    number = d.new_ticket(timezone.now() - timedelta(minutes=5))
    # In business hours it is given to Ana: it is always Ben who can take it.
    page = visit(desk.ben).go("/")
    page.locator(f"#row-{number} [data-row]").click()
    page.wait_for_url(f"**/tickets/{number}/")
    page.keyboard.press("n")
    page.evaluate("document.querySelector('#note-text').style.height = '200px'")
    page.keyboard.type("Seen.")
    page.keyboard.press("Control+Enter")
    page.locator(".message.note", has_text="Seen.").wait_for()
    page.keyboard.press("t")
    page.get_by_text("It is yours.").wait_for()
    page.go_back()
    page.get_by_role("heading", name="All open").wait_for()
    page.go_forward()
    page.locator("#composer").wait_for()
    page.keyboard.press("q")
    page.get_by_role("heading", name="All open").wait_for()
    assert complaints == []


def test_a_live_change_while_an_act_is_answered_takes_its_answer_from_nobody(desk: Desk, visit: Any) -> None:
    number = d.new_ticket(timezone.now() - timedelta(hours=1))
    at = visit(desk.ben)
    page = at.go(f"/tickets/{number}/")

    def slowly(route: Any) -> None:
        answer = route.fetch()
        at.event(number)
        page.wait_for_timeout(400)
        route.fulfill(response=answer)

    page.route(f"**/tickets/{number}/do/take/", slowly)
    page.click("#do-take")
    page.wait_for_selector("text=It is yours.")
