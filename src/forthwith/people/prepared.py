"""Statements that are composed once: later runs only fill in other values.

For the few that every mail or every page needs: to compose one anew takes longer than the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
Value = str | int | bytes | datetime


class Place(Expression):
    """Where a value goes that is known only when the read is run: the first, the second, ..."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, *_: object, **__: object) -> tuple[str, Any]:
        """A parameter that is this place itself, to be found again among the constants."""
        return "%s", (self,)


def padded(numbers: Collection[int]) -> list[int]:
    """The numbers, filled up with 0, which is no row's, to one of few sizes: so statements are composed for few."""
    size = 1 << len(numbers).bit_length()
    return [*numbers, *[0] * (size - len(numbers))]


class Prepared(Generic[M]):
    """A query with places in it; called with their values it gives the rows, with what they were to be read with."""

    def __init__(self, compose: Callable[[], QuerySet[M]]) -> None:
        self._compose = compose
        self._composed: _Composed | None = None

    def __call__(self, *values: Value) -> list[M]:
        """The rows for these values: as many as the query has places."""
        sql, given = self.statement(*values)
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        return self._whole().made(rows)

    def statement(self, *values: Value) -> tuple[str, list[Any]]:
        """The SQL with these values as its parameters, for use within another statement."""
        whole = self._whole()
        return whole.sql, [_fit(values[one.place]) if isinstance(one, Place) else one for one in whole.given]

    def _whole(self) -> _Composed:
        if self._composed is None:
            self._composed = _Composed(self._compose())
        return self._composed


class _Composed:
    """The statement of a query, and how Django makes objects of its rows."""

    def __init__(self, query: QuerySet[Any]) -> None:
        compiler: Any = query.query.get_compiler(connection=connection)
        self.sql: str
        self.given: tuple[Any, ...]
        self.sql, self.given = compiler.as_sql()
        whole, select = compiler.klass_info, compiler.select
        self._model: type[Model] = whole["model"]
        self._own = slice(whole["select_fields"][0], whole["select_fields"][-1] + 1)
        self._names = [column[0].target.attname for column in select[self._own]]
        self._related = get_related_populators(whole, select, connection.alias)  # type: ignore[call-arg]  # stubs of a later Django
        self._annotated = list(compiler.annotation_col_map.items())
        self._converters = compiler.get_converters([column[0] for column in select])

    def made(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """The objects of these rows, as a queryset would give them."""
        return [self._object(self._converted(row)) for row in rows]

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, (converters, expression) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return values

    def _object(self, row: list[Any]) -> Model:
        made = self._model.from_db(connection.alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        for name, place in self._annotated:
            setattr(made, name, row[place])
        return made


def _fit(value: Value) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model in one statement, and give each its key. IntegrityError as ever."""
    if rows:
        _insert(rows, "")


def insert_new(row: Model) -> bool:
    """Write a new row; False, and nothing is written, where one that it must differ from is there already."""
    return _insert([row], "ON CONFLICT DO NOTHING")


def update(row: Model, names: Iterable[str], **only_if: Value) -> bool:
    """Write these columns (`requester_id`, not `requester`) of a row; False where it is not `only_if` any more."""
    fields = _columns(type(row))
    changed, held = [fields[name] for name in names], [fields[name] for name in only_if]
    given = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in changed]
    wanted = [field.get_db_prep_save(only_if[field.attname], connection) for field in held]
    to = ", ".join(f"{_quoted(field.column)} = %s" for field in changed)
    where = " AND ".join(["id = %s", *(f"{_quoted(field.column)} = %s" for field in held)])
    with connection.cursor() as cursor:
        # Names are those of the model; whatever anybody wrote is a parameter.
        cursor.execute(f"UPDATE {_quoted(row._meta.db_table)} SET {to} WHERE {where}", [*given, row.pk, *wanted])  # noqa: S608
        return bool(cursor.rowcount)


def _insert(rows: Sequence[Model], otherwise: str) -> bool:
    head, group = _insertion(type(rows[0]))
    fields = _columns(type(rows[0])).values()
    given = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([group] * len(rows))} {otherwise} RETURNING id", given)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=not otherwise):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias
    return bool(keys)


@cache
def _insertion(model: type[Model]) -> tuple[str, str]:
    names = [_quoted(field.column) for field in _columns(model).values()]
    head = f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(names)}) VALUES"
    return head, f"({', '.join(['%s'] * len(names))})"


@cache
def _columns(model: type[Model]) -> dict[str, Field[Any, Any]]:
    return {field.attname: field for field in model._meta.local_concrete_fields if not field.primary_key}


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))
