"""The library's pages for reading: the list, an article, two revisions compared, what is owed (SOP 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from forthwith.desk.gate import desk_page, person_of, procedure_of
from forthwith.desk.names import Names
from forthwith.knowledge import compare, reading
from forthwith.knowledge.models import AUDIENCES, IN_REVIEW, PUBLISHED, STATES, Article, ArticleRevision
from forthwith.knowledge.reading import Asked
from forthwith.knowledge.writing import Text, Writer, authors_since_published
from forthwith.procedure.model import Procedure

_LONGEST_SEARCH = 300


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in a list: where it belongs and how it stands, in words."""

    article: Article
    category: str
    language: str
    state: str
    doubtful: bool
    due: bool


def rows_of(articles: list[Article], procedure: Procedure, now: datetime) -> list[ArticleRow]:
    """Articles as lists show them, without a query of their own."""
    names = Names(procedure)
    return [
        ArticleRow(
            article=one,
            category=category_of(one.category, names),
            language=names.language(one.language),
            state=_state(one),
            doubtful=one.published and reading.is_doubtful(one, procedure.knowledge),
            due=one.review_due is not None and one.review_due <= now,
        )
        for one in articles
    ]


def _state(article: Article) -> str:
    state = str(STATES[article.state])
    return _("Published; %(state)s: a new revision") % {"state": state.lower()} if _has_newer(article) else state


def _has_newer(article: Article) -> bool:
    return article.published and article.state != PUBLISHED


def article_or_404(request: HttpRequest, number: int) -> Article:
    """The article, if the person may read it; else the same answer as for one that does not exist."""
    found = reading.article_for(person_of(request), number)
    if found is None:
        raise Http404("no such article")
    return found


def revision_or_404(article: Article, number: int) -> ArticleRevision:
    """A revision of an article that the person may read."""
    found = reading.revision_of(article, number)
    if found is None:
        raise Http404("no such revision")
    return found


def category_of(path: str, names: Names) -> str:
    """Where an article belongs, in words."""
    return names.category(path) if path else _("in general")


def heads_of(old: ArticleRevision | Text, new: ArticleRevision | Text, procedure: Procedure) -> list[tuple[str, ...]]:
    """What differs between two beside their texts: its name, and how it is said before and after."""
    names = Names(procedure)
    said = [
        (_("Title"), old.title, new.title),
        (_("Category"), category_of(old.category, names), category_of(new.category, names)),
        (_("Language"), names.language(old.language), names.language(new.language)),
        (_("Readers"), str(AUDIENCES[old.audience]), str(AUDIENCES[new.audience])),
    ]
    return [(name, before, after) for name, before, after in said if before != after]


def no_procedure(request: HttpRequest) -> HttpResponse:
    """What every page of the library says before a procedure is installed."""
    return render(request, "desk/no_procedure.html", status=503)


@require_safe
@desk_page
def articles(request: HttpRequest) -> HttpResponse:
    """The list: searched, narrowed, the latest change first."""
    person, procedure, now = person_of(request), procedure_of(request), timezone.now()
    if procedure is None:
        return no_procedure(request)
    given = {name: request.GET.get(name, "")[:_LONGEST_SEARCH] for name in ("q", "state", "category", "language")}
    asked = Asked(typed=given["q"], state=given["state"], category=given["category"], language=given["language"])
    after = request.GET.get("after", "")[:60]
    page, names = reading.page(person, asked, after), Names(procedure)
    kept = {name: value for name, value in given.items() if value}
    context = {
        "rows": rows_of(page.articles, procedure, now),
        "asked": asked,
        "narrowed": bool(kept),
        "after": after,
        "first": f"?{urlencode(kept)}",
        "more": f"?{urlencode({**kept, 'after': page.next_key})}" if page.next_key else "",
        "most_found": reading.MOST_FOUND if asked.typed and len(page.articles) == reading.MOST_FOUND else 0,
        "states": STATES.items(),
        "categories": [(path, names.category(path)) for path in procedure.category_paths],
        "languages": [(key, one.name) for key, one in procedure.spoken.items()],
        "now": now,
    }
    return render(request, "desk/articles/list.html", context)


