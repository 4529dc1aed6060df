"""Which draft is to be replayed against which tickets."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.floor.period import PeriodForm, usual
from forthwith.procedure import document
from forthwith.record.drafts import OPEN, Draft

_LARGEST = 1024 * 1024
_MOST_PROBLEMS = 20
_MOST_DRAFTS = 50


class ReplayForm(PeriodForm):
    """A draft of the desk or of a file, and a period of whole days in the reader's time zone."""

    of = forms.ModelChoiceField(
        Draft.objects.none(), label=gettext_lazy("Draft"), required=False, empty_label=gettext_lazy("a file of mine")
    )
    draft = forms.FileField(
        label=gettext_lazy("Or a file, as YAML"),
        help_text=gettext_lazy("Begin with: forthwith procedure export FILE, and change what is to be tried."),
        required=False,
    )

    def __init__(self, data: Any = None, files: Any = None, *, today: date, of: str = "") -> None:
        super().__init__(data, files, initial=usual(today))
        newest = Draft.objects.filter(state__in=OPEN).order_by("-changed_at", "-pk")
        # The field narrows what it offers by the choice, which a slice does not allow.
        found = list(newest.values_list("pk", flat=True)[:_MOST_DRAFTS])
        self.initial["of"] = of or next(iter(found), "")
        newest = Draft.objects.filter(pk__in=found)
        self.fields["of"].queryset = newest.order_by("-changed_at", "-pk")  # type: ignore[attr-defined]
        self.text = ""

    def clean_of(self) -> Draft | None:
        """A draft that is a procedure; none where a file was given, which counts before it."""
        chosen: Draft | None = None if self.files.get("draft") else self.cleaned_data["of"]
        if chosen is not None:
            self.text = self._procedure(chosen.text, _("The draft is no procedure yet:"))
        return chosen

    def clean_draft(self) -> Any:
        """A file that is a procedure; what is wrong is said line by line."""
        file = self.cleaned_data["draft"]
        if file is None:
            return None
        if file.size > _LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MiB: that is no procedure."))
        try:
            self.text = self._procedure(file.read().decode("utf-8"), _("The file is no procedure:"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from None
        return file

    @staticmethod
    def _procedure(text: str, otherwise: str) -> str:
        try:
            document.read(text)
        except document.ProcedureError as wrong:
            lines = str(wrong).splitlines()[:_MOST_PROBLEMS]
            raise forms.ValidationError([otherwise, *lines]) from None
        return text

    def clean(self) -> dict[str, Any]:
        """One of draft and file, and a period."""
        data = super().clean()
        if not self.text and not self.errors:
            self.add_error("of", _("Choose a draft, or a file with one."))
        return data
