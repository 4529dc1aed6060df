"""Statements that are composed once: later runs only fill in other values.

For the few that every mail or every page needs: to compose one anew takes longer than the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet

M = TypeVar("M", bound=Model)
Value = str | int | datetime


class Place(Expression):
    """Where a value goes that is known only when the read is run: the first, the second, ..."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, *_: object, **__: object) -> tuple[str, Any]:
        """A parameter that is this place itself, to be found again among the constants."""
        return "%s", (self,)


class Prepared(Generic[M]):
    """A query with places in it; called with their values it gives the rows. Related rows come by later queries."""

    def __init__(self, compose: Callable[[], QuerySet[M]]) -> None:
        self._compose = compose
        self._composed: tuple[str, tuple[Any, ...]] | None = None

    def __call__(self, *values: Value) -> list[M]:
        """The rows for these values: as many as the query has places."""
        sql, given = self.statement(*values)
        return list(self._model._default_manager.raw(sql, given))

    def statement(self, *values: Value) -> tuple[str, list[Any]]:
        """The SQL with these values as its parameters, for use within another statement."""
        if self._composed is None:
            query = self._compose()
            self._model = query.model
            self._composed = query.query.sql_with_params()
        sql, found = self._composed
        return sql, [_fit(values[one.place]) if isinstance(one, Place) else one for one in found]


def _fit(value: Value) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model in one statement, and give each its key. IntegrityError as ever."""
    if not rows:
        return
    head, group, fields = _insertion(type(rows[0]))
    given = [f.get_db_prep_save(getattr(row, f.attname), connection) for row in rows for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([group] * len(rows))} RETURNING id", given)
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = key, False, connection.alias


@cache
def _insertion(model: type[Model]) -> tuple[str, str, list[Field[Any, Any]]]:
    fields = [f for f in model._meta.local_concrete_fields if not f.primary_key]
    names = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES", f"({', '.join(['%s'] * len(fields))})", fields
