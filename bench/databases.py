"""Empty databases to measure on: SQLite in a folder that is thrown away, and PostgreSQL where a server is named."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

SERVER = "FORTHWITH_TEST_POSTGRES_URL"


def measured(kind: str, script: str, *arguments: object) -> dict[str, float] | None:
    """What a script prints as its last line, run on an empty database of that kind; None where there is no server."""
    with empty(kind) as variables:
        if variables is None:
            return None
        command = [sys.executable, script, *map(str, arguments)]
        done = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found


@contextmanager
def empty(kind: str) -> Iterator[dict[str, str] | None]:
    """The environment of a desk on an empty database; None where there is no server of that kind."""
    with tempfile.TemporaryDirectory(prefix="forthwith-bench-") as home:
        variables = {**os.environ, "FORTHWITH_HOME": home, "DJANGO_SETTINGS_MODULE": "forthwith.config.settings"}
        if kind == "sqlite":
            variables["FORTHWITH_DATABASE_URL"] = f"sqlite:///{home}/forthwith.sqlite3"
            yield variables
        elif server := os.environ.get(SERVER):
            with _made(server) as url:
                yield {**variables, "FORTHWITH_DATABASE_URL": url}
        else:
            yield None


@contextmanager
def _made(server: str) -> Iterator[str]:
    import psycopg

    name = f"forthwith_bench_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
