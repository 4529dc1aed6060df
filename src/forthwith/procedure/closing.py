"""Which clocks stand still while a ticket waits, and how one ends: confirmed, in silence, unanswered (SOP 4.3, 7)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from forthwith.procedure.part import Part
from forthwith.procedure.targets import ClockName, Target


class Pauses(Part):
    """Which clocks stand still while a ticket waits, by what it waits for."""

    waiting_on_requester: tuple[ClockName, ...] = ()
    on_hold: tuple[ClockName, ...] = ()


class Unanswered(Part):
    """What waits for its requester for so long ends by itself (SOP 7.2); what its record says then (SOP 6.1)."""

    after: Target
    cause: str
    solution: str


class Closing(Part):
    """Confirmation, silence and reopening (SOP 7.1, 7.2); `unanswered`: also what waits for its requester ends."""

    silence: Target
    reopen_within: Target
    rating: Annotated[int, Field(ge=2, le=10)] = 5
    unanswered: Unanswered | None = None
