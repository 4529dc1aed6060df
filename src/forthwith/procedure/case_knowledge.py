"""What working by articles, and writing them, adds to a case (SOP 4.2, 6.2). `case.fold` takes these steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forthwith.procedure import facts as f
from forthwith.procedure.case_state import Case, Used
from forthwith.procedure.said import say

WRITTEN = say("an article was written")
WANTED = say("to write")
"""What `Case.knowledge` says once an article was written, and while one is still to be."""


def _used(case: Case, fact: f.ArticleUsed) -> None:
    others = tuple(one for one in case.articles if one.article != fact.article)
    case.articles = (*others, Used(fact.article, fact.revision, fact.title, fact.helped, fact.at))


def _written(case: Case, fact: f.ArticleWritten) -> None:
    case.written = (*(one for one in case.written if one != fact.article), fact.article)
    case.knowledge = WRITTEN


STEPS: dict[type[f.Fact], Callable[[Case, Any], None]] = {
    f.ArticleUsed: _used,
    f.ArticleWritten: _written,
}
