"""The index on PostgreSQL: a tsvector for each part of a ticket, under GIN.

Weights tell where a word stands: A the head, B the marks, C what was said in public, D the notes.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from forthwith.record.search import blocks
from forthwith.record.search.parts import Part, Said
from forthwith.record.search.questions import Clause, Hit, Question, Term

HEAD, MARKS, PUBLIC, INTERNAL = "A", "B", "C", "D"
_PUT = """INSERT INTO record_searched (id, at, size, words) VALUES (%s, %s, %s, %s::tsvector)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, size = excluded.size, words = excluded.words"""
_ADD = "UPDATE record_searched SET words = words || %s::tsvector, size = size + %s WHERE id = %s"
_MARK = """UPDATE record_searched SET words = ts_filter(words, '{a,c,d}') || %s::tsvector WHERE id BETWEEN %s AND %s"""
_LAST = "SELECT id, size FROM record_searched WHERE id BETWEEN %s AND %s ORDER BY id DESC LIMIT 1"
# The inner fence keeps the planner from walking the primary key for the sake of the order; the loop over the groups
# ends as soon as enough is found.
_FIND = """SELECT h.id, h.at, coalesce(h.words @@ g.head, false)
FROM unnest(%s::text[]::tsquery[], %s::text[]::tsquery[]) AS g(question, head) CROSS JOIN LATERAL (
    SELECT f.id, f.at, f.words FROM (
        SELECT s.id, s.at, s.words FROM record_searched s
        WHERE s.words @@ g.question AND s.at >= %s AND s.at < %s OFFSET 0
    ) f ORDER BY f.id DESC LIMIT %s
) h LIMIT %s"""


def put(part: Part) -> None:
    """Write a part, whether or not it was there."""
    ticket = part.row >> blocks.PART
    vector = _vector(ticket, (HEAD, part.head), (MARKS, part.marks), *_weighted(part.said))
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [part.row, part.at, len(part.said), vector])


def add(row: int, head: list[str], said: Said) -> None:
    """Add words to a part."""
    vector = _vector(row >> blocks.PART, (HEAD, head), *_weighted(said))
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [vector, len(said), row])


def mark(ticket: int, marks: list[str]) -> bool:
    """Give every part of a ticket these marks instead of those it has; False where it has no part."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [_vector(ticket, (MARKS, marks)), *blocks.rows_of(ticket)])
        return bool(cursor.rowcount)


def last(ticket: int) -> tuple[int, int] | None:
    """The last part of a ticket and how many words were said in it."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, blocks.rows_of(ticket))
        found: tuple[int, int] | None = cursor.fetchone()
        return found


def remove(ticket: int) -> None:
    """Take a ticket out."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM record_searched WHERE id BETWEEN %s AND %s", blocks.rows_of(ticket))


def held(ticket: int) -> dict[str, set[str]]:
    """The words of a ticket as they are kept, by where they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.lexeme, u.weights FROM record_searched s, unnest(s.words) u WHERE s.id BETWEEN %s AND %s",
            blocks.rows_of(ticket),
        )
        found: dict[str, set[str]] = {HEAD: set(), MARKS: set(), PUBLIC: set(), INTERNAL: set()}
        for lexeme, weights in cursor.fetchall():
            for weight in weights:
                found[weight].add(blocks.bare(lexeme))
        return {"head": found[HEAD], "marks": found[MARKS], "public": found[PUBLIC], "internal": found[INTERNAL]}


def find(question: Question, most: int) -> list[Hit]:
    """The newest parts that answer the question, at most so many; the last one first."""
    asked, head = _composed(question.clauses, question.public), _in_head(question.clauses)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM record_searched")
        (newest,) = cursor.fetchone()
        if newest is None:
            return []
        groups = list(blocks.groups(newest >> blocks.PART))
        every = [blocks.asked_of(asked, group, " | ") for group in groups]
        heads = [blocks.asked_of(head, group, " | ") if head else None for group in groups]
        cursor.execute(_FIND, [every, heads, question.since, question.until, most, most])
        return [Hit(row >> blocks.PART, at, in_head) for row, at, in_head in cursor.fetchall()]


def _weighted(said: Said) -> tuple[tuple[str, list[str]], tuple[str, list[str]]]:
    return (PUBLIC, said.public), (INTERNAL, said.internal)


def _vector(ticket: int, *weighted: tuple[str, list[str]]) -> str:
    """A tsvector as text. Between two lists a place stays free, so that no phrase goes from one into the other."""
    places: dict[str, list[str]] = {}
    place = 0
    for weight, found in weighted:
        for word in found:
            place += 1
            places.setdefault(word, []).append(f"{place}{weight}")
        place += 1
    block = blocks.within(ticket, "")
    return " ".join(f"'{block}{word}':{','.join(at)}" for word, at in places.items())


def _composed(clauses: Iterable[Clause], public: bool) -> str:
    """A tsquery as text. It is always a parameter, and the words in it have letters and digits alone."""
    weights = HEAD + MARKS + PUBLIC if public else ""
    return " & ".join(f"{'!' if one.negated else ''}({_either(one.any_of, weights)})" for one in clauses)


def _in_head(clauses: Iterable[Clause]) -> str:
    return " & ".join(f"({_either(one.any_of, HEAD)})" for one in clauses if one.is_text)


def _either(terms: Iterable[Term], weights: str) -> str:
    return " | ".join(_row(term, "" if term.marks and weights == HEAD else weights) for term in terms)


def _row(term: Term, weights: str) -> str:
    words = [f"'{blocks.anywhere(word)}'{':' + weights if weights else ''}" for word in term.words]
    if term.begins:
        words[-1] = f"'{blocks.anywhere(term.words[-1])}':*{weights}"
    return f"({' <-> '.join(words)})"
