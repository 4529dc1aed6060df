"""What a browser at the desk has to fetch, and from a commit to the changed row drawn in an open queue.

Bytes are those on the wire, head and body, as they were sent.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import databases
import desk

TICKETS, CHANGES = 2_000, 40
PATIENCE_S = 30.0
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WEIGHED = {"first": ("the first page, nothing kept from before", 150), "later": ("the largest page after it", 30)}
# A frame after the one in which the row is there, it has been drawn.
_DRAWN = """([id, version]) => { window.drawn = new Promise((done) => {
  const next = (act) => requestAnimationFrame(act);
  const look = () => document.getElementById(id).dataset.version === version
    ? next(look) : next(() => next(() => done(performance.timeOrigin + performance.now())));
  look();
}); }"""
Row = dict[str, Any]


def browser() -> str | None:
    """The browser to drive, if there is one."""
    return os.environ.get("FORTHWITH_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def run() -> list[Row]:
    """The weights, which no database changes, and the time to the row on each database."""
    found = {kind: databases.measured(kind, __file__) if browser() else None for kind in ("sqlite", "postgresql")}
    note = "" if browser() else "there is no Chromium"
    weight = found["sqlite"]
    rows: list[Row] = [
        {"name": name, "value": weight[key] if weight else None, "unit": "KiB", "target": f"<= {most}", "note": note}
        for key, (name, most) in WEIGHED.items()
    ]
    return rows + [
        {
            "name": f"commit to the row drawn in the browser, {kind}, {share}",
            "value": took[share] if took else None,
            "unit": "ms",
            "target": "<= 300",
            "note": note or ("" if took else "no PostgreSQL server is named"),
        }
        for kind, took in found.items()
        for share in ("p50", "p95")
    ]


def measure() -> dict[str, float]:
    """On a desk of some thousand tickets, at a web process of its own."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from forthwith.people.models import Person

    call_command("migrate", verbosity=0)
    desk.fill(TICKETS, datetime.now(UTC))
    client = Client()
    client.force_login(Person.objects.get(email="amara@desk.example"))
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = subprocess.Popen([sys.executable, "-m", "forthwith", "web", "--port", str(port)], stdout=sys.stderr)
    try:
        _wait(port)
        return _in_a_browser(f"http://127.0.0.1:{port}", cookie)
    finally:
        web.terminate()
        web.wait(PATIENCE_S)


def _in_a_browser(address: str, cookie: dict[str, str]) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        context = chrome.new_context(base_url=address, viewport={"width": 1440, "height": 900})
        context.add_cookies([{**cookie, "url": address}])
        page = context.new_page()
        first = _weight(page, "/?list=all")
        row = page.locator("#rows > .row").first.get_attribute("id") or ""
        number = int(row.removeprefix("row-"))
        later = [_weight(page, path) for path in (f"/tickets/{number}/", "/?list=unassigned", "/search/?q=printer")]
        with page.expect_response(lambda answer: "/live/" in answer.url):
            page.goto("/?list=all")
        took = [_drawn(page, row, number, change) for change in range(CHANGES)]
        chrome.close()
    shares = {"p50": statistics.median(took), "p95": statistics.quantiles(took, n=20)[-1]}
    return {"first": first, "later": max(later), **shares}


def _weight(page: Any, path: str) -> float:
    """KiB that come over the wire for a page and all that it asks for until it is there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    # Not 'networkidle': the stream of changes never ends.
    page.goto(path, wait_until="load")
    page.wait_for_function("document.readyState === 'complete' && window.htmx !== undefined")
    devtools.detach()
    return sum(sizes) / 1024


def _drawn(page: Any, row: str, number: int, change: int) -> float:
    """Milliseconds from the commit of a note until its ticket's row is drawn anew; both by this machine's clock."""
    version = page.locator(f"#{row}").get_attribute("data-version")
    page.evaluate(_DRAWN, [row, version])
    committed = _note(number, change)
    took: float = page.evaluate("window.drawn") - 1000 * committed
    # So that the commits do not keep step with a poll.
    time.sleep(0.013 * (change % 17))
    return took


def _note(number: int, change: int) -> float:
    from django.utils import timezone

    from forthwith.people.models import Person
    from forthwith.people.permits import Actor
    from forthwith.steps import acts

    by = Actor.of(Person.objects.get(email="jonas@desk.example"))
    acts.note(number, by=by, now=timezone.now(), text=f"Change {change}.")
    return time.time()


def _wait(port: int) -> None:
    until = time.perf_counter() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.perf_counter() < until, "the web process does not answer"
            time.sleep(0.05)


if __name__ == "__main__":
    # Playwright keeps an event loop in this thread, in which Django would touch no database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    print(json.dumps(measure()))
