"""What the desk promises a requester, and what becomes of it (SOP 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forthwith.procedure.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised(Fact):
    """Somebody promised the requester something by an instant."""

    promise: str
    what: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseKept(Fact):
    """A promise was kept."""

    promise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseWithdrawn(Fact):
    """A promise was taken back, with the reason."""

    promise: str
    why: str
