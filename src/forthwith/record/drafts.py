"""Drafts of the procedure: what is written, submitted, and approved by somebody else (SOP H1)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

DRAFT, SUBMITTED, APPROVED, REFUSED, WITHDRAWN = "draft", "submitted", "approved", "refused", "withdrawn"
STATES = {
    DRAFT: _("Draft"),
    SUBMITTED: _("In review"),
    APPROVED: _("Approved"),
    REFUSED: _("Sent back"),
    WITHDRAWN: _("Withdrawn"),
}
OPEN = (DRAFT, SUBMITTED, REFUSED)
"""States from which it can still become a revision."""


class Draft(models.Model):
    """A text that may become a revision, and the revision that it was begun from.

    `version` counts its changes: whoever changes or decides names the one that they saw. `editors` are all who wrote
    in it, none of whom approves it. `note` says what changes and why, `answer` what was decided and why.
    """

    title = models.CharField(max_length=200)
    text = models.TextField()
    base = models.ForeignKey("record.Revision", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=list(STATES.items()), default=DRAFT)
    version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    editors = models.JSONField(default=list)
    note = models.TextField(blank=True)
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    became = models.OneToOneField("record.Revision", models.PROTECT, null=True, related_name="draft")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-changed_at", "-id"], name="draft_changed")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="draft_state_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed or decided about."""
        return self.state in OPEN

    @property
    def can_change(self) -> bool:
        """Whether its text can be changed as it stands: what is in review stays as it was read."""
        return self.state in (DRAFT, REFUSED)


PAGE = 50


def page(before: Draft | None = None) -> list[Draft]:
    """Drafts, the one that changed last first, and one more than a page to tell whether there are more."""
    found = Draft.objects.defer("text").select_related("author", "reviewer").order_by("-changed_at", "-pk")
    if before:
        found = found.filter(changed_at__lte=before.changed_at).exclude(changed_at=before.changed_at, pk__gte=before.pk)
    return list(found[: PAGE + 1])


def get(number: int) -> Draft | None:
    """A draft by its number, with its people."""
    found = Draft.objects.select_related("author", "reviewer", "became", "base").defer("became__text", "base__text")
    return found.filter(pk=number).first()
