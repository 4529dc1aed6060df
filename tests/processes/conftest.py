"""A desk of real processes for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.desks import RunningDesk, own_database


@pytest.fixture(scope="session")
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """What `forthwith init` makes, once, to be copied."""
    if not sys.platform.startswith("linux"):
        pytest.skip("processes are looked at in /proc")
    with own_database() as database:
        desk = RunningDesk(tmp_path_factory.mktemp("new"), database)
        desk.run("init")
        yield desk


@pytest.fixture
def running_desk(new_desk: RunningDesk, tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk that is set up, with nothing running yet."""
    with own_database(like=new_desk.variables["FORTHWITH_DATABASE_URL"]) as database:
        desk = RunningDesk(tmp_path, database)
        shutil.copytree(new_desk.home, desk.home)
        try:
            yield desk
        finally:
            desk.end()
