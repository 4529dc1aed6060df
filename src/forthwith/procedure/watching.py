"""When a channel must be watched, and how the desk tries its own road (SOP 1.1)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from forthwith.procedure.part import Duration, Key, Part


class Watch(Part):
    """When a channel must be watched, by whom, and the longest silence allowed, in seconds (SOP 1.1).

    `sign_in_ends`: how many seconds before a machine is not let into its mailbox any more somebody is told, each once.
    """

    by: Literal["machine", "people"]
    calendar: Key
    silence: Annotated[Duration, Field(gt=0)]
    sign_in_ends: tuple[Annotated[Duration, Field(gt=0)], ...] = Field((14 * 86_400, 3 * 86_400), max_length=5)


class Canary(Part):
    """A mail that the desk sends itself `every` so many seconds, to come home `within` so many (SOP 1.1)."""

    every: Annotated[Duration, Field(ge=60)]
    within: Annotated[Duration, Field(gt=0)]
