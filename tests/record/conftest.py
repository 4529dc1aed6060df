"""The desk that these tests work at. Imported late: this is read before Django is set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
def busy_desk(transactional_db: None, tmp_path: Path) -> Iterator[Desk]:
    """The same where threads meet and transactions are really committed; its records must add up too."""
    from forthwith.record.models import Ticket
    from forthwith.steps import document
    from tests.desk_fixtures import hire, install, shared_by_threads

    with shared_by_threads(tmp_path):
        install()
        yield hire()
        assert [found for ticket in Ticket.objects.all() if (found := document.discrepancies(ticket))] == []
