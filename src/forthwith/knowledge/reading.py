"""Reading articles: lists paged by key, one with its revisions, and where the library owes something (SOP 6.2).

Every query here is bounded, and permission is part of reading: articles are for the people of the desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from forthwith.knowledge import index
from forthwith.knowledge.models import PUBLISHED, STATES, Article, ArticleRevision, Decision, Use, Wanted
from forthwith.people.models import Person
from forthwith.people.words import words
from forthwith.procedure.library import Knowledge

PAGE = 50
MOST_FOUND = 100
MOST_REVISIONS = 100
MOST_USES = 20
MOST_WANTED = 50
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of articles is narrowed to; empty means all."""

    typed: str = ""
    state: str = ""
    category: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Articles, and the key at which the next page starts (empty: none)."""

    articles: list[Article]
    next_key: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """Where the library owes something: articles to be written, to be reviewed, to be looked at again, and doubtful."""

    wanted: list[Wanted]
    in_review: list[Article]
    due: list[Article]
    doubtful: list[Article]


def visible_to(person: Person) -> QuerySet[Article]:
    """The articles that a person may read: all of them at the desk, none elsewhere."""
    return Article.objects.all() if person.reads_all else Article.objects.none()


def article_for(person: Person, number: int) -> Article | None:
    """One article, if the person may read it."""
    return visible_to(person).filter(pk=number).first() if number < 2**63 else None


def page(person: Person, asked: Asked, after: str = "", size: int = PAGE) -> Page:
    """Articles with the latest change first, from a key on; with words those that have them all, the best first."""
    found = _narrowed(visible_to(person), asked)
    if asked.typed.strip():
        return Page(_in_order(found, index.with_all(_words(asked.typed), found, most=MOST_FOUND)))
    if key := _read_key(after):
        changed, number = key
        found = found.filter(Q(changed_at__lt=changed) | Q(changed_at=changed, pk__lt=number), changed_at__lte=changed)
    rows = list(found.order_by("-changed_at", "-pk")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], f"{last.changed_at.isoformat()}_{last.pk}" if last else "")


def found(person: Person, typed: Iterable[str], most: int) -> list[Article]:
    """The published articles that have all of these words, the best first; the last may be a beginning."""
    published = visible_to(person).filter(published=True)
    numbers = index.with_all(list(typed), published, most=most)
    return _in_order(published, numbers) if numbers else []


def revision_of(article: Article, number: int) -> ArticleRevision | None:
    """One revision of an article, with its author."""
    return article.revisions.select_related("by").filter(number=number).first() if number < 2**31 else None


def revisions_of(article: Article) -> list[ArticleRevision]:
    """Its latest revisions, without their texts, the latest first."""
    return list(article.revisions.select_related("by").defer("body").order_by("-number")[:MOST_REVISIONS])


def decisions_on(article: Article) -> list[Decision]:
    """What was decided about it, the latest first."""
    return list(article.decisions.select_related("by").order_by("-at", "-pk")[:MOST_REVISIONS])


def uses_of(article: Article) -> list[Use]:
    """The latest tickets that it was worked by on. Only for people who may read every ticket."""
    return list(article.uses.select_related("by", "ticket").order_by("-at", "-pk")[:MOST_USES])


def used_on(ticket: int) -> list[Use]:
    """The articles that were worked by on a ticket, the latest first."""
    return list(Use.objects.filter(ticket=ticket).select_related("article", "by").order_by("-at")[:MOST_USES])


def owed(person: Person, rules: Knowledge, now: datetime) -> Owed:
    """Where the library owes something, each bounded."""
    published = visible_to(person).filter(published=True)
    # Whoever reads the library reads every ticket.
    wanted = Wanted.objects.select_related("ticket", "by") if person.reads_all else Wanted.objects.none()
    # What a merged ticket taught is decided about where it goes on, when that is resolved.
    wanted = wanted.filter(ticket__merged_into=None)
    failing = published.filter(failed_since__gt=0).order_by("-failed_since", "pk")[:_MOST_LOOKED_AT]
    return Owed(
        wanted=list(wanted.order_by("-at", "-ticket")[:MOST_WANTED]),
        in_review=list(visible_to(person).filter(state="in_review").order_by("-changed_at", "-pk")[:MOST_WANTED]),
        due=list(published.filter(review_due__lte=now).order_by("review_due", "pk")[:MOST_WANTED]),
        doubtful=[one for one in failing if is_doubtful(one, rules)][:MOST_WANTED],
    )


def is_doubtful(article: Article, rules: Knowledge) -> bool:
    """Whether it has failed so often since its last review that somebody should look at it."""
    often = article.used_since >= rules.doubtful_after
    return often and article.failed_since * 100 >= rules.doubtful_from * article.used_since


def _narrowed(rows: QuerySet[Article], asked: Asked) -> QuerySet[Article]:
    if asked.state == PUBLISHED:
        # A draft of a new revision does not take the published one away.
        rows = rows.filter(published=True)
    elif asked.state in STATES:
        rows = rows.filter(state=asked.state)
    if asked.category:
        rows = rows.filter(Q(category=asked.category) | Q(category__startswith=f"{asked.category}."))
    return rows.filter(language=asked.language) if asked.language else rows


def _words(typed: str) -> list[str]:
    return words(typed, asked=True)


def _in_order(rows: QuerySet[Article], numbers: Sequence[int]) -> list[Article]:
    held = {one.pk: one for one in rows.filter(pk__in=numbers)}
    return [held[number] for number in numbers if number in held]


def _read_key(after: str) -> tuple[datetime, int] | None:
    changed, _, number = after.partition("_")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        at = datetime.fromisoformat(changed)
    except ValueError:
        return None
    return (at, int(number)) if at.tzinfo else None
