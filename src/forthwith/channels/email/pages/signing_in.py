"""Signing in to a mailbox at a provider, or to a connected one again.

The form's answer is a page with a link, as the pages' policy lets no form lead elsewhere. The provider sends the
person back to `came_back` with a code; only the session that holds the question can use it.
"""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from forthwith.channels.email import connect as mailboxes
from forthwith.channels.email import consent, oauth
from forthwith.channels.email.consent import Asking
from forthwith.channels.email.imap import Broken
from forthwith.channels.email.oauth import PROVIDERS, Grant, NoToken
from forthwith.channels.email.pages import draft as drafts
from forthwith.channels.email.pages.connecting import BEGIN_AGAIN, may_try, too_many
from forthwith.channels.email.pages.draft import Draft
from forthwith.channels.email.pages.forms import NewPasswordForm, ProviderForm
from forthwith.channels.email.pages.keeping import box_or_404
from forthwith.procedure.lifecycle import ADMINISTRATOR
from forthwith.record.mailboxes import Mailbox
from forthwith.ui.gate import page_for
from forthwith.ui.said import refusal


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def connect(request: HttpRequest, provider: str) -> HttpResponse:
    """A mailbox at a provider: whose it is, and as which application the desk asks."""
    if provider not in PROVIDERS:
        raise Http404("no such provider")
    form = ProviderForm(request.POST or None, provider=provider, known=_application(provider))
    if request.method == "POST" and form.is_valid():
        known = PROVIDERS[provider]
        box = Mailbox(host=known.host, port=known.port, user=form.cleaned_data["user"])
        return _ask(request, box, provider, form.grant())
    return _provider_form(request, form, provider, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Sign in to a connected mailbox again: another password, or another consent."""
    box = box_or_404(number)
    if box.method == Mailbox.PASSWORD:
        return _new_password(request, box)
    form = ProviderForm(request.POST or None, provider=box.provider, known=_grant(box), user=box.user)
    if request.method == "POST" and form.is_valid():
        return _ask(request, box, box.provider, form.grant(), again=box.pk)
    return _provider_form(request, form, box.provider, box)


@require_safe
@page_for(ADMINISTRATOR)
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """The link to the provider; after a failure, what failed and the link once more."""
    draft = drafts.kept(request, timezone.now())
    if draft is None or draft.key != key or draft.asking is None:
        messages.error(request, BEGIN_AGAIN)
        return redirect("mailboxes")
    box = draft.mailbox()
    context = {
        "box": box,
        "wrong": draft.wrong,
        "provider": PROVIDERS[box.provider].name,
        "address": consent.address(box.provider, oauth.grant_of(box), draft.asking, box.user),
        "back": reverse("mailbox_sign_in", args=[draft.again])
        if draft.again
        else reverse("connect_provider", args=[box.provider]),
    }
    return render(request, "mailboxes/leave.html", context, status=422 if draft.wrong else 200)


@require_safe
@page_for(ADMINISTRATOR)
def came_back(request: HttpRequest) -> HttpResponse:
    """The provider has sent the person back: the code becomes a token, and the mailbox is tried with it."""
    now = timezone.now()
    draft = drafts.kept(request, now)
    said = {name: str(value)[:5_000] for name, value in request.GET.items()}
    if draft is None or draft.asking is None or not consent.belongs(draft.asking, said):
        messages.error(request, BEGIN_AGAIN)
        return redirect("mailboxes")
    # A code is used once, whatever comes of it: the next try asks a new question.
    drafts.keep(request, replace(draft, asking=Asking.anew(_redirect())))
    box = draft.mailbox()
    try:
        grant = consent.came_back(box.provider, oauth.grant_of(box), draft.asking, said, now)
        found = mailboxes.try_it(box, grant.access_token)
    except (NoToken, Broken) as wrong:
        return _failed(request, draft, _words(wrong, box))
    if draft.again:
        drafts.forget(request)
        mailboxes.again(box_or_404(draft.again), now, grant=grant)
        return _signed_in(request, box)
    mailboxes.with_grant(box, box.provider, grant, now)
    drafts.keep(request, replace(draft.holding(box).having(found), asking=None))
    return redirect("choose_mailbox", draft.key)


def _ask(request: HttpRequest, box: Mailbox, provider: str, grant: Grant, again: int | None = None) -> HttpResponse:
    if not may_try(request):
        messages.error(request, too_many())
        return redirect("mailboxes")
    now = timezone.now()
    box.method, box.provider, box.secret = Mailbox.XOAUTH2, provider, grant.sealed()
    draft = drafts.begun(box, now, again=again, redirect=_redirect())
    drafts.keep(request, draft)
    return redirect("leave_for_provider", draft.key)


def _failed(request: HttpRequest, draft: Draft, words: str) -> HttpResponse:
    drafts.keep(request, replace(draft, asking=Asking.anew(_redirect()), wrong=words))
    return redirect("leave_for_provider", draft.key)


def _words(wrong: NoToken | Broken, box: Mailbox) -> str:
    if isinstance(wrong, Broken) and wrong.refused:
        asked = _("Did you sign in as %(user)s, or as somebody who may open that mailbox? Is IMAP switched on for it?")
        return f"{refusal(wrong)} {asked % {'user': box.user}}"
    return refusal(wrong)


def _new_password(request: HttpRequest, box: Mailbox) -> HttpResponse:
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not may_try(request):
            form.add_error(None, too_many())
            return render(request, "mailboxes/password.html", {"form": form, "box": box}, status=429)
        password = form.cleaned_data["password"]
        try:
            mailboxes.try_it(box, password)
        except Broken as broken:
            form.add_error("password" if broken.refused else None, refusal(broken))
        else:
            mailboxes.again(box, timezone.now(), password=password)
            return _signed_in(request, box)
    status = 422 if form.errors else 200
    return render(request, "mailboxes/password.html", {"form": form, "box": box}, status=status)


def _signed_in(request: HttpRequest, box: Mailbox) -> HttpResponse:
    said = _("Signed in to %(user)s again. Its mail is fetched within a minute.")
    messages.success(request, said % {"user": box.user})
    return redirect("mailboxes")


def _provider_form(request: HttpRequest, form: ProviderForm, provider: str, box: Mailbox | None) -> HttpResponse:
    context = {
        "form": form,
        "box": box,
        "at": provider,
        "provider": PROVIDERS[provider].name,
        "redirect": _redirect(),
    }
    return render(request, "mailboxes/provider.html", context, status=422 if form.errors else 200)


def _redirect() -> str:
    return settings.PUBLIC_URL + reverse("came_back")


def _application(provider: str) -> Grant | None:
    """The application that another mailbox at this provider is opened with, so that it need not be typed again."""
    box = Mailbox.objects.filter(provider=provider, method=Mailbox.XOAUTH2).order_by("-pk").first()
    return _grant(box) if box else None


def _grant(box: Mailbox) -> Grant | None:
    try:
        return oauth.grant_of(box)
    except NoToken:
        return None
