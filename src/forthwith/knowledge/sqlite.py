"""The index of articles on SQLite: a row of an FTS5 table for each, a column for the title and one for the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

NUMBER = "knowledge_searched.rowid"
"""The number of the article that is looked at."""
Among = tuple[str, tuple[Any, ...]]
"""A query that has the article which is looked at, if it is one of those wanted, and its values."""
_PUT = "INSERT OR REPLACE INTO knowledge_searched (rowid, head, body, published) VALUES (%s, %s, %s, %s)"
_FIND = "SELECT rowid FROM knowledge_searched WHERE knowledge_searched MATCH %s"
_BEST = "ORDER BY bm25(knowledge_searched, 5.0, 1.0), rowid DESC LIMIT %s"


def put(article: int, head: Sequence[str], body: Sequence[str], *, published: bool) -> None:
    """Write an article, whether or not it was there."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [article, " ".join(head), " ".join(body), int(published)])


def with_all(words: Sequence[str], among: Among, most: int) -> list[int]:
    """The articles among those wanted that have every word, the best first; the last word may be a beginning."""
    wanted, values = among
    return _read(f"{_FIND} AND EXISTS ({wanted}) {_BEST}", [f"{' AND '.join(_asked(words))} *", *values, most])


def with_any(words: Sequence[str], most: int) -> list[int]:
    """The published articles that have any of the words, the best first."""
    return _read(f"{_FIND} AND published {_BEST}", [" OR ".join(_asked(words)), most])


def _asked(words: Sequence[str]) -> list[str]:
    # Words have letters and digits alone, so that nothing in them commands the query.
    return [f'"{word}"' for word in words]


def _read(sql: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [number for (number,) in cursor.fetchall()]
