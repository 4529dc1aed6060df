"""The queue and the ticket page in the server, from 10,000 to 1,000,000 tickets of which a fifth are open.

With a model that was learnt from some of these tickets, so that the ticket page also says what it suggests.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import databases

ROUNDS = 60
SMALL = 10_000
# How many times as long a page may take at that size as at the smallest.
GROWTH = {100_000: 1.3, 1_000_000: 1.5}
SIZES = {"postgresql": (SMALL, *GROWTH), "sqlite": (SMALL, 100_000)}
STRIDE, AT_ONCE = 1_000, 2_000
LEARNT = 2_000
PAGES = {"queue": ("queue page of 50 rows", 10), "ticket": ("ticket page", 15)}
"""What each is called, and how many statements it may take."""
Row = dict[str, Any]


def run() -> list[Row]:
    """Measure each database and size in a process of its own."""
    rows: list[Row] = []
    for kind, sizes in SIZES.items():
        measured = {size: databases.measured(kind, __file__, size) for size in sizes}
        for size, found in measured.items():
            rows += [*_pages(kind, size, found), *_growth(kind, size, measured[SMALL], found)]
    return rows


def _pages(kind: str, size: int, found: dict[str, float] | None) -> list[Row]:
    return [
        {
            "name": f"{name}, {kind}, {size:,} tickets, {measure}",
            "value": found[f"{page}_{measure}"] if found else None,
            "unit": unit,
            "target": f"<= {most}",
            "note": "" if found else "no PostgreSQL server is named",
        }
        for page, (name, statements) in PAGES.items()
        for measure, unit, most in (("p50", "ms", 20), ("p95", "ms", 60), ("queries", "statements", statements))
    ]


def _growth(kind: str, size: int, small: dict[str, float] | None, found: dict[str, float] | None) -> list[Row]:
    if size not in GROWTH or not small or not found:
        return []
    return [
        {
            "name": f"{page} page, {kind}: {size:,} tickets against {SMALL:,}, p50",
            "value": found[f"{page}_p50"] / small[f"{page}_p50"],
            "unit": "times",
            "target": f"<= {GROWTH[size]}",
        }
        for page in PAGES
    ]


def measure(size: int) -> dict[str, float]:
    """Fill the database and time both pages through Django's whole stack, without a network."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from forthwith.people.models import Person
    from forthwith.record.models import Ticket
    from forthwith.suggestions import kept

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    fill(size, now)
    # In a process of its own, as the worker has it done: what it loads would slow every page here.
    subprocess.run([sys.executable, __file__, "learn"], check=True, stdout=sys.stderr)
    client = Client(headers={"host": "localhost"})
    client.force_login(Person.objects.get(email="amara@desk.example"))
    # One that the model knows closed tickets like.
    newest = Ticket.objects.filter(status="open", subject__startswith="Reading room").order_by("-pk")
    number = newest.values_list("pk", flat=True)[0]
    assert kept.model() is not None, kept.trouble()
    found: dict[str, float] = {}
    for page, path in (("queue", "/?list=all"), ("ticket", f"/tickets/{number}/")):
        for _ in range(5):
            assert client.get(path).status_code == 200, path
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            client.get(path)
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        found[f"{page}_p50"] = statistics.median(times)
        found[f"{page}_p95"] = statistics.quantiles(times, n=20)[-1]
        found[f"{page}_queries"] = len(queries)
    return found


def fill(size: int, now: datetime) -> None:
    """The demo desk, and copies of its tickets with their facts and messages until there are `size`, a fifth open."""
    from django.db import connection

    from forthwith.config import demo
    from forthwith.people.permits import THE_SYSTEM
    from forthwith.procedure import document
    from forthwith.record import procedures
    from forthwith.record.models import Entry, Message, Ticket

    procedures.install(document.standard_text(), by=THE_SYSTEM, now=now)
    demo.load(now)
    settled = list(Ticket.objects.filter(unresolved=False))
    unresolved = list(Ticket.objects.filter(unresolved=True))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copies (origin integer, number integer)")
        for first in range(0, size, AT_ONCE):
            sources = [
                (unresolved[i // 5 % len(unresolved)] if i % 5 == 0 else settled[i % len(settled)], i)
                for i in range(first, min(first + AT_ONCE, size))
            ]
            Ticket.objects.bulk_create(_copy(one, STRIDE + i, timedelta(minutes=i % 5000)) for one, i in sources)
            cursor.executemany("INSERT INTO copies VALUES (%s, %s)", [(one.pk, STRIDE + i) for one, i in sources])
        for model in (Message, Entry):
            table = model._meta.db_table
            columns = [f.column for f in model._meta.concrete_fields if f.column not in ("id", "ticket_id")]
            names = ", ".join(f'"{column}"' for column in columns)
            chosen = ", ".join(f't."{column}"' for column in columns)
            cursor.execute(
                f'INSERT INTO "{table}" (ticket_id, {names}) SELECT c.number, {chosen} '
                f'FROM "{table}" t JOIN copies c ON c.origin = t.ticket_id'
            )
        # What autovacuum does by itself on a desk that grows day by day.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _copy(source: Any, number: int, later: timedelta) -> Any:
    from forthwith.record.models import NEVER, Ticket

    values = {f.attname: getattr(source, f.attname) for f in Ticket._meta.concrete_fields}
    values.update(id=number, alarm_at=None, changed_at=source.changed_at - later)
    if source.due_at != NEVER:
        values["due_at"] = source.due_at + later
    return Ticket(**values)


def learn() -> None:
    """A model of the newest closed tickets."""
    import django

    django.setup()
    from forthwith.suggestions import examples, kept, learning

    found = list(examples.closed(LEARNT, lambda _: None))
    head = {"revision": 1, "learnt_at": datetime.now(UTC).isoformat(), "tickets": len(found)}
    learning.learn(found, kept.path(), least=5, head=head, told=lambda _: None)


if __name__ == "__main__":
    if sys.argv[1] == "learn":
        learn()
    else:
        print(json.dumps(measure(int(sys.argv[1]))))
