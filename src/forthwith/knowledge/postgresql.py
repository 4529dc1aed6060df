"""The index of articles on PostgreSQL: a tsvector for each under GIN, the title with weight A and the text with D.

A tsvector knows nothing of how rare a word is. So each word that is asked for is weighed by how many articles have it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

_PUT = """INSERT INTO knowledge_searched (id, published, words) VALUES (%s, %s, %s::tsvector)
ON CONFLICT (id) DO UPDATE SET published = excluded.published, words = excluded.words"""
_WEIGHED = """WITH asked AS (
    SELECT q::tsquery AS q FROM unnest(%s::text[]) AS q
), weighed AS (
    SELECT q, ln(1 + (SELECT count(*) FROM knowledge_searched)
        / (1.0 + (SELECT count(*) FROM knowledge_searched AS s WHERE s.words @@ q))) AS rare FROM asked
)
SELECT s.id FROM weighed JOIN knowledge_searched AS s ON s.words @@ weighed.q AND (s.published OR NOT %s)
"""
_ANY = """GROUP BY s.id ORDER BY sum(rare * ts_rank('{0.2, 0.2, 0.2, 1.0}', s.words, q)) DESC, s.id DESC LIMIT %s"""
_EVERY = "WHERE s.words @@ %s::tsquery "


def put(article: int, head: Sequence[str], body: Sequence[str], *, published: bool) -> None:
    """Write an article, whether or not it was there."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [article, published, _vector(head, body)])


def find(words: Sequence[str], *, every: bool, begins: bool, published: bool, most: int) -> list[int]:
    """The articles that have every word, or any of them, the best first. `begins`: the last may be a beginning."""
    # Words have letters and digits alone, so that nothing in them commands the query.
    asked = [f"'{word}'" for word in words]
    if begins:
        asked[-1] += ":*"
    narrowed, together = (_EVERY, [" & ".join(asked)]) if every else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(f"{_WEIGHED}{narrowed}{_ANY}", [asked, published, *together, most])
        return [number for (number,) in cursor.fetchall()]


def _vector(head: Sequence[str], body: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for place, word in enumerate((*head, *body), 1):
        places.setdefault(word, []).append(f"{place}A" if place <= len(head) else str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
