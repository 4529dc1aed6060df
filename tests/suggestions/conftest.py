"""A model in a home of the test's own: tests that run beside it must not find it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from forthwith.suggestions.model import Model
from tests.doors.homes import Home

if TYPE_CHECKING:
    from tests.desk_fixtures import Desk


@pytest.fixture
def own_home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def knowing(own_home: Path) -> Model:
    """The desk has learnt the four kinds of `learnt.KINDS`."""
    from forthwith.suggestions import kept
    from tests import learnt

    learnt.learn(learnt.examples(240))
    model = kept.model()
    assert model is not None
    return model


@pytest.fixture
def small(db: None, own_home: Path) -> Desk:
    """A desk whose procedure asks for few tickets."""
    from tests import desk_fixtures as d
    from tests.suggestions.closed import SMALL

    d.install(SMALL)
    return d.hire()


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A home in which nothing is set up."""
    return Home(tmp_path)
