"""A desk on a database of its own, a file or one on the server, so that threads and processes share it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

if TYPE_CHECKING:
    from tests.live.desks import Desk


POSTGRESQL = os.environ.get("FORTHWITH_TEST_DATABASE", "sqlite") == "postgresql"


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Everything in this process, threads included, uses that database instead of the suite's."""
    given, before = connections.settings["default"], connections["default"]
    old_name, given["NAME"] = given["NAME"], name
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        given["NAME"] = old_name
        connections["default"] = before


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["FORTHWITH_TEST_POSTGRES_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a database with every table and no row, to be copied."""
    name = f"live_{uuid.uuid4().hex[:12]}" if POSTGRESQL else str(tmp_path_factory.mktemp("live") / "blank")
    if POSTGRESQL:
        with server() as connection:
            connection.execute(f"CREATE DATABASE {name}")
    with django_db_blocker.unblock(), connected_to(name):
        call_command("migrate", verbosity=0)
    yield name
    if POSTGRESQL:
        with server() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(blank: str, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of a database of this test's own, which this process is connected to."""
    name = f"{blank}_{uuid.uuid4().hex[:6]}" if POSTGRESQL else str(tmp_path / "desk.sqlite3")
    if POSTGRESQL:
        with server() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {blank}")
        address = urlsplit(os.environ["FORTHWITH_TEST_POSTGRES_URL"])._replace(path=f"/{name}").geturl()
    else:
        shutil.copy(blank, name)
        address = f"sqlite:///{name}"
    from forthwith.record import procedures

    procedures.load.cache_clear()
    with django_db_blocker.unblock(), connected_to(name):
        yield address
    procedures.load.cache_clear()
    if POSTGRESQL:
        with server() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def desk(database: str) -> Desk:
    from tests.live.desks import new_desk

    return new_desk(database)
