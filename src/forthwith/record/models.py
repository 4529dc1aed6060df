"""What is kept: procedure revisions, raw items, tickets, their facts, messages and files.

Only `door.py` writes `Ticket` and `Entry`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.procedure.lifecycle import STATUSES
from forthwith.record import kinds
from forthwith.record.begun import Held, Present, Unsent  # noqa: F401 (Django finds models by this file)
from forthwith.record.described import FieldValue, Tag  # noqa: F401
from forthwith.record.drafts import Draft  # noqa: F401
from forthwith.record.judgements import Judgement, Restated, Restatement  # noqa: F401
from forthwith.record.mailboxes import Mailbox  # noqa: F401 (Django finds models by this file)
from forthwith.record.replies import Chosen, SavedReply  # noqa: F401
from forthwith.record.runs import Run  # noqa: F401
from forthwith.record.views import View  # noqa: F401

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The due instant of a ticket on which nothing is due, so that lists can be paged by one key."""

LAST = 99
"""The rank of a ticket without a priority that its procedure has: behind every other."""


class Revision(models.Model):
    """One immutable revision of the procedure, as the YAML that was installed, and from when on it is in force.

    `note` says what changed and why; `reviewed_by` is who approved it, where it went through a draft. `moves_open` says
    that the tickets that are open when it comes into force go on under it. One that is planned can be called off before
    it is in force (`record/calling_off.py`): it stays as it was, and never comes into force.
    """

    text = models.TextField()
    digest = models.CharField(max_length=64)
    installed_at = models.DateTimeField()
    installed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    effective_at = models.DateTimeField()
    note = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    moves_open = models.BooleanField(default=False)
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    called_off_why = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-effective_at", "-id"], name="revision_effective")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True)
                | Q(called_off_at__lt=F("effective_at"), called_off_by__isnull=False) & ~Q(called_off_why=""),
                name="revision_called_off_before",
            )
        ]

    def __str__(self) -> str:
        return f"revision {self.pk}"

    @property
    def called_off(self) -> bool:
        """Whether it never comes into force."""
        return self.called_off_at is not None

    @property
    def was_planned(self) -> bool:
        """Whether it was to come into force later than it was installed."""
        return self.effective_at > self.installed_at


