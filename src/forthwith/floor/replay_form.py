"""Which draft is to be replayed against which tickets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.procedure import document
from forthwith.record.drafts import OPEN, Draft

USUAL_DAYS = 90
_LONGEST = timedelta(days=3660)
_LARGEST = 1024 * 1024
_MOST_PROBLEMS = 20
_MOST_DRAFTS = 50
_DAY = {"type": "date"}


class ReplayForm(forms.Form):
    """A draft of the desk or of a file, and a period of whole days in the reader's time zone."""

    of = forms.ModelChoiceField(
        Draft.objects.none(), label=gettext_lazy("Draft"), required=False, empty_label=gettext_lazy("a file of mine")
    )
    draft = forms.FileField(
        label=gettext_lazy("Or a file, as YAML"),
        help_text=gettext_lazy("Begin with: forthwith procedure export FILE, and change what is to be tried."),
        required=False,
    )
    since = forms.DateField(
        label=gettext_lazy("Tickets received from"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    until = forms.DateField(label=gettext_lazy("to"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, files: Any = None, *, today: date, of: str = "") -> None:
        usual = {"since": today - timedelta(days=USUAL_DAYS - 1), "until": today, "of": of}
        super().__init__(data, files, initial=usual)
        newest = Draft.objects.filter(state__in=OPEN).order_by("-changed_at", "-pk")
        # The field narrows what it offers by the choice, which a slice does not allow.
        newest = Draft.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[:_MOST_DRAFTS]))
        self.fields["of"].queryset = newest.order_by("-changed_at", "-pk")  # type: ignore[attr-defined]
        self.text = ""

    def clean_of(self) -> Draft | None:
        """A draft that is a procedure."""
        chosen: Draft | None = self.cleaned_data["of"]
        if chosen is not None:
            self.text = self._procedure(chosen.text, _("The draft is no procedure yet:"))
        return chosen

    def clean_draft(self) -> Any:
        """A file that is a procedure; what is wrong is said line by line."""
        file = self.cleaned_data["draft"]
        if file is None or self.cleaned_data.get("of"):
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
        """One of draft and file; a period that begins before it ends, and is not longer than ten years."""
        data = self.cleaned_data
        if not self.text and not self.errors:
            self.add_error("of", _("Choose a draft, or a file with one."))
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The period ends before it begins."))
        elif since and until and until - since > _LONGEST:
            self.add_error("since", _("That is more than ten years. Choose a shorter period."))
        return data

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The first instant of the first day, and that after the last."""
        data = self.cleaned_data
        return _midnight(data["since"]), _midnight(data["until"] + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
