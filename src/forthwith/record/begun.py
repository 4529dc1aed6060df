"""The rows of what somebody has begun to write, and of what waits for its hold to end; see `unsent.py`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from forthwith.people.models import Person


class Unsent(models.Model):
    """A text that somebody has begun. One of a kind for each person and ticket; others of it are set `aside`.

    `version` counts its changes, so that a device can tell whether what it holds is the latest. Where the text was
    sent the row stays, empty, so that a save that was still on its way does not bring it back. `why` says for what
    reason it came back. `files` of a reply name contents that are kept already; `also` is the macro that it was begun
    with, and what else is to happen when it is sent.
    """

    REPLY, NOTE, NEXT = "reply", "note", "next"
    KINDS = ((REPLY, "Reply"), (NOTE, "Note"), (NEXT, "Next step"))

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    ticket = models.ForeignKey("record.Ticket", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=KINDS)
    text = models.TextField(blank=True)
    files = models.JSONField(default=list)
    also = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    aside = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "ticket", "kind"], condition=Q(aside=False), name="one_unsent_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id} on #{self.ticket_id}"


class Held(models.Model):
    """A reply that is said and leaves when its hold ends, at `leaves_at`, unless it is taken back before.

    `seen` is how many facts the ticket had when it was said; `files` names contents that are kept already; `also` is
    what else happens with it.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    ticket = models.ForeignKey("record.Ticket", models.CASCADE, related_name="+")
    said_at = models.DateTimeField()
    leaves_at = models.DateTimeField(db_index=True)
    seen = models.PositiveIntegerField()
    text = models.TextField()
    next_step = models.CharField(max_length=500, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    then = models.CharField(max_length=10, blank=True)
    until = models.DateTimeField(null=True)
    files = models.JSONField(default=list)
    also = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"reply of {self.person_id} on #{self.ticket_id}, leaves {self.leaves_at:%H:%M:%S}"


class Present(models.Model):
    """That somebody looks at a ticket, as one web process says; gone when it does not say so any more."""

    process = models.CharField(max_length=16)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    ticket = models.ForeignKey("record.Ticket", models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["process", "person", "ticket"], name="present_once_a_process")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at #{self.ticket_id}"
