"""Which tickets are to be judged anew, under which revision, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.floor.period import PeriodForm, usual
from forthwith.record import procedures
from forthwith.record.judgements import Restatement
from forthwith.record.models import Revision

_MOST_REVISIONS = 50
_LONGEST_REASON = 300
_LONGEST_NOTE = 60


class RestatementForm(PeriodForm):
    """A revision, a period of whole days in the reader's time zone, and a reason."""

    revision = forms.ModelChoiceField(Revision.objects.none(), label=gettext_lazy("Under"), empty_label=None)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("What was wrong. Whoever reads a restated report reads this."),
        max_length=_LONGEST_REASON,
        error_messages={"required": gettext_lazy("Say what was wrong: whoever reads a restated report asks why.")},
    )
    field_order = ("revision", "since", "until", "reason")

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={**usual(today), "revision": procedures.in_force().pk})
        newest = Revision.objects.order_by("-pk").values_list("pk", flat=True)[:_MOST_REVISIONS]
        # The field narrows what it offers by the choice, which a slice does not allow.
        found = Revision.objects.filter(pk__in=list(newest)).defer("text").order_by("-pk")
        choice: Any = self.fields["revision"]
        choice.queryset, choice.label_from_instance = found, _called

    @property
    def restatement(self) -> Restatement:
        """What was asked for, not kept yet."""
        since, until = self.period
        data = self.cleaned_data
        return Restatement(revision=data["revision"], since=since, until=until, reason=data["reason"])


def _called(revision: Revision) -> str:
    """Its number, since when it is there, and what was changed."""
    day = date_format(timezone.localtime(revision.installed_at), _("j M Y"))
    name = _("Revision %(number)d of %(day)s") % {"number": revision.pk, "day": day}
    note = revision.note.partition("\n")[0][:_LONGEST_NOTE]
    return f"{name}: {note}" if note else name
