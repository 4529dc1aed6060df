"""Which report somebody asked for: a period, what to narrow it to, and by what to split it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forthwith.procedure.model import Procedure
from forthwith.record.reports import Scope

USUAL_DAYS = 90
_LONGEST = timedelta(days=3660)
BY = (
    ("priority", _("Priority")),
    ("category", _("Category")),
    ("channel", _("Channel")),
    ("team", _("Team")),
)
_DAY = {"type": "date"}


class AskForm(forms.Form):
    """The form above a report. Days are whole, and of the reader's time zone."""

    since = forms.DateField(label=_("Received from"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    until = forms.DateField(label=_("to"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    by = forms.ChoiceField(label=_("Split by"), required=False, choices=[("", _("nothing")), *BY])

    def __init__(self, data: Any, procedure: Procedure, today: date) -> None:
        usual = {"since": today - timedelta(days=USUAL_DAYS - 1), "until": today}
        super().__init__({name: data.get(name) or usual.get(name, "") for name in self.base_fields})
        for name, choices in named(procedure).items():
            field = self.fields[name]
            field.choices = [("", _("all")), *choices.items()]  # type: ignore[attr-defined]

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
    def scope(self) -> Scope:
        """The tickets that it asks for."""
        data = self.cleaned_data
        kinds = {name: data.get(name) or "" for name in ("priority", "category", "channel", "team")}
        return Scope(_midnight(data["since"]), _midnight(data["until"] + timedelta(days=1)), **kinds)

    @property
    def address(self) -> str:
        """What was asked for, as the query of an address."""
        data = self.cleaned_data
        return urlencode({name: str(data[name]) for name in self.fields if data.get(name)})


def named(procedure: Procedure) -> dict[str, dict[str, str]]:
    """What keys are called, for each of `reports.GROUPS`."""
    paths = procedure.category_paths
    return {
        "priority": {key: one.name for key, one in procedure.priorities.items()},
        "category": {path: _whole(path, procedure) for path in paths},
        "channel": {key: one.name for key, one in procedure.channels.items()},
        "team": {key: one.name for key, one in procedure.teams.items()},
    }


def _whole(path: str, procedure: Procedure) -> str:
    parts = path.split(".")
    above = (".".join(parts[: depth + 1]) for depth in range(len(parts)))
    return " › ".join(procedure.category_paths[one].name for one in above)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
