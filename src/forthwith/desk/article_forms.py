"""The forms of the library. They check shape; `knowledge/writing.py` decides what is allowed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forthwith.desk.forms import category_choices
from forthwith.knowledge.models import AUDIENCES
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

    def __init__(self, data: Any = None, *, procedure: Procedure, is_new: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        languages = [(key, language.name) for key, language in procedure.spoken.items()]
        self.fields["category"].choices = [("", _("In general")), *category_choices(procedure)]  # type: ignore[attr-defined]
        self.fields["language"].choices = languages  # type: ignore[attr-defined]
        if is_new:
            del self.fields["why"]

    def text(self) -> Text:
        """What the revision says, once the form is valid."""
        data = self.cleaned_data
        return Text(data["title"], data["body"], data["category"], data["language"], data["audience"])


class DecisionForm(forms.Form):
    """A decision about a revision, with its reason."""

    revision = forms.IntegerField(min_value=1, max_value=LARGEST)
    why = forms.CharField(max_length=LONGEST_WHY, required=False)


class UseForm(forms.Form):
    """An article that somebody worked by, and whether it helped."""

    article = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    helped = forms.CharField(max_length=8)
