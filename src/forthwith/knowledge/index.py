"""What the articles are found by. It follows from the revision that each shows; `rebuild` writes it anew."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from forthwith.knowledge import postgresql, sqlite
from forthwith.knowledge.models import Article, ArticleRevision
from forthwith.people.words import joined, words

MOST_ASKED = 40
"""Words of one question that are looked for."""


def _module() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def put(article: Article, shown: ArticleRevision) -> None:
    """Let an article be found by what it shows now."""
    head, body = _words(shown.title), _words(shown.body)
    _module().put(article.pk, head, body, published=article.published)


def with_all(asked: Sequence[str], among: QuerySet[Article], *, most: int) -> list[int]:
    """The best of these articles that have all of the words, in their order; the last word may be a beginning."""
    # Asked of each that has the words, so that as many are looked at, however many there are.
    same = among.order_by().filter(pk=RawSQL(_module().NUMBER, ())).values("pk")  # noqa: S611 - a constant
    try:
        it_is_one = same.query.sql_with_params()
    except EmptyResultSet:
        return []
    found: list[int] = _module().with_all(_wanted(asked), it_is_one, most) if asked else []
    return found


def with_any(asked: Sequence[str], *, most: int) -> list[int]:
    """The best published articles that have any of these words, in their order."""
    found: list[int] = _module().with_any(_wanted(asked), most) if asked else []
    return found


def rebuild() -> int:
    """Write the index of every article anew; how many there are."""
    count = 0
    for number in Article.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=200):
        with transaction.atomic():
            # Locked and read only now: what is published meanwhile is not overwritten with what was there before.
            article = Article.objects.select_for_update().get(pk=number)
            put(article, ArticleRevision.objects.get(article=article, number=article.shown))
        count += 1
    return count


def _words(text: str) -> list[str]:
    return [*words(text), *joined(text)]


def _wanted(asked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(asked))[:MOST_ASKED]
