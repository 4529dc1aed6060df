"""Each time that was learnt from closed tickets, or is to be: asked for, going on, done or failed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from forthwith.people.models import Person
from forthwith.procedure.said import say


class Training(models.Model):
    """One learning. `heard_at` is its last sign of life, `doing` what it is at; `told` what came of it, in words.

    `measures` holds the shares right at once and among three, and the coverage, by target.
    """

    ASKED, GOING, DONE, FAILED = "asked", "going", "done", "failed"
    STATES = ((ASKED, say("Asked for")), (GOING, say("Going on")), (DONE, say("Done")), (FAILED, say("Failed")))

    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=STATES, default=ASKED)
    begun_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    doing = models.CharField(max_length=200, blank=True)
    told = models.TextField(blank=True)
    tickets = models.PositiveIntegerField(default=0)
    measures = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            # Who asks while one waits or goes on has asked for that one.
            models.UniqueConstraint(fields=["state"], name="one_training_asked", condition=Q(state="asked")),
        ]

    def __str__(self) -> str:
        return f"training {self.pk}"
