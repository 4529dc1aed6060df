"""Count the verdicts on every ticket of a desk, as a table in Markdown: which steps of the SOP were kept.

    FORTHWITH_HOME=/some/home .venv/bin/python bench/real_logs.py

Made for desks that hold an imported event log (docs/real-logs.md). They are judged as of the last fact, when the log
ends: what was not due by then is not counted against anybody.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

OUTCOMES = ("met", "late", "missing", "not due", "not applicable")
BATCH = 200


def main() -> None:
    """Judge all tickets and print the table, then how often each clock was kept."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forthwith.config.settings")
    django.setup()
    from django.db.models import Max

    from forthwith.record.models import Entry

    now = Entry.objects.aggregate(last=Max("at"))["last"]
    if now is None:
        raise SystemExit("There is no ticket on this desk.")
    verdicts, clocks, tickets = _judged(now)
    print(f"{tickets:,} tickets, judged as of {now:%Y-%m-%d %H:%M} UTC\n")
    print(_table(verdicts, OUTCOMES, "step"))
    print()
    print(_table(clocks, ("met", "late", "running", "paused", "superseded"), "clock"))


def _judged(now: datetime) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]], int]:
    from forthwith.procedure.case import fold
    from forthwith.procedure.clocks import clocks as clocks_of
    from forthwith.procedure.conformance import judge
    from forthwith.record import door, procedures

    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    clocks: dict[str, Counter[str]] = defaultdict(Counter)
    tickets = 0
    for revision, entries in _records():
        procedure = procedures.load(revision)
        facts = [door.fact_of(entry) for entry in entries]
        for step, verdict in judge(facts, procedure, now).items():
            verdicts[step][verdict.outcome] += 1
        for clock in clocks_of(fold(facts), procedure):
            clocks[clock.name][clock.state(now)] += 1
        tickets += 1
    return verdicts, clocks, tickets


def _records() -> Iterator[tuple[int, list[Any]]]:
    """The revision and the entries of each ticket, some tickets at a time."""
    from forthwith.record.models import Entry, Ticket

    last = 0
    while some := dict(Ticket.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "revision_id")[:BATCH]):
        entries = Entry.objects.filter(ticket__in=some).order_by("ticket_id", "seq")
        for number, of_ticket in groupby(entries, lambda entry: entry.ticket_id):
            yield some[number], list(of_ticket)
        last = max(some)


def _table(rows: dict[str, Counter[str]], columns: tuple[str, ...], head: str) -> str:
    """Shares of each row in percent, with one decimal; a dash for none."""
    lines = [f"| {head} | " + " | ".join(columns) + " | count |", "| --- |" + " ---: |" * (len(columns) + 1)]
    for name, found in rows.items():
        total = found.total()
        shares = (f"{100 * found[column] / total:.1f} %" if found[column] else "–" for column in columns)
        lines.append(f"| {name} | " + " | ".join(shares) + f" | {total:,} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
