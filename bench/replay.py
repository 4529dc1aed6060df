"""How long a replay of a draft takes on tickets of the usual length, and what it holds in memory (SOP H1).

    python bench/replay.py SIZE [--home FOLDER]

10,000 tickets are measured and the time for 100,000 is worked out from that. With FORTHWITH_BENCH_TICKETS=100000 so
many are made and measured instead. Every ticket differs: when it came, who answered when, what waited for whom.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.databases import measured
from forthwith.procedure import facts as f

USUAL, LARGE = 10_000, 100_000
SIZE = "FORTHWITH_BENCH_TICKETS"
PROCESSES = 2
_BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
_DAYS = 180
_AT_ONCE = 500
_KINDS = (("hardware", "several", "hindered", "high"), ("network.vpn", "one", "workaround", "medium"))
_KINDS += (("software", "one", "convenience", "low"), ("identity.password", "one", "hindered", "medium"))
Facts = list[f.Fact]


def run() -> list[dict[str, Any]]:
    """A row for each database: seconds for 100,000 tickets, with the memory of the largest process."""
    size = int(os.environ.get(SIZE, USUAL))
    rows: list[dict[str, Any]] = []
    for kind in ("sqlite", "postgresql"):
        found = measured(kind, __file__, size)
        name = f"replay of {LARGE} tickets, {kind}"
        if found is None:
            rows.append({"name": name, "value": None, "unit": "s", "note": "no PostgreSQL server is named"})
            continue
        how = "measured" if size >= LARGE else f"worked out from {size}"
        note = f"{how}; {found['facts']:.1f} facts a ticket, {found['turned']:.0f} turned, {PROCESSES} processes"
        seconds = found["begun"] + (found["seconds"] - found["begun"]) * LARGE / size
        rows.append({"name": name, "value": seconds, "unit": "s", "target": "<= 60", "note": note})
        busy = {"name": f"processor time of it, each of two cores, {kind}", "value": found["each"] * LARGE / PROCESSES}
        rows.append({**busy, "unit": "s", "target": "<= 60"})
        held = {"name": f"memory of a process of it, {kind}", "value": found["held"], "unit": "MiB"}
        rows.append({**held, "target": "<= 200"})
    return rows


def history(number: int) -> Facts:
    """The facts of one ticket: most are answered, half wait for the requester once, one in ten is still open."""
    draw = random.Random(number)
    at = _BEGIN + timedelta(seconds=draw.randrange(_DAYS * 86_400))
    category, impact, urgency, priority = draw.choice(_KINDS)
    facts: Facts = [
        f.Received(at=at, channel="email", requester=1, subject=f"Ticket {number}", message=1, digest="d" * 64),
        f.Checked(at=at, found=("description", "requester"), missing=()),
        f.Categorised(at=at, category=category),
        f.Prioritised(at=at, priority=priority, impact=impact, urgency=urgency),
        f.Acknowledged(at=at + timedelta(seconds=draw.randrange(2, 1200)), how="automatic", mail=number),
    ]
    facts += _worked(draw, facts[-1].at, category)
    return facts


def _worked(draw: random.Random, at: datetime, category: str) -> Iterator[f.Fact]:
    def later(hours: float) -> datetime:
        nonlocal at
        at += timedelta(seconds=int(draw.expovariate(1 / (3600 * hours))) + 1)
        return at

    yield f.Assigned(at=later(0.2), team="service_desk", assignee=2)
    for _ in range(draw.randrange(1, 4)):
        yield f.Noted(at=later(0.5), by=2, message=4, digest="d" * 64, minutes=5)
        yield f.Replied(at=later(3), by=2, message=2, digest="d" * 64, next_step="I look into it and call you.")
        if draw.random() < 0.5:
            yield f.WaitingOnRequester(at=later(0.01), by=2, why="the requester has to say more")
        yield f.RequesterWrote(at=later(8), by=1, message=3, digest="d" * 64)
        if draw.random() < 0.3:
            yield f.Escalated(at=later(0.1), kind="functional", why="late", rung="first_response_half", told=(2,))
    if draw.random() < 0.1:
        return
    yield f.Replied(at=later(5), by=2, message=5, digest="d" * 64, next_step="Tell me whether it works.")
    yield f.Resolved(at=later(0.1), by=2, cause="A cable.", solution="Plugged in.", category=category)
    yield f.KnowledgeReviewed(at=later(0.01), by=2, decision="not needed")
    yield f.Confirmed(at=later(9), by=1, how="by the requester")
    yield f.Closed(at=later(0.01), why="the requester confirmed")


def make(size: int) -> float:
    """Write so many tickets, as rows; how many facts one has."""
    from django.core.management import call_command

    from forthwith.people.models import Person
    from forthwith.people.permits import THE_SYSTEM
    from forthwith.procedure import document
    from forthwith.record import procedures
    from forthwith.record.models import Entry, Ticket

    call_command("migrate", verbosity=0)
    revision = procedures.install(document.write(document.standard()), by=THE_SYSTEM, now=_BEGIN)
    for key in (1, 2):
        Person.objects.create(pk=key, email=f"p{key}@desk.example", name=f"P {key}")
    count = 0
    for first in range(1, size + 1, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, size + 1))
        told = {number: history(number) for number in numbers}
        Ticket.objects.bulk_create(_row(number, facts, revision.pk) for number, facts in told.items())
        entries = [
            _entry(number, seq, one, revision.pk) for number, facts in told.items() for seq, one in enumerate(facts, 1)
        ]
        Entry.objects.bulk_create(entries, batch_size=2000)
        count += len(entries)
    return count / size


def _row(number: int, facts: Facts, revision: int) -> Any:
    from forthwith.record.models import Ticket

    fields = {"status": "new", "channel": "email", "subject": f"Ticket {number}", "requester_id": 1}
    times = {"opened_at": facts[0].at, "changed_at": facts[-1].at}
    return Ticket(pk=number, revision_id=revision, fact_count=len(facts), chain="", **fields, **times)


def _entry(number: int, seq: int, fact: f.Fact, revision: int) -> Any:
    from forthwith.record.models import Entry

    kept = {"kind": type(fact).__name__, "at": fact.at, "noted_at": fact.at, "by_id": fact.by, "data": f.to_data(fact)}
    return Entry(ticket_id=number, seq=seq, revision_id=revision, hash="h" * 64, **kept)


def draft() -> str:
    """The standard with a shorter first response, and business hours of another zone."""
    import yaml

    from forthwith.procedure import document

    data = yaml.safe_load(document.write(document.standard()))
    for priority in data["priorities"].values():
        if priority.get("first_response"):
            priority["first_response"]["target"] = "45 min"
    data["calendars"]["business"]["timezone"] = "Europe/Berlin"
    return yaml.safe_dump(data, sort_keys=False)


def measure(size: int) -> dict[str, float]:
    """Make the tickets, and replay the draft against them."""
    import django

    django.setup()
    from forthwith.steps import replaying
    from forthwith.steps.replay_pool import Asked

    facts = make(size)
    asked = Asked(draft(), _BEGIN, _BEGIN + timedelta(days=_DAYS), _BEGIN + timedelta(days=_DAYS + 30))
    told: list[float] = []
    began = time.perf_counter()
    pieces = replaying.pieces(asked, lambda done, total: told.append(time.perf_counter() - began), {}, PROCESSES)
    lines = sum(piece.count(b"\n") for piece in pieces)
    seconds = time.perf_counter() - began
    each = _processor_time(replaying.Part(asked), min(size, 10 * replaying.AT_ONCE))
    own, others = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "seconds": seconds,
        "facts": facts,
        "turned": lines - 1,
        "held": max(own, others),
        "begun": told[1],
        "each": each,
    }


def _processor_time(part: Any, tickets: int) -> float:
    """Of one ticket, in this process: what others do on the machine meanwhile makes it little longer."""
    part((1, 1))
    began = time.process_time()
    part((1, tickets))
    return (time.process_time() - began) / tickets


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
