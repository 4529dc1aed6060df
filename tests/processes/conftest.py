"""A desk of real processes for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.desks import RunningDesk, own_database


@pytest.fixture
def running_desk(tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk that is set up, with nothing running yet."""
    if not sys.platform.startswith("linux"):
        pytest.skip("processes are looked at in /proc")
    with own_database() as database:
        desk = RunningDesk(tmp_path, database)
        desk.run("init")
        try:
            yield desk
        finally:
            desk.end()
