"""What takes long is a row: what was asked, how far it is, and where its result lies (ADR 21).

A worker claims it and has a process of its own do it; anybody who may asks for one, and stops it. There is one of a
kind at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, QuerySet

from forthwith.people.models import Person
from forthwith.people.prepared import insert_new
from forthwith.procedure.said import say

SILENT_FOR = timedelta(minutes=1)
"""A run that has not been heard of for so long has died with its machine; it may be taken up again."""
SHOWN = 20
_MOST_TOLD = 2000


class Stopped(Exception):
    """Somebody stopped the run, or another worker has it now: leave it where it is."""


class Run(models.Model):
    """One piece of work. `asked` says what, in the words of its `kind`; `heard_at` is its last sign of life.

    `told` says in words what came of it, `summary` in figures, `result` is the digest of its file among `results`.
    """

    ASKED, GOING, DONE, STOPPED, FAILED = "asked", "going", "done", "stopped", "failed"
    STATES = (
        (ASKED, say("Asked for")),
        (GOING, say("Going on")),
        (DONE, say("Done")),
        (STOPPED, say("Stopped")),
        (FAILED, say("Failed")),
    )

    kind = models.CharField(max_length=40)
    asked = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=STATES, default=ASKED)
    begun_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    told = models.TextField(blank=True)
    result = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind"], name="one_run_of_a_kind", condition=Q(state__in=["asked", "going"])
            )
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "-id"], name="run_latest")]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.kind}"

    @property
    def over(self) -> bool:
        """Whether it is done, stopped or failed."""
        return self.state not in (self.ASKED, self.GOING)


def latest(kind: str) -> list[Run]:
    """The last runs of a kind, the newest first."""
    return list(Run.objects.filter(kind=kind).select_related("asked_by").defer("summary").order_by("-pk")[:SHOWN])


def of(kind: str, number: int) -> Run | None:
    """The run of that number, if it is of this kind."""
    return Run.objects.select_related("asked_by").filter(pk=number, kind=kind).first()


def ask(kind: str, asked: dict[str, Any], *, by: Person | None, now: datetime) -> Run | None:
    """Queue a run for a worker; None when one of its kind waits or goes on."""
    run = Run(kind=kind, asked=asked, asked_by=by, asked_at=now)
    return run if insert_new(run) else None


def begin(kind: str, asked: dict[str, Any], *, by: Person | None, now: datetime) -> Run | None:
    """A run that this process does itself, as a worker's would; None when one of its kind waits or goes on."""
    begun = {"state": Run.GOING, "begun_at": now, "heard_at": now}
    run = Run(kind=kind, asked=asked, asked_by=by, asked_at=now, **begun)
    return run if insert_new(run) else None


def claim(now: datetime) -> Run | None:
    """The run that has waited longest, or one whose process has died, for this worker alone; None without one."""
    waiting = Q(state=Run.ASKED) | Q(state=Run.GOING, heard_at__lt=now - SILENT_FOR)
    found = Run.objects.filter(waiting).order_by("pk").values_list("pk", flat=True).first()
    if found is None:
        return None
    mine = Run.objects.filter(waiting, pk=found)
    if not mine.update(state=Run.GOING, begun_at=now, heard_at=now, done=0, total=None):
        return None
    return Run.objects.get(pk=found)


def alive(run: Run, now: datetime) -> bool:
    """A sign of life; False when the run was stopped, or is another worker's now."""
    return bool(_going(run).update(heard_at=now))


def goes_on(run: Run) -> bool:
    """Whether nobody has stopped it, and it is no other worker's."""
    return _going(run).exists()


def tell(run: Run, now: datetime, done: int, total: int) -> None:
    """Say how far it is. Raises Stopped when it is not to go on."""
    if not _going(run).update(heard_at=now, done=done, total=total):
        raise Stopped(run.pk)


class Telling:
    """Tells a run's progress now and then: once a second is enough. Raises Stopped, as `tell` does."""

    def __init__(self, run: Run, clock: Callable[[], datetime]) -> None:
        self.run, self.clock = run, clock
        self._told_at: datetime | None = None

    def __call__(self, done: int, total: int) -> None:
        now = self.clock()
        if self._told_at is None or done == total or (now - self._told_at).total_seconds() >= 1:
            self._told_at = now
            tell(self.run, now, done, total)


def stop(kind: str, number: int, now: datetime) -> bool:
    """Stop a run that waits or goes on: its process ends within a second. False when it was over before."""
    going = Run.objects.filter(pk=number, kind=kind, state__in=(Run.ASKED, Run.GOING))
    return bool(going.update(state=Run.STOPPED, ended_at=now))


def end(run: Run, now: datetime, *, summary: dict[str, Any], result: str = "", told: str = "") -> bool:
    """It is done, with what came of it. False when it was over before."""
    over = {"state": Run.DONE, "ended_at": now, "told": told[:_MOST_TOLD]}
    return bool(_going(run).update(**over, summary=summary, result=result))


def fail(run: Run, now: datetime, told: str) -> bool:
    """It came to nothing, and why. False when it was over before."""
    return bool(_going(run).update(state=Run.FAILED, ended_at=now, told=told[:_MOST_TOLD]))


def give_back(run: Run) -> None:
    """Its process was stopped with its worker: it waits for the next one, from its beginning."""
    _going(run).update(state=Run.ASKED, begun_at=None, heard_at=None, done=0, total=None)


def _going(run: Run) -> QuerySet[Run]:
    """It, as it was claimed: one that was silent for long may have been taken up by another worker, whose it is now."""
    return Run.objects.filter(pk=run.pk, state=Run.GOING, begun_at=run.begun_at)
