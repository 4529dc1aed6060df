"""Reads that are composed once: Django writes the SQL at the first run, later runs only fill in other values.

For the few reads that every mail or every page needs: to compose one anew takes longer than the database takes
to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Model, QuerySet

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
