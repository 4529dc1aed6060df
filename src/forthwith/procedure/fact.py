"""What every fact has: an instant, and who made it so. The kinds are in `facts.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact says: when it was true, and who made it so (None: the system)."""

    at: datetime
    by: int | None = None
