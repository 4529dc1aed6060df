"""`forthwith import eventlog`: another desk's event log becomes tickets made of facts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.channels.eventlog.intake import Summary
    from forthwith.channels.eventlog.maps import Read
    from forthwith.channels.eventlog.rows import Log

_BAR = 40


def run(asked: argparse.Namespace) -> int:
    """Take the log in, and say what came of it; 1 where rows or cases could not be read."""
    map_text = read_text(asked.map)
    with set_up_desk():
        from django.utils import timezone

        from forthwith.channels.eventlog import maps, rows
        from forthwith.channels.eventlog.intake import Intake
        from forthwith.procedure.document import ProcedureError
        from forthwith.record import procedures

        began = monotonic()
        try:
            read = maps.read(map_text, procedures.current())
            with rows.opened(Path(asked.file), read.map.delimiter) as log:
                _refuse_other_columns(read, log, asked.map)
                cases = log.put_by(read.map.case, read.map.missing)
                intake = Intake(log, read.map, timezone.now(), dry=asked.dry_run)
                summary = intake.run(asked.limit, _progress(min(cases, asked.limit or cases), quiet=asked.quiet))
        except ProcedureError as wrong:
            raise Complaint(f"{asked.map} is no map of an event log:\n{wrong}") from None
        except rows.Unreadable as wrong:
            raise Complaint(f"{asked.file}: {wrong}") from None
        except OSError as wrong:
            raise Complaint(f"{asked.file} cannot be read: {wrong.strerror or wrong}.") from None
    _tell(summary, monotonic() - began, dry=asked.dry_run)
    return int(bool(summary.bad_rows or summary.unusable))


def _refuse_other_columns(read: Read, log: Log, name: str) -> None:
    from forthwith.channels.eventlog.maps import missing_columns

    if wrong := missing_columns(read, log.columns):
        listed = "\n".join(map(str, wrong))
        raise Complaint(f"{name} does not fit the log:\n{listed}")


def _progress(total: int, *, quiet: bool) -> Callable[[int], None] | None:
    if quiet or not sys.stderr.isatty():
        return None

    def show(done: int) -> None:
        filled = _BAR * min(done, total) // max(total, 1)
        print(f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{total}", end="", file=sys.stderr, flush=True)
        if done >= total:
            print(file=sys.stderr)

    return show


def _tell(summary: Summary, seconds: float, *, dry: bool) -> None:
    made = "would be made" if dry else "made"
    rate = f", {summary.tickets / seconds:.0f} a second" if seconds else ""
    print(f"Tickets {made}: {summary.tickets}, of {summary.facts} events in {summary.rows} rows{rate}.")
    if summary.there:
        print(f"Cases that are here already: {summary.there}.")
    for reason, count in summary.ignored.most_common():
        print(f"Rows ignored: {count} ({reason}).")
    for what, count in summary.odd.most_common():
        print(f"{count} x {what}.")
    if summary.unusable:
        print(f"Cases without a row that can be read: {len(summary.unusable)}, such as {summary.unusable[0]}.")
    for bad in summary.bad:
        print(f"line {bad.line}: {bad.why}")
    if summary.bad_rows > len(summary.bad):
        print(f"and {summary.bad_rows - len(summary.bad)} more rows that cannot be read.")
