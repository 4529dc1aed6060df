"""Drafts of the procedure: the list, a new one, one of them, and what is decided about it (SOP H1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forthwith.floor.draft_places import sections, unkept_here, wrong_in
from forthwith.procedure import document
from forthwith.procedure.difference import Difference
from forthwith.procedure.differences import differences, yaml_lines
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.procedure.yaml_text import MAX_CHARACTERS
from forthwith.record import drafting, drafts, procedures
from forthwith.record.desk_now import desk_at
from forthwith.record.drafting import LONGEST_NOTE, LONGEST_TITLE, Hand, Overtaken, Refused, Seen
from forthwith.record.drafts import SUBMITTED, Draft
from forthwith.record.models import Revision
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import refusal
from forthwith.ui.tabs import Tab

LARGEST = 2**31 - 1
Refusal = (Refused, Overtaken, NotAllowed)
_FROM = (
    ("in_force", gettext_lazy("The revision in force")),
    ("revision", gettext_lazy("An earlier revision, to go back to it")),
    ("file", gettext_lazy("A file of mine (YAML)")),
)


class BeginForm(forms.Form):
    """A new draft: what it is called, and from which text it is begun."""

    use_required_attribute = False
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=LONGEST_TITLE,
        help_text=gettext_lazy("In a few words what is to change, such as: First response at night."),
    )
    begun_from = forms.ChoiceField(label=gettext_lazy("Begin from"), choices=_FROM, widget=forms.RadioSelect)
    revision = forms.ModelChoiceField(
        Revision.objects.none(), label=gettext_lazy("Revision"), required=False, empty_label=""
    )
    file = forms.FileField(label=gettext_lazy("File"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["revision"]
        recent = Revision.objects.order_by("-pk").values_list("pk", flat=True)[:100]
        field.queryset = Revision.objects.defer("text").filter(pk__in=list(recent)).order_by("-pk")
        field.label_from_instance = _revision_label

    def clean(self) -> dict[str, Any]:
        """What it is begun from has to be there."""
        data = self.cleaned_data
        if data.get("begun_from") == "revision" and not data.get("revision"):
            self.add_error("revision", _("Choose the revision to go back to."))
        if data.get("begun_from") == "file":
            self._read(data.get("file"))
        return data

    def _read(self, file: UploadedFile[Any] | None) -> None:
        if file is None:
            self.add_error("file", _("Choose the file."))
            return
        try:
            self.cleaned_data["text"] = text_in(file)
        except Refused as wrong:
            self.add_error("file", str(wrong))


class DescribeForm(forms.Form):
    """What a draft is called, and what it changes and why."""

    use_required_attribute = False
    title = forms.CharField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE)
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=gettext_lazy("It stands in the history of revisions."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecideForm(forms.Form):
    """What is decided, by whom having seen which version."""

    version = forms.IntegerField(min_value=1, max_value=LARGEST)
    answer = forms.CharField(max_length=LONGEST_NOTE, required=False)
    effective_at = forms.DateTimeField(required=False)
    moves_open = forms.BooleanField(required=False)
    onto = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)


def text_in(file: UploadedFile[Any]) -> str:
    """The text of an uploaded file. Raises Refused."""
    if (file.size or 0) > 4 * MAX_CHARACTERS:
        raise Refused(_("The file is too large to be a procedure."))
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("The file is no text in UTF-8. Save it as such, then choose it again.")) from None


def _revision_label(revision: Revision) -> str:
    day = timezone.localdate(revision.effective_at)
    said = f"{revision.pk}, {day:%Y-%m-%d}" + (f": {revision.note[:60]}" if revision.note else "")
    return _("%(revision)s (called off)") % {"revision": said} if revision.called_off else said


@require_safe
@page_for(*READERS)
def overview(request: HttpRequest) -> HttpResponse:
    """All drafts, the one that changed last first, and the revisions that are planned."""
    now, after = timezone.now(), request.GET.get("after", "")
    last = drafts.get(int(after)) if after.isdecimal() and len(after) < 10 else None
    found = drafts.page(last)
    context = {
        "now": now,
        "drafts": found[: drafts.PAGE],
        "more": found[drafts.PAGE - 1].pk if len(found) > drafts.PAGE else None,
        "planned": procedures.planned(now),
        "may_write": person_of(request).role in drafting.WRITERS,
        "procedure": procedures.current_or_none(),
    }
    return render(request, "floor/drafts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(*drafting.WRITERS)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    if procedures.current_or_none() is None:
        raise Http404("no procedure")
    form = BeginForm(request.POST or None, request.FILES or None, initial={"begun_from": "in_force"})
    wrong, status = "", 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        hand = Hand(person_of(request), timezone.now())
        chosen = data["revision"].pk if data["begun_from"] == "revision" else None
        text = data["text"] if data["begun_from"] == "file" else None
        try:
            made = drafting.begin(hand, data["title"], revision=chosen, text=text)
        except Refused as refused:
            wrong, status = str(refused), 422
        else:
            return redirect("floor:draft", number=made.pk)
    elif request.method == "POST":
        status = 422
    return render(request, "floor/draft_new.html", {"form": form, "wrong": wrong}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(*READERS)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A draft: its sections, what is wrong with it, and what can be decided about it; POST says what it changes."""
    draft = draft_or_404(number)
    if request.method != "POST":
        return shown(request, draft)
    form = DescribeForm(request.POST)
    if not form.is_valid():
        return shown(request, draft, form=form, status=422)
    data = form.cleaned_data
    try:
        drafting.describe(hand_of(request), seen_in(request, draft), data["title"], data["note"])
    except Refusal as refused:
        return shown(request, draft, form=form, wrong=refusal(refused), status=status_of(refused))
    messages.success(request, _("Saved."))
    return redirect("floor:draft", number=number)


