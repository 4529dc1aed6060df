"""The index of articles on SQLite: a row of an FTS5 table for each, a column for the title and one for the text."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

_PUT = "INSERT OR REPLACE INTO knowledge_searched (rowid, head, body, published) VALUES (%s, %s, %s, %s)"
_FIND = """SELECT rowid FROM knowledge_searched WHERE knowledge_searched MATCH %s AND published >= %s
ORDER BY bm25(knowledge_searched, 5.0, 1.0), rowid DESC LIMIT %s"""


def put(article: int, head: Sequence[str], body: Sequence[str], *, published: bool) -> None:
    """Write an article, whether or not it was there."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [article, " ".join(head), " ".join(body), int(published)])


def find(words: Sequence[str], *, every: bool, begins: bool, published: bool, most: int) -> list[int]:
    """The articles that have every word, or any of them, the best first. `begins`: the last may be a beginning."""
    # Words have letters and digits alone, so that nothing in them commands the query.
    asked = [f'"{word}"' for word in words]
    if begins:
        asked[-1] += " *"
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [(" AND " if every else " OR ").join(asked), int(published), most])
        return [number for (number,) in cursor.fetchall()]
