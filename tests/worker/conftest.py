"""A desk, and a relay that it can send to. Imported late: this is read before Django is set up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.worker.relay import Relay, running

if TYPE_CHECKING:
    from tests.desk_fixtures import Desk


@pytest.fixture
def desk(db: None) -> Desk:
    """The standard procedure in force, and its people."""
    from tests.desk_fixtures import hire, install

    install()
    return hire()


@pytest.fixture
def relay(settings: Any) -> Iterator[Relay]:
    """A relay that takes everything, and that the settings name."""
    with running(Relay()) as started:
        settings.RELAY = started
        yield started
