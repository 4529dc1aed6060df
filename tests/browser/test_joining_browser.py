"""Tickets merged, split and linked in a real browser: by keyboard, on a phone, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record import links
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests.browser.visits import EACH, accessible, picture
from tests.desk_fixtures import Desk, arrive, mail

pytestmark = [pytest.mark.browser, pytest.mark.sop("6.1")]


@pytest.fixture
def opened(page_of: Any, complaints: list[str]) -> Iterator[Any]:
    """A person's page at an address; nothing in it complains."""
    yield page_of
    assert complaints == []


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
    accessible(page, f"split-{of}")
    page.keyboard.press("Escape")
    page.locator(".of-message summary").first.click()
    picture(page, f"menu-{of}")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.get_by_label("Or a ticket's number").fill(str(eves))
    page.keyboard.press("Enter")
    expect(page.locator(".both")).to_contain_text("Two people ask")
    accessible(page, f"preview-{of}")
    page.keyboard.press("Escape")
    acts.merge(two, by=ana, now=timezone.now(), into=one)
    page.reload()
    expect(page.locator(".conversation")).to_contain_text(f"from #{two}")
    accessible(page, f"merged-from-{of}")
    merged = opened(desk.ana, f"/tickets/{two}/", viewport=size, color_scheme=scheme)
    accessible(merged, f"merged-into-{of}")
    theirs = opened(desk.rui, f"/t/{links.token(two, desk.rui.pk)}/", viewport=size, color_scheme=scheme)
    assert links.token(one, desk.rui.pk) in theirs.url
    accessible(theirs, f"portal-{of}")


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
    accessible(page, "toast")
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
