"""The verdicts on a ticket as a row that reports count (SOP H1). `steps/judging.py` writes it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Judgement(models.Model):
    """How a ticket kept the procedure, as of its first `facts` facts and of `at`.

    `steps` and `clocks` are the letters of `procedure/marks.py`. What reports group by is kept along, as it was.
    """

    ticket = models.OneToOneField("record.Ticket", models.PROTECT, related_name="+")
    revision = models.ForeignKey("record.Revision", models.PROTECT, related_name="+", db_index=False)
    facts = models.PositiveIntegerField()
    at = models.DateTimeField()
    steps = models.CharField(max_length=40)
    clocks = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    channel = models.CharField(max_length=60)
    category = models.CharField(max_length=130, blank=True)
    priority = models.CharField(max_length=60, blank=True)
    team = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["opened_at", "ticket"], name="judgement_opened")]

    def __str__(self) -> str:
        return f"judgement of #{self.ticket_id}: {self.steps}"
