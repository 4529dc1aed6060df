"""Which report somebody asked for: a period, what to narrow it to, and by what to split it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.floor.period import PeriodForm, usual
from forthwith.procedure.model import Procedure
from forthwith.record import restatements
from forthwith.record.judgements import Restatement
from forthwith.record.reports import Scope

BY = (
    ("priority", _("Priority")),
    ("category", _("Category")),
    ("channel", _("Channel")),
    ("team", _("Team")),
)
_LONGEST_REASON = 60


class AskForm(PeriodForm):
    """The form above a report. Days are whole, and of the reader's time zone."""

    priority = forms.ChoiceField(label=_("Priority"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    by = forms.ChoiceField(label=_("Split by"), required=False, choices=[("", _("nothing")), *BY])
    verdicts = forms.ChoiceField(label=_("Verdicts"), required=False)

    def __init__(
        self, data: Any, procedure: Procedure, today: date, whole: Iterable[Restatement] | None = None
    ) -> None:
        shown = usual(today)
        super().__init__({name: data.get(name) or shown.get(name, "") for name in self.base_fields})
        for name, choices in named(procedure).items():
            field = self.fields[name]
            field.choices = [("", _("all")), *choices.items()]  # type: ignore[attr-defined]
        self._whole = {str(one.pk): one for one in (restatements.whole() if whole is None else whole)}
        self._offer(self._whole.values())

    def _offer(self, several: Iterable[Restatement]) -> None:
        own = ("", _("as each ticket's own revision says"))
        choices = [own, *((str(one.pk), _restated(one)) for one in several)]
        self.fields["verdicts"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A restatement that touches the period; where none does, there is nothing to choose."""
        data = super().clean()
        if self.errors:
            return data
        first, last = self.period
        touching = [one for one in self._whole.values() if one.since < last and first < one.until]
        self._offer(touching)
        chosen = data.get("verdicts")
        if chosen and self._whole[chosen] not in touching:
            self.add_error("verdicts", gettext("That restatement is of another period. Choose one that is listed."))
        elif not touching:
            del self.fields["verdicts"]
        return data

    @property
    def restatement(self) -> Restatement | None:
        """The restatement whose verdicts are asked for; None for those under each ticket's own revision."""
        return self._whole.get(self.cleaned_data.get("verdicts") or "")

    @property
    def scope(self) -> Scope:
        """The tickets that it asks for."""
        data = self.cleaned_data
        kinds: dict[str, Any] = {name: data.get(name) or "" for name in ("priority", "category", "channel", "team")}
        first, last = self.period
        chosen = self.restatement
        return Scope(first, last, **kinds, restatement=chosen.pk if chosen else None)

    @property
    def address(self) -> str:
        """What was asked for, as the query of an address."""
        data = self.cleaned_data
        return urlencode({name: str(data[name]) for name in self.fields if data.get(name)})


def _restated(one: Restatement) -> str:
    on = date_format(timezone.localtime(one.run.asked_at), gettext("j M Y"))
    reason = Truncator(one.reason).chars(_LONGEST_REASON)
    said = {"number": one.revision_id, "day": on, "reason": reason}
    return gettext("restated under revision %(number)d on %(day)s: %(reason)s") % said


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
