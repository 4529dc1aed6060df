"""How soon one worker acts: a thousand alarms of one second, and ten a second for a while."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import databases
import intake

CROWD = 1000
STREAM = 200
EACH = timedelta(seconds=0.1)


def run() -> list[dict[str, Any]]:
    """Two rows for each database."""
    return [row for kind in ("sqlite", "postgresql") for row in _rows(kind)]


def _rows(kind: str) -> list[dict[str, Any]]:
    crowd = {"name": f"{CROWD:,} alarms of one second, {kind}", "unit": "s", "target": "<= 10"}
    stream = {"name": f"10 alarms a second, latest, {kind}", "unit": "s late", "target": "<= 1"}
    found: list[float] = []
    for which in ("crowd", "stream"):
        with databases.empty(kind) as variables:
            if variables is None:
                return [{**row, "value": None, "note": "no PostgreSQL server is named"} for row in (crowd, stream)]
            command = [sys.executable, str(Path(__file__)), which]
            done = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
            found.append(float(json.loads(done.stdout.splitlines()[-1])))
    return [{**crowd, "value": found[0]}, {**stream, "value": found[1]}]


def measure(count: int, apart: timedelta) -> float:
    """The seconds by which the latest of so many alarms, so far apart, was acted on after it fell due."""
    from forthwith.channels.email import intake as doors
    from forthwith.record.models import Ticket
    from forthwith.worker import alarms

    for number in range(count):
        now = intake.NOW + apart * number
        doors.receive_mail(intake.mail(number), sender="", recipients=[], now=now)
    # Those that share one next instant, whatever it is in the standard procedure, moved to be so far apart.
    first = alarms.next_instant()
    assert first is not None
    due = {
        pk: first + apart * place for place, pk in enumerate(Ticket.objects.order_by("pk").values_list("pk", flat=True))
    }
    for pk, at in due.items():
        Ticket.objects.filter(pk=pk).update(alarm_at=at)
    stopping, began = Event(), time.perf_counter()

    def clock() -> datetime:
        return first + timedelta(seconds=time.perf_counter() - began)

    loop = alarms.Alarms(clock, stopping)
    last = max(due.values())
    latest, waiting = 0.0, set(due)
    while waiting:
        stopping.wait(loop.turn())
        done = set(Ticket.objects.filter(pk__in=waiting).exclude(alarm_at__lte=last).values_list("pk", flat=True))
        for pk in done & waiting:
            latest = max(latest, (clock() - due[pk]).total_seconds())
        waiting -= done
    return latest


if __name__ == "__main__":
    intake.prepare(intake.NOW)
    print(json.dumps(measure(CROWD, timedelta(0)) if sys.argv[1] == "crowd" else measure(STREAM, EACH)))
