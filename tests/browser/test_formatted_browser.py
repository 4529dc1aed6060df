"""A formatted mail in a real browser: what it loads, what it shows, in light and in dark."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from forthwith.record.models import Message
from tests import desk_fixtures as d

pytestmark = pytest.mark.browser
# The smallest picture there is: one red pixel.
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
HTML = """<div style="color:#111;background:#fff"><p>Dear desk,</p><p>this is what we see:
<img src="cid:shot" alt="the screen" width="200" height="60"></p>
<p><img src="https://pictures.example/banner.png" alt="our banner"></p>
<p>Details are on <a href="https://evil.example/login">www.bank.example</a>, also see
<a href="https://docs.example/guide">the guide</a> or <a href="https://docs.example/">docs.example</a>.</p>
<blockquote>You wrote: which printer?</blockquote><script>document.title = "run"</script></div>"""


def sent() -> Message:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Rui <rui@customer.example>", d.DESK, "The printer prints red pages"
    made["Message-ID"] = "<formatted@customer.example>"
    made.set_content("Dear desk")
    made.add_alternative(HTML, subtype="html")
    made.get_payload()[1].add_related(DOT, "image", "png", cid="<shot>")  # type: ignore[index, union-attr]
    made.add_attachment(b"MZ program", maintype="application", subtype="pdf", filename="invoice.pdf.exe")
    receipt = d.arrive(made.as_bytes(), timezone.now())
    return Message.objects.get(ticket_id=receipt.ticket, kind="public")


def photograph(page: Page, name: str) -> None:
    if folder := os.environ.get("FORTHWITH_TEST_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mail_shows_its_own_pictures_and_loads_others_only_when_asked(
    chrome: Browser, transactional_db: None, live_server: Any, scheme: Any
) -> None:
    d.install()
    desk, message, asked = d.hire(), sent(), []
    client = Client()
    client.force_login(desk.ana)
    page = chrome.new_page(base_url=live_server.url, color_scheme=scheme)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    def far(route: Any) -> None:
        asked.append(route.request.headers.get("referer"))
        route.fulfill(body=DOT, content_type="image/png")

    drawn: list[int] = []
    page.on("response", lambda said: drawn.append(said.status) if "/files/" in said.url else None)
    page.route("https://pictures.example/**", far)
    page.route("**/live/**", lambda route: route.fulfill(status=204))
    page.goto(f"/tickets/{message.ticket_id}/messages/{message.pk}/formatted/")
    assert (asked, drawn) == ([], [200])
    # Nothing runs on this page, also nothing of ours that would look at it.
    photograph(page, f"formatted-{scheme}")
    page.goto(f"/tickets/{message.ticket_id}/messages/{message.pk}/formatted/?pictures=remote")
    assert asked == [None]
    photograph(page, f"formatted-loaded-{scheme}")
    page.goto(f"/tickets/{message.ticket_id}/")
    assert page.get_by_text("a program", exact=True).is_visible()
    photograph(page, f"ticket-with-program-{scheme}")
    page.close()
