"""Writing articles: begun, revised, reviewed by somebody else, published, looked at again, retired (SOP 6.2).

Each locks the article's row, adds a revision or a decision, and brings the row and the index up to them. NotAllowed is
raised when the person's role may not do it, Refused for what cannot be accepted, Overtaken when somebody has saved
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forthwith.knowledge import index
from forthwith.knowledge.models import (
    AUDIENCES,
    DESK,
    DRAFT,
    IN_REVIEW,
    PUBLISHED,
    RETIRED,
    Article,
    ArticleRevision,
    Decision,
)
from forthwith.people.models import Person
from forthwith.procedure.lifecycle import ROLES, NotAllowed
from forthwith.procedure.model import Procedure
from forthwith.record.markdown import LONGEST
from forthwith.record.messages import storable

LONGEST_TITLE, LONGEST_WHY = 200, 500
_COLUMNS = (
    *("title", "category", "language", "audience", "state", "published", "latest", "shown", "changed_at"),
    *("reviewed_at", "review_due", "used_since", "failed_since"),
)


class Refused(ValueError):
    """Input that cannot be accepted; the text says what to put right."""


class Overtaken(RuntimeError):
    """Somebody saved a revision since the writer began: `latest` is its number."""

    def __init__(self, who: str, latest: int) -> None:
        super().__init__(
            _("%(who)s saved revision %(latest)s while you were writing.") % {"who": who, "latest": latest}
        )
        self.latest = latest


@dataclass(frozen=True, slots=True)
class Text:
    """What a revision says, and where it belongs. `body` is Markdown."""

    title: str
    body: str
    category: str
    language: str
    audience: str = DESK


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes or decides, when, and under which procedure."""

    person: Person
    procedure: Procedure
    now: datetime

    @property
    def reviews(self) -> bool:
        """Whether the procedure has people of this role review what others wrote."""
        return self.person.role in self.procedure.knowledge.reviewed_by


def begin(by: Writer, text: Text, *, ticket: int | None = None) -> Article:
    """A new article, as a draft; `ticket` is the one that taught it."""
    _writes(by)
    text = _checked(by, text)
    with transaction.atomic():
        article = Article.objects.create(**_head(text), ticket_id=ticket, changed_at=by.now)
        index.put(article, _add(article, 1, text, by, ""))
    return article


def revise(by: Writer, number: int, text: Text, *, base: int, why: str) -> Article:
    """A new revision, as a draft; what is published stays so until this one is. `base` is the one it was begun from."""
    _writes(by)
    text = _checked(by, text)
    if not why.strip():
        raise Refused(_("Say in a few words what you changed: it is how others find their way in the revisions."))
    with _locked(number) as article:
        if article.latest != base:
            raise Overtaken(_author(article), article.latest)
        made = _add(article, article.latest + 1, text, by, why.strip()[:LONGEST_WHY])
        article.latest, article.state, article.changed_at = made.number, DRAFT, by.now
        if not article.published:
            _show(article, made)
        article.save(update_fields=_COLUMNS)
    return article


def ask_review(by: Writer, number: int, *, revision: int) -> Article:
    """Ask for a review of the latest revision."""
    _writes(by)
    with _locked(number) as article:
        _is_latest(article, revision)
        _stands(article, DRAFT)
        return _decide(by, article, Decision.ASKED, state=IN_REVIEW)


def publish(by: Writer, number: int, *, revision: int, why: str = "") -> Article:
    """Publish the latest revision: somebody who wrote none of what is new in it says that it is right."""
    with _locked(number) as article:
        _reviewing(by, article, revision)
        shown = ArticleRevision.objects.get(article=article, number=revision)
        article.published = True
        _reviewed(by, article)
        _show(article, shown)
        return _decide(by, article, Decision.PUBLISHED, why, state=PUBLISHED)


def send_back(by: Writer, number: int, *, revision: int, why: str) -> Article:
    """Send the latest revision back to who wrote it, with the reason."""
    with _locked(number) as article:
        _reviewing(by, article, revision)
        return _decide(by, article, Decision.RETURNED, _reason(why), state=DRAFT)


def confirm(by: Writer, number: int, *, revision: int, why: str = "") -> Article:
    """Say that a published article is still right; its next review is as far away as the procedure says."""
    _reviews(by)
    with _locked(number) as article:
        if not article.published:
            raise Refused(_("It is not published: there is nothing to confirm."))
        if article.shown != revision:
            said = _("Revision %(number)s has been published since you looked. Read it, then decide about it.")
            raise Refused(said % {"number": article.shown})
        _reviewed(by, article)
        return _decide(by, article, Decision.CONFIRMED, why, about=article.shown)


