"""The rows of an event log, case by case, however its cases interleave and however long it is.

A log is in the order of its events, not of its cases. So its rows are put by, on disk, and given back by case, each
case when its first row came; memory holds one case at a time.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

_AT_ONCE = 1000
MOST_ROWS = 10_000
"""Of one case: a case of more is no case of a help desk, but a column that was mistaken for one."""


class Row(NamedTuple):
    """A row and the line of the file on which it ends."""

    line: int
    values: dict[str, str]


class Bad(NamedTuple):
    """A row that cannot be read, and why."""

    line: int
    why: str


class Unreadable(ValueError):
    """A file that is no CSV, or ends in its middle."""


class Log:
    """An open log: its columns, and its cases, each with its rows in the order of the file."""

    def __init__(self, lines: IO[str], folder: Path, delimiter: str) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter)
        self.columns = [name.strip() for name in _next(self._reader) or []]
        self.bad: list[Bad] = []
        self.rows = 0
        self._kept = sqlite3.connect(folder / "rows.sqlite3", isolation_level=None)
        self._kept.executescript(
            "PRAGMA journal_mode=off; PRAGMA synchronous=off;"
            "CREATE TABLE cases (id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
            "CREATE TABLE rows (of INTEGER, line INTEGER, body TEXT, PRIMARY KEY (of, line)) WITHOUT ROWID;"
        )

    def put_by(self, case: str, missing: tuple[str, ...]) -> int:
        """Read the whole file; how many cases it has. Raises Unreadable."""
        place = self.columns.index(case)
        self._kept.execute("BEGIN")
        while (values := _next(self._reader)) is not None:
            line = self._reader.line_num
            if not values:
                continue
            self.rows += 1
            name = values[place].strip() if len(values) == len(self.columns) else ""
            if len(values) != len(self.columns):
                said = f"has {len(values)} values where the head has {len(self.columns)} columns"
                self.bad.append(Bad(line, said))
            elif not name or name in missing:
                self.bad.append(Bad(line, f"has no {case}"))
            else:
                self._keep(name, line, values)
        self._kept.execute("COMMIT")
        (count,) = self._kept.execute("SELECT count(*) FROM cases").fetchone()
        return int(count)

    def _keep(self, case: str, line: int, values: list[str]) -> None:
        self._kept.execute("INSERT OR IGNORE INTO cases (name) VALUES (?)", (case,))
        self._kept.execute(
            "INSERT INTO rows SELECT id, ?, ? FROM cases WHERE name = ?", (line, json.dumps(values), case)
        )

    def cases(self) -> Iterator[tuple[str, list[Row]]]:
        """Each case with its rows, in the order of the cases' first rows."""
        last = 0
        while some := self._kept.execute(
            "SELECT id, name FROM cases WHERE id > ? ORDER BY id LIMIT ?", (last, _AT_ONCE)
        ).fetchall():
            for number, name in some:
                found = self._kept.execute(
                    "SELECT line, body FROM rows WHERE of = ? ORDER BY line LIMIT ?", (number, MOST_ROWS)
                )
                yield name, [Row(line, dict(zip(self.columns, json.loads(body), strict=True))) for line, body in found]
            last = some[-1][0]

    def close(self) -> None:
        """Forget the rows."""
        self._kept.close()


@contextmanager
def opened(path: Path, delimiter: str) -> Iterator[Log]:
    """A log file, packed by gzip or not. Raises Unreadable, and OSError where it cannot be opened."""
    with TemporaryDirectory(prefix="forthwith-log-") as folder, path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        plain = gzip.GzipFile(fileobj=raw) if packed else raw
        with io.TextIOWrapper(plain, "utf-8-sig", errors="replace", newline="") as lines:
            log = Log(lines, Path(folder), delimiter)
            try:
                yield log
            finally:
                log.close()


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except (csv.Error, EOFError, gzip.BadGzipFile) as wrong:
        line = getattr(reader, "line_num", 0)
        raise Unreadable(f"The file cannot be read on after line {line}: {wrong}.") from None