class Ticket(models.Model):
    """A case projected for querying; `door.project` is the only source of its columns."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    status = models.CharField(max_length=24, choices=list(STATUSES.items()))
    # What `status` says already. An index for unresolved tickets has to be on a column of its own: SQLite cannot see
    # that a comparison with a parameter is within the index, and would read the whole table.
    unresolved = models.BooleanField(default=True)
    channel = models.CharField(max_length=60)
    subject = models.CharField(max_length=300)
    requester = models.ForeignKey(Person, models.PROTECT, related_name="requests")
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    # Which ticket goes on for this one; read by number alone, so an index would only cost.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    category = models.CharField(max_length=130, blank=True)
    priority = models.CharField(max_length=60, blank=True)
    # The place of the priority in its procedure, 0 the highest, so that an index can keep that order.
    rank = models.PositiveSmallIntegerField(default=LAST)
    level = models.CharField(max_length=60, blank=True)
    impact = models.CharField(max_length=60, blank=True)
    urgency = models.CharField(max_length=60, blank=True)
    team = models.CharField(max_length=60, blank=True)
    assignee = models.ForeignKey(Person, models.PROTECT, null=True, related_name="assigned")
    missing = models.JSONField(default=list)
    undelivered = models.BooleanField(default=False)
    # What rows show. Tickets are found by the rows of `described.py`.
    tags = models.JSONField(default=list)
    fields = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(default=NEVER)
    due_since = models.DateTimeField(null=True)
    due_clock = models.CharField(max_length=24, blank=True)
    alarm_at = models.DateTimeField(null=True)
    fact_count = models.PositiveIntegerField()
    chain = models.CharField(max_length=64)
    alarm_error = models.TextField(blank=True)
    alarm_failed_at = models.DateTimeField(null=True)
    # When its verdicts are to be written anew for reports (`steps/judging.py`); None until something happens.
    judge_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["alarm_at"],
                name="ticket_alarm",
                condition=Q(alarm_at__isnull=False, alarm_failed_at__isnull=True),
            ),
            models.Index(fields=["judge_at"], name="ticket_to_judge", condition=Q(judge_at__isnull=False)),
            models.Index(fields=["due_at", "id"], name="ticket_due", condition=Q(unresolved=True)),
            models.Index(fields=["assignee", "due_at", "id"], name="ticket_assignee_due", condition=Q(unresolved=True)),
            models.Index(
                fields=["requester", "due_at", "id"], name="ticket_requester_due", condition=Q(unresolved=True)
            ),
            models.Index(fields=["status", "due_at", "id"], name="ticket_status_due", condition=Q(unresolved=True)),
            models.Index(fields=["team", "due_at", "id"], name="ticket_team_due", condition=Q(unresolved=True)),
            models.Index(fields=["opened_at", "id"], name="ticket_opened", condition=Q(unresolved=True)),
            models.Index(fields=["rank", "due_at", "id"], name="ticket_ranked", condition=Q(unresolved=True)),
            models.Index(fields=["-changed_at", "-id"], name="ticket_changed", condition=Q(unresolved=True)),
            models.Index(fields=["-changed_at", "-id"], name="ticket_settled", condition=Q(unresolved=False)),
            models.Index(
                fields=["category", "priority", "-resolved_at"],
                name="ticket_alike",
                condition=Q(resolved_at__isnull=False),
            ),
            models.Index(
                fields=["alarm_failed_at"], name="ticket_set_aside", condition=Q(alarm_failed_at__isnull=False)
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=list(STATUSES)), name="ticket_status_known")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def number(self) -> int:
        """The ticket's number, as people say it."""
        return int(self.pk)


class Entry(models.Model):
    """One fact as it is kept: typed content, and its place in the ticket's chain (SOP 6.1)."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    noted_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+", db_index=False)
    data = models.JSONField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "seq"], name="entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.ticket_id}.{self.seq})"


class RawItem(models.Model):
    """What arrived on a channel, as it came, before anybody understood it (SOP 1.2).

    `once` is the digest of its sender and Message-ID, set when it became a ticket or a reply: no other item may
    become one for the same message. `repeats` counts how often the very same bytes came again. `decided_by`,
    `decided_at` and `decision` say who made a ticket of it by hand, or dismissed it, when, and why; `reason` stays.
    """

    KEPT, TICKET, REPLY, UNPROCESSED, IGNORED = "kept", "ticket", "reply", "unprocessed", "ignored"
    DISMISSED = "dismissed"
    OUTCOMES = tuple((key, key.capitalize()) for key in (KEPT, TICKET, REPLY, UNPROCESSED, IGNORED, DISMISSED))

    channel = models.CharField(max_length=60)
    received_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    body = models.BinaryField()
    # Whether it is too large for a row: then `body` is empty, and it is among the files by its digest (`raw.py`).
    filed = models.BooleanField(default=False)
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    # An old mail, imported: nobody is to hear of it.
    silent = models.BooleanField(default=False)
    author = models.CharField(max_length=320, blank=True)
    once = models.CharField(max_length=64, null=True, blank=True, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=OUTCOMES, default=KEPT)
    reason = models.TextField(blank=True)
    # What was found out about the sender: {"verdict", "domain", "by", "spf", "dkim", "dmarc"}; empty if nobody looked.
    verified = models.JSONField(default=dict, blank=True)
    # Who handed it over by SMTP, and the name it greeted with; `unchecked` until the desk has checked its sender.
    peer = models.CharField(max_length=45, blank=True, default="")
    helo = models.CharField(max_length=255, blank=True, default="")
    unchecked = models.BooleanField(default=False)
    # Sentences on what a reader should know of it: that it is signed or encrypted, what could not be read.
    remarks = models.JSONField(default=list, blank=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="raw_items")
    repeats = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "digest"], name="raw_once")]
        # With `repeats`, so that the ledger's counts are read from the index alone and not past every body.
        indexes: ClassVar = [
            models.Index(fields=["outcome", "received_at", "id", "repeats"], name="raw_by_outcome"),
            models.Index(fields=["id"], name="raw_unchecked", condition=Q(unchecked=True)),
            models.Index(fields=["author", "received_at"], name="raw_by_author"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} item {self.pk}"


class Message(models.Model):
    """One message of a ticket's conversation. Its digest is in the facts; its body may be redacted."""

    PUBLIC, INTERNAL, SYSTEM = "public", "internal", "system"
    KINDS = ((PUBLIC, "Public"), (INTERNAL, "Internal note"), (SYSTEM, "System"))

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=KINDS)
    incoming = models.BooleanField(default=False)
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=998, blank=True)
    text = models.TextField()
    new_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    mail_id = models.CharField(max_length=998, blank=True)
    digest = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    raw_item = models.ForeignKey(RawItem, models.PROTECT, null=True, related_name="messages")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["ticket", "written_at", "id"], name="message_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} message {self.pk}"


