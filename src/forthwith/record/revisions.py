"""The installed revisions as a history: who installed which, and when (SOP H1). Their texts are read one by one."""

from __future__ import annotations

from django.db.models import QuerySet

from forthwith.record.models import Revision, Ticket

PAGE = 20


def one(number: int) -> Revision | None:
    """A revision with who installed it; None when there is none of that number."""
    return _told().filter(pk=number).first()


def latest(before: int | None = None) -> list[Revision]:
    """A page, and one more, of the revisions below a number, the latest first."""
    found = _told() if before is None else _told().filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE + 1])


def previous(number: int) -> int | None:
    """The number of the revision before, without those that were called off."""
    before = Revision.objects.filter(pk__lt=number, called_off_at__isnull=True)
    return before.order_by("-pk").values_list("pk", flat=True).first()


def used_though_called_off() -> list[tuple[int, int]]:
    """(revision, ticket): tickets under a revision that was called off, which no door lets in; the first hundred."""
    found = Ticket.objects.filter(revision__in=Revision.objects.filter(called_off_at__isnull=False).values("pk"))
    return list(found.order_by("revision", "pk").values_list("revision", "pk")[:100])


def _told() -> QuerySet[Revision]:
    return Revision.objects.select_related("installed_by", "reviewed_by", "called_off_by").defer("text")
