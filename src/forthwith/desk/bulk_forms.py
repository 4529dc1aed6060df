"""The forms of acts on many tickets: those of one ticket, without what only one ticket can say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from forthwith.desk import forms, triage_forms
from forthwith.desk.forms import ActForm, Choices, category_choices, text_field


class NoteForm(ActForm):
    """The same internal note on each."""

    text = text_field(_("Note"), _("The same on each ticket. Only the desk sees it."))


class PriorityForm(triage_forms.PriorityForm):
    """Impact and urgency, and why."""

    why = text_field(_("Why"), _("It moves the clocks: the reason is recorded on each ticket."), rows=2)


class ResolveForm(forms.ResolveForm):
    """The same resolution for each; its category may stay what it is."""

    def offer(self, choices: Choices) -> None:
        """The tree, or what each ticket has."""
        offered = [("", _("As it is on each ticket")), *category_choices(choices.procedure)]
        self.fields["category"].choices = offered  # type: ignore[attr-defined]
        self.fields["category"].required = False
        self.fields["solution"].help_text = _("The same words go to each requester, who is asked whether it is solved.")


def arguments_of(form: ActForm) -> dict[str, Any]:
    """What the form says for each ticket alike; what each had seen is looked after elsewhere."""
    return {name: value for name, value in form.arguments().items() if name != "seen"}
