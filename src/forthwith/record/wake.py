"""Telling the tail that facts were appended: PostgreSQL by NOTIFY at commit, SQLite by being polled."""

from __future__ import annotations

from django.db import connection

CHANNEL = "forthwith_facts"


def facts_appended(ticket: int, entry: int) -> None:
    """Wake every tail once this transaction commits; where the database has no such bell, do nothing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{ticket}:{entry}"])
