"""The index of articles on PostgreSQL: a tsvector for each under GIN, the title with weight A and the text with D.

A tsvector knows nothing of how rare a word is. So each word that is asked for is weighed by how many articles have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

NUMBER = "s.id"
"""The number of the article that is looked at."""
Among = tuple[str, tuple[Any, ...]]
"""A query that has the article which is looked at, if it is one of those wanted, and its values."""
_PUT = """INSERT INTO knowledge_searched (id, published, words) VALUES (%s, %s, %s::tsvector)
ON CONFLICT (id) DO UPDATE SET published = excluded.published, words = excluded.words"""
# Materialised, or the planner may count anew for each article that has a word how rare the word is.
_WEIGHED = """WITH asked AS (
    SELECT q::tsquery AS q FROM unnest(%s::text[]) AS q
), weighed AS MATERIALIZED (
    SELECT q, ln(1 + (SELECT count(*) FROM knowledge_searched)
        / (1.0 + (SELECT count(*) FROM knowledge_searched AS s WHERE s.words @@ q))) AS rare FROM asked
)
SELECT s.id FROM weighed JOIN knowledge_searched AS s ON s.words @@ weighed.q"""
_BEST = """GROUP BY s.id ORDER BY sum(rare * ts_rank('{0.2, 0.2, 0.2, 1.0}', s.words, q)) DESC, s.id DESC LIMIT %s"""


def put(article: int, head: Sequence[str], body: Sequence[str], *, published: bool) -> None:
    """Write an article, whether or not it was there."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [article, published, _vector(head, body)])


def with_all(words: Sequence[str], among: Among, most: int) -> list[int]:
    """The articles among those wanted that have every word, the best first; the last word may be a beginning."""
    wanted, values = among
    *others, last = _asked(words)
    asked = [*others, f"{last}:*"]
    narrowed = f"WHERE s.words @@ %s::tsquery AND EXISTS ({wanted})"
    return _read(f"{_WEIGHED} {narrowed} {_BEST}", [asked, " & ".join(asked), *values, most])


def with_any(words: Sequence[str], most: int) -> list[int]:
    """The published articles that have any of the words, the best first."""
    return _read(f"{_WEIGHED} WHERE s.published {_BEST}", [_asked(words), most])


def _asked(words: Sequence[str]) -> list[str]:
    # Words have letters and digits alone, so that nothing in them commands the query.
    return [f"'{word}'" for word in words]


def _read(sql: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [number for (number,) in cursor.fetchall()]


def _vector(head: Sequence[str], body: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for place, word in enumerate((*head, *body), 1):
        places.setdefault(word, []).append(f"{place}A" if place <= len(head) else str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
