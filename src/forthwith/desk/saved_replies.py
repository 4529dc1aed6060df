"""Saved replies: list, search, add, change and remove them, with a look at what one says (SOP 4.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from forthwith.desk.gate import person_of, procedure_of, writers_page
from forthwith.desk.rail import rail
from forthwith.desk.replies import whose
from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import IN_REPLIES, fill
from forthwith.record import formatting, replies
from forthwith.record.replies import EVERYBODY, Refused, SavedReply

SAMPLE = {
    "requester": "Wilma Ortega",
    "number": "#1042",
    "subject": gettext_lazy("Cannot reach the VPN since this morning"),
    "team": gettext_lazy("Service desk"),
    "category": "VPN",
    "priority": gettext_lazy("High"),
    "due": gettext_lazy("tomorrow, Tuesday 3 March, 10:15"),
    "next_update": gettext_lazy("today, Monday 2 March, 16:00"),
    "resolution_due": gettext_lazy("tomorrow, Tuesday 3 March, 12:00"),
}
"""What the preview fills in, where there is no ticket."""


class ReplyForm(forms.Form):
    """A saved reply. Only its shape is checked here."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("By it you find the reply.")
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=replies.LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Formatting as in a reply: **bold**, *italic*, lists, > quotes, `code`, [words](https://…)."
        ),
    )
    shared = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)

    def __init__(self, data: Any = None, *, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["shared"].choices = offered  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@writers_page
def kept(request: HttpRequest) -> HttpResponse:
    """The replies that one may use; posted to, one more of them."""
    person, procedure = person_of(request), procedure_of(request)
    form = ReplyForm(request.POST or None, offered=_scopes(person, procedure), auto_id="new-%s")
    if request.method == "POST" and form.is_valid():
        try:
            made = replies.keep(person, teams=_teams(procedure), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("'%(name)s' is saved. Type / in a reply to use it.") % {"name": made.name})
            return redirect("desk:replies")
    return _list(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@writers_page
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change or remove a reply."""
    person, procedure = person_of(request), procedure_of(request)
    reply = replies.reply_for(person, number)
    if reply is None or not replies.changeable(person, [reply]):
        raise Http404("no such reply")
    if request.method == "POST" and request.POST.get("do") == "remove":
        messages.success(request, _("'%(name)s' is removed.") % {"name": reply.name})
        replies.remove(reply)
        return redirect("desk:replies")
    now = {"name": reply.name, "text": reply.text, "shared": reply.shared}
    form = ReplyForm(request.POST or None, offered=_scopes(person, procedure, reply), initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            replies.change(person, reply, teams=_teams(procedure), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("'%(name)s' is changed.") % {"name": reply.name})
            return redirect("desk:replies")
    shown = {"form": form, "reply": reply, **_around(request, form)}
    return render(request, "desk/reply.html", shown, status=422 if form.errors else 200)


@require_POST
@writers_page
def preview(request: HttpRequest) -> HttpResponse:
    """What a reply would say, with its variables filled in by way of example."""
    text = request.POST.get("text", "")[: replies.LONGEST]
    try:
        replies.checked(text)
    except Refused as refusal:
        return render(request, "desk/preview.html", {"wrong": str(refusal)})
    person = person_of(request)
    html = formatting.shown(
        fill(text, {**{name: str(value) for name, value in SAMPLE.items()}, "agent": person.name, "desk": _("Support")})
    )
    return render(request, "desk/preview.html", {"html": html})


def _list(request: HttpRequest, form: ReplyForm) -> HttpResponse:
    person, procedure = person_of(request), procedure_of(request)
    words = request.GET.get("q", "")[:200]
    found, following = replies.page(person, words, _key(request.GET.get("name", ""), request.GET.get("after", "")))
    theirs = replies.changeable(person, found)
    rows = [(one, whose(one, procedure), one in theirs) for one in found]
    context = {
        "rows": rows,
        "form": form,
        "asked": words,
        "paged": "after" in request.GET,
        "more": urlencode({"q": words, "name": following[0], "after": following[1]}) if following else "",
        "macros": len(procedure.macros) if procedure else 0,
        **_around(request, form),
    }
    return render(request, "desk/replies.html", context, status=422 if form.errors else 200)


def _around(request: HttpRequest, form: ReplyForm) -> dict[str, Any]:
    procedure, now = procedure_of(request), timezone.now()
    shown: dict[str, Any] = {"variables": IN_REPLIES.items(), "now": now}
    if procedure:
        shown["rail"] = rail(person_of(request), procedure, now)
    return shown


def _teams(procedure: Procedure | None) -> list[str]:
    return list(procedure.teams) if procedure else []


def _scopes(person: Person, procedure: Procedure | None, reply: SavedReply | None = None) -> list[tuple[str, str]]:
    """For whom the person may keep a reply, in words."""
    names = {"": _("Only me"), EVERYBODY: _("Everybody on the desk")}
    names |= {key: team.name for key, team in procedure.teams.items()} if procedure else {}
    offered = [scope for scope in replies.scopes(person, _teams(procedure)) if scope in names]
    if reply and reply.shared not in offered:
        # Its team is not in the procedure any more: it stays so until somebody chooses another.
        offered.append(reply.shared)
    return [(scope, names.get(scope, scope)) for scope in offered]


def _key(name: str, after: str) -> tuple[str, int] | None:
    return (name, int(after)) if after.isascii() and after.isdigit() and len(after) < 16 else None
