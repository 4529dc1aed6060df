"""The search in the server, as it is asked while somebody types: a rare word, a common one, a beginning, two words.

At 10,000 tickets and at a hundred times as many on PostgreSQL, ten times on SQLite, a fifth of them open. Tickets,
messages and index are made by direct rows; a word in ten thousand tickets of a million is nothing that anybody could
wait for otherwise.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import databases

ROUNDS = 60
SIZES = {"postgresql": (10_000, 1_000_000), "sqlite": (10_000, 100_000)}
KINDS = ("rare", "common", "beginning", "two")
FIRST = 1_000
ONE_IN_OPEN = 5
Made = tuple[int, int, str, str, int]
"""Number, requester, subject, text, and the ticket that it is a copy of in all else."""
REQUESTERS, TEXTS, WORDS, IN_A_TEXT = 2_000, 2_000, 20_000, 70
SYLLABLES = (
    "ba",
    "der",
    "fo",
    "gin",
    "hul",
    "ki",
    "lor",
    "mas",
    "net",
    "pri",
    "qua",
    "ros",
    "ste",
    "tum",
    "vel",
    "zon",
)
Row = dict[str, Any]


def run() -> list[Row]:
    """Measure each database and size in a process of its own."""
    rows: list[Row] = []
    for kind, sizes in SIZES.items():
        measured = {size: databases.measured(kind, __file__, size) for size in sizes}
        for size in sizes:
            rows += _rows(kind, size, measured[size])
        small, large = (measured[size] for size in sizes)
        for word in KINDS if small and large else ():
            rows.append(
                {
                    "name": f"search, {kind}, {word}: {sizes[1]:,} tickets against {sizes[0]:,}, p50",
                    "value": large[f"{word}_p50"] / small[f"{word}_p50"],
                    "unit": "times",
                    "target": "<= 1.5",
                }
            )
    return rows


def _rows(kind: str, size: int, found: dict[str, float] | None) -> Iterator[Row]:
    for word in KINDS:
        for share, target in (("p50", "<= 20"), ("p95", "<= 60")):
            yield {
                "name": f"search, {kind}, {size:,} tickets, {word}, {share}",
                "value": found[f"{word}_{share}"] if found else None,
                "unit": "ms",
                "target": target,
                "note": "" if found else "no PostgreSQL server is named",
            }


def measure(size: int) -> dict[str, float]:
    """Fill the database and time what the dialog asks for, through Django's whole stack, without a network."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from forthwith.people.models import Person

    call_command("migrate", verbosity=0)
    spoken = fill(size, datetime.now(UTC))
    client = Client(headers={"host": "localhost", "HX-Request": "true", "HX-Target": "search-found"})
    client.force_login(Person.objects.get(email="amara@desk.example"))
    chance = random.Random(2)
    asked = {
        "rare": lambda: f"code{chance.randrange(size)}",
        "common": lambda: spoken[chance.randrange(5)] + " ",
        "beginning": lambda: spoken[chance.randrange(200)][:4],
        "two": lambda: f"{spoken[chance.randrange(20)]} {spoken[chance.randrange(20, 400)]}",
    }
    found: dict[str, float] = {}
    for word, ask in asked.items():
        times = []
        for place in range(ROUNDS + 5):
            typed = ask()
            start = time.perf_counter()
            answer = client.get("/search/", {"q": typed})
            times += [(time.perf_counter() - start) * 1000] if place >= 5 else []
            assert answer.status_code == 200, typed
            assert b'class="hit"' in answer.content, f"{typed} is nowhere"
        found[f"{word}_p50"] = statistics.median(times)
        found[f"{word}_p95"] = statistics.quantiles(times, n=20)[-1]
    return found


