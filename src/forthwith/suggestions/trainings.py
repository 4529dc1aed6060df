"""When it is learnt, and by whom: asked for by a person, or due by the procedure; one at a time, by any worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from forthwith.people.models import Person
from forthwith.people.prepared import insert_new
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.suggestions import examples, kept
from forthwith.suggestions.models import Training

SILENT_FOR = timedelta(hours=1)
"""A training that has not been heard of for so long has died with its machine; it may be taken up again."""
RETRY_AFTER = timedelta(hours=6)
SHOWN = 10


def latest() -> list[Training]:
    """The last trainings, the newest first."""
    return list(Training.objects.select_related("asked_by").order_by("-pk")[:SHOWN])


def ask(now: datetime, *, by: Person | None, why: str) -> bool:
    """Queue a training for a worker; False when one is queued already."""
    return insert_new(Training(asked_at=now, asked_by=by, why=why))


def due(procedure: Procedure, now: datetime) -> str:
    """Why it is time to learn by the procedure; empty when it is not."""
    said = procedure.suggestions
    if not kept.can_learn() or _failed_of_late(now):
        return ""
    done = Training.objects.filter(state=Training.DONE).order_by("-pk").first()
    if done is None or kept.model() is None:
        # A model that was learnt and is not here was learnt where this process cannot read it; or its file is gone.
        if done is not None and _of_late(done, now):
            return ""
        enough = examples.closed_since(None, said.minimum_tickets) >= said.minimum_tickets
        return say("there is no model yet") if enough else ""
    count = examples.closed_since(done.asked_at, said.learn_after)
    if count >= said.learn_after:
        return say("%(count)s more tickets were closed", count=count)
    waits = said.learn_outside and procedure.calendar(said.learn_outside).is_open(now)
    old = now - done.asked_at >= timedelta(seconds=said.learn_every)
    return say("closed since the last time: %(count)s", count=count) if count and old and not waits else ""


def _failed_of_late(now: datetime) -> bool:
    last = Training.objects.exclude(state=Training.ASKED).order_by("-pk").first()
    return last is not None and last.state == Training.FAILED and _of_late(last, now)


def _of_late(training: Training, now: datetime) -> bool:
    return training.ended_at is not None and now - training.ended_at < RETRY_AFTER


def claim(now: datetime) -> Training | None:
    """The training that waits, or one whose process has died, for this worker alone; None where there is none."""
    going = Training.objects.filter(state=Training.GOING).order_by("pk").first()
    if going is not None and going.heard_at and now - going.heard_at < SILENT_FOR:
        return None
    waiting = Q(state=Training.ASKED)
    silent = Q(state=Training.GOING, heard_at__lt=now - SILENT_FOR)
    found = Training.objects.filter(waiting | silent).order_by("pk").first()
    if found is None:
        return None
    mine = Training.objects.filter(waiting | silent, pk=found.pk)
    if not mine.update(state=Training.GOING, begun_at=now, heard_at=now, doing=say("reading closed tickets")):
        return None
    return Training.objects.get(pk=found.pk)


def tell(training: Training, now: datetime, doing: str, tickets: int | None = None) -> None:
    """A sign of life: what is being done, and how many tickets were read."""
    more: dict[str, Any] = {} if tickets is None else {"tickets": tickets}
    _going(training).update(heard_at=now, doing=doing[:200], **more)


def end(
    training: Training, now: datetime, *, told: str, measures: dict[str, Any] | None = None, tickets: int = 0
) -> bool:
    """It is over: with measures well, without them not; `told` says so in words. False when it was over before."""
    state = Training.FAILED if measures is None else Training.DONE
    over = {"state": state, "ended_at": now, "doing": "", "told": told[:2000]}
    return bool(_going(training).update(**over, measures=measures or {}, tickets=tickets))


def give_back(training: Training, now: datetime) -> None:
    """Its process was stopped: it waits for the next worker, unless another one waits already."""
    try:
        # Asking first would leave room for somebody to queue one in between.
        with transaction.atomic():
            _going(training).update(state=Training.ASKED, begun_at=None, heard_at=None, doing="")
    except IntegrityError:
        end(training, now, told=say("It was stopped; another one is queued."))


def _going(training: Training) -> QuerySet[Training]:
    """It, as it was claimed: one that was silent for long may have been taken up by another worker, whose it is now."""
    return Training.objects.filter(pk=training.pk, state=Training.GOING, begun_at=training.begun_at)
