"""How the database would find rows, if it had many: it reads a small table whole, whatever indexes there are."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet


def planned(rows: QuerySet[Any, Any]) -> str:
    """The plan of a query on a table that is too large to be read whole."""
    if connection.vendor != "postgresql":
        return rows.explain()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        return rows.explain()
