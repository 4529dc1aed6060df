"""The requester's pages by signed link: read, answer, fill in, confirm, rate (SOP 2.1, 5.2, 7.1).

A GET changes nothing, as scanners of mail follow every link.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from forthwith.portal.forms import Answer, Chosen, Details, NotYet, Rating
from forthwith.portal.standing import is_open, own_fields, standing
from forthwith.portal.visit import Visit, by_link, page, too_often
from forthwith.procedure.lifecycle import CLOSED, RESOLVED, WAITING
from forthwith.record import links, procedures, queries
from forthwith.record.models import Message
from forthwith.record.states import requester_states
from forthwith.steps import acts
from forthwith.ui.said import refusal as told

TWICE = timedelta(minutes=1)
NOT_YET = gettext_lazy("It is not solved yet.")
TOO_OFTEN = gettext_lazy(
    "That was a lot in a short time. Wait ten minutes, then send it again; what you wrote is still here."
)
MEANWHILE = gettext_lazy("Somebody else acted on it meanwhile. Look at it again, then repeat.")
NOT_NOW = gettext_lazy("That is not possible as it stands now. Look at it again.")
DONE = {
    "answer": gettext_lazy("Thank you. Your message has reached us."),
    "new": gettext_lazy("Thank you. The earlier request was closed, so this is a new one."),
    "details": gettext_lazy("Thank you. That helps us to help you sooner."),
    "solved": gettext_lazy("Thank you. Your request is closed."),
    "not-yet": gettext_lazy("Thank you for telling us. We are working on it again."),
    "rated": gettext_lazy("Thank you for your rating."),
    "language": gettext_lazy("Thank you. From now on we write to you in this language."),
}
_REFUSED = (acts.Refused, acts.Conflict, acts.NotAllowed, acts.NoSuchTicket)
_STATUS = {acts.Conflict: 409, acts.NotAllowed: 409, acts.NoSuchTicket: 404}
Act = Callable[[], int | None]


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def ticket(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The ticket: how it stands, what was said, and the answer box."""
    form = Answer(_posted(request), waiting=visit.case.status == WAITING)
    if request.method != "POST":
        return _ticket(request, visit, form)

    def write() -> int:
        text = form.cleaned_data["text"]
        said = _said_already(visit, text)
        return said or acts.requester_writes(visit.ticket.number, by=visit.by, now=visit.now, text=text)

    return _sent(request, visit, form, "answer", write) or _ticket(request, visit, form)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def details(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form for what is missing (SOP 2.1)."""
    missing = visit.case.missing if is_open(visit.case) else ()
    form = Details({key: visit.asked(key) for key in missing}, _posted(request))

    def give() -> None:
        acts.give_details(visit.ticket.number, by=visit.by, now=visit.now, details=form.cleaned_data)

    sent = _sent(request, visit, form, "details", give) if request.method == "POST" else None
    return sent or _form_page(request, visit, "portal/details.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def solved(request: HttpRequest, visit: Visit) -> HttpResponse:
    """'Solved': a page with the button, and what the button does (SOP 7.1)."""
    form = forms.Form(_posted(request))

    def confirm() -> None:
        if visit.case.status != CLOSED:
            acts.confirm(visit.ticket.number, by=visit.by, now=visit.now)

    sent = _sent(request, visit, form, "solved", confirm) if request.method == "POST" else None
    return sent or _form_page(request, visit, "portal/solved.html", form, asks=visit.case.status == RESOLVED)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def not_yet(request: HttpRequest, visit: Visit) -> HttpResponse:
    """'Not yet': a page with the button and room to say why, and what the button does (SOP 7.1)."""
    form = NotYet(_posted(request))

    def reopen() -> int:
        text = form.cleaned_data["text"] or str(NOT_YET)
        if is_open(visit.case) and text == NOT_YET:
            return visit.ticket.number
        return _said_already(visit, text) or acts.not_yet(visit.ticket.number, by=visit.by, now=visit.now, text=text)

    sent = _sent(request, visit, form, "not-yet", reopen) if request.method == "POST" else None
    return sent or _form_page(request, visit, "portal/not_yet.html", form, is_open=is_open(visit.case))


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def rate(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One rating with a comment, once, when it is solved (SOP 7.1)."""
    form = Rating(visit.procedure.closing.rating, _posted(request))

    def give() -> None:
        score, comment = form.cleaned_data["score"], form.cleaned_data["comment"]
        acts.rate(visit.ticket.number, by=visit.by, now=visit.now, score=score, comment=comment)

    sent = _sent(request, visit, form, "rated", give) if request.method == "POST" else None
    return sent or _form_page(request, visit, "portal/rate.html", form, may_rate=_may_rate(visit))


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def language(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The language that the requester wants to be written to in; its buttons are below every page."""
    form = Chosen(visit.procedure, _posted(request))

    def choose() -> None:
        acts.choose_language(visit.ticket.number, by=visit.by, now=visit.now, key=form.cleaned_data["language"])

    sent = _sent(request, visit, form, "language", choose) if request.method == "POST" else None
    return sent or _form_page(request, visit, "portal/language.html", form)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _ticket(request: HttpRequest, visit: Visit, form: forms.Form) -> HttpResponse:
    title = requester_states(procedures.current_or_none())[visit.case.status]
    return page(
        request,
        visit,
        "portal/ticket.html",
        status=_status(form),
        form=form,
        done=DONE.get(request.GET.get("done", "")),
        standing=standing(visit.case, visit.facts, visit.procedure, visit.now, title),
        conversation=visit.conversation(),
        own_fields=own_fields(visit.case, visit.procedure),
        missing=len(visit.case.missing) if is_open(visit.case) else 0,
        asks=visit.case.status == RESOLVED,
        waiting=visit.case.status == WAITING,
        may_rate=_may_rate(visit),
        goes_on=_goes_on(visit),
        follow=f"/live/?{urlencode({'t': visit.token})}",
    )


def _form_page(request: HttpRequest, visit: Visit, template: str, form: forms.Form, **values: object) -> HttpResponse:
    return page(request, visit, template, status=_status(form), form=form, **values)


def _sent(request: HttpRequest, visit: Visit, form: forms.Form, done: str, act: Act) -> HttpResponse | None:
    """Do what was asked and go on to the ticket; None when it is refused, with the reason on the form."""
    if not form.is_valid():
        return None
    if too_often(request, visit):
        form.add_error(None, forms.ValidationError(TOO_OFTEN, code="429"))
        return None
    try:
        number = act() or visit.ticket.number
    except _REFUSED as refusal:
        code = str(_STATUS.get(type(refusal), 422))
        form.add_error(None, forms.ValidationError(_sentence(refusal), code=code))
        return None
    if number == visit.ticket.number or visit.case.merged_into is not None:
        return redirect(f"{visit.url}?{urlencode({'done': done})}")
    token = links.token(number, visit.person.pk)
    return redirect(f"{reverse('portal:ticket', args=[token])}?done=new")


def _sentence(refusal: Exception) -> str:
    """What the requester is told: the step's own sentence where it was written for them."""
    if isinstance(refusal, acts.Refused):
        return told(refusal)
    return str(MEANWHILE if isinstance(refusal, acts.Conflict) else NOT_NOW)


def _status(form: forms.Form) -> int:
    if not form.is_bound or form.is_valid():
        return 200
    codes = [error.code for error in form.non_field_errors().as_data()]
    return next((int(code) for code in codes if code and code.isdigit()), 422)


def _said_already(visit: Visit, text: str) -> int | None:
    """The ticket on which the same has just been said: a second tap on the button is no second message.

    That is this one while it is open, the one that goes on for it when it was merged, else one that the first tap
    opened as this had been closed for too long.
    """
    where: dict[str, object] = {"ticket": visit.ticket} if is_open(visit.case) else {"ticket__follows": visit.ticket}
    if visit.case.merged_into is not None:
        where = {"ticket__in": queries.merged_into(visit.ticket.number)}
    said = Message.objects.filter(**where, author=visit.person, incoming=True)
    latest = said.filter(written_at__gt=visit.now - TWICE).order_by("-pk").first()
    return latest.ticket_id if latest is not None and latest.text == text.strip() else None


def _goes_on(visit: Visit) -> str:
    """The page of the request that a later message of the same person opened, if one did."""
    later = visit.ticket.followed_by.filter(requester=visit.person).order_by("-pk").first()
    return reverse("portal:ticket", args=[links.token(later.pk, visit.person.pk)]) if later else ""


def _may_rate(visit: Visit) -> bool:
    return visit.case.status in (RESOLVED, CLOSED) and visit.case.rating is None
