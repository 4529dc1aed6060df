"""Filling the indexes with what was there before them, from the newest on, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from forthwith.people import directory
from forthwith.people.models import Filling, Person
from forthwith.people.prepared import Place, Prepared
from forthwith.record.models import Ticket
from forthwith.record.search.writing import rebuild

BATCH = 100
_TICKETS, _PEOPLE = "tickets", Filling.PEOPLE
_FILLING = Prepared(lambda: Filling.objects.filter(what=Place(0)))


def turn() -> int:
    """Fill in one batch of each index that is not full; how many rows that were. Of many workers one does it."""
    return sum(_batch(what, read, fill) for what, (read, fill) in _WORK.items())


def tickets_below() -> int | None:
    """Tickets under this number are not in the index yet; None when all are."""
    return next((one.below for one in _FILLING(_TICKETS)), None)


def begin_anew() -> None:
    """Have everything written again; nothing is lost meanwhile."""
    for what, model in ((_TICKETS, Ticket), (_PEOPLE, Person)):
        newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        if newest is not None:
            Filling.objects.update_or_create(what=what, defaults={"below": newest + 1})


def _batch(what: str, read: Callable[[int], list[Any]], fill: Callable[[Any], None]) -> int:
    with transaction.atomic():
        filling = Filling.objects.select_for_update().filter(what=what).first()
        if filling is None:
            return 0
        rows = read(filling.below)
        for row in rows:
            fill(row)
        if rows:
            filling.below = rows[-1].pk
            filling.save(update_fields=["below"])
        else:
            filling.delete()
        return len(rows)


def _tickets(below: int) -> list[Ticket]:
    # Locked, so that none is acted on while its words are read.
    locked = Ticket.objects.select_for_update().filter(pk__lt=below)
    return list(locked.order_by("-pk")[:BATCH])


def _people(below: int) -> list[Person]:
    # Locked like the tickets, so that no name that is changed meanwhile is overwritten with the one before.
    locked = Person.objects.select_for_update().filter(pk__lt=below)
    return list(locked.order_by("-pk")[:BATCH])


_WORK: dict[str, tuple[Callable[[int], list[Any]], Callable[[Any], None]]] = {
    _TICKETS: (_tickets, rebuild),
    _PEOPLE: (_people, directory.learn_anew),
}
