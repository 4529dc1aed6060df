"""Who of the desk is told of what happens: the events there are, and how their mails are put together (SOP 4.3)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from forthwith.procedure.part import Duration, Part

Event = Literal[
    "assigned", "answered", "mentioned", "followed", "at_risk", "late", "escalated", "failed", "reopened", "rated"
]
EVENTS: tuple[Event, ...] = (
    "assigned",
    "answered",
    "mentioned",
    "followed",
    "at_risk",
    "late",
    "escalated",
    "failed",
    "reopened",
    "rated",
)
BY_THE_MATRIX: frozenset[Event] = frozenset({"escalated"})
"""Whose mail is the escalation matrix's (SOP 5.1): nobody chooses whether it comes, and it waits for nothing."""


class Notices(Part):
    """How people of the desk are told of what happens on their tickets.

    News of `bundle` seconds make one mail. `mail` are the events that are mailed to who has chosen nothing else; in the
    desk itself all of them show. Notices are deleted after `keep` seconds.
    """

    bundle: Annotated[Duration, Field(ge=0, le=86_400)] = 300
    keep: Annotated[Duration, Field(ge=86_400)] = 90 * 86_400
    mail: tuple[Event, ...] = ("assigned", "answered", "mentioned", "late", "failed", "reopened")