def shown(
    request: HttpRequest, draft: Draft, *, form: DescribeForm | None = None, wrong: str = "", status: int = 200
) -> HttpResponse:
    """The page of a draft."""
    found, person = wrong_in(draft.text), person_of(request)
    now = timezone.now()
    replaced = procedures.in_force(now)
    context = {
        "draft": draft,
        "now": now,
        "form": form or DescribeForm({"title": draft.title, "note": draft.note}),
        "sections": sections(drafting.read(draft).data, found),
        "found": found,
        "errors": sum(one.is_error for one in found),
        "here": unkept_here(draft.text, desk_at(now, procedures.load(replaced.pk))) if draft.is_open else (),
        "wrong": wrong,
        "replaced": replaced,
        "moved_on": draft.is_open and _moved_on(draft, replaced, now),
        "planned": [one for one in procedures.planned(now) if one.pk != draft.base_id] if draft.is_open else [],
        "may_write": person.role in drafting.WRITERS,
        "may_decide": draft.state == SUBMITTED and drafting.may_decide(person, draft),
        "tabs": tabs_of(draft, "draft"),
        "changes": _changes(draft, replaced.pk) if draft.state == SUBMITTED else (),
    }
    return render(request, "floor/draft.html", context, status=status)


def _moved_on(draft: Draft, in_force: Revision, now: datetime) -> bool:
    """Whether another revision is in force than the one it was begun from, and that one is not still to come."""
    follows_planned = draft.base.effective_at > now and not draft.base.called_off
    return in_force.pk != draft.base_id and not follows_planned


def _changes(draft: Draft, against: int) -> tuple[Difference, ...]:
    """What the reviewer reads first; nothing where the text is no procedure any more, as lint then says."""
    try:
        return differences(procedures.load(against), document.read(draft.text))
    except document.ProcedureError:
        return ()


