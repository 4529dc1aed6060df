"""One line of the escalation matrix (D1), as the document says it. What it asks for is in `matrix`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from forthwith.procedure.moments import Moment
from forthwith.procedure.part import CategoryPath, Duration, Key, Part
from forthwith.procedure.said import say

AGE = "age"
"""The clock of a rung that falls due a fixed time after receipt, whatever the targets are."""
RungClock = Literal[
    "acknowledgement", "first_response", "next_reply", "next_update", "resolution", "promise", "work", "age"
]
Told = Literal["assignee", "team", "team_leader", "administrators"]
At = Annotated[Moment, BeforeValidator(Moment.read), PlainSerializer(str, return_type=str)]


class Rung(Part):
    """One line of the escalation matrix (D1): when it falls due, for which tickets, and what it asks for.

    Empty `priorities`, `categories` or `teams` mean all. `move_to` is a team, or `specialists` for the
    team that the ticket's category names; so are those of `tell_teams`. With `every` it falls due again and again, so
    long after it fell due last, until its clock has ended. `calendar` is that of the clock `age`, which has no other.
    """

    key: Key
    clock: RungClock
    at: At
    calendar: Key | None = None
    every: Annotated[Duration, Field(ge=60)] | None = None
    kind: Literal["functional", "hierarchical"]
    priorities: tuple[Key, ...] = ()
    categories: tuple[CategoryPath, ...] = ()
    teams: tuple[Key, ...] = ()
    only_if: Literal["unassigned"] | None = None
    tell: tuple[Told, ...] = ()
    tell_teams: tuple[Key, ...] = ()
    move_to: Key | None = None
    tell_requester: bool = False

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.clock == AGE and (self.calendar is None or self.at.kind != "start"):
            raise ValueError(
                say("is on the clock 'age', which needs a `calendar`, and a moment such as 'start + 15 min'")
            )
        if self.clock != AGE and self.calendar is not None:
            raise ValueError(say("has a `calendar`, which only the clock 'age' needs: others count in their target's"))
        if self.every is not None and self.move_to is not None:
            raise ValueError(say("moves the ticket again and again: leave `every` out, or `move_to`"))
        return self
