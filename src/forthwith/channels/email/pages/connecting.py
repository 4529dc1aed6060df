"""Connecting a mailbox: where it is, then, once it was looked into, what is wanted of it.

The desk knocks where an administrator sends it. So only they may, only at the ports of IMAP, a few times in ten
minutes, for a few seconds each; and what answers without speaking IMAP is not repeated to them. Addresses inside the
network are allowed: the mail servers of many desks are there.
"""

from __future__ import annotations

import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from forthwith.channels.email import connect as mailboxes
from forthwith.channels.email.connect import NotConnected
from forthwith.channels.email.imap import Broken
from forthwith.channels.email.pages import draft as drafts
from forthwith.channels.email.pages.forms import ChoiceForm, PasswordForm
from forthwith.people.rates import Limit
from forthwith.procedure.lifecycle import ADMINISTRATOR
from forthwith.record import sealed
from forthwith.ui.gate import page_for, person_of
from forthwith.ui.said import refusal

MOST_TRIES = 20
BEGIN_AGAIN = gettext_lazy("That was begun too long ago, or elsewhere. Please begin again.")
tries = Limit(MOST_TRIES)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def connect(request: HttpRequest) -> HttpResponse:
    """A server, a user and a password: tried at once."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not may_try(request):
            form.add_error(None, too_many())
            return render(request, "mailboxes/connect.html", {"form": form}, status=429)
        now, box = timezone.now(), form.mailbox()
        box.secret = sealed.seal(form.cleaned_data["password"])
        draft = drafts.begun(box, now)
        try:
            found = mailboxes.try_it(box, form.cleaned_data["password"])
        except Broken as broken:
            form.broken(broken)
        else:
            drafts.keep(request, draft.having(found))
            return redirect("choose_mailbox", draft.key)
    return render(request, "mailboxes/connect.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(ADMINISTRATOR)
def choose(request: HttpRequest, key: str) -> HttpResponse:
    """What was found, and what is wanted of it; then it is connected."""
    now = timezone.now()
    draft = drafts.kept(request, now)
    if draft is None or draft.key != key or not draft.folders:
        messages.error(request, BEGIN_AGAIN)
        return redirect("connect_mailbox")
    box = draft.mailbox()
    form = ChoiceForm(request.POST or None, folders=draft.found, user=box.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = mailboxes.connect(box, form.choice(), now)
        except NotConnected as wrong:
            form.add_error(wrong.about, refusal(wrong))
        else:
            drafts.forget(request)
            messages.success(
                request, _("%(mailbox)s is connected. Mail is fetched from now on.") % {"mailbox": made[0]}
            )
            return redirect("mailboxes")
    context = {"form": form, "box": box, "newest": draft.newest, "most": mailboxes.MOST_FOLDERS}
    return render(request, "mailboxes/choose.html", context, status=422 if form.errors else 200)


def too_many() -> str:
    """What is said to whoever has tried too often."""
    said = _("That were %(most)s tries within ten minutes. Please wait a while: servers lock accounts for less.")
    return said % {"most": MOST_TRIES}


def may_try(request: HttpRequest) -> bool:
    """Whether this person may knock at a server once more now; it is counted."""
    return tries.allows(str(person_of(request).pk), at=time.monotonic())
