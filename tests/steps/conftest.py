"""The desk that these tests work at. Imported late: this is read before Django is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.desk_fixtures import Desk


@pytest.fixture
def desk(db: None) -> Desk:
    """The standard procedure in force, and its people."""
    from tests.desk_fixtures import hire, install

    install()
    return hire()


@pytest.fixture
def busy_desk(transactional_db: None) -> Desk:
    """The same where transactions are really committed, for tests with threads."""
    from tests.desk_fixtures import hire, install

    install()
    return hire()
