"""What a person of the desk is told, and what they want to be told: rows beside the mails that they may become."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from forthwith.people.models import Person
from forthwith.record.models import Message, Ticket


class Notice(models.Model):
    """That a person is told of one thing that happened on a ticket, written in the transaction of its cause.

    `seq` is the fact that it is about; none where something happened of which the record has no fact. `shown` says that
    it is in the list of notices, `mail_at` when it is to be mailed if it has not been read by then.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="notices", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)
    seq = models.PositiveIntegerField(null=True)
    event = models.CharField(max_length=20)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=500, blank=True)
    # Which wording says it where it is the only news of a mail; empty: that of all news.
    letter = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    shown = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "seq", "person"], name="notice_once")]
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="notice_latest"),
            models.Index(fields=["person", "-id"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["mail_at", "id"], name="notice_due", condition=Q(mail_at__isnull=False)),
            models.Index(fields=["at"], name="notice_old"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for person {self.person_id} on #{self.ticket_id}"
