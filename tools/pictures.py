"""The pictures that the guide and the README link to, of a demo desk, into docs/pictures.

    python tools/pictures.py [NAME ...]     all, or those of the screens of these names

It starts a demo desk of its own and stops it again, and takes away what is linked to no more. A picture is named after
its screen, its width and its colours (`queue-390-dark.jpg`). Look at what came out: a picture is made to be judged.
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

from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PAGES = (ROOT / "README.md", ROOT / "docs" / "guide.md")
SIZES: dict[str, ViewportSize] = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
Scheme = Literal["light", "dark"]
_LINK = re.compile(r"pictures/(([a-z-]+)-(1440|390)-(light|dark)\.jpg)")
SETTLES_MS = 700
QUALITY = 72


class Picture(NamedTuple):
    """A file of docs/pictures, and what it shows."""

    file: str
    screen: str
    width: str
    scheme: Scheme


def linked() -> list[Picture]:
    """The pictures that the pages show, each once."""
    found = (Picture(*one) for page in PAGES for one in _LINK.findall(page.read_text("utf-8")))
    return list(dict.fromkeys(found))


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


def _as_requester(page: Page) -> None:
    """By the link in their mail, as somebody who is not signed in: the ticket that waits for them to say yes."""
    page.get_by_role("link", name="[#10]").first.click()
    link = page.locator(".caught-text a[href$='/solved/']").get_attribute("href") or ""
    page.context.clear_cookies()
    page.goto(link.removesuffix("solved/"))


def _one_mail(page: Page) -> None:
    page.get_by_role("link", name="[#10]").first.click()
    page.locator(".caught-html").wait_for()


def _drafted(page: Page) -> None:
    """A draft in which the first response is sooner, at the form that says so."""
    page.get_by_label("Title").fill("Sooner, where several people wait")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/procedure/drafts/*/")
    page.goto(f"{page.url}at/priorities/high/")
    page.get_by_role("group", name="First response").get_by_label("Length").fill("30 min")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").first.wait_for()


def _changed(page: Page) -> None:
    _drafted(page)
    page.get_by_role("link", name="What changes").click()


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
    "keys": Screen("jonas", "/", _pressed("?", "#keys:popover-open")),
    "procedure": Screen("jonas", "/procedure/#steps"),
    "escalation": Screen("jonas", "/procedure/#escalation"),
    "draft": Screen("ingrid", "/procedure/drafts/new/", _drafted),
    "draft-changes": Screen("ingrid", "/procedure/drafts/new/", _changed),
    "conformance": Screen("ingrid", "/conformance/"),
    "people": Screen("noor", "/people/"),
    "connect-mailbox": Screen("noor", "/mailboxes/connect/"),
    "ledger": Screen("noor", "/ledger/"),
    "health": Screen("noor", "/health/"),
    "caught-mail": Screen("noor", "/caught/", _one_mail),
    "requester": Screen("noor", "/caught/", _as_requester),
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


def _signed_in(browser: Browser, address: str, person: str, password: str) -> StorageState:
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
    session = context.storage_state()
    context.close()
    return session


def _take(browser: Browser, address: str, session: StorageState, picture: Picture) -> None:
    screen = SCREENS[picture.screen]
    context = browser.new_context(
        base_url=address,
        storage_state=session,
        viewport=SIZES[picture.width],
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(screen.path)
    page.wait_for_timeout(SETTLES_MS)
    if screen.act:
        screen.act(page)
        page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=PICTURES / picture.file, type="jpeg", quality=QUALITY)
    context.close()


def _taken(pictures: list[Picture]) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory(prefix="forthwith-pictures-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with _demo(Path(folder)) as (address, password):
            people = {SCREENS[one.screen].person for one in pictures}
            sessions = {person: _signed_in(browser, address, person, password) for person in people}
            for one in pictures:
                print(f"pictures: {one.file}", flush=True)
                _take(browser, address, sessions[SCREENS[one.screen].person], one)
        browser.close()


def main() -> int:
    """Take the pictures that are asked for."""
    asked, shown = sys.argv[1:] or list(SCREENS), linked()
    if unknown := [name for name in asked if name not in SCREENS]:
        sys.exit(f"pictures: there is no {', '.join(unknown)}; there is {', '.join(SCREENS)}")
    PICTURES.mkdir(exist_ok=True)
    _taken([one for one in shown if one.screen in asked])
    for path in PICTURES.iterdir():
        if path.name not in {one.file for one in shown}:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
