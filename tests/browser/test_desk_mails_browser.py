"""Files and lost mails at the desk in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect

from forthwith.outbox import letterhead
from forthwith.outbox.letterhead import Head
from forthwith.outbox.models import Outgoing
from forthwith.record.models import Attachment
from tests import desk_fixtures as d
from tests.browser.visits import PHONE, SCREEN, picture
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.browser


@pytest.mark.sop("4.3")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_files_are_chosen_sent_and_shown(desk: Desk, page_of: Any, tmp_path: Path, scripts: bool) -> None:
    number = d.new_ticket(timezone.now())
    page = page_of(desk.ana, f"/tickets/{number}/", java_script_enabled=scripts)
    for name in ("plan.pdf", "list.txt"):
        (tmp_path / name).write_text(name)

    def slowly(route: Any) -> None:
        # Send is pressed while they are still on their way.
        page.wait_for_timeout(500)
        route.continue_()

    page.route(f"**/tickets/{number}/draft/files/", slowly)
    page.locator("#reply-text").fill("See the plan.")
    page.get_by_label("Next step").fill("I call you at noon.")
    page.locator("#reply-files").set_input_files([tmp_path / "plan.pdf", tmp_path / "list.txt"])
    picture(page, f"composer-files-{scripts}")
    page.locator("#send-reply").click()
    expect(page.locator(".message.outgoing .files")).to_contain_text("plan.pdf")
    expect(page.locator(".message.outgoing .files")).to_contain_text("list.txt")
    assert Attachment.objects.count() == 2


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_a_lost_mail_is_sent_again_to_another_address(desk: Desk, page_of: Any, size: dict[str, int]) -> None:
    number = d.new_ticket(timezone.now())
    d.deliver_all(timezone.now(), refused="550 5.1.1 no such user")
    page = page_of(desk.ana, f"/tickets/{number}/", viewport=size)
    expect(page.get_by_text("there is no such mailbox")).to_be_visible()
    picture(page, f"lost-mail-{size['width']}")
    page.get_by_role("link", name="Send again, or to another address").click()
    page.get_by_label("Other address").fill("rui@home.example")
    picture(page, f"send-again-{size['width']}")
    page.get_by_role("button", name="Send again", exact=True).click()
    expect(page.get_by_text("On its way again")).to_be_visible()
    row = Outgoing.objects.get(ticket=number, purpose="acknowledgement")
    assert (row.state, row.address) == ("queued", "rui@home.example")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide


@pytest.mark.sop("4.3")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 760])
def test_a_mail_fits_any_width_and_asks_for_nothing(chrome: Browser, tmp_path: Path, width: int, scheme: Any) -> None:
    link = f"{settings.PUBLIC_URL}/t/12-3:{'x' * 43}/"
    words = (
        f"Hello Rui,\n\nYes, it is solved:\n{link}solved/\n\n{'long' * 60} https://docs.example/{'y' * 200}\n\n{link}\n"
    )
    (tmp_path / "mail.html").write_text(letterhead.page(words, Head("Support", "Re: Printer", 12)))
    page = chrome.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "mail.html").as_uri())
    assert asked == [(tmp_path / "mail.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("table.sheet").bounding_box()["width"] <= letterhead.WIDTH + 2  # type: ignore[index]
    picture(page, f"mail-{scheme}-{width}")
