"""The forms of the library. They check shape; `knowledge/writing.py` decides what is allowed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.desk.forms import category_choices
from forthwith.knowledge.models import AUDIENCES, ArticleRevision
from forthwith.knowledge.writing import LONGEST_TITLE, LONGEST_WHY, Text
from forthwith.procedure.model import Procedure
from forthwith.record.markdown import LONGEST

LARGEST = 2**31 - 1


class ArticleForm(forms.Form):
    """What an article says. `base` is the revision it was begun from, `ticket` the one that teaches it."""

    use_required_attribute = False

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE, help_text=_("As somebody would ask for it."))
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        help_text=_("Markdown: ## heading, 1. step, - point, **important**, `command`, [name](https://address)."),
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "true"}),
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    language = forms.ChoiceField(label=_("Language"))
    audience = forms.ChoiceField(label=_("Who may read it"), choices=list(AUDIENCES.items()))
    why = forms.CharField(
        label=_("What you changed"), max_length=LONGEST_WHY, required=False, help_text=_("In a few words.")
    )
    base = forms.IntegerField(required=False, min_value=0, max_value=LARGEST, widget=forms.HiddenInput)
    ticket = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, procedure: Procedure, revises: ArticleRevision | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        categories = [("", _("In general")), *category_choices(procedure)]
        languages = [(key, language.name) for key, language in procedure.spoken.items()]
        if revises is None:
            del self.fields["why"]
        else:
            # What the procedure has no longer is shown as it is, so that nobody changes it without a word.
            categories += _gone(revises.category, ["", *procedure.category_paths])
            languages += _gone(revises.language, procedure.spoken)
        self.fields["category"].choices = categories  # type: ignore[attr-defined]
        self.fields["language"].choices = languages  # type: ignore[attr-defined]

    def text(self) -> Text:
        """What the revision says, once the form is valid."""
        data = self.cleaned_data
        return Text(data["title"], data["body"], data["category"], data["language"], data["audience"])


def _gone(key: str, known: Collection[str]) -> list[tuple[str, str]]:
    said = gettext("%(name)s (no longer in the procedure)") % {"name": key}
    return [] if key in known else [(key, said)]


class DecisionForm(forms.Form):
    """A decision about a revision, with its reason."""

    revision = forms.IntegerField(min_value=1, max_value=LARGEST)
    why = forms.CharField(max_length=LONGEST_WHY, required=False)


class UseForm(forms.Form):
    """An article that somebody worked by, and whether it helped."""

    article = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    helped = forms.CharField(max_length=8)
