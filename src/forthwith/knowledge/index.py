"""What the articles are found by. It follows from the revision that each shows; `rebuild` writes it anew."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from django.db import connection

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


def with_all(asked: Sequence[str], *, published: bool, most: int, begins: bool = True) -> list[int]:
    """The articles that have all of these words, the best first; the last word may be a beginning."""
    return _find(asked, every=True, begins=begins, published=published, most=most)


def with_any(asked: Sequence[str], *, most: int) -> list[int]:
    """The published articles that have any of these words, the best first."""
    return _find(asked, every=False, begins=False, published=True, most=most)


def rebuild() -> int:
    """Write the index of every article anew; how many there are."""
    count = 0
    for article in Article.objects.order_by("pk").iterator(chunk_size=200):
        put(article, ArticleRevision.objects.get(article=article, number=article.shown))
        count += 1
    return count


def _words(text: str) -> list[str]:
    return [*words(text), *joined(text)]


def _find(asked: Sequence[str], *, every: bool, begins: bool, published: bool, most: int) -> list[int]:
    if not asked:
        return []
    wanted = list(dict.fromkeys(asked))[:MOST_ASKED]
    found: list[int] = _module().find(wanted, every=every, begins=begins, published=published, most=most)
    return found