class Attachment(models.Model):
    """A file that came or went with a message, kept once by its content's hash.

    `type` is what the sender says, `looks` the media type that the content shows; `found` is the virus, or why the
    scanner did not look.
    """

    WAITING, CLEAN, INFECTED, SKIPPED = "", "clean", "infected", "skipped"
    SCANS = ((WAITING, "Not scanned"), (CLEAN, "Clean"), (INFECTED, "Infected"), (SKIPPED, "Could not be scanned"))
    DANGERS = (("", "None known"), (kinds.PROGRAM, "A program"), (kinds.MACROS, "Contains macros"))

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=127)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    inline = models.BooleanField(default=False)
    content_id = models.CharField(max_length=255, blank=True)
    looks = models.CharField(max_length=127, blank=True)
    danger = models.CharField(max_length=12, blank=True, choices=DANGERS)
    scan = models.CharField(max_length=10, blank=True, choices=SCANS, default=WAITING)
    found = models.CharField(max_length=255, blank=True)
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["scan", "id"], name="attachment_by_scan")]

    def __str__(self) -> str:
        return self.name

    @property
    def warning(self) -> str:
        """What to know before opening it, in a few words, or nothing."""
        if self.scan == self.INFECTED:
            return _("infected: %(found)s") % {"found": self.found}
        return {kinds.PROGRAM: _("a program"), kinds.MACROS: _("contains macros")}.get(self.danger, "")


class Watch(models.Model):
    """The last sign of life of a channel that is watched (SOP 1.1).

    Without `heard` there has been none yet, and `last_contact` is when the desk began to wait for one.
    """

    channel = models.CharField(max_length=60, primary_key=True)
    last_contact = models.DateTimeField()
    heard = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"watch on {self.channel}"


class Canary(models.Model):
    """A mail that the desk sent to itself, to see that its own mail still comes home (SOP 1.1).

    `slot` is its turn in the channel's schedule, so that of many workers one sends it.
    """

    channel = models.CharField(max_length=60)
    slot = models.BigIntegerField()
    mail_id = models.CharField(max_length=255, unique=True)
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField()
    home_at = models.DateTimeField(null=True)
    missed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "slot"], name="one_canary_a_slot")]

    def __str__(self) -> str:
        return f"canary {self.pk} of {self.channel}"


class CoverageGap(models.Model):
    """A stretch in which a channel was not watched though it had to be (SOP 1.1)."""

    channel = models.CharField(max_length=60)
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel"], name="one_open_gap", condition=Q(end__isnull=True))
        ]

    def __str__(self) -> str:
        return f"gap on {self.channel}"
