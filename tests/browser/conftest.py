"""One browser for the tests of a file; each test has a page of its own in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, sync_playwright

PATIENCE_S = 10
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    """Not for the session: Playwright keeps an event loop in this thread, and other tests run one of their own."""
    # In such a thread Django would not touch its database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


class Answering:
    """How many requests the server of a test is answering now."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def began(self, **_: Any) -> None:
        with self._changed:
            self._count += 1

    def ended(self, **_: Any) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_rest(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count <= 0, timeout=PATIENCE_S)


@pytest.fixture(autouse=True)
def answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a page asked for by itself is answered before the tables are emptied: both at once lock each other out."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    answering = Answering()
    request_started.connect(answering.began)
    request_finished.connect(answering.ended)
    yield
    answering.wait_for_rest()
    request_started.disconnect(answering.began)
    request_finished.disconnect(answering.ended)
