"""Which report somebody asked for: a period, what to narrow it to, and by what to split it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from forthwith.floor.period import PeriodForm, usual
from forthwith.procedure.model import Procedure
from forthwith.record.reports import Scope

BY = (
    ("priority", _("Priority")),
    ("category", _("Category")),
    ("channel", _("Channel")),
    ("team", _("Team")),
)


class AskForm(PeriodForm):
    """The form above a report. Days are whole, and of the reader's time zone."""

    priority = forms.ChoiceField(label=_("Priority"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    by = forms.ChoiceField(label=_("Split by"), required=False, choices=[("", _("nothing")), *BY])

    def __init__(self, data: Any, procedure: Procedure, today: date) -> None:
        shown = usual(today)
        super().__init__({name: data.get(name) or shown.get(name, "") for name in self.base_fields})
        for name, choices in named(procedure).items():
            field = self.fields[name]
            field.choices = [("", _("all")), *choices.items()]  # type: ignore[attr-defined]

    @property
    def scope(self) -> Scope:
        """The tickets that it asks for."""
        data = self.cleaned_data
        kinds = {name: data.get(name) or "" for name in ("priority", "category", "channel", "team")}
        first, last = self.period
        return Scope(first, last, **kinds)

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
