"""What a ticket has to do with the articles of the desk (SOP 4.2, 6.2).

The title is on record as it was then, so that a ticket's history can be read without the library.
"""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.procedure.fact import Fact
from forthwith.procedure.said import say

HELPED = (say("yes"), say("in part"), say("no"))
"""How it went to work by an article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleUsed(Fact):
    """Somebody worked by a revision of an article, and whether it helped: one of `HELPED` (SOP 4.2).

    A later one about the same article takes the place of what was said before.
    """

    article: int
    revision: int
    helped: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleWritten(Fact):
    """An article was begun, or a revision of one written, with what this ticket taught (SOP 6.2)."""

    article: int
    revision: int
    title: str = ""
