"""What a desk is like now, as plain data: who works there and when, and which targets it kept lately.

A procedure is held against it by `desk_lint`; who gathers it is in a higher room (`record/desk_now.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from forthwith.procedure.model import Procedure

LATELY = timedelta(days=90)
"""So far back it is looked at how targets were kept: a quarter, as the reports show it, has quiet and busy weeks."""


class Worker(NamedTuple):
    """Somebody active who works on tickets. `shift` is a calendar's key; empty: the hours of each of their teams."""

    role: str
    shift: str = ""
    teams: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    """Those of the teams that they lead."""


class Share(NamedTuple):
    """Of how many tickets whose clock has ended it ended in time."""

    met: int
    due: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk at an instant. `workers` is None where they are too many to look at.

    `kept` says by (priority, clock) how the targets of the procedure in force were kept since `LATELY`.
    """

    now: datetime
    in_force: Procedure
    workers: tuple[Worker, ...] | None = ()
    kept: Mapping[tuple[str, str], Share] = field(default_factory=dict)
