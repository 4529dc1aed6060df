"""Articles and what became of them (SOP 4.2, 6.2).

Revisions and decisions are only ever added. The `Article` row is what they add up to, kept for lists and for
the search; only this room writes it, with the row locked.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forthwith.people.models import Person
from forthwith.record.models import Ticket

DRAFT, IN_REVIEW, PUBLISHED, RETIRED = "draft", "in_review", "published", "retired"
STATES = {DRAFT: _("Draft"), IN_REVIEW: _("In review"), PUBLISHED: _("Published"), RETIRED: _("Retired")}
DESK, REQUESTERS = "desk", "requesters"
AUDIENCES = {DESK: _("The desk only"), REQUESTERS: _("Requesters too")}


class Article(models.Model):
    """An article. `state` is that of its latest revision; `shown` the revision that is read: the published one, else
    the latest, whose title and place stand here too.

    `failed_since` and `used_since` count from `reviewed_at` on, when somebody last said that it is right.
    """

    title = models.CharField(max_length=200)
    category = models.CharField(max_length=130, blank=True)
    language = models.CharField(max_length=60)
    audience = models.CharField(max_length=12, choices=list(AUDIENCES.items()), default=DESK)
    state = models.CharField(max_length=12, choices=list(STATES.items()), default=DRAFT)
    published = models.BooleanField(default=False)
    latest = models.PositiveIntegerField(default=1)
    shown = models.PositiveIntegerField(default=1)
    # Read by number alone, from its own page: an index would only cost.
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    review_due = models.DateTimeField(null=True)
    used = models.PositiveIntegerField(default=0)
    helped = models.PositiveIntegerField(default=0)
    helped_in_part = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    used_since = models.PositiveIntegerField(default=0)
    failed_since = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-changed_at", "-id"], name="article_changed"),
            models.Index(fields=["state", "-changed_at", "-id"], name="article_state"),
            models.Index(fields=["-changed_at", "-id"], name="article_published", condition=Q(published=True)),
            models.Index(fields=["category", "-helped", "-id"], name="article_category", condition=Q(published=True)),
            models.Index(fields=["review_due", "id"], name="article_review_due", condition=Q(published=True)),
            models.Index(
                fields=["-failed_since", "id"], name="article_failed", condition=Q(published=True, failed_since__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleRevision(models.Model):
    """What an article said from an instant on, by whom, and why it was changed. Never changed itself."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    category = models.CharField(max_length=130, blank=True)
    language = models.CharField(max_length=60)
    audience = models.CharField(max_length=12, choices=list(AUDIENCES.items()))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["article", "number"], name="article_revision_once")]

    def __str__(self) -> str:
        return f"revision {self.number} of article {self.article_id}"


class Decision(models.Model):
    """What was decided about a revision of an article, by whom, when and why. Never changed."""

    ASKED, PUBLISHED, RETURNED, CONFIRMED, RETIRED = "asked", "published", "returned", "confirmed", "retired"
    WHAT: ClassVar = {
        ASKED: _("asked for review"),
        PUBLISHED: _("published"),
        RETURNED: _("sent back"),
        CONFIRMED: _("still right"),
        RETIRED: _("retired"),
    }

    article = models.ForeignKey(Article, models.PROTECT, related_name="decisions", db_index=False)
    revision = models.PositiveIntegerField()
    what = models.CharField(max_length=12, choices=list(WHAT.items()))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    why = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["article", "-at", "-id"], name="decision_of_article")]

    def __str__(self) -> str:
        return f"{self.what} revision {self.revision} of article {self.article_id}"


class Use(models.Model):
    """The latest word on how an article helped on a ticket; each word is a fact of that ticket."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="uses", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    helped = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "article"], name="use_once")]
        indexes: ClassVar = [models.Index(fields=["article", "-at", "-id"], name="use_of_article")]

    def __str__(self) -> str:
        return f"article {self.article_id} on #{self.ticket_id}: {self.helped}"


class Wanted(models.Model):
    """A ticket whose agent said that an article is to be written, until one is (SOP 6.2)."""

    ticket = models.OneToOneField(Ticket, models.PROTECT, related_name="+", primary_key=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    said = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at", "-ticket"], name="wanted_latest")]

    def __str__(self) -> str:
        return f"an article from #{self.ticket_id}"
