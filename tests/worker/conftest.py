"""A relay that the desk can send to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.worker.relay import Relay, running


@pytest.fixture
def relay(settings: Any) -> Iterator[Relay]:
    """A relay that takes everything, and that the settings name."""
    with running(Relay()) as started:
        settings.RELAY = started
        yield started
