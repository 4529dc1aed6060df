"""What leaves: one row for each mail, written in the transaction of its cause and delivered later."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from forthwith.outbox.told import Notice  # noqa: F401 (Django finds models by this file)
from forthwith.people.models import Person
from forthwith.record.models import Message, Ticket


class Outgoing(models.Model):
    """A mail to one person: queued, sent when the relay took it, or failed with the relay's words."""

    QUEUED, SENT, FAILED = "queued", "sent", "failed"
    STATES = ((QUEUED, "Queued"), (SENT, "Sent"), (FAILED, "Failed"))

    purpose = models.CharField(max_length=40)
    # An alarm leaves on a road of its own: it may tell that the other one is broken.
    alarm = models.BooleanField(default=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="outgoing")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="outgoing")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    # Of the procedure's; empty for mails of before there could be several.
    language = models.CharField(max_length=60, blank=True)
    # Where whoever is in copy says that they want no more of it (RFC 8058); empty for everybody else.
    stop_link = models.CharField(max_length=400, blank=True)
    subject = models.CharField(max_length=998)
    text = models.TextField()
    mail_id = models.CharField(max_length=255, unique=True)
    # Who it comes from, as `Name <address>`; empty: the desk.
    mail_from = models.CharField(max_length=400, blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.TextField(blank=True)
    automatic = models.BooleanField(default=False)
    queued_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=STATES, default=QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "next_at", "id"], name="outgoing_by_state"),
            models.Index(fields=["state", "next_at", "id"], name="outgoing_alarm", condition=Q(alarm=True)),
            models.Index(fields=["address", "purpose", "queued_at"], name="outgoing_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.address}"
