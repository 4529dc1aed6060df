"""One training from its beginning to its end: read, learn, say how it went. Loads what learning needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.suggestions import examples, kept, learning, trainings
from forthwith.suggestions.examples import Example
from forthwith.suggestions.fitting import TooFew
from forthwith.suggestions.models import Training

_SHORT = ("tickets", "top1", "top3", "coverage")

Told = Callable[[str], None]


def run(training: Training, procedure: Procedure, *, clock: Callable[[], datetime], told: Told) -> bool:
    """Learn, and note the outcome; whether there is a new model. The old one stays when anything goes wrong."""

    def tell(doing: str, tickets: int | None = None) -> None:
        trainings.tell(training, clock(), doing, tickets)
        told(doing)

    read: list[Example] = []
    try:
        read = _read(procedure, tell)
        head = {"revision": training.pk, "learnt_at": clock().isoformat(), "tickets": len(read)}
        least = procedure.suggestions.minimum_each
        found = learning.learn(read, kept.path(), least=least, head=head, told=tell)
    except TooFew as few:
        trainings.end(training, clock(), told=str(few), tickets=len(read))
        told(str(few))
        return False
    except BaseException as error:
        # Also what a person stops: a row that goes on keeps everybody else from learning.
        trainings.end(training, clock(), told=_broke(error), tickets=len(read))
        raise
    short: dict[str, Any] = {name: {key: one[key] for key in _SHORT} for name, one in found.items()}
    trainings.end(training, clock(), told="", measures=short, tickets=len(read))
    return True


def _broke(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return say("It was stopped. The model before stays.")
    return say("It broke: %(error)s. The model before stays.", error=repr(error))


def _read(procedure: Procedure, tell: Callable[[str, int | None], None]) -> list[Example]:
    said = procedure.suggestions

    def at(count: int) -> None:
        tell(say("read %(count)s closed tickets", count=count), count)

    read = list(examples.closed(said.most_tickets, at))
    if len(read) < said.minimum_tickets:
        few = say(
            "There are %(count)s closed tickets with a message; the procedure asks for %(least)s.",
            count=len(read),
            least=said.minimum_tickets,
        )
        raise TooFew(few)
    # Measured is on those that came last, not on those that somebody touched last.
    return sorted(read, key=lambda one: -one.number)
