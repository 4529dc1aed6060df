"""Desks to run the `forthwith` command on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.doors.homes import Home


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A home in which nothing is set up."""
    return Home(tmp_path)


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What `forthwith init` makes, once, to be copied."""
    made = Home(tmp_path_factory.mktemp("new"))
    assert made.run("init").returncode == 0
    return made


def copied(new_home: Home, folder: Path) -> Home:
    shutil.copytree(new_home.variables["FORTHWITH_HOME"], folder / "home")
    return Home(folder)


@pytest.fixture
def own(new_home: Home, tmp_path: Path) -> Home:
    """A desk with nothing in it, of this test alone."""
    return copied(new_home, tmp_path)


@pytest.fixture(scope="session")
def home(new_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A desk with one ticket, which the tests only read."""
    made = copied(new_home, tmp_path_factory.mktemp("cli"))
    made.receive("first")
    return made
