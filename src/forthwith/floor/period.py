"""A period of whole days in the reader's time zone, as reports and replays ask for it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

USUAL_DAYS = 90
_LONGEST = timedelta(days=3660)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def usual(today: date) -> dict[str, date]:
    """The period that is shown to who asked for none."""
    return {"since": today - timedelta(days=USUAL_DAYS - 1), "until": today}


class PeriodForm(forms.Form):
    """What asks for tickets received in a period."""

    since = _day(_("Received from"))
    until = _day(pgettext_lazy("the last day of a period", "to"))

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
