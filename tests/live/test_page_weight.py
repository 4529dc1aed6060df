"""What a page of the desk costs on the wire: the first one ever, and each one after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.templatetags.static import static
from playwright.sync_api import Page, sync_playwright

from tests.live.desks import Desk
from tests.live.test_live_processes import web_processes

pytestmark = pytest.mark.browser
KIB = 1024
FIRST, LATER = 100 * KIB, 20 * KIB
"""What CHANGELOG.md says, 90 and at most 15, with a little room."""


@contextmanager
def weighed(page: Page) -> Iterator[list[float]]:
    """Collects the bytes of each answer that comes over the wire, head and body, as they were sent."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    yield sizes
    devtools.detach()


def test_the_first_page_is_light_and_those_after_it_are_lighter(desk: Desk, chromium: str) -> None:
    name, _, value = desk.cookie(desk.agent).partition("=")
    for _ in range(60):
        desk.ask()
    with web_processes(desk, 1) as [(port, _)], sync_playwright() as playwright:
        address = f"http://127.0.0.1:{port}"
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = chrome.new_context(base_url=address)
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        costs = {}
        for path in ("/?list=all", f"/tickets/{desk.ticket}/", "/?list=unassigned", "/search/?q=blank"):
            with weighed(page) as sizes:
                # Not 'networkidle': the stream of changes never ends.
                page.goto(path, wait_until="load")
                page.wait_for_function("document.readyState === 'complete' && window.htmx !== undefined")
            costs[path] = sum(sizes)
        script, other = (page.request.get(one) for one in (static("ui/main.js"), "/static/other/ui/main.js"))
        heads, found, gone = script.headers, script.text(), other.status
        chrome.close()
    first, *later = costs.values()
    assert 0 < first <= FIRST, costs
    assert max(later) <= LATER, costs
    # Kept for good, under an address of its own edition.
    assert "import" in found
    assert heads["content-encoding"] == "gzip"
    assert "immutable" in heads["cache-control"]
    assert gone == 404
