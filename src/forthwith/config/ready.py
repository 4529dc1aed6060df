"""Making Django ready for a command, and saying in a sentence why it cannot be."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from forthwith.config.cli import Complaint

NOT_SET_UP = "This desk is not set up yet, or not for this version. Run 'forthwith init' first."


def django_ready() -> None:
    """Load the settings and the models. Raises WrongVariable, or Complaint when the home cannot be used."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forthwith.config.settings")
    try:
        django.setup()
    except OSError as error:
        raise Complaint(f"The home folder cannot be used: {error}. Set FORTHWITH_HOME to one that can.") from None


@contextmanager
def usable_database() -> Iterator[None]:
    """What is done inside needs the database, whatever is in it; one that cannot be used is said by a Complaint."""
    django_ready()
    from django.db import DatabaseError, connection

    try:
        yield
    except DatabaseError as error:
        name = connection.settings_dict["NAME"]
        words = str(error).strip()
        raise Complaint(f"The database {name} cannot be used: {words}. Check FORTHWITH_DATABASE_URL.") from None


@contextmanager
def set_up_desk() -> Iterator[None]:
    """What is done inside needs a desk that `init` has made; without one a Complaint says so."""
    with usable_database():
        from django.db import DatabaseError

        from forthwith.record.procedures import NoProcedure

        try:
            yield
        except NoProcedure:
            raise Complaint(NOT_SET_UP) from None
        except DatabaseError as error:
            if _is_for_init(error):
                raise Complaint(NOT_SET_UP) from None
            raise


def _is_for_init(error: Exception) -> bool:
    """Whether a table or column is missing (or SQLite's whole file): `init` makes them."""
    from django.db import ProgrammingError

    if isinstance(error.__cause__, sqlite3.DatabaseError):
        return any(words in str(error) for words in ("no such table", "no such column", "unable to open"))
    return isinstance(error, ProgrammingError) and "does not exist" in str(error)


def refuse_unless_set_up() -> None:
    """Load Django for a process that stays; a Complaint when there is no desk to run."""
    with set_up_desk():
        from django.db import connections

        from forthwith.record.procedures import in_force

        in_force()
        connections.close_all()
