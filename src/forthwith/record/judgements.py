"""The verdicts on a ticket as a row that reports count (SOP H1): under its own revision, and as they were restated.

`steps/judging.py` writes the one, `steps/restating.py` the others, beside it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from forthwith.record.runs import Run


class Judged(models.Model):
    """How a ticket kept a procedure, as of its first `facts` facts and of `at`.

    `steps` and `clocks` are the letters of `procedure/marks.py`. What reports group by is kept along, as it was.
    """

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
        abstract = True


class Judgement(Judged):
    """How a ticket kept its own revision. There is one a ticket, kept up to date."""

    ticket = models.OneToOneField("record.Ticket", models.PROTECT, related_name="+")
    revision = models.ForeignKey("record.Revision", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["opened_at", "ticket"], name="judgement_opened")]

    def __str__(self) -> str:
        return f"judgement of #{self.ticket_id}: {self.steps}"


class Restatement(models.Model):
    """The tickets received in `[since, until)` judged anew under one revision, and why that was asked for.

    Who asked, and when, its run says. Only that of a run that is done is whole.
    """

    run = models.OneToOneField(Run, models.PROTECT, primary_key=True, related_name="restatement")
    revision = models.ForeignKey("record.Revision", models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.TextField()

    def __str__(self) -> str:
        return f"restatement {self.pk}: revision {self.revision_id}"


class Restated(Judged):
    """How a ticket kept the revision of a restatement; `before` are its steps under its own, at the same instant."""

    restatement = models.ForeignKey(Restatement, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("record.Ticket", models.PROTECT, related_name="+", db_index=False)
    before = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "restatement"], name="restated_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["restatement", "opened_at", "ticket"], name="restated_opened")]

    def __str__(self) -> str:
        return f"#{self.ticket_id} restated: {self.before} -> {self.steps}"
