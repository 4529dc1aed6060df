"""The library's pages for writing: a new article, a revision, a preview, and what is decided about them (SOP 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from forthwith.desk.article_forms import ArticleForm, DecisionForm
from forthwith.desk.articles import article_or_404, heads_of, no_procedure, page_of, revision_or_404
from forthwith.desk.gate import desk_page, person_of, procedure_of, ticket_or_404
from forthwith.knowledge import compare, writing
from forthwith.knowledge.models import Article, ArticleRevision
from forthwith.knowledge.writing import Overtaken, Writer
from forthwith.people.permits import Actor
from forthwith.procedure.case import fold
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.record import queries
from forthwith.record.markdown import LONGEST
from forthwith.record.models import Message, Ticket
from forthwith.steps import acts, library
from forthwith.ui.said import refusal as told

_MOST_OF_A_MESSAGE = 2_000
_DONE: dict[str, tuple[Callable[..., Any], Any]] = {
    "ask": (
        lambda by, number, form: writing.ask_review(by, number, revision=form["revision"]),
        gettext_lazy("Somebody else can review it now."),
    ),
    "publish": (
        lambda by, number, form: writing.publish(by, number, revision=form["revision"], why=form["why"]),
        gettext_lazy("Published: it is suggested on tickets from now on."),
    ),
    "send-back": (
        lambda by, number, form: writing.send_back(by, number, revision=form["revision"], why=form["why"]),
        gettext_lazy("Sent back to its author."),
    ),
    "confirm": (
        lambda by, number, form: writing.confirm(by, number, revision=form["revision"], why=form["why"]),
        gettext_lazy("Confirmed: its next review is set."),
    ),
    "retire": (
        lambda by, number, form: writing.retire(by, number, revision=form["revision"], why=form["why"]),
        gettext_lazy("Retired: it is suggested no more."),
    ),
}
"""What can be decided about an article, by its address: what does it, and what the toast says."""
_Refusal = (writing.Refused, acts.Refused, NotAllowed, acts.Conflict)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def new(request: HttpRequest) -> HttpResponse:
    """Write an article; with `ticket` it is filled with what that ticket says, and is on that ticket's record."""
    person, procedure, now = person_of(request), procedure_of(request), timezone.now()
    if procedure is None:
        return no_procedure(request)
    ticket = _ticket(request)
    if request.method != "POST":
        begun = _from_ticket(ticket, procedure.language) if ticket else {}
        initial = {"language": procedure.language, "base": 0, **begun}
        return _form(request, ArticleForm(procedure=procedure, initial=initial), ticket=ticket)
    form = ArticleForm(request.POST, procedure=procedure)
    if not form.is_valid():
        return _form(request, form, ticket=ticket, status=422)
    try:
        if ticket:
            made = library.write(ticket.number, form.text(), by=Actor.of(person), now=now)
        else:
            made = writing.begin(Writer(person, procedure, now), form.text())
    except _Refusal as refusal:
        return _form(request, form, ticket=ticket, wrong=told(refusal), status=_status(refusal))
    messages.success(request, _("Kept as a draft. Ask for a review when it is ready."))
    return redirect("desk:article", number=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Write a new revision of an article; somebody who saved meanwhile is named, and what they changed is shown."""
    person, procedure, now = person_of(request), procedure_of(request), timezone.now()
    found = article_or_404(request, number)
    if procedure is None:
        return no_procedure(request)
    ticket, latest = _ticket(request), revision_or_404(found, found.latest)
    if request.method != "POST":
        form = ArticleForm(procedure=procedure, revises=latest, initial=_said_by(latest, ticket))
        return _form(request, form, article=found, ticket=ticket)
    form = ArticleForm(request.POST, procedure=procedure, revises=latest)
    if not form.is_valid():
        return _form(request, form, article=found, ticket=ticket, status=422)
    base, why = form.cleaned_data["base"] or 0, form.cleaned_data["why"]
    try:
        if ticket:
            library.revise(ticket.number, number, form.text(), by=Actor.of(person), now=now, base=base, why=why)
        else:
            writing.revise(Writer(person, procedure, now), number, form.text(), base=base, why=why)
    except Overtaken as overtaken:
        return _form(request, form, article=found, ticket=ticket, overtaken=overtaken, status=409)
    except _Refusal as refusal:
        return _form(request, form, article=found, ticket=ticket, wrong=told(refusal), status=_status(refusal))
    messages.success(request, _("Kept as a draft. Ask for a review when it is ready."))
    return redirect("desk:article-revision", number=number, revision=base + 1)


@require_POST
@desk_page
def preview(request: HttpRequest) -> HttpResponse:
    """How a text will look."""
    body = request.POST.get("body", "")[: LONGEST + 1]
    return render(request, "desk/articles/preview.html", {"body": body})


@require_POST
@desk_page
def decide(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """Decide about an article: have it reviewed, publish it, send it back, confirm it, retire it."""
    procedure, found = procedure_of(request), article_or_404(request, number)
    if key not in _DONE:
        raise Http404("no such decision")
    if procedure is None:
        return no_procedure(request)
    do, said = _DONE[key]
    form = DecisionForm(request.POST)
    if not form.is_valid():
        wrong = _("The reason is longer than %(most)s characters. Shorten it.") % {"most": writing.LONGEST_WHY}
        return _undone(request, found, wrong, 422)
    try:
        do(Writer(person_of(request), procedure, timezone.now()), number, form.cleaned_data)
    except Overtaken as overtaken:
        return _undone(request, found, str(overtaken), 409)
    except _Refusal as refusal:
        return _undone(request, found, told(refusal), _status(refusal))
    messages.success(request, str(said))
    return redirect("desk:article", number=number)


@require_POST
@desk_page
def not_needed(request: HttpRequest, number: int) -> HttpResponse:
    """Decide that the article which a ticket asked for is not needed after all."""
    ticket_or_404(request, number)
    try:
        library.decide(number, by=Actor.of(person_of(request)), now=timezone.now(), decision="not needed")
    except _Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, _("On record: #%(number)s needs no article.") % {"number": number})
    return redirect("desk:articles-owed")


def _undone(request: HttpRequest, found: Article, wrong: str, status: int) -> HttpResponse:
    """The article as it is now, with why nothing was done: its latest revision, about which it was to be decided."""
    again = article_or_404(request, found.pk)
    return page_of(request, again, revision_or_404(again, again.latest), wrong=wrong, status=status)


def _form(  # noqa: PLR0913 - what the page of the form shows
    request: HttpRequest,
    form: ArticleForm,
    *,
    article: Article | None = None,
    ticket: Ticket | None = None,
    overtaken: Overtaken | None = None,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    if not person_of(request).works_here:
        raise Http404("written by people who work on tickets")
    context: dict[str, Any] = {
        "form": form,
        "article": article,
        "ticket": ticket,
        "wrong": wrong,
        "overtaken": overtaken,
        "now": timezone.now(),
    }
    if article is not None and overtaken is not None:
        theirs = revision_or_404(article, overtaken.latest)
        mine = form.text()
        context |= {"theirs": theirs, "lines": compare.compared(theirs.body, mine.body)}
        if procedure := procedure_of(request):
            context["heads"] = heads_of(theirs, mine, procedure)
    return render(request, "desk/articles/form.html", context, status=status)


def _ticket(request: HttpRequest) -> Ticket | None:
    """The ticket that teaches it, if one is named; 404 for one that the person may not read."""
    given = request.POST.get("ticket") or request.GET.get("ticket", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Http404("no such ticket")
    return ticket_or_404(request, int(given))


def _from_ticket(ticket: Ticket, language: str) -> dict[str, Any]:
    """The fields filled with what the ticket says: how it was asked, what was wrong, what was done.

    The headings are in the language of the article, whoever begins it.
    """
    case = fold(queries.facts_of(queries.entries(ticket.pk)))
    first = (
        Message.objects.filter(ticket=ticket, kind=Message.PUBLIC, incoming=True).order_by("written_at", "pk").first()
    )
    asked = (first.new_text or first.text)[:_MOST_OF_A_MESSAGE] if first else ""
    with translation.override(language):
        titles = (_("What happens"), _("Why"), _("What to do"))
    parts = zip(titles, (asked, case.cause, case.solution), strict=True)
    body = "\n\n".join(f"## {title}\n\n{said.strip()}" for title, said in parts)
    return {
        "title": case.subject[: writing.LONGEST_TITLE],
        "body": body,
        "category": case.category,
        "ticket": ticket.pk,
    }


def _said_by(latest: ArticleRevision, ticket: Ticket | None) -> dict[str, Any]:
    fields = ("title", "body", "category", "language", "audience")
    said = {name: getattr(latest, name) for name in fields}
    return {**said, "base": latest.number, "ticket": ticket.pk if ticket else None}


def _status(refusal: Exception) -> int:
    return 403 if isinstance(refusal, NotAllowed) else 409 if isinstance(refusal, acts.Conflict) else 422
