"""Who of the desk follows a ticket, and is told what happens on it (SOP 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.procedure.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Fact):
    """Somebody of the desk follows the ticket from now on; `why` says so where it was not they who chose it."""

    person: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed(Fact):
    """Somebody of the desk follows the ticket no more."""

    person: int
