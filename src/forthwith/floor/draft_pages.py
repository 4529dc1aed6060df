"""The pages on which a draft is changed: a form for each of its places, and its YAML (SOP H1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from forthwith.floor import draft_inputs
from forthwith.floor.draft_changes import asked_for
from forthwith.floor.draft_inputs import Input
from forthwith.floor.draft_names import GENERAL, address_of, path_at, title_of
from forthwith.floor.draft_places import matrix, place_at, wrong_in
from forthwith.floor.drafts import Refusal, draft_or_404, hand_of, seen_in, status_of, tabs_of, text_in
from forthwith.procedure import editing, yaml_text
from forthwith.procedure.editing import Data, value_at
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said
from forthwith.procedure.terms import SECTIONS
from forthwith.procedure.yaml_text import YamlProblem
from forthwith.record import drafting
from forthwith.record.drafts import Draft
from forthwith.ui.gate import READERS, page_for, person_of
from forthwith.ui.said import refusal


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(*READERS)
def place(request: HttpRequest, number: int, where: str) -> HttpResponse:
    """One place of a draft: its form, and what is below it."""
    draft = draft_or_404(number)
    data = drafting.read(draft).data
    path = path_at(data, where)
    if path is None:
        raise Http404("no such place")
    shown = place_at(draft, data, path)
    if request.method != "POST":
        return _place(request, draft, data, path)
    try:
        done = asked_for(request, data, shown)
        drafting.change(hand_of(request), seen_in(request, draft), done.change)
    except Refusal as refused:
        return _place(request, draft, data, path, wrong=refusal(refused), status=status_of(refused))
    if done.says:
        messages.success(request, done.says)
    return redirect("floor:draft-place", number=number, where=address_of(done.then))


def _place(
    request: HttpRequest, draft: Draft, data: Data, path: Path, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    found = place_at(draft, data, path)
    if wrong and "key" not in request.POST:
        draft_inputs.show_typed(found.inputs, request.POST)
    context: dict[str, Any] = {
        "draft": draft,
        "place": found,
        "groups": _grouped(found.inputs),
        "wrong": wrong,
        "found": wrong_in(draft.text),
        "may_change": draft.can_change and person_of(request).role in drafting.WRITERS,
        "section": str(path[0]) if path else "",
        "where": address_of(path),
        "tabs": tabs_of(draft, "draft"),
        "typed_key": request.POST.get("key", ""),
    }
    if path == ("matrix",):
        context["across"], context["rows"] = matrix(data, context["found"])
    return render(request, "floor/draft_place.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Group:
    """The inputs of one part under its title; those that most leave empty are folded away while they are."""

    title: Said | str
    usual: list[Input]
    seldom: list[Input]

    @property
    def opened(self) -> bool:
        """Whether there is something to see in those that are seldom used."""
        return any(one.shown or one.problems for one in self.seldom)


def _grouped(inputs: Sequence[Input]) -> list[Group]:
    groups: dict[Said | str, Group] = {}
    for one in inputs:
        group = groups.setdefault(one.group, Group(one.group, [], []))
        (group.seldom if one.seldom else group.usual).append(one)
    return list(groups.values())


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(*READERS)
def as_yaml(request: HttpRequest, number: int) -> HttpResponse:
    """A draft as YAML, or one section of it; what is typed or uploaded takes its place."""
    draft, section = draft_or_404(number), request.GET.get("section", "")
    if section and section not in SECTIONS:
        raise Http404("no such section")
    if request.method != "POST":
        return _yaml(request, draft, section, _text_of(draft, section))
    file = request.FILES.get("file")
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        text = text_in(file) if file else text
        hand, seen = hand_of(request), seen_in(request, draft)
        if section:
            drafting.change(hand, seen, partial(editing.put, path=(section,), value=_section_in(text, section)))
        else:
            drafting.replace(hand, seen, text)
    except Refusal as refused:
        return _yaml(request, draft, section, text, wrong=refusal(refused), status=status_of(refused))
    messages.success(request, _("Saved."))
    if section:
        return redirect("floor:draft-place", number=number, where=_page_of_section(section))
    return redirect("floor:draft", number=number)


def _page_of_section(section: str) -> str:
    return section if path_at({}, section) else GENERAL


def _section_in(text: str, section: str) -> Any:
    """What a text says of a section. Refused where it says anything else."""
    try:
        data = yaml_text.load(text).data
    except YamlProblem as problem:
        raise drafting.Refused(_("The text cannot be read: %(problem)s.") % {"problem": problem}) from None
    if list(data) != [section]:
        raise drafting.Refused(
            _("Begin with “%(section)s:”, and write nothing of other sections.") % {"section": section}
        )
    return data[section]


def _text_of(draft: Draft, section: str) -> str:
    if not section:
        return draft.text
    return yaml_text.dump({section: value_at(drafting.read(draft).data, (section,), {})})


def _yaml(
    request: HttpRequest, draft: Draft, section: str, text: str, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "draft": draft,
        "section": section,
        "title": title_of({}, (section,)) if section else "",
        "back": _page_of_section(section) if section else "",
        "text": text,
        "wrong": wrong,
        "found": wrong_in(draft.text),
        "may_change": draft.can_change and person_of(request).role in drafting.WRITERS,
        "tabs": tabs_of(draft, "draft-yaml"),
    }
    return render(request, "floor/draft_yaml.html", context, status=status)


@require_safe
@page_for(*READERS)
def download(request: HttpRequest, number: int) -> HttpResponse:
    """A draft as a YAML file."""
    draft = draft_or_404(number)
    name = f"procedure-draft-{draft.pk}-{timezone.localdate():%Y-%m-%d}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(draft.text, content_type="application/yaml; charset=utf-8", headers=headers)
