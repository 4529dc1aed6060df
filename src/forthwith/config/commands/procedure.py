"""`forthwith procedure check|show`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint

if TYPE_CHECKING:
    from forthwith.procedure.desk import Desk


def check(asked: argparse.Namespace) -> int:
    """Print every error and warning with its line, and what this desk could hardly keep; 1 when there is an error."""
    from forthwith.procedure import lint

    text = read_text(asked.file)
    report = lint.check(text, _desk() if asked.desk else None)
    for line in report.lines():
        print(line)
    if report.ok:
        doubts = len(report.warnings)
        print(
            f"{asked.file} is a procedure"
            + (f", with {doubts} warning{'s' if doubts > 1 else ''}." if doubts else " without a fault.")
        )
    if report.ok and asked.desk:
        print(f"This desk could hardly keep {len(report.here)} of it." if report.here else "This desk can keep it.")
    return 0 if report.ok else 1


def _desk() -> Desk:
    from forthwith.config.ready import set_up_desk

    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import desk_now, procedures

        now = timezone.now()
        return desk_now.desk_at(now, procedures.current(now))


def show(asked: argparse.Namespace) -> int:
    """Print the procedure in force as YAML that `check` accepts and that reads back equal."""
    from forthwith.config.ready import set_up_desk

    with set_up_desk():
        from forthwith.procedure import document
        from forthwith.record import procedures

        in_force = procedures.current()
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        print(document.write(in_force), end="")
    return 0


def read_text(name: str) -> str:
    """The text of a file, or of standard input for `-`."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        raise Complaint(f"{name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise Complaint(f"{name} is not UTF-8: byte {error.start + 1} cannot be read.") from None
