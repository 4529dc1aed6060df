"""Facts folded a second, and what the clocks and the next alarm of a ticket cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from forthwith.procedure import document
from forthwith.procedure import facts as f
from forthwith.procedure.case import fold
from forthwith.procedure.clocks import clocks
from forthwith.procedure.matrix import next_alarm

FACTS = 50
_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def history(count: int) -> list[f.Fact]:
    """The facts of a ticket with a long conversation: answered, waiting, asked again, noted, in turns."""
    facts: list[f.Fact] = [
        f.Received(at=_AT, channel="email", requester=1, subject="Printer", message=1, digest="d"),
        f.Checked(at=_AT, found=("description",), missing=("urgency",)),
        f.DetailsAsked(at=_AT, details=("urgency",)),
        f.Categorised(at=_AT, category="hardware"),
        f.Prioritised(at=_AT, priority="medium", impact="one", urgency="workaround"),
        f.Assigned(at=_AT, team="service_desk", assignee=7),
        f.Acknowledged(at=_AT + timedelta(seconds=2), how="automatic"),
        f.Prioritised(at=_AT + timedelta(minutes=5), by=7, priority="high", impact="several", urgency="hindered"),
    ]
    turn: list[tuple[type[f.Fact], dict[str, Any]]] = [
        (f.Replied, {"by": 7, "message": 2, "digest": "d", "next_step": "I call you."}),
        (f.WaitingOnRequester, {"by": 7}),
        (f.RequesterWrote, {"by": 1, "message": 3, "digest": "d"}),
        (f.Noted, {"by": 7, "message": 4, "digest": "d", "minutes": 5}),
        (f.Ticked, {"by": 7, "step": "Look at it."}),
    ]
    while len(facts) < count:
        kind, fields = turn[len(facts) % len(turn)]
        facts.append(kind(at=_AT + timedelta(minutes=7 * len(facts)), **fields))
    return facts


def run() -> list[dict[str, Any]]:
    facts, procedure = history(FACTS), document.standard()
    case = fold(facts)
    return [
        {
            "name": f"fold, tickets of {FACTS} facts",
            "value": FACTS / _seconds(lambda: fold(facts)),
            "unit": "facts/s",
            "target": ">= 200000",
        },
        {
            "name": f"clocks, ticket of {FACTS} facts",
            "value": 1e6 * _seconds(lambda: clocks(case, procedure)),
            "unit": "us",
        },
        {
            "name": f"next alarm with its clocks, ticket of {FACTS} facts",
            "value": 1e6 * _seconds(lambda: next_alarm(case, procedure)),
            "unit": "us",
        },
    ]


def _seconds(work: Callable[[], object], for_s: float = 0.3, best_of: int = 5) -> float:
    """Seconds that one run of the work takes: the best of some rounds, as others only disturb."""
    work()
    rounds = []
    for _ in range(best_of):
        count, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < for_s:
            work()
            count += 1
        rounds.append(spent / count)
    return min(rounds)