def retire(by: Writer, number: int, *, revision: int, why: str) -> Article:
    """Take an article out of use, with the reason. It stays readable, and a new revision brings it back."""
    _reviews(by)
    with _locked(number) as article:
        if article.state == RETIRED:
            raise Refused(_("It is retired already."))
        _is_latest(article, revision)
        article.published, article.review_due = False, None
        latest = ArticleRevision.objects.get(article=article, number=article.latest)
        _show(article, latest)
        return _decide(by, article, Decision.RETIRED, _reason(why), state=RETIRED)


def authors_since_published(article: Article) -> set[int]:
    """Who wrote what is newer than the revision that was published last: none of them may publish it.

    That it was retired since makes nobody the author of what is new.
    """
    reviewed = Decision.objects.filter(article=article, what=Decision.PUBLISHED).aggregate(last=Max("revision"))["last"]
    newer = ArticleRevision.objects.filter(article=article, number__gt=reviewed or 0)
    return set(newer.values_list("by_id", flat=True))


def _head(text: Text) -> dict[str, str]:
    return {name: value for name, value in asdict(text).items() if name != "body"}


def _checked(by: Writer, text: Text) -> Text:
    """The text as it is kept. Refused when something is missing, too long or unknown."""
    title, body = storable(text.title).strip(), storable(text.body).replace("\r\n", "\n").strip()
    if not title or not body:
        raise Refused(_("An article needs a title and a text."))
    if len(title) > LONGEST_TITLE:
        raise Refused(_("The title is longer than %(most)s characters. Shorten it.") % {"most": LONGEST_TITLE})
    if len(body) > LONGEST:
        raise Refused(
            _("The text is longer than %(most)s characters. Make two articles of it.") % {"most": f"{LONGEST:,}"}
        )
    if text.category and text.category not in by.procedure.category_paths:
        raise Refused(_("Choose a category that the procedure has."))
    if text.language not in by.procedure.spoken or text.audience not in AUDIENCES:
        raise Refused(_("Choose a language of the procedure, and who may read it."))
    return Text(title, body, text.category, text.language, text.audience)


@contextmanager
def _locked(number: int) -> Iterator[Article]:
    with transaction.atomic():
        article = Article.objects.select_for_update().filter(pk=number).first()
        if article is None:
            raise Refused(_("There is no article %(number)s.") % {"number": number})
        yield article


def _add(article: Article, number: int, text: Text, by: Writer, why: str) -> ArticleRevision:
    return ArticleRevision.objects.create(
        article=article, number=number, by=by.person, at=by.now, why=why, **asdict(text)
    )


def _show(article: Article, revision: ArticleRevision) -> None:
    """Let the article be read, listed and found as a revision of it says."""
    article.shown, article.title, article.category = revision.number, revision.title, revision.category
    article.language, article.audience = revision.language, revision.audience
    index.put(article, revision)


def _reviewed(by: Writer, article: Article) -> None:
    article.reviewed_at = by.now
    article.review_due = by.now + timedelta(seconds=by.procedure.knowledge.review_every)
    article.used_since = article.failed_since = 0


def _decide(
    by: Writer, article: Article, what: str, why: str = "", *, state: str = "", about: int | None = None
) -> Article:
    Decision.objects.create(
        article=article,
        revision=about or article.latest,
        what=what,
        by=by.person,
        at=by.now,
        why=storable(why).strip()[:LONGEST_WHY],
    )
    article.state, article.changed_at = state or article.state, by.now
    article.save(update_fields=_COLUMNS)
    return article


def _reviewing(by: Writer, article: Article, revision: int) -> None:
    _reviews(by)
    _is_latest(article, revision)
    _stands(article, IN_REVIEW)
    if by.person.pk in authors_since_published(article):
        raise NotAllowed(_("You wrote part of this revision: somebody else reviews it."))


def _is_latest(article: Article, revision: int) -> None:
    """What somebody decides about is the revision that they read. Overtaken when there is another by now."""
    if article.latest != revision:
        raise Overtaken(_author(article), article.latest)


def _stands(article: Article, state: str) -> None:
    if article.state != state:
        now = {DRAFT: _("a draft"), IN_REVIEW: _("in review"), PUBLISHED: _("published"), RETIRED: _("retired")}
        raise Refused(_("It is %(state)s by now. Look at it again.") % {"state": now[article.state]})


def _writes(by: Writer) -> None:
    if not by.person.works_here:
        raise NotAllowed(_("Articles are written by people who work on tickets."))


def _reviews(by: Writer) -> None:
    if not by.reviews:
        who = ", ".join(ROLES[role].lower() for role in by.procedure.knowledge.reviewed_by)
        raise NotAllowed(_("The procedure has this done by: %(who)s.") % {"who": who})


def _reason(why: str) -> str:
    if not why.strip():
        raise Refused(_("Say why: whoever reads it next has to know."))
    return why


def _author(article: Article) -> str:
    latest = ArticleRevision.objects.select_related("by").get(article=article, number=article.latest)
    return str(latest.by)
