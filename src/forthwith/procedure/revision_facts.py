"""Under which revision of the procedure a ticket goes on (SOP H1)."""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.procedure.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedToRevision(Fact):
    """The ticket goes on under another revision of the procedure, and why (SOP H1). Until then it was under `was`."""

    revision: int
    was: int
    why: str