@require_safe
@desk_page
def owed(request: HttpRequest) -> HttpResponse:
    """What the library owes: articles that are wanted, wait for review, are to be looked at again, or do not help."""
    procedure, now = procedure_of(request), timezone.now()
    if procedure is None:
        return no_procedure(request)
    found = reading.owed(person_of(request), procedure.knowledge, now)
    context = {
        "wanted": found.wanted,
        "in_review": rows_of(found.in_review, procedure, now),
        "due": rows_of(found.due, procedure, now),
        "doubtful": rows_of(found.doubtful, procedure, now),
        "nothing": not (found.wanted or found.in_review or found.due or found.doubtful),
        "now": now,
    }
    return render(request, "desk/articles/owed.html", context)


@require_safe
@desk_page
def article(request: HttpRequest, number: int) -> HttpResponse:
    """Read an article as it is published, or as it was written last."""
    found = article_or_404(request, number)
    return page_of(request, found, revision_or_404(found, found.shown))


@require_safe
@desk_page
def revision(request: HttpRequest, number: int, revision: int) -> HttpResponse:
    """Read one revision of an article."""
    found = article_or_404(request, number)
    return page_of(request, found, revision_or_404(found, revision))


@require_safe
@desk_page
def compared(request: HttpRequest, number: int) -> HttpResponse:
    """What changed from one revision to another; unless said, from the one before to the latest."""
    found, procedure = article_or_404(request, number), procedure_of(request)
    if procedure is None:
        return no_procedure(request)
    new = revision_or_404(found, _number(request, "to", found.latest))
    old = revision_or_404(found, _number(request, "from", max(1, new.number - 1)))
    context = {
        "article": found,
        "old": old,
        "new": new,
        "lines": compare.compared(old.body, new.body),
        "heads": heads_of(old, new, procedure),
        "revisions": reading.revisions_of(found),
        "now": timezone.now(),
    }
    return render(request, "desk/articles/compare.html", context)


@require_safe
@desk_page
def peek(request: HttpRequest, number: int) -> HttpResponse:
    """A published article beside the ticket; for who has no scripts, its own page."""
    found = article_or_404(request, number)
    if not request.headers.get("HX-Request"):
        return redirect("desk:article", number=number)
    shown = revision_or_404(found, found.shown)
    return render(request, "desk/articles/peek.html", {"article": found, "shown": shown, "now": timezone.now()})


@require_safe
@desk_page
def text(request: HttpRequest, number: int) -> HttpResponse:
    """The text of an article as it was typed, to be put into what somebody writes."""
    found = article_or_404(request, number)
    shown = revision_or_404(found, found.shown)
    return HttpResponse(shown.body, content_type="text/plain; charset=utf-8")


def page_of(
    request: HttpRequest, found: Article, shown: ArticleRevision, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    """The page of an article, perhaps with why something was not done."""
    person, procedure, now = person_of(request), procedure_of(request), timezone.now()
    if procedure is None:
        return no_procedure(request)
    (row,) = rows_of([found], procedure, now)
    context: dict[str, Any] = {
        "article": found,
        "row": row,
        "shown": shown,
        "is_older": shown.number != found.shown,
        "has_newer": _has_newer(found),
        "category": category_of(shown.category, Names(procedure)),
        "revisions": reading.revisions_of(found),
        "decisions": reading.decisions_on(found),
        "uses": reading.uses_of(found),
        "wrong": wrong,
        "now": now,
        **_may(Writer(person, procedure, now), found, shown),
    }
    return render(request, "desk/articles/article.html", context, status=status)


def _may(by: Writer, article: Article, read: ArticleRevision) -> dict[str, bool]:
    """What this person may do with it now, with one of its revisions before them."""
    person, reviews = by.person, by.reviews
    waits = article.state == IN_REVIEW
    own = waits and reviews and person.pk in authors_since_published(article)
    return {
        "may_write": person.works_here,
        "may_ask": person.works_here and article.state == "draft",
        "may_review": waits and reviews and not own,
        "is_own": own,
        "may_confirm": reviews and article.published and read.number == article.shown,
        "may_retire": reviews and article.state != "retired",
    }


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else otherwise
