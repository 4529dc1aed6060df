"""What is said of one step of the SOP for one ticket; `conformance.py` says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from forthwith.procedure.said import Said

Outcome = Literal["met", "late", "missing", "not due", "not applicable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one step: outcome, since when, by whom, and what proves it.

    `facts` are numbers of facts from 1, the one that decided first. `due` is by when it had to be done.
    """

    step: str
    outcome: Outcome
    why: Said
    at: datetime | None = None
    by: int | None = None
    facts: tuple[int, ...] = ()
    due: datetime | None = None
