"""Which draft is to be replayed against which tickets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.procedure import document

USUAL_DAYS = 90
_LONGEST = timedelta(days=3660)
_LARGEST = 1024 * 1024
_MOST_PROBLEMS = 20
_DAY = {"type": "date"}


class ReplayForm(forms.Form):
    """A draft as a file, and a period of whole days in the reader's time zone."""

    draft = forms.FileField(
        label=gettext_lazy("The draft, as YAML"),
        help_text=gettext_lazy("Begin with: forthwith procedure export FILE, and change what is to be tried."),
        error_messages={"required": gettext_lazy("Choose the file with the draft.")},
    )
    since = forms.DateField(
        label=gettext_lazy("Tickets received from"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )
    until = forms.DateField(label=gettext_lazy("to"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, files: Any = None, *, today: date) -> None:
        usual = {"since": today - timedelta(days=USUAL_DAYS - 1), "until": today}
        super().__init__(data, files, initial=usual)
        self.text = ""

    def clean_draft(self) -> Any:
        """A file that is a procedure; what is wrong is said line by line."""
        file = self.cleaned_data["draft"]
        if file.size > _LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MiB: that is no procedure."))
        try:
            self.text = file.read().decode("utf-8")
            document.read(self.text)
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from None
        except document.ProcedureError as wrong:
            lines = str(wrong).splitlines()[:_MOST_PROBLEMS]
            raise forms.ValidationError([_("The file is no procedure:"), *lines]) from None
        return file

    def clean(self) -> dict[str, Any]:
        """A period that begins before it ends, and is not longer than ten years."""
        data = self.cleaned_data
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
