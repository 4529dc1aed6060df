"""Closed tickets in a desk of a test, and a procedure that is content with few of them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from forthwith.people.permits import Actor
from forthwith.procedure.model import Procedure
from forthwith.record import procedures
from forthwith.steps import acts
from tests import desk_fixtures as d
from tests import learnt
from tests.desk_fixtures import MONDAY, Desk

SMALL = d.variant(("minimum_tickets: 200", "minimum_tickets: 24"), ("learn_after: 200", "learn_after: 3"))


def close(desk: Desk, count: int, *, since: datetime = MONDAY, kinds: int = 2) -> list[int]:
    """Tickets from mail to closing, of the first kinds in turn."""
    chance, numbers = random.Random(3), []
    for i in range(count):
        kind = list(learnt.KINDS)[i % kinds]
        subject, text = learnt.request(kind, chance)
        at = since + timedelta(minutes=i)
        number = d.new_ticket(at, text=text, subject=subject)
        desk.resolve(number, at, category=kind)
        acts.confirm(number, by=Actor.of(desk.ana), now=at)
        numbers.append(number)
    return numbers


def procedure() -> Procedure:
    return procedures.current()
