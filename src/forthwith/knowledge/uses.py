"""How articles did on tickets, and which are wanted (SOP 4.2, 6.2). Called in the transaction of the ticket's facts."""

from __future__ import annotations

from datetime import datetime

from forthwith.knowledge.models import Article, Use, Wanted
from forthwith.procedure.case_state import Used

_COLUMNS = {"yes": "helped", "in part": "helped_in_part", "no": "failed"}


def record(used: Used, *, ticket: int, by: int, now: datetime) -> None:
    """Keep how an article did on a ticket; what was said before about the same is taken back from the counts."""
    article = Article.objects.select_for_update().get(pk=used.article)
    before = Use.objects.filter(ticket=ticket, article=article).first()
    if before is not None:
        _count(article, before.helped, before.at, -1)
    _count(article, used.helped, now, 1)
    said = {"revision": used.revision, "by_id": by, "at": now, "helped": used.helped}
    Use.objects.update_or_create(ticket_id=ticket, article=article, defaults=said)
    # When it was changed is about its text.
    article.save(update_fields=["used", *_COLUMNS.values(), "used_since", "failed_since"])


def _count(article: Article, helped: str, at: datetime, step: int) -> None:
    counted = ["used", _COLUMNS[helped]]
    if article.reviewed_at is None or at >= article.reviewed_at:
        counted += ["used_since", "failed_since"] if helped == "no" else ["used_since"]
    for name in counted:
        # A use at the very instant of a review is no longer in the counts since then.
        setattr(article, name, max(0, getattr(article, name) + step))


def want(ticket: int, *, by: int, now: datetime, said: str) -> None:
    """Keep that an article is to be written from a ticket."""
    said = said[: Wanted._meta.get_field("said").max_length]
    Wanted.objects.update_or_create(ticket_id=ticket, defaults={"by_id": by, "at": now, "said": said})


def want_no_more(ticket: int) -> None:
    """An article was written from a ticket, or is not needed after all."""
    Wanted.objects.filter(ticket=ticket).delete()