def fill(size: int, now: datetime) -> list[str]:
    """The demo desk and so many more tickets, each with a message; the words they are made of, the commonest first."""
    from forthwith.config import demo
    from forthwith.people.models import Address, Person
    from forthwith.people.permits import THE_SYSTEM
    from forthwith.procedure import document
    from forthwith.record import procedures
    from forthwith.record.models import Ticket

    procedures.install(document.standard_text(), by=THE_SYSTEM, now=now)
    demo.load(now)
    chance = random.Random(1)
    spoken = list(dict.fromkeys("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(WORDS)))
    weights = list(accumulate(1 / (place + 1) for place in range(len(spoken))))
    texts = [" ".join(chance.choices(spoken, cum_weights=weights, k=IN_A_TEXT)) for _ in range(TEXTS)]
    people = [Person(email=f"person{n}@customer.example", name=f"Person {n}") for n in range(REQUESTERS)]
    Person.objects.bulk_create(people)
    Address.objects.bulk_create(Address(person=person, address=person.email) for person in people)
    opened, settled = (Ticket.objects.filter(status=status).order_by("pk")[0] for status in ("open", "closed"))
    sources = {one.pk: one for one in (opened, settled)}
    # Now, as each of the two takes on the numbers of its copies.
    number_open, number_settled = sources
    rows = (
        (
            *(FIRST + n, people[n % REQUESTERS].pk, f"{texts[n % TEXTS][:60]} {n}", f"{texts[n % TEXTS]} code{n}"),
            number_settled if n % ONE_IN_OPEN else number_open,
        )
        for n in range(size)
    )
    _write(sources, rows, now - timedelta(minutes=size))
    return spoken


def _write(sources: dict[int, Any], rows: Iterator[Made], since: datetime) -> None:
    from django.db import connection

    from forthwith.record.models import Message, Ticket

    columns = "number bigint, requester bigint, subject text, said text, origin bigint"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE made ({columns})")
        index: list[tuple[Any, ...]] = []
        batch: list[Made] = []
        for row in rows:
            batch.append(row)
            index.append(_indexed(sources[row[-1]], row, since))
            if len(batch) == 20_000:
                _flush(cursor, batch, index)
        _flush(cursor, batch, index)
        given = {"id": "m.number", "requester_id": "m.requester", "subject": "m.subject"}
        # Worked out beforehand: a database asked for it in the join asks once for each pair of a copy and a message.
        of = {one: Message.objects.filter(ticket=one).order_by("pk") for one in sources}
        firsts = {one: found.values_list("pk", flat=True)[0] for one, found in of.items()}
        own = f"CASE m.origin {' '.join(f'WHEN {origin} THEN {first}' for origin, first in firsts.items())} END"
        said = {"id": None, "ticket_id": "m.number", "text": "m.said", "new_text": "m.said"}
        _copy(cursor, Ticket, "m.origin", given)
        _copy(cursor, Message, own, said)
        # What autovacuum does by itself on a desk that grows day by day.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _copy(cursor: Any, model: Any, source: str, given: dict[str, str | None]) -> None:
    columns = [f.column for f in model._meta.concrete_fields if given.get(f.column, "") is not None]
    table = model._meta.db_table
    names = ", ".join(f'"{column}"' for column in columns)
    chosen = ", ".join(given.get(column) or f's."{column}"' for column in columns)
    cursor.execute(f'INSERT INTO "{table}" ({names}) SELECT {chosen} FROM made m, "{table}" s WHERE s.id = {source}')


def _indexed(source: Any, row: Made, since: datetime) -> tuple[Any, ...]:
    """The row of the index, as the module of the database would write it."""
    from django.db import connection

    from forthwith.people.words import words
    from forthwith.record.search import blocks, parts, postgresql, sqlite

    number, requester, subject, said, _ = row
    at = since + timedelta(minutes=number - FIRST)
    head = [str(number), *words(subject), "person", str(requester)]
    source.pk, source.requester_id, source.opened_at = number, requester, at
    marks, spoken = parts.marks(source), words(said)
    kept = (blocks.rows_of(number)[0], int(at.timestamp()), len(spoken))
    if connection.vendor == "postgresql":
        return (*kept, postgresql._vector(number, ("A", head), ("B", marks), ("C", spoken)))
    return (*kept, *(sqlite._text(number, found) for found in (head, marks, spoken)), "")


def _flush(cursor: Any, batch: list[Any], index: list[Any]) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        for table, found in (("made", batch), ("record_searched (id, at, size, words)", index)):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in found:
                    copy.write_row(row)
    else:
        cursor.executemany("INSERT INTO made VALUES (%s, %s, %s, %s, %s)", batch)
        columns = "rowid, at, size, head, marks, public, internal"
        cursor.executemany(f"INSERT INTO record_searched ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)", index)
    batch.clear()
    index.clear()


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
