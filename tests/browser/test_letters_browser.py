"""Every letter in a real browser, as wide as a mail program's column and as narrow as a phone's (SOP 2.2, 7.1).

`FORTHWITH_TEST_SCREENSHOTS` names a folder that gets a picture of each.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import desk_fixtures as d
from tests.outbox.letters import TO_REQUESTERS, html_of, life

pytestmark = pytest.mark.browser
WIDTHS = (600, 360)


@pytest.fixture
def desk(chrome: Browser, transactional_db: None) -> d.Desk:
    d.install()
    return d.hire()


def shown(mail: EmailMessage) -> str:
    """Its page with the pictures that travel with it, as a mail program shows them."""
    html = html_of(mail)
    for part in mail.walk():
        if cid := str(part["Content-ID"] or "").strip("<>"):
            data = b64encode(part.get_payload(decode=True)).decode()
            html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{data}")
    return html


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_letter_is_wider_than_its_column(desk: d.Desk, chrome: Browser, language: str, scheme: str) -> None:
    letters = life(desk, language)
    assert set(letters) >= TO_REQUESTERS
    folder = os.environ.get("FORTHWITH_TEST_SCREENSHOTS")
    for width in WIDTHS:
        page = chrome.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
        # Many programs show a picture only when asked: its name then stands in its place.
        pages = {f"{purpose}-without-pictures": html_of(mail) for purpose, mail in letters.items()}
        pages |= {purpose: shown(mail) for purpose, mail in letters.items()}
        for purpose, html in pages.items():
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (purpose, width)
            box = page.locator("table.sheet").bounding_box()
            assert box is not None
            assert box["width"] <= min(width, 600), (purpose, width)
            for line in page.locator("table.sheet p, table.sheet a, table.sheet img").all():
                inside = line.bounding_box()
                assert inside is not None
                assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 0.5, (purpose, width)
            ground = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
            assert (max(map(int, re.findall(r"\d+", ground)[:3])) < 80) == (scheme == "dark"), ground
            if folder:
                name = f"letter-{language}-{purpose}-{width}-{scheme}.png"
                page.screenshot(path=str(Path(folder) / name), full_page=True)
        page.close()
