"""The guide's pictures: every screen of the demo desk at 1440 and 390 px, light and dark, into docs/pictures.

    python tools/pictures.py [NAME ...]     all screens, or those of these names

It starts a demo desk of its own and stops it again. Look at what came out: a picture is made to be judged.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZES: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLES_MS = 700
QUALITY = 72


class Screen(NamedTuple):
    """A screen: who looks at it, where it is, and what is done there before the picture is taken."""

    person: str
    path: str
    act: Callable[[Page], object] | None = None


def _pressed(key: str, shown: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.keyboard.press(key)
        page.locator(shown).wait_for()

    return press


def _typed(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("printer")
    page.locator("#search-options [role=option]").first.wait_for()


def _texts(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.type("/")
    page.locator("[role=listbox] [role=option]").first.wait_for()


def _peeked(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press(" ")
    page.locator("#peek:popover-open").wait_for()


def _to(part: str) -> Callable[[Page], None]:
    return lambda page: page.locator(part).scroll_into_view_if_needed()


SCREENS = {
    "queue": Screen("jonas", "/"),
    "peek": Screen("jonas", "/", _peeked),
    "ticket": Screen("jonas", "/tickets/19/"),
    "composer-texts": Screen("jonas", "/tickets/17/", _texts),
    "side-panel": Screen("jonas", "/tickets/17/", _to("#requester-title")),
    "resolve": Screen("jonas", "/tickets/17/", _pressed("s", "#act-sheet:popover-open")),
    "clocks": Screen("jonas", "/tickets/12/clocks/"),
    "history": Screen("jonas", "/tickets/12/history/"),
    "search": Screen("jonas", "/", _typed),
    "articles": Screen("jonas", "/articles/"),
    "article": Screen("jonas", "/articles/1/"),
    "saved-replies": Screen("jonas", "/replies/"),
    "notices": Screen("jonas", "/notices/"),
    "preferences": Screen("jonas", "/notices/preferences/"),
    "views": Screen("jonas", "/views/"),
    "keys": Screen("jonas", "/", _pressed("?", "#keys:popover-open")),
    "people": Screen("noor", "/people/"),
    "mailboxes": Screen("noor", "/mailboxes/"),
    "connect-mailbox": Screen("noor", "/mailboxes/connect/"),
    "ledger": Screen("noor", "/ledger/"),
    "health": Screen("noor", "/health/"),
    "suggestions": Screen("noor", "/suggestions/"),
    "caught-mail": Screen("noor", "/caught/"),
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _demo(home: Path) -> Iterator[tuple[str, str]]:
    """The address of a demo desk, and its people's password."""
    address = f"http://127.0.0.1:{_free_port()}"
    own = {"FORTHWITH_HOME": str(home), "FORTHWITH_URL": address, "FORTHWITH_SMTP_LISTEN": f"127.0.0.1:{_free_port()}"}
    command = [sys.executable, "-m", "forthwith", "up", "--demo"]
    desk = subprocess.Popen(command, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True)
    try:
        password, serves = "", False
        for line in desk.stdout or ():
            password = password or "".join(re.findall(r"\S+@desk\.example\s+(\S+)", line)[:1])
            serves = serves or "Serving on" in line
            if password and serves:
                break
        yield address, password
    finally:
        desk.send_signal(signal.SIGTERM)
        desk.wait(20)


def _signed_in(browser: Browser, address: str, person: str, password: str) -> str:
    """The session of that person, who has left the tour."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{person}@desk.example")
    page.fill("input[name=password]", password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#rail").wait_for()
    page.wait_for_timeout(SETTLES_MS)
    if page.get_by_role("button", name="No thanks").count():
        page.get_by_role("button", name="No thanks").click()
        page.wait_for_timeout(SETTLES_MS)
    state = str(PICTURES / f".{person}.json")
    context.storage_state(path=state)
    context.close()
    return state


def _take(browser: Browser, address: str, state: str, name: str) -> None:
    screen = SCREENS[name]
    for size in SIZES:
        for scheme in SCHEMES:
            context = browser.new_context(
                base_url=address, storage_state=state, viewport=size, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(screen.path)
            page.wait_for_timeout(SETTLES_MS)
            if screen.act:
                screen.act(page)
                page.wait_for_timeout(SETTLES_MS)
            page.screenshot(path=PICTURES / f"{name}-{size['width']}-{scheme}.jpg", type="jpeg", quality=QUALITY)
            context.close()


def main() -> int:
    """Take the pictures that are asked for."""
    asked = sys.argv[1:] or list(SCREENS)
    if unknown := [name for name in asked if name not in SCREENS]:
        sys.exit(f"pictures: there is no {', '.join(unknown)}; there is {', '.join(SCREENS)}")
    PICTURES.mkdir(exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory(prefix="forthwith-pictures-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with _demo(Path(folder)) as (address, password):
            states = {
                person: _signed_in(browser, address, person, password)
                for person in {SCREENS[name].person for name in asked}
            }
            for name in asked:
                print(f"pictures: {name}", flush=True)
                _take(browser, address, states[SCREENS[name].person], name)
        browser.close()
        for state in states.values():
            Path(state).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
