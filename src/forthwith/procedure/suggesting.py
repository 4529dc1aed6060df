"""What is suggested from closed tickets, how sure it has to be, and when it is learnt (SOP 3.1, 3.2, 4.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from forthwith.procedure.part import Duration, Key, Part, Percent


class Suggestions(Part):
    """What is suggested from closed tickets (SOP 3.1, 3.2, 4.2), and when it is learnt from them anew.

    Below `suggest_from` nothing is suggested; from `decide_from` on a suggestion decides where the procedure's words
    weigh at most `weak` (a word of the subject weighs 3, one of the text 1). A choice with fewer than
    `minimum_each` tickets is not learnt. In the hours of the calendar `learn_outside` the daily learning waits.
    """

    suggest_from: Percent = 50
    decide_from: Percent = 80
    weak: Annotated[int, Field(ge=0)] = 1
    minimum_tickets: Annotated[int, Field(ge=10)] = 200
    minimum_each: Annotated[int, Field(ge=3)] = 5
    most_tickets: Annotated[int, Field(ge=100, le=200_000)] = 50_000
    learn_after: Annotated[int, Field(ge=1)] = 200
    learn_every: Annotated[Duration, Field(ge=3600)] = 86_400
    learn_outside: Key | None = None
    similar: Annotated[int, Field(ge=0, le=20)] = 5
    similar_from: Percent = 30
