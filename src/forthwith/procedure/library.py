"""How the desk keeps its articles: who reviews them, how often, and when one is doubtful (SOP 4.2, 6.2, D2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from forthwith.procedure.part import Duration, Part, Percent

Reviewer = Literal["agent", "specialist", "team_leader", "administrator"]


class Knowledge(Part):
    """The rules of the library.

    `reviewed_by` are the roles that publish what somebody else has written, send it back, and retire what is wrong. A
    published article is looked at again every `review_every`. One is doubtful once it was worked by `doubtful_after`
    times since its last review and did not help in `doubtful_from` of them. `suggest` is how many a ticket shows.
    """

    reviewed_by: Annotated[tuple[Reviewer, ...], Field(min_length=1)] = ("team_leader", "administrator")
    review_every: Annotated[Duration, Field(ge=86_400)] = 180 * 86_400
    doubtful_after: Annotated[int, Field(ge=1)] = 3
    doubtful_from: Percent = 50
    suggest: Annotated[int, Field(ge=0, le=20)] = 5
