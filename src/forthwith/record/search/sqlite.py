"""The index on SQLite: a row of an FTS5 table for each part of a ticket, a column for each place of a word."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from forthwith.record.search import blocks
from forthwith.record.search.parts import Part, Said
from forthwith.record.search.questions import Clause, Hit, Question, Term

_PUT = """INSERT OR REPLACE INTO record_searched (rowid, head, marks, public, internal, at, size)
VALUES (%s, %s, %s, %s, %s, %s, %s)"""
_ADD = """UPDATE record_searched SET head = head || ' ' || %s, public = public || ' ' || %s,
internal = internal || ' ' || %s, size = size + %s WHERE rowid = %s"""
_FIND = """SELECT rowid, at FROM record_searched WHERE record_searched MATCH %s AND at >= %s AND at < %s
ORDER BY rowid DESC LIMIT %s"""
_IN_HEAD = """SELECT rowid FROM record_searched WHERE record_searched MATCH %s AND rowid BETWEEN %s AND %s
ORDER BY rowid DESC LIMIT %s"""


def put(part: Part) -> None:
    """Write a part, whether or not it was there."""
    ticket = part.row >> blocks.PART
    texts = [_text(ticket, found) for found in (part.head, part.marks, part.said.public, part.said.internal)]
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [part.row, *texts, part.at, len(part.said)])


def add(row: int, head: list[str], said: Said) -> None:
    """Add words to a part."""
    texts = [_text(row >> blocks.PART, found) for found in (head, said.public, said.internal)]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*texts, len(said), row])


def mark(ticket: int, marks: list[str]) -> bool:
    """Give every part of a ticket these marks instead of those it has; False where it has no part."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE record_searched SET marks = %s WHERE rowid BETWEEN %s AND %s",
            [_text(ticket, marks), *blocks.rows_of(ticket)],
        )
        return bool(cursor.rowcount)


def last(ticket: int) -> tuple[int, int] | None:
    """The last part of a ticket and how many words were said in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid, size FROM record_searched WHERE rowid BETWEEN %s AND %s ORDER BY rowid DESC LIMIT 1",
            blocks.rows_of(ticket),
        )
        found: tuple[int, int] | None = cursor.fetchone()
        return found


def remove(ticket: int) -> None:
    """Take a ticket out."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM record_searched WHERE rowid BETWEEN %s AND %s", blocks.rows_of(ticket))


def held(ticket: int) -> dict[str, set[str]]:
    """The words of a ticket as they are kept, by where they stand."""
    found: dict[str, set[str]] = {"head": set(), "marks": set(), "public": set(), "internal": set()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT head, marks, public, internal FROM record_searched WHERE rowid BETWEEN %s AND %s",
            blocks.rows_of(ticket),
        )
        for row in cursor.fetchall():
            for name, text in zip(found, row, strict=True):
                found[name].update(map(blocks.bare, text.split()))
    return found


def find(question: Question, most: int) -> list[Hit]:
    """The newest parts that answer the question, at most so many; the last one first."""
    asked, head = _composed(question.clauses, question.public), _in_head(question.clauses)
    found: list[Hit] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rowid FROM record_searched ORDER BY rowid DESC LIMIT 1")
        newest = cursor.fetchone()
        for group in blocks.groups(newest[0] >> blocks.PART) if newest else ():
            left = most - len(found)
            question_of = blocks.asked_of(asked, group, " OR ")
            cursor.execute(_FIND, [question_of, question.since, question.until, left])
            rows = cursor.fetchall()
            heads: set[int] = set()
            if rows and head:
                cursor.execute(_IN_HEAD, [blocks.asked_of(head, group, " OR "), rows[-1][0], rows[0][0], most])
                heads = {row for (row,) in cursor.fetchall()}
            found += [Hit(row >> blocks.PART, at, row in heads) for row, at in rows]
            if len(found) >= most:
                break
    return found


def _text(ticket: int, found: Iterable[str]) -> str:
    block = blocks.within(ticket, "")
    return " ".join(block + word for word in found)


def _composed(clauses: Iterable[Clause], public: bool) -> str:
    """An FTS5 query. It is always a parameter; what is quoted in it has letters and digits alone."""
    columns = "{head marks public} : " if public else ""
    wanted = " AND ".join(f"{columns}({_either(one.any_of)})" for one in clauses if not one.negated)
    unwanted = " OR ".join(f"{columns}({_either(one.any_of)})" for one in clauses if one.negated)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _in_head(clauses: Iterable[Clause]) -> str:
    # Marks may stand for a person whose name was meant.
    return " AND ".join(f"{{head marks}} : ({_either(one.any_of)})" for one in clauses if one.is_text)


def _either(terms: Iterable[Term]) -> str:
    return " OR ".join(_row(term) for term in terms)


def _row(term: Term) -> str:
    return f'"{" ".join(map(blocks.anywhere, term.words))}"{" *" if term.begins else ""}'
