"""What every test stands on: an environment of its own, made before Django reads its settings."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

if TYPE_CHECKING:
    from tests.desk_fixtures import Desk

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

DATABASE = os.environ.get("FORTHWITH_TEST_DATABASE", "sqlite")
# Workers of xdist inherit the environment, and with it the home that the first process made.
_made_home = "PYTEST_XDIST_WORKER" not in os.environ


def _database_url(home: str) -> str:
    if DATABASE == "sqlite":
        return f"sqlite:///{home}/forthwith.sqlite3"
    if DATABASE == "postgresql":
        url = os.environ.get("FORTHWITH_TEST_POSTGRES_URL")
        if url:
            return url
        raise pytest.UsageError(
            "FORTHWITH_TEST_DATABASE=postgresql needs a server in FORTHWITH_TEST_POSTGRES_URL; this makes "
            "one: .venv/bin/python tools/provision.py --postgresql -- .venv/bin/pytest"
        )
    raise pytest.UsageError(f"FORTHWITH_TEST_DATABASE is {DATABASE!r}; it may be sqlite or postgresql")


def _prepare_environment() -> None:
    """Takes a developer's own desk out of the environment: no test may touch it."""
    for name in [name for name in os.environ if name.startswith("FORTHWITH_")]:
        if not name.startswith("FORTHWITH_TEST_"):
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="forthwith-test-")
    os.environ["FORTHWITH_HOME"] = home
    os.environ["FORTHWITH_DATABASE_URL"] = _database_url(home)
    # Not in pytest's own configuration: there it would be read before this file.
    os.environ["DJANGO_SETTINGS_MODULE"] = "forthwith.config.settings"


if _made_home:
    _prepare_environment()

# A shared machine may be slow; an example that takes long is no failure.
hypothesis_settings.register_profile("forthwith", deadline=None, print_blob=True)
hypothesis_settings.load_profile("forthwith")


def pytest_configure() -> None:
    # pytest-django sets Django up afterwards, if its settings have been read by then.
    from django.conf import settings

    default = settings.DATABASES["default"]
    if DATABASE == "sqlite":
        # A file, as in the product: in a database in memory the threads of a server share one connection with the test,
        # and with it one another's transactions. No test pulls the plug, so nothing waits for the disk.
        default.setdefault("TEST", {})["NAME"] = str(Path(os.environ["FORTHWITH_HOME"], "test.sqlite3"))
        options = default["OPTIONS"]
        default["OPTIONS"] = options | {"init_command": options["init_command"].replace("=FULL", "=OFF")}
    # No test is about the strength of a hash, and a strong one takes a third of a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    if _made_home:
        shutil.rmtree(os.environ["FORTHWITH_HOME"], ignore_errors=True)


# What a test asks for when it comes near a database: its own, one that processes share, or that of a home of its own.
NEAR_A_DATABASE = {"db", "transactional_db", "live_server", "database", "new_desk", "bare", "own", "home"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips what this pass cannot run, each with its reason; on PostgreSQL, leaves out what no database can change."""
    if DATABASE == "postgresql":
        kept = [item for item in items if _near_a_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
    no_browser = None if _chromium() else "no Chromium; `make test` provides one"
    no_postgresql = None if DATABASE == "postgresql" else "needs FORTHWITH_TEST_DATABASE=postgresql"
    for mark, reason in (("browser", no_browser), ("postgresql", no_postgresql)):
        for item in items:
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def _near_a_database(item: pytest.Item) -> bool:
    asked = set(getattr(item, "fixturenames", ()))
    return bool(asked & NEAR_A_DATABASE or any(map(item.get_closest_marker, ("django_db", "postgresql"))))


def _chromium() -> str | None:
    return os.environ.get("FORTHWITH_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser to drive, for Playwright's `executable_path`."""
    path = _chromium()
    assert path, "mark the test with pytest.mark.browser"
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published test data, which is no part of the repository."""
    folder = Path(os.environ.get("FORTHWITH_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set FORTHWITH_TEST_DATA to its folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def each_procedure_is_read_once() -> Iterator[None]:
    """Most tests stand on the same text, a procedure cannot change, and reading one takes most of a test's time."""
    from forthwith.procedure import document

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "read", lru_cache(maxsize=32)(document.read))
        yield


@pytest.fixture(autouse=True)
def records_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that touched tickets, facts refold to the row, chain and messages are whole, all can be found."""
    marked = request.node.get_closest_marker("django_db")
    if marked is None and not {"db", "transactional_db"} & set(request.fixturenames):
        yield
        return
    transactional = "transactional_db" in request.fixturenames or (marked and marked.kwargs.get("transaction"))
    request.getfixturevalue("transactional_db" if transactional else "db")
    from django.db import connection

    from forthwith.record import procedures

    procedures.load.cache_clear()
    yield
    try:
        _adds_up(request)
    finally:
        if transactional:
            # No model, so that nothing else empties it.
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM record_searched")
                cursor.execute("DELETE FROM knowledge_searched")


def _adds_up(request: pytest.FixtureRequest) -> None:
    from forthwith.record.models import Ticket
    from forthwith.record.search import writing
    from forthwith.steps import document

    if request.node.get_closest_marker("broken_record"):
        return
    wrong = {ticket.pk: found for ticket in Ticket.objects.all() if (found := document.discrepancies(ticket))}
    assert not wrong, wrong
    unfound = {ticket.pk: amiss for ticket in Ticket.objects.all() if (amiss := writing.amiss(ticket))}
    assert not unfound, unfound


# The desk's own modules are imported late: this file is read before Django is set up.


@pytest.fixture
def desk(db: None) -> Desk:
    """The standard procedure in force, and its people."""
    from tests.desk_fixtures import hire, install

    install()
    return hire()


@pytest.fixture
def busy_desk(transactional_db: None, tmp_path: Path) -> Iterator[Desk]:
    """The same where threads meet and transactions are really committed; its records must add up too."""
    from forthwith.record.models import Ticket
    from forthwith.steps import document
    from tests.desk_fixtures import hire, install, shared_by_threads

    with shared_by_threads(tmp_path):
        install()
        yield hire()
        assert [found for ticket in Ticket.objects.all() if (found := document.discrepancies(ticket))] == []


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """Limits count in the process' memory, by numbers that come again in the next test: each starts from none."""
    from django.core.cache import cache

    from forthwith.channels.email.pages import connecting
    from forthwith.channels.email.webhooks import endpoint
    from forthwith.desk import export
    from forthwith.floor import paper
    from forthwith.portal import limits

    cache.clear()
    for limit in (limits.by_link, limits.by_address, export.LIMIT, paper.LIMIT, connecting.tries, endpoint.wrong):
        limit.forget()