@require_safe
@page_for(*READERS)
def changes(request: HttpRequest, number: int) -> HttpResponse:
    """What a draft changes in the revision in force, in words and as YAML; of an approved one, in the one before it."""
    draft, now = draft_or_404(number), timezone.now()
    against = procedures.in_force(now) if draft.is_open else draft.base
    context: dict[str, Any] = {
        "draft": draft,
        "now": now,
        "against": against,
        "as_yaml": request.GET.get("as") == "yaml",
        "tabs": tabs_of(draft, "draft-changes"),
    }
    try:
        new, old = document.read(draft.text), procedures.load(against.pk)
    except document.ProcedureError as wrong:
        context["problems"] = wrong.problems
    else:
        context["found"] = differences(old, new)
        context["lines"] = yaml_lines(old, new) if context["as_yaml"] else ()
    return render(request, "floor/draft_changes.html", context)


def _approve(hand: Hand, seen: Seen, data: dict[str, Any]) -> None:
    begins: datetime | None = data["effective_at"]
    drafting.approve(hand, seen, effective_at=begins, moves_open=data["moves_open"], answer=data["answer"])


_DONE: dict[str, tuple[Callable[[Hand, Seen, dict[str, Any]], Any], Any]] = {
    "submit": (lambda hand, seen, data: drafting.submit(hand, seen), gettext_lazy("Somebody else can review it now.")),
    "take-back": (lambda hand, seen, data: drafting.take_back(hand, seen), gettext_lazy("It can be changed again.")),
    "withdraw": (lambda hand, seen, data: drafting.withdraw(hand, seen), gettext_lazy("Withdrawn.")),
    "refuse": (
        lambda hand, seen, data: drafting.refuse(hand, seen, data["answer"]),
        gettext_lazy("Sent back to who wrote it."),
    ),
    "approve": (_approve, gettext_lazy("Approved: it is a revision of the procedure now.")),
    "rebase": (
        lambda hand, seen, data: drafting.rebase(hand, seen, data["onto"] or 0),
        gettext_lazy("Taken as it is, against the revision in force."),
    ),
}
"""What can be decided about a draft, by its address: what does it, and what the toast says."""


@require_POST
@page_for(*drafting.WRITERS)
def decide(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """Submit, take back, withdraw, send back, approve or rebase a draft."""
    draft = draft_or_404(number)
    if key not in _DONE:
        raise Http404("no such decision")
    form = DecideForm(request.POST)
    if not form.is_valid():
        said = _("Choose the instant by its date and time, such as 2026-12-24 18:00.")
        return shown(request, draft, wrong=said, status=422)
    act, said = _DONE[key]
    try:
        act(hand_of(request), Seen(number, form.cleaned_data["version"]), form.cleaned_data)
    except Refusal as refused:
        return shown(request, draft_or_404(number), wrong=refusal(refused), status=status_of(refused))
    messages.success(request, said)
    return redirect("floor:draft", number=number)


def draft_or_404(number: int) -> Draft:
    """A draft; Http404 where there is none."""
    found = drafts.get(number) if number <= LARGEST else None
    if found is None:
        raise Http404("no such draft")
    return found


def hand_of(request: HttpRequest) -> Hand:
    """Who acts, and now."""
    return Hand(person_of(request), timezone.now())


def seen_in(request: HttpRequest, draft: Draft) -> Seen:
    """The version that the page showed from which something was sent; nonsense is none that there is."""
    version = request.POST.get("version", "")
    return Seen(draft.pk, int(version) if version.isdecimal() and len(version) < 10 else 0)


def status_of(refused: Exception) -> int:
    """With which status a refusal is answered."""
    if isinstance(refused, NotAllowed):
        return 403
    return 409 if isinstance(refused, Overtaken) else 422


def tabs_of(draft: Draft, here: str) -> list[Tab]:
    """The pages of a draft."""
    named = [("draft", _("Sections")), ("draft-changes", _("What changes")), ("draft-yaml", _("YAML"))]
    if draft.is_open:
        named.insert(2, ("draft-open-tickets", _("Open tickets")))
    return [Tab(label, reverse(f"floor:{name}", args=[draft.pk]), name == here) for name, label in named]
