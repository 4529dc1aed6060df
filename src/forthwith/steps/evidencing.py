"""A bundle of evidence as a run: written by a process of its own, and taken away when it is done (SOP 6.1, H1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import IO

from forthwith.procedure.said import say
from forthwith.record import evidence, results, runs
from forthwith.record.runs import Run, Telling

KIND = "evidence"
MOST = 200_000
"""Tickets of a bundle: its table of contents, which is in memory until the end, takes 550 bytes for each."""


def ask_for(since: datetime, until: datetime) -> dict[str, str]:
    """What a run is asked for: the tickets received in `[since, until)`."""
    return {"since": since.isoformat(), "until": until.isoformat()}


def do(run: Run, clock: Callable[[], datetime]) -> None:
    """Do the run that a worker has claimed; what is in the way is told on it. Raises runs.Stopped."""
    since, until = (datetime.fromisoformat(run.asked[name]) for name in ("since", "until"))
    if (many := evidence.received(since, until).count()) > MOST:
        told = say(
            "These are %(many)s tickets, and a bundle holds %(most)s at most. "
            "Choose shorter periods, one after another.",
            many=many,
            most=MOST,
        )
        runs.fail(run, clock(), told)
        return
    found: dict[str, int] = {}

    def write(file: IO[bytes]) -> None:
        found["tickets"] = evidence.write(file, since, until, clock(), Telling(run, clock))
        found["size"] = file.tell()

    try:
        digest = results.written(write)
    except OSError as failed:
        why = failed.strerror or type(failed).__name__
        runs.fail(run, clock(), say("The bundle could not be written to the desk's files: %(why)s.", why=why))
    else:
        runs.end(run, clock(), summary=found, result=digest)
