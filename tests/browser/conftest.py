"""One browser for the tests of a file, in it a page of each test's own; and a desk with its people."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, Page, sync_playwright

if TYPE_CHECKING:
    # This file is read before Django is set up.
    from forthwith.people.models import Person
    from tests.browser.visits import Visit
    from tests.desk_fixtures import Desk

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


@pytest.fixture
def desk(chrome: Browser, transactional_db: None) -> Desk:
    """The standard procedure in force, and its people."""
    from tests import desk_fixtures

    desk_fixtures.install()
    return desk_fixtures.hire()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said of errors, on every page of the test."""
    return []


@pytest.fixture
def visit(chrome: Browser, live_server: Any, complaints: list[str]) -> Iterator[Callable[..., Visit]]:
    """Brings a person, or nobody who is known, to the desk."""
    from tests.browser.visits import Visit

    made: list[Visit] = []

    def begin(person: Person | None, **how: Any) -> Visit:
        made.append(Visit(chrome, live_server, person, complaints, **how))
        return made[-1]

    yield begin
    for one in made:
        one.leave()


@pytest.fixture
def page_of(visit: Callable[..., Visit]) -> Callable[..., Page]:
    """A person's page at an address of the desk."""
    return lambda person, address, **how: visit(person, **how).go(address)


@pytest.fixture
def at(visit: Callable[..., Visit]) -> Visit:
    """The visit of a test that has one page."""
    return visit(None)


@pytest.fixture
def page(at: Visit) -> Page:
    """The one page of a test."""
    return at.page


@pytest.fixture
def sign_in(at: Visit) -> Callable[[Person], None]:
    """Signs somebody in on that page."""
    return at.sign_in
